"""Concerns as moderators work on them: a page each, answered and closed, every click checked anew."""

import discord
from discord import ui

from bot.services import concern_desk
from bot.services.concern_desk import Reader
from bot.services.concern_privacy import KEPT_DAYS
from bot.services.concern_store import ConcernCard
from cogs._choose import moderated_program
from cogs._concern_cards import desk_card, one_card, words_modal
from cogs._context import PeerCog, guild_of, on_control, on_turn
from cogs._ui.cards import answer, card, redraw
from cogs._ui.controls import button, field, fields_of, row
from cogs._ui.words import say


async def first_page(cog: PeerCog, interaction: discord.Interaction, program_id: int) -> ui.LayoutView:
    """Return the first page of a program's concerns, and note that somebody looked."""
    program = await moderated_program(cog.context, interaction, program_id)
    cards = await concern_desk.list_concerns(
        cog.database, cog.context.surveys, guild_of(interaction), program_id, _reader(interaction), cog.context.now()
    )
    return desk_card(interaction, program_id, program.rules.name, cards)


class ConcernDeskCog(PeerCog):
    """What moderators do with concerns; a concern that is kept from somebody does not exist for them."""

    @on_turn("concern-page")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        page, _, program_id = key.partition(":")
        program = await moderated_program(self.context, interaction, int(program_id))
        cards = await concern_desk.list_concerns(
            self.database, self.context.surveys, guild_of(interaction), program.id, _reader(interaction)
        )
        await redraw(interaction, desk_card(interaction, program.id, program.rules.name, cards, int(page)))

    @on_control("concern-answer")
    async def reply(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal for the answer."""
        await self._concern(interaction, key)
        await interaction.response.send_modal(words_modal(interaction, "concern-answer-given", key))

    @on_control("concern-answer-given")
    async def reply_given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep the answer; who gave their name is sent it."""
        await self._concern(interaction, key)
        written = field(fields_of(interaction), "words")
        shown = await concern_desk.answer(
            self.database, self.context.surveys, key, _reader(interaction), written, self.context.now()
        )
        self.context.changed()
        done = "concern.answered.by-name" if shown.concern.by else "concern.answered.without-name"
        await redraw(interaction, one_card(interaction, shown, say(interaction, done)))

    @on_control("concern-close")
    async def close(self, interaction: discord.Interaction, key: str) -> None:
        """Ask once whether a concern is to be closed, and say what that means."""
        await self._concern(interaction, key)
        sure = button("concern-close-sure", key, say(interaction, "concern.close"), discord.ButtonStyle.danger)
        await answer(interaction, card(say(interaction, "concern.close.ask", days=KEPT_DAYS), row(sure)))

    @on_control("concern-close-sure")
    async def close_sure(self, interaction: discord.Interaction, key: str) -> None:
        """Close it."""
        await self._concern(interaction, key)
        await concern_desk.close(self.database, self.context.surveys, key, _reader(interaction), self.context.now())
        await redraw(interaction, card(say(interaction, "concern.close.done", days=KEPT_DAYS)))

    async def _concern(self, interaction: discord.Interaction, key: str) -> ConcernCard:
        """Return a concern to somebody who moderates its program and may read it."""
        found = await concern_desk.get_concern(self.context.surveys, key, _reader(interaction))
        await moderated_program(self.context, interaction, found.concern.program_id)
        return found


def _reader(interaction: discord.Interaction) -> Reader:
    return Reader(interaction.user.id, is_admin=interaction.permissions.manage_guild)
