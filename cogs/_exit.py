"""Leaving well: why somebody left, asked once in private and easily skipped."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.states import ExitReason
from bot.services import exits
from cogs._choose import moderated_program
from cogs._context import PeerCog, guild_of, on_control
from cogs._ui.cards import answer, bullets, card, redraw
from cogs._ui.controls import button, field, fields_of, modal, row, select, values_of
from cogs._ui.words import inert, say

LONGEST_WORDS = 500
WORDS_A_PAGE = 6


def left_card(interaction: discord.Interaction, program_id: int, program: str) -> ui.LayoutView:
    """Say goodbye, with one question that may be left unanswered."""
    options = [discord.SelectOption(label=say(interaction, f"exit.{each}"), value=each) for each in ExitReason]
    return card(
        say(interaction, "leave.done", program=inert(program)),
        f"### {say(interaction, 'exit.ask')}\n{say(interaction, 'exit.who-reads')}",
        row(select("exit-reason", program_id, options, say(interaction, "exit.placeholder"))),
        row(button("exit-skip", program_id, say(interaction, "exit.skip"))),
    )


class ExitCog(PeerCog):
    """Keeping the answer; only whoever left can give it, and only until they are back."""

    @on_control("exit-reason")
    async def reason(self, interaction: discord.Interaction, key: str) -> None:
        """Keep why somebody left, and offer room for words."""
        reason = ExitReason(values_of(interaction)[0])
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await exits.say_why(self.database, guild_id, int(key), user_id, reason, now)
        noted = say(interaction, "exit.noted", reason=say(interaction, f"exit.{reason}"))
        more = button("exit-words", key, say(interaction, "exit.words"))
        await redraw(interaction, card(noted, row(more)))

    @on_control("exit-words")
    async def words(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal for a few words."""
        component = ui.TextInput[Any](
            custom_id="words", style=discord.TextStyle.paragraph, max_length=LONGEST_WORDS, required=False
        )
        label = ui.Label[Any](
            text=say(interaction, "exit.words.label"),
            description=say(interaction, "exit.words.hint"),
            component=component,
        )
        await interaction.response.send_modal(modal("exit-words-given", key, say(interaction, "exit.words"), label))

    @on_control("exit-words-given")
    async def words_given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep the words."""
        written = field(fields_of(interaction), "words")
        await exits.add_words(self.database, guild_of(interaction), int(key), interaction.user.id, written)
        await redraw(interaction, card(say(interaction, "exit.thanks")))

    @on_control("exit-skip")
    async def skip(self, interaction: discord.Interaction, _key: str) -> None:
        """Leave the question unanswered, which stores nothing."""
        await redraw(interaction, card(say(interaction, "exit.skipped")))

    @on_control("exit-read")
    async def read(self, interaction: discord.Interaction, key: str) -> None:
        """Show moderators what people wrote when they left, a page at a time, never beside a name."""
        page, _, program_id = key.partition(":")
        program = await moderated_program(self.context, interaction, int(program_id))
        written = await exits.list_words(self.database, guild_of(interaction), program.id)
        await answer(interaction, _words_card(interaction, program.id, written, int(page)))


def read_button(interaction: discord.Interaction, program_id: int) -> ui.ActionRow[Any]:
    """Return the button by which moderators read what people wrote when they left."""
    return row(button("exit-read", f"0:{program_id}", say(interaction, "exit.read")))


def _words_card(interaction: discord.Interaction, program_id: int, written: Sequence[str], page: int) -> ui.LayoutView:
    title = f"## {say(interaction, 'exit.read')}"
    if not written:
        return card(title, say(interaction, "exit.read.none"))
    pages = -(-len(written) // WORDS_A_PAGE)
    page = max(0, min(page, pages - 1))
    shown = written[page * WORDS_A_PAGE : (page + 1) * WORDS_A_PAGE]
    onward = say(interaction, "page.on", page=page + 1, pages=pages)
    more = button("exit-read", f"{(page + 1) % pages}:{program_id}", onward) if pages > 1 else None
    return card(title, bullets(inert(each, LONGEST_WORDS) for each in shown), row(more) if more else None)
