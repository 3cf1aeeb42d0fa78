"""What a member says privately of circle-mates: "together again", or "rather not"."""

from typing import Any

import discord
from discord import ui

from bot.services import feedback
from bot.services.feedback import AGAIN, RATHER_NOT, Mates
from cogs._context import PeerCog, on_control
from cogs._ui.cards import card, redraw
from cogs._ui.controls import entity_select, row, values_of
from cogs._ui.words import say

ACTIONS = {AGAIN: "feedback-again", RATHER_NOT: "feedback-rather-not"}


def feedback_parts(interaction: discord.Interaction, mates: Mates) -> list[ui.Item[Any] | str]:
    """Return the private question about circle-mates, with what was said before; nothing where there are none."""
    if not mates.said:
        return []
    return [
        say(interaction, "feedback.ask"),
        _choice(interaction, mates, AGAIN),
        _choice(interaction, mates, RATHER_NOT),
    ]


def _choice(interaction: discord.Interaction, mates: Mates, wish: int) -> ui.ActionRow[Any]:
    said = [user for user, before in mates.said.items() if before == wish]
    kind = discord.SelectDefaultValueType.user
    return row(
        entity_select(
            ui.UserSelect,
            ACTIONS[wish],
            mates.circle_id,
            say(interaction, ACTIONS[wish].replace("-", ".", 1)),
            min_values=0,
            max_values=len(mates.said),
            default_values=[discord.SelectDefaultValue(id=user, type=kind) for user in said],
        )
    )


class FeedbackCog(PeerCog):
    """Keeping private words; they are shown to nobody but whoever said them."""

    @on_control("feedback-again")
    async def again(self, interaction: discord.Interaction, key: str) -> None:
        """Keep with whom somebody would like to share a circle again."""
        await self._say(interaction, int(key), AGAIN)

    @on_control("feedback-rather-not")
    async def rather_not(self, interaction: discord.Interaction, key: str) -> None:
        """Keep with whom somebody would rather not."""
        await self._say(interaction, int(key), RATHER_NOT)

    async def _say(self, interaction: discord.Interaction, circle_id: int, wish: int) -> None:
        user_id = interaction.user.id
        about = {int(user) for user in values_of(interaction)}
        await feedback.say(self.database, circle_id, user_id, about, wish)
        mates = await feedback.get_mates(self.database, circle_id, user_id)
        await redraw(interaction, card(say(interaction, "feedback.noted"), *feedback_parts(interaction, mates)))
