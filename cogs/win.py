"""Wins: each member's private evidence file, with a timeline and a text to take along."""

import asyncio

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.goals import WinKind
from bot.errors import Conflict, UserError
from bot.services import wins
from bot.services.wins import Evidence, Said
from cogs._context import PeerCog, context_of, guild_of, on_control, on_turn
from cogs._give_back import give_back
from cogs._kudos import KudosCog
from cogs._ui.cards import answer, redraw
from cogs._ui.controls import fields_of, values_of
from cogs._ui.words import words
from cogs._win_cards import removal_card, said_of, win_card, win_modal, wins_card, wins_files


class WinCog(PeerCog):
    """One's own file; nobody else sees it."""

    group = app_commands.Group(**words("win"), guild_only=True)

    @group.command(**words("win.add"))
    async def add(self, interaction: discord.Interaction) -> None:
        """Open the modal in which a win is written."""
        today = await wins.get_today(self.database, guild_of(interaction), interaction.user.id, self.context.now())
        await interaction.response.send_modal(win_modal(interaction, "win-given", "new", Said("", "", today)))

    @group.command(**words("win.list"))
    async def list_wins(self, interaction: discord.Interaction) -> None:
        """Show one's file with its timeline, and the text to take along."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await self._evidence(interaction)
        files = await asyncio.to_thread(wins_files, interaction, found)
        await answer(interaction, wins_card(interaction, found), files=files)

    @on_control("win-given")
    async def given(self, interaction: discord.Interaction, _key: str) -> None:
        """Keep a new win; words that are refused are given back."""
        fields, guild_id, now = fields_of(interaction), guild_of(interaction), self.context.now()
        try:
            win = await wins.add(self.database, guild_id, interaction.user.id, said_of(fields), now)
        except UserError as refusal:
            await give_back(interaction, refusal, fields, "words", "effect", "day")
            return
        await answer(interaction, win_card(interaction, win))

    @on_control("win-changed")
    async def changed(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a win's new words; those that are refused are given back."""
        fields, guild_id, now = fields_of(interaction), guild_of(interaction), self.context.now()
        try:
            win = await wins.change(self.database, guild_id, int(key), interaction.user.id, said_of(fields), now)
        except UserError as refusal:
            await give_back(interaction, refusal, fields, "words", "effect", "day")
            return
        await answer(interaction, win_card(interaction, win))

    @on_control("win-open")
    async def open_win(self, interaction: discord.Interaction, _key: str) -> None:
        """Show one entry whole."""
        (chosen,) = values_of(interaction)
        win = await wins.get_win(self.database, guild_of(interaction), int(chosen), interaction.user.id)
        await answer(interaction, win_card(interaction, win))

    @on_control("win-change")
    async def change(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal of a win, filled with what is there."""
        win = await wins.get_win(self.database, guild_of(interaction), int(key), interaction.user.id)
        if win.kind is WinKind.KUDOS:
            raise Conflict("win.not-yours-to-change")
        await interaction.response.send_modal(win_modal(interaction, "win-changed", win.id, win.said))

    @on_control("win-remove")
    async def remove(self, interaction: discord.Interaction, key: str) -> None:
        """Ask once whether an entry is to go."""
        win = await wins.get_win(self.database, guild_of(interaction), int(key), interaction.user.id)
        await redraw(interaction, removal_card(interaction, win))

    @on_control("win-remove-sure")
    async def remove_sure(self, interaction: discord.Interaction, key: str) -> None:
        """Remove an entry after the one question."""
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await wins.remove(self.database, guild_id, int(key), user_id, now)
        self.context.changed()
        await self._turn(interaction, 0)

    @on_control("wins-first")
    async def first_page(self, interaction: discord.Interaction, key: str) -> None:
        """Go to the file's first page."""
        await self._turn(interaction, int(key))

    @on_turn("wins")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Go to another page of the file."""
        await self._turn(interaction, int(key))

    async def _turn(self, interaction: discord.Interaction, page: int) -> None:
        """Draw a page in place of the one before; the timeline and the text come and go with the first one."""
        await interaction.response.defer()
        found = await self._evidence(interaction)
        files = await asyncio.to_thread(wins_files, interaction, found, page)
        await redraw(interaction, wins_card(interaction, found, page), files)

    async def _evidence(self, interaction: discord.Interaction) -> Evidence:
        return await wins.get_evidence(self.database, guild_of(interaction), interaction.user.id, self.context.now())


async def setup(bot: commands.Bot) -> None:
    """Add the cogs to the bot."""
    for cog in (WinCog, KudosCog):
        await bot.add_cog(cog(context_of(bot)))
