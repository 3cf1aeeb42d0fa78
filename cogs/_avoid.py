"""A member's private list of whom to avoid; only they ever see it."""

from collections.abc import Sequence

import discord
from discord import ui

from bot.services import avoid
from cogs._context import PeerCog, guild_of, on_control
from cogs._ui.cards import bullets, card, redraw
from cogs._ui.controls import Control, row, select, values_of
from cogs._ui.words import say

MOST_SHOWN = 25


def avoid_card(interaction: discord.Interaction, users: Sequence[int], done: str | None = None) -> ui.LayoutView:
    """Return the list, numbered so that whoever left the server can be taken off it too."""
    shown = users[:MOST_SHOWN]
    more = len(users) - len(shown)
    return card(
        done,
        f"## {say(interaction, 'avoid.title')}",
        bullets(f"{number}: <@{user_id}>" for number, user_id in enumerate(shown, 1)) or say(interaction, "avoid.none"),
        say(interaction, "avoid.more", n=more) if more else None,
        say(interaction, "avoid.private"),
        row(_remover(interaction, shown)) if shown else None,
    )


class AvoidCog(PeerCog):
    """Taking somebody off the list by its number."""

    @on_control("avoid-remove")
    async def remove(self, interaction: discord.Interaction, _key: str) -> None:
        """Take whoever was chosen off the list of whoever chose."""
        about = int(values_of(interaction)[0])
        left = await avoid.remove_avoid(self.database, guild_of(interaction), interaction.user.id, about)
        done = say(interaction, "avoid.removed", who=f"<@{about}>")
        await redraw(interaction, avoid_card(interaction, left, done))


def _remover(interaction: discord.Interaction, users: Sequence[int]) -> Control:
    options = [
        discord.SelectOption(
            label=say(interaction, "avoid.number", number=number),
            description=say(interaction, "avoid.user-id", id=user_id),
            value=str(user_id),
        )
        for number, user_id in enumerate(users, 1)
    ]
    return select("avoid-remove", "own", options, say(interaction, "avoid.choose"))
