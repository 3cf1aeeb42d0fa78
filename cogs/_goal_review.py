"""The look back on goals once a rotation ended: reached, carried on or let go, asked in private."""

import discord

from bot.services import goals
from bot.services.goals import GoalCard
from cogs._context import PeerCog, guild_of, on_control
from cogs._goal_cards import outcome_of, review_card
from cogs._ui.cards import answer, redraw
from cogs._ui.controls import values_of


class ReviewCog(PeerCog):
    """Every button shows and settles the goals of whoever presses it, and nobody else's."""

    @on_control("goal-review")
    async def review(self, interaction: discord.Interaction, key: str) -> None:
        """Ask of each goal of the rotation that ended what becomes of it."""
        await answer(interaction, review_card(interaction, await self._waiting(interaction, int(key))))

    @on_control("review-reach")
    async def reach(self, interaction: discord.Interaction, key: str) -> None:
        """Record that a goal was reached."""
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await self._next(interaction, await goals.reach(self.database, guild_id, int(key), user_id, None, now))

    @on_control("review-carry")
    async def carry(self, interaction: discord.Interaction, key: str) -> None:
        """Carry a goal on into the rotation that runs."""
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await self._next(interaction, await goals.carry(self.database, guild_id, int(key), user_id, now))

    @on_control("review-let-go")
    async def let_go(self, interaction: discord.Interaction, key: str) -> None:
        """Let a goal go."""
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await self._next(interaction, await goals.let_go(self.database, guild_id, int(key), user_id, now))

    @on_control("review-outcome")
    async def outcome(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what came of a goal that was just reached."""
        (said,) = values_of(interaction)
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await self._next(
            interaction, await goals.say_outcome(self.database, guild_id, int(key), user_id, outcome_of(said), now)
        )

    async def _next(self, interaction: discord.Interaction, settled: GoalCard) -> None:
        waiting = await self._waiting(interaction, settled.program_id)
        await redraw(interaction, review_card(interaction, waiting, settled))

    async def _waiting(self, interaction: discord.Interaction, program_id: int) -> tuple[GoalCard, ...]:
        return await goals.list_waiting(
            self.database, guild_of(interaction), program_id, interaction.user.id, self.context.now()
        )
