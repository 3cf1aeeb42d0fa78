"""Concerns: raised by name or without, read and answered by moderators, and the way back for the answer."""

from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.states import DeliveryKind
from bot.errors import Conflict
from bot.services import concern_desk, concern_digests, concerns, deliveries, programs
from bot.services.concern_store import ConcernCard
from bot.services.deliveries import Job, Outcome
from cogs._choose import (
    choose_kept_program,
    choose_program,
    kept_program_choices,
    program_choices,
)
from cogs._concern_cards import (
    BY_NAME,
    LAST,
    before_card,
    digest_card,
    kept_card,
    letter_card,
    own_card,
    receipt_card,
    receipt_view,
    report_modal,
    report_of,
    words_modal,
)
from cogs._concern_desk import ConcernDeskCog, first_page
from cogs._context import PeerCog, context_of, delivers, guild_of, on_control, on_turn
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import button, field, fields_of, row
from cogs._ui.words import described, say, words

BOTH = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)


class ConcernCog(PeerCog):
    """Raising a concern and reading the answer; works by direct message too, for whoever left the server."""

    group = app_commands.Group(
        **words("concern"),
        allowed_contexts=BOTH,
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @group.command(**words("concern.report"))
    @described("concern.report", "program")
    @app_commands.autocomplete(program=program_choices)
    async def report(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Say what becomes of a concern, and let somebody raise one."""
        _require_server(interaction)
        await self._before(interaction, await choose_program(self.context, interaction, program))

    @group.command(**words("concern.answer"))
    @described("concern.answer", "code")
    async def read_answer(self, interaction: discord.Interaction, code: str) -> None:
        """Show whoever holds a receipt's code what was written so far."""
        shown = await concerns.read_receipt(self.context.surveys, code)
        await answer(interaction, receipt_view(interaction, shown, code))

    @group.command(**words("concern.mine"))
    async def mine(self, interaction: discord.Interaction) -> None:
        """Show somebody the concerns that they raised by name."""
        await answer(interaction, own_card(interaction, await self._own(interaction)))

    @group.command(**words("concern.list"))
    @described("concern.list", "program")
    @app_commands.autocomplete(program=kept_program_choices)
    async def list_all(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Show moderators the concerns that they may read."""
        _require_server(interaction)
        program_id = await choose_kept_program(self.context, interaction, program)
        await answer(interaction, await first_page(self, interaction, program_id))

    @on_control("concern-open")
    async def open_before(self, interaction: discord.Interaction, key: str) -> None:
        """Raise a concern from the button below a digest."""
        subject = await deliveries.get_subject(self.database, key)
        await self._before(interaction, subject.program_id)

    @on_control("concern-write")
    async def write(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal."""
        await interaction.response.send_modal(report_modal(interaction, key))

    @on_control("concern-given")
    async def given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a concern, then show the receipt, or say that it is kept."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        program_id, _, name = key.partition(":")
        code = await concerns.raise_concern(
            self.database,
            self.context.surveys,
            guild_of(interaction),
            int(program_id),
            interaction.user.id,
            report_of(fields_of(interaction)),
            self.context.now(),
            named=name == BY_NAME,
        )
        self.context.changed()
        await answer(interaction, kept_card(interaction) if code is None else receipt_card(interaction, code))

    @on_control("concern-back")
    async def write_back(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal for whoever holds the code."""
        await interaction.response.send_modal(words_modal(interaction, "concern-back-given", key))

    @on_control("concern-back-given")
    async def write_back_given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what whoever holds the code writes back."""
        written = field(fields_of(interaction), "words")
        shown = await concerns.write_back(self.context.surveys, key, written, self.context.now())
        self.context.changed()
        await redraw(interaction, receipt_view(interaction, shown, key))

    @on_control("concern-take")
    async def take_back(self, interaction: discord.Interaction, key: str) -> None:
        """Ask once whether a concern is to be deleted."""
        sure = button("concern-take-sure", key, say(interaction, "concern.take.sure"), discord.ButtonStyle.danger)
        await answer(interaction, card(say(interaction, "concern.take.ask"), row(sure)))

    @on_control("concern-take-sure")
    async def take_back_sure(self, interaction: discord.Interaction, key: str) -> None:
        """Delete the concern whose code somebody holds."""
        await concerns.take_back(self.context.surveys, key)
        await redraw(interaction, card(say(interaction, "concern.taken")))

    @on_turn("concern-receipt")
    async def turn_receipt(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        code = key.partition(":")[2]
        shown = await concerns.read_receipt(self.context.surveys, code)
        await redraw(interaction, receipt_view(interaction, shown, code, _page(key)))

    @on_control("concern-mine")
    async def open_mine(self, interaction: discord.Interaction, _key: str) -> None:
        """Show somebody their concerns from the button of a direct message."""
        await answer(interaction, own_card(interaction, await self._own(interaction)))

    @on_control("concern-own-write")
    async def own_write(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal for whoever raised a concern by name."""
        await concerns.get_own(self.context.surveys, key, interaction.user.id)
        await interaction.response.send_modal(words_modal(interaction, "concern-own-given", key))

    @on_control("concern-own-given")
    async def own_given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what whoever raised a concern by name writes back."""
        written, now = field(fields_of(interaction), "words"), self.context.now()
        shown = await concerns.write_back_own(self.context.surveys, key, interaction.user.id, written, now)
        self.context.changed()
        await redraw(interaction, own_card(interaction, [shown], LAST))

    @on_turn("concern-own")
    async def turn_own(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        await redraw(interaction, own_card(interaction, await self._own(interaction), _page(key)))

    @delivers(DeliveryKind.CONCERN_ANSWER)
    async def send_letter(self, job: Job) -> Outcome:
        """Bring moderators' words to somebody who gave their name; never anywhere but to them."""
        letter = await concern_desk.find_letter(self.database, self.context.surveys, job.program_id, job.person_id or 0)
        if letter is None:
            return Outcome()
        sent = await self.context.messenger.send_dm(job, letter.user_id, letter_card(letter, job.key))
        await concern_desk.note_sent(self.context.surveys, letter)
        return sent

    @delivers(DeliveryKind.CONCERN_DIGEST)
    async def send_digest(self, job: Job) -> Outcome:
        """Publish a quarter's digest of barriers in the lobby."""
        digest = await concern_digests.get_digest(self.database, job.concern_digest_id or 0)
        return await self.context.messenger.send(job, digest.lobby_channel_id, digest_card(digest, job.key))

    async def _before(self, interaction: discord.Interaction, program_id: int) -> None:
        guild_id = guild_of(interaction)
        await concerns.require_member(self.database, guild_id, program_id, interaction.user.id)
        program = (await programs.get_card(self.database, guild_id, program_id)).rules.name
        await answer(interaction, before_card(interaction, program_id, program))

    async def _own(self, interaction: discord.Interaction) -> Sequence[ConcernCard]:
        guild_id = interaction.guild_id
        return await concerns.list_own(self.database, self.context.surveys, interaction.user.id, guild_id)


def _require_server(interaction: discord.Interaction) -> None:
    """Refuse a command by direct message that makes sense on a server only."""
    if interaction.guild_id is None:
        raise Conflict("concern.only-on-a-server")


def _page(key: str) -> int:
    return int(key.partition(":")[0])


async def setup(bot: commands.Bot) -> None:
    """Add the cogs to the bot."""
    for cog in (ConcernCog, ConcernDeskCog):
        await bot.add_cog(cog(context_of(bot)))
