"""Opportunities: sharing them, browsing them, taking them down, and the weekly digest in the lobby."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.states import DeliveryKind, OpportunityKind
from bot.errors import NotFound, UserError
from bot.services import deliveries, opportunities, opportunity_digests, people, programs
from bot.services.deliveries import Job, Outcome
from bot.services.opportunities import OpportunityCard
from cogs._choose import choose_program, own_programs, program_choices
from cogs._context import PeerCog, context_of, delivers, guild_of, on_control
from cogs._give_back import give_back
from cogs._guard import is_moderator
from cogs._opportunity_cards import (
    FIELDS,
    Shelf,
    browse_card,
    chosen_kind,
    digest_card,
    opportunity_kind_choices,
    removal_card,
    share_modal,
    shared_card,
    sharing_given,
    shelf_of,
)
from cogs._program_panel import parse_day
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import fields_of, values_of
from cogs._ui.words import described, inert, say, words


class OpportunityCog(PeerCog):
    """What members of a program share with one another; moderators may take anything down."""

    group = app_commands.Group(**words("opportunity"), guild_only=True)

    @group.command(**words("opportunity.share"))
    @described("opportunity.share", "kind", "remote", "deadline", "program")
    @app_commands.choices(kind=opportunity_kind_choices())
    @app_commands.autocomplete(program=own_programs)
    async def share(
        self,
        interaction: discord.Interaction,
        kind: str,
        remote: bool = False,  # noqa: FBT001, FBT002 - an option of the command
        deadline: str | None = None,
        program: str | None = None,
    ) -> None:
        """Open the modal in which an opportunity is shared."""
        day = parse_day(deadline) if deadline else None
        opportunities.check_deadline(day, self.context.now())
        place = await people.choose_enrollment(self.database, guild_of(interaction), interaction.user.id, program)
        shared = OpportunityKind(kind)
        await interaction.response.send_modal(share_modal(interaction, place.program_id, shared, day, remote=remote))

    @group.command(**words("opportunity.browse"))
    @described("opportunity.browse", "kind", "remote", "program")
    @app_commands.choices(kind=opportunity_kind_choices())
    @app_commands.autocomplete(program=program_choices)
    async def browse(
        self,
        interaction: discord.Interaction,
        kind: str | None = None,
        remote: bool = False,  # noqa: FBT001, FBT002 - an option of the command
        program: str | None = None,
    ) -> None:
        """Show what is open, first what fits one's profile."""
        program_id = await choose_program(self.context, interaction, program)
        shelf = Shelf(program_id, OpportunityKind(kind) if kind else None, remote)
        await answer(interaction, await self._browse(interaction, shelf))

    @on_control("opportunity-given")
    async def given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what was shared; words that are refused are given back."""
        fields, guild_id, now = fields_of(interaction), guild_of(interaction), self.context.now()
        program_id, given = sharing_given(fields, key)
        try:
            shared = await opportunities.share(self.database, guild_id, program_id, interaction.user.id, given, now)
        except UserError as refusal:
            await give_back(interaction, refusal, fields, *FIELDS)
            return
        await answer(interaction, shared_card(interaction, shared))

    @on_control("opportunity-page")
    async def page(self, interaction: discord.Interaction, key: str) -> None:
        """Turn the page, or let remote ones through only."""
        await redraw(interaction, await self._browse(interaction, shelf_of(key)))

    @on_control("opportunity-kind")
    async def of_kind(self, interaction: discord.Interaction, key: str) -> None:
        """Show one kind only, or all."""
        shelf = shelf_of(key)
        chosen = Shelf(shelf.program_id, chosen_kind(values_of(interaction)[0]), shelf.remote)
        await redraw(interaction, await self._browse(interaction, chosen))

    @on_control("opportunity-open")
    async def open_all(self, interaction: discord.Interaction, key: str) -> None:
        """Show what is open in the program whose digest was pressed."""
        subject = await deliveries.get_subject(self.database, key)
        await answer(interaction, await self._browse(interaction, Shelf(subject.program_id)))

    @on_control("opportunity-choose")
    async def choose(self, interaction: discord.Interaction, _key: str) -> None:
        """Ask once whether the chosen opportunity is to be taken down."""
        await self._ask_down(interaction, int(values_of(interaction)[0]))

    @on_control("opportunity-down")
    async def take_down(self, interaction: discord.Interaction, key: str) -> None:
        """Ask once whether what was just shared is to be taken down."""
        await self._ask_down(interaction, int(key))

    @on_control("opportunity-down-sure")
    async def take_down_sure(self, interaction: discord.Interaction, key: str) -> None:
        """Take an opportunity down after the one question."""
        found = await self._get(interaction, int(key))
        moderates = await self._moderates(interaction, found.program_id)
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await opportunities.take_down(self.database, guild_id, found.id, user_id, now, moderates=moderates)
        self.context.changed()
        done = say(interaction, "opportunity.down.done", title=inert(found.shared.title))
        await redraw(interaction, card(done))

    @delivers(DeliveryKind.OPPORTUNITY_DIGEST)
    async def send_digest(self, job: Job) -> Outcome:
        """Tell the lobby what was shared, unless all of it was taken down meanwhile."""
        digest = await opportunity_digests.get_digest(self.database, job.digest_id or 0)
        if not digest.entries:
            return Outcome()
        return await self.context.messenger.send(job, digest.lobby_channel_id, digest_card(digest, job.key))

    @delivers(DeliveryKind.OPPORTUNITY_DIGEST_EDIT)
    async def redraw_digest(self, job: Job) -> Outcome:
        """Draw a digest anew, without what was taken down."""
        digest = await opportunity_digests.get_digest(self.database, job.digest_id or 0)
        sent = await opportunity_digests.get_sent(self.database, job.digest_id or 0)
        channel = self.context.bot.get_partial_messageable(sent.channel_id)
        message_id = sent.message_id
        if message_id is None:
            found = await self.context.messenger.find_sent(channel, sent.key)
            if found is None:
                raise NotFound("control.gone")
            message_id = found.id
        message = channel.get_partial_message(message_id)
        await message.edit(view=digest_card(digest, sent.key), allowed_mentions=discord.AllowedMentions.none())
        return Outcome(result_id=message_id, channel_id=sent.channel_id)

    async def _browse(self, interaction: discord.Interaction, shelf: Shelf) -> discord.ui.LayoutView:
        moderates = await self._moderates(interaction, shelf.program_id)
        found = await opportunities.browse(
            self.database,
            guild_of(interaction),
            shelf.program_id,
            interaction.user.id,
            self.context.now(),
            kind=shelf.kind,
            remote=shelf.remote,
            moderates=moderates,
        )
        return browse_card(interaction, shelf, found, moderates=moderates)

    async def _ask_down(self, interaction: discord.Interaction, opportunity_id: int) -> None:
        await answer(interaction, removal_card(interaction, await self._get(interaction, opportunity_id)))

    async def _get(self, interaction: discord.Interaction, opportunity_id: int) -> OpportunityCard:
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        return await opportunities.get_opportunity(self.database, guild_id, opportunity_id, user_id, now)

    async def _moderates(self, interaction: discord.Interaction, program_id: int) -> bool:
        """Tell whether whoever pressed moderates the program, asked anew each time."""
        shown = await programs.get_card(self.database, guild_of(interaction), program_id)
        return is_moderator(interaction, shown.rules.moderator_role_id)


async def setup(bot: commands.Bot) -> None:
    """Add the cog to the bot."""
    await bot.add_cog(OpportunityCog(context_of(bot)))
