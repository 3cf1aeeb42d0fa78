"""What a person may ask of their data: what is stored, a copy of it, and to be forgotten."""

import io
import json
from functools import partial

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.domain.states import DeliveryKind
from bot.errors import NotFound
from bot.services import circles, privacy
from bot.services.deliveries import Job, Outcome
from bot.services.privacy import Holdings, SentWelcome
from cogs._circle_cards import welcome
from cogs._context import PeerCog, context_of, delivers, on_control
from cogs._threads import reach_into
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import button, row
from cogs._ui.words import say, words

FILE_NAME = "peer-circles-export.json"
EVERYWHERE = 0


class PrivacyCog(PeerCog):
    """Works on a server and in direct messages, so that whoever left a server keeps their rights."""

    group = app_commands.Group(
        **words("privacy"),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @group.command(**words("privacy.about"))
    async def about(self, interaction: discord.Interaction) -> None:
        """Say what is stored, where, and who can read it."""
        kept = self.context.settings.database.backups_kept
        await answer(
            interaction,
            card(f"## {say(interaction, 'privacy.about.title')}", say(interaction, "privacy.about.text", n=kept)),
        )

    @group.command(**words("privacy.export"))
    async def export(self, interaction: discord.Interaction) -> None:
        """Send somebody everything that is stored about them, on every server, as a file only they see."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await privacy.export_all(self.database, self.context.surveys, interaction.user.id, self.context.now())
        written = json.dumps(found, ensure_ascii=False, indent=2).encode()
        view = card(say(interaction, "privacy.export.done"), ui.File[ui.LayoutView](f"attachment://{FILE_NAME}"))
        await answer(interaction, view, file=discord.File(io.BytesIO(written), FILE_NAME))

    @group.command(**words("privacy.erase"))
    async def erase(self, interaction: discord.Interaction) -> None:
        """Say what being forgotten means, and ask once."""
        guild_id = interaction.guild_id
        holdings = await privacy.count_holdings(self.database, interaction.user.id, guild_id)
        await answer(
            interaction, _erase_card(interaction, holdings, guild_id, self.context.settings.database.backups_kept)
        )

    @on_control("privacy-erase")
    async def erase_sure(self, interaction: discord.Interaction, key: str) -> None:
        """Forget whoever pressed, on the server where they asked or, by direct message, everywhere."""
        await interaction.response.defer()
        guild_id = int(key) if int(key) != EVERYWHERE else None
        user, now = interaction.user.id, self.context.now()
        erased = await privacy.erase_all(self.database, self.context.surveys, user, guild_id, now)
        self.context.changed()
        await redraw(interaction, card(say(interaction, "privacy.erase.done", n=erased)))

    @delivers(DeliveryKind.WELCOME_EDIT)
    async def redraw_welcome(self, job: Job) -> Outcome:
        """Draw a circle's welcome card anew, without whoever asked to be forgotten."""
        circle = await circles.get_circle(self.database, job.circle_id or 0)
        sent = await privacy.get_welcome(self.database, circle.id)
        message = await self._find_welcome(sent)
        view = welcome(circle, sent.key, sent.sent_at)
        change = partial(message.edit, view=view, allowed_mentions=discord.AllowedMentions.none())
        archived = circle.closed_at is not None
        await reach_into(self.context.messenger, circle.guild_id, sent.thread_id, change, stays_archived=archived)
        return Outcome(result_id=message.id, channel_id=sent.thread_id)

    async def _find_welcome(self, sent: SentWelcome) -> discord.PartialMessage:
        """Return the welcome card's message, looked for in the thread where Discord's word was never heard."""
        thread = self.context.bot.get_partial_messageable(sent.thread_id)
        if sent.message_id is not None:
            return thread.get_partial_message(sent.message_id)
        found = await self.context.messenger.find_sent(thread, sent.key)
        if found is None:
            raise NotFound("circle.not-found")
        return thread.get_partial_message(found.id)


def _erase_card(
    interaction: discord.Interaction, holdings: Holdings, guild_id: int | None, backups: int
) -> ui.LayoutView:
    """Say what will go, what stays and why, and that there is no way back."""
    where = "privacy.erase.here" if guild_id else "privacy.erase.everywhere"
    sure = button(
        "privacy-erase", guild_id or EVERYWHERE, say(interaction, "privacy.erase.sure"), discord.ButtonStyle.danger
    )
    return card(
        f"## {say(interaction, 'privacy.erase.title')}",
        say(interaction, where, n=holdings.servers),
        say(
            interaction,
            "privacy.erase.goes",
            programs=holdings.programs,
            answers=holdings.answers,
            avoided=holdings.avoided,
        ),
        say(interaction, "privacy.erase.stays", circles=holdings.circles, backups=backups),
        row(sure),
    )


async def setup(bot: commands.Bot) -> None:
    """Add the cog to the bot."""
    await bot.add_cog(PrivacyCog(context_of(bot)))
