"""Goals: one to three a rotation, set, moved and settled by each member for themselves."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.goals import GoalState, Outcome
from bot.errors import Conflict, NotFound, UserError
from bot.services import goals, people
from bot.services.goals import GoalCard
from bot.text import text
from cogs._checkin_goals import MovedCog
from cogs._choose import own_programs
from cogs._context import PeerCog, context_of, guild_of, on_control, on_turn
from cogs._give_back import give_back
from cogs._goal_cards import goal_modal, goals_card, note_modal, outcome_of, settled_card, wording
from cogs._goal_review import ReviewCog
from cogs._ui.cards import answer, redraw
from cogs._ui.controls import field, fields_of, values_of
from cogs._ui.words import described, label_text, words

MOST_CHOICES = 25
LONGEST_CHOICE = 100


async def goal_choices(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer one's own open goals."""
    context = context_of(interaction.client)  # pyright: ignore[reportArgumentType]
    guild_id, user_id = guild_of(interaction), interaction.user.id
    if await people.find_member(context.database, guild_id, user_id) is None:
        return []
    return [
        app_commands.Choice(name=label_text(goal.said.aim, LONGEST_CHOICE) or str(goal.id), value=str(goal.id))
        for goal in await goals.list_goals(context.database, guild_id, user_id, context.now())
        if goal.state is GoalState.OPEN and typed.casefold() in goal.said.aim.casefold()
    ][:MOST_CHOICES]


class GoalCog(PeerCog):
    """Everything about one's own goals; nobody else sees them."""

    group = app_commands.Group(**words("goal"), guild_only=True)

    @group.command(**words("goal.set"))
    @described("goal.set", "program")
    @app_commands.autocomplete(program=own_programs)
    async def set_goal(self, interaction: discord.Interaction, program: str | None = None) -> None:
        """Open the modal in which a goal is set."""
        guild_id, user_id = guild_of(interaction), interaction.user.id
        place = await people.choose_enrollment(self.database, guild_id, user_id, program)
        day = await goals.suggest_day(self.database, guild_id, place.program_id, user_id, self.context.now())
        await interaction.response.send_modal(goal_modal(interaction, "goal-given", place.program_id, None, day))

    @group.command(**words("goal.list"))
    async def list_goals(self, interaction: discord.Interaction) -> None:
        """Show one's goals, open and past."""
        await answer(interaction, await self._page(interaction, 0))

    @group.command(**words("goal.progress"))
    @described("goal.progress", "goal")
    @app_commands.autocomplete(goal=goal_choices)
    async def progress(self, interaction: discord.Interaction, goal: str | None = None) -> None:
        """Open the modal in which progress is noted."""
        await interaction.response.send_modal(note_modal(interaction, await self._choose(interaction, goal)))

    @group.command(**words("goal.done"))
    @described("goal.done", "goal", "outcome")
    @app_commands.autocomplete(goal=goal_choices)
    @app_commands.choices(
        outcome=[app_commands.Choice(name=text(f"goal.outcome.{each}"), value=each.value) for each in Outcome]
    )
    async def done(self, interaction: discord.Interaction, goal: str | None = None, outcome: str | None = None) -> None:
        """Record that a goal is reached."""
        chosen = await self._choose(interaction, goal)
        await answer(interaction, await self._reached(interaction, chosen.id, Outcome(outcome) if outcome else None))

    @on_control("goal-given")
    async def given(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a new goal; words that are refused are given back."""
        fields, now = fields_of(interaction), self.context.now()
        try:
            await goals.add(self.database, guild_of(interaction), int(key), interaction.user.id, wording(fields), now)
        except UserError as refusal:
            await give_back(interaction, refusal, fields, "aim", "next_step", "by")
            return
        await answer(interaction, await self._page(interaction, 0))

    @on_control("goal-changed")
    async def changed(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a goal's new words; those that are refused are given back."""
        fields, now = fields_of(interaction), self.context.now()
        try:
            await goals.change(
                self.database, guild_of(interaction), int(key), interaction.user.id, wording(fields), now
            )
        except UserError as refusal:
            await give_back(interaction, refusal, fields, "aim", "next_step", "by")
            return
        await answer(interaction, await self._page(interaction, 0))

    @on_control("goal-noted")
    async def noted(self, interaction: discord.Interaction, key: str) -> None:
        """Keep a note of progress."""
        fields = fields_of(interaction)
        said, step = field(fields, "words").strip(), field(fields, "next_step").strip()
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        try:
            await goals.note(self.database, guild_id, int(key), user_id, said, step, now)
        except UserError as refusal:
            await give_back(interaction, refusal, fields, "words", "next_step")
            return
        await answer(interaction, await self._page(interaction, 0))

    @on_control("goal-note")
    async def note(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal in which progress is noted."""
        await interaction.response.send_modal(note_modal(interaction, await self._open_goal(interaction, key)))

    @on_control("goal-change")
    async def change(self, interaction: discord.Interaction, key: str) -> None:
        """Open the modal in which a goal is changed."""
        goal = await self._open_goal(interaction, key)
        await interaction.response.send_modal(goal_modal(interaction, "goal-changed", goal.id, goal.said, goal.said.by))

    @on_control("goal-reach")
    async def reach(self, interaction: discord.Interaction, key: str) -> None:
        """Record that a goal is reached."""
        await redraw(interaction, await self._reached(interaction, int(key), None))

    @on_control("goal-let-go")
    async def let_go(self, interaction: discord.Interaction, key: str) -> None:
        """Let a goal go; the answer holds the way back."""
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        goal = await goals.let_go(self.database, guild_id, int(key), user_id, now)
        await redraw(interaction, settled_card(interaction, goal))

    @on_control("goal-carry")
    async def carry(self, interaction: discord.Interaction, key: str) -> None:
        """Carry a goal on whose rotation ended."""
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await goals.carry(self.database, guild_id, int(key), user_id, now)
        await redraw(interaction, await self._page(interaction, 0))

    @on_control("goal-reopen")
    async def reopen(self, interaction: discord.Interaction, key: str) -> None:
        """Open a goal again."""
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        await goals.reopen(self.database, guild_id, int(key), user_id, now)
        await redraw(interaction, await self._page(interaction, 0))

    @on_control("goal-outcome")
    async def outcome(self, interaction: discord.Interaction, key: str) -> None:
        """Keep what came of a goal."""
        (said,) = values_of(interaction)
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        goal = await goals.say_outcome(self.database, guild_id, int(key), user_id, outcome_of(said), now)
        await redraw(interaction, settled_card(interaction, goal))

    @on_control("goal-open")
    async def open_past(self, interaction: discord.Interaction, _key: str) -> None:
        """Show one past goal."""
        (chosen,) = values_of(interaction)
        goal = await goals.get_goal(
            self.database, guild_of(interaction), int(chosen), interaction.user.id, self.context.now()
        )
        await redraw(interaction, settled_card(interaction, goal))

    @on_control("goal-turn")
    async def first_page(self, interaction: discord.Interaction, key: str) -> None:
        """Go back to the list."""
        await redraw(interaction, await self._page(interaction, int(key)))

    @on_turn("goals")
    async def turn(self, interaction: discord.Interaction, key: str) -> None:
        """Turn a page."""
        await redraw(interaction, await self._page(interaction, int(key)))

    async def _page(self, interaction: discord.Interaction, page: int) -> discord.ui.LayoutView:
        found = await goals.list_goals(self.database, guild_of(interaction), interaction.user.id, self.context.now())
        return goals_card(interaction, found, page)

    async def _reached(
        self, interaction: discord.Interaction, goal_id: int, outcome: Outcome | None
    ) -> discord.ui.LayoutView:
        guild_id, user_id, now = guild_of(interaction), interaction.user.id, self.context.now()
        return settled_card(interaction, await goals.reach(self.database, guild_id, goal_id, user_id, outcome, now))

    async def _open_goal(self, interaction: discord.Interaction, key: str) -> GoalCard:
        goal = await goals.get_goal(
            self.database, guild_of(interaction), int(key), interaction.user.id, self.context.now()
        )
        if goal.state is not GoalState.OPEN:
            raise Conflict("goal.settled")
        return goal

    async def _choose(self, interaction: discord.Interaction, named: str | None) -> GoalCard:
        """Return the open goal that is meant: by id or words, or the only one."""
        found = await goals.list_goals(self.database, guild_of(interaction), interaction.user.id, self.context.now())
        current = [goal for goal in found if goal.state is GoalState.OPEN]
        meant = [goal for goal in current if named is None or _is_named(goal, named)]
        if not meant:
            raise NotFound("goal.none")
        if len(meant) > 1:
            raise Conflict("goal.which")
        return meant[0]


def _is_named(goal: GoalCard, named: str) -> bool:
    return named == str(goal.id) or named.strip().casefold() in goal.said.aim.casefold()


async def setup(bot: commands.Bot) -> None:
    """Add the cogs to the bot."""
    for cog in (GoalCog, ReviewCog, MovedCog):
        await bot.add_cog(cog(context_of(bot)))
