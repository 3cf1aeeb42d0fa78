"""Goals in a check-in: named in its modal, and moved by what was said about progress."""

from typing import Any

import discord
from discord import ui

from bot.services import goal_progress
from bot.services.goal_progress import Moved
from bot.services.goals import GoalCard
from cogs._context import PeerCog, on_control
from cogs._goal_cards import goal_lines
from cogs._ui.cards import card, redraw
from cogs._ui.controls import row, select, values_of
from cogs._ui.words import label_text, say

MOST_HINT = 100
MOST_CHOICES = 25


def progress_hint(interaction: discord.Interaction, goals: tuple[GoalCard, ...]) -> str:
    """Return what stands under the question about progress: the member's open goals, as far as there is room."""
    if not goals:
        return say(interaction, "checkin.part.progress.hint")
    named = "; ".join(label_text(goal.said.aim, MOST_HINT) for goal in goals)
    return label_text(say(interaction, "goal.hint", goals=named, n=len(goals)), MOST_HINT)


def moved_parts(interaction: discord.Interaction, checkin_id: int, moved: Moved) -> list[ui.Item[Any] | str]:
    """Show somebody's open goals after a check-in, and ask which of several its word on progress is about."""
    if not moved.goals:
        return [say(interaction, "goal.moved.none")] if moved.has_progress else []
    parts: list[ui.Item[Any] | str] = [
        f"**{say(interaction, 'goal.list.title')}**\n{goal_lines(interaction, moved.goals)}"
    ]
    if moved.has_progress and len(moved.goals) == 1:
        return [*parts, say(interaction, "goal.moved.one")] if moved.chosen else parts
    if moved.has_progress:
        ask = say(interaction, "goal.moved.ask")
        options = [
            discord.SelectOption(
                label=label_text(goal.said.aim, 100) or str(goal.id),
                value=str(goal.id),
                default=goal.id in moved.chosen,
            )
            for goal in moved.goals[:MOST_CHOICES]
        ]
        parts += [row(select("goal-moved", checkin_id, options, ask, least=0, most=len(options)))]
    return parts


class MovedCog(PeerCog):
    """Keeping which goals a check-in moved."""

    @on_control("goal-moved")
    async def moved(self, interaction: discord.Interaction, key: str) -> None:
        """Let the word on progress be about the goals that were chosen."""
        chosen = [int(value) for value in values_of(interaction)]
        found = await goal_progress.choose(self.database, int(key), interaction.user.id, chosen, self.context.now())
        done = say(interaction, "goal.moved.done", n=len(found.chosen))
        await redraw(interaction, card(done, *moved_parts(interaction, int(key), found)))
