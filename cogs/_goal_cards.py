"""What a member's goals look like: the list, one that is settled, the look back, and the modals."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import discord
from discord import ui

from bot.domain.goals import GoalPath, GoalState, Outcome
from bot.services.goals import LONGEST_AIM, LONGEST_NOTE, GoalCard, Wording
from cogs._program_panel import parse_day
from cogs._ui.cards import bullets, card, rule
from cogs._ui.controls import Control, button, field, modal, row, select
from cogs._ui.pages import pager
from cogs._ui.words import inert, label_text, moment, say

OPEN_ON_A_PAGE = 3
PAST_ON_A_PAGE = 5
NOTES_SHOWN = 10
SHORT = 200  # so much of a note, or of what is past, stands in a list
PRIMARY, SUCCESS = discord.ButtonStyle.primary, discord.ButtonStyle.success
NOTHING_CAME = "none"
Parts = list[ui.Item[Any] | str]


def goals_card(interaction: discord.Interaction, goals: Sequence[GoalCard], page: int = 0) -> ui.LayoutView:
    """Return one page of somebody's goals: the open ones first, each with what can be done about it."""
    title = f"## {say(interaction, 'goal.list.title')}"
    pages = _pages(goals)
    if not pages:
        return card(title, say(interaction, "goal.list.none"))
    page = max(0, min(page, len(pages) - 1))
    shown, several = pages[page], len({goal.program_id for goal in goals}) > 1
    if shown[0].state is GoalState.OPEN:
        parts = [part for goal in shown for part in (rule(), *_open_goal(interaction, goal, several=several))]
    else:
        parts = [f"### {say(interaction, 'goal.past')}", *_past_goals(interaction, shown, page, several=several)]
    return card(title, *parts, pager(interaction, "goals", page, len(pages)))


def settled_card(interaction: discord.Interaction, goal: GoalCard) -> ui.LayoutView:
    """Show one goal that was reached or let go, with its notes, what came of it, and the way back."""
    notes = [_note(interaction, each.words, each.noted_at.timestamp()) for each in goal.notes[-NOTES_SHOWN:]]
    reached = goal.state is GoalState.DONE
    return card(
        f"## {say(interaction, f'goal.state.{goal.state}')}",
        f"**{inert(goal.said.aim)}**\n{_path(interaction, goal)}",
        bullets(notes),
        say(interaction, "goal.outcome.ask") if reached else say(interaction, "goal.let-go.means"),
        row(_outcomes(interaction, goal, "goal-outcome")) if reached else None,
        row(
            button("goal-reopen", goal.id, say(interaction, "goal.reopen")),
            button("goal-turn", 0, say(interaction, "goal.turn")),
        ),
    )


def review_card(
    interaction: discord.Interaction, waiting: Sequence[GoalCard], settled: GoalCard | None = None
) -> ui.LayoutView:
    """Ask of each goal of a rotation that ended what becomes of it; say first what was just settled."""
    parts: Parts = []
    if settled is not None:
        state = "carried" if settled.state is GoalState.OPEN else settled.state.value
        parts.append(say(interaction, f"goal.review.{state}", aim=inert(settled.said.aim, SHORT)))
        if settled.state is GoalState.DONE:
            parts += [say(interaction, "goal.outcome.ask"), row(_outcomes(interaction, settled, "review-outcome"))]
    for goal in waiting:
        parts += [rule(), *_waiting_goal(interaction, goal)]
    if not waiting:
        parts.append(say(interaction, "goal.review.nothing"))
    return card(f"## {say(interaction, 'goal.review.title')}", *parts)


def review_row(interaction: discord.Interaction, program_id: int, waiting: Sequence[GoalCard]) -> Parts:
    """Return the button that opens the look back, to those whose goals wait for it."""
    if not waiting:
        return []
    ask = say(interaction, "goal.review.ask", n=len(waiting))
    return [ask, row(button("goal-review", program_id, say(interaction, "farewell.goals.open")))]


def goal_lines(interaction: discord.Interaction, goals: Sequence[GoalCard]) -> str:
    """Name open goals in a line each: the aim, the next step and the day."""
    return bullets(f"{inert(goal.said.aim)} · {_until(interaction, goal)}{_next(interaction, goal)}" for goal in goals)


def goal_modal(interaction: discord.Interaction, action: str, key: int, said: Wording | None, by: date) -> ui.Modal:
    """Return the modal in which a goal is set or changed."""
    paths = [
        discord.SelectOption(
            label=say(interaction, f"goal.path.{path}"), value=path, default=said is not None and said.path is path
        )
        for path in GoalPath
    ]
    return modal(
        action,
        key,
        say(interaction, "goal.modal"),
        _label(interaction, "aim", _line("aim", said.aim if said else "", required=True)),
        _label(interaction, "path", ui.Select[Any](custom_id="path", options=paths)),
        _label(interaction, "next_step", _line("next_step", said.next_step if said else "")),
        _label(interaction, "by", _line("by", (said.by if said else by).isoformat(), required=True)),
    )


def note_modal(interaction: discord.Interaction, goal: GoalCard) -> ui.Modal:
    """Return the modal in which progress on one goal is noted."""
    words = ui.TextInput[Any](
        custom_id="words", style=discord.TextStyle.paragraph, max_length=LONGEST_NOTE, required=False
    )
    title = label_text(goal.said.aim, 45) or say(interaction, "goal.modal")
    step = _line("next_step", goal.said.next_step)
    labels = (_label(interaction, "note", words), _label(interaction, "next_step", step))
    return modal("goal-noted", goal.id, title, *labels)


def wording(fields: dict[str, str | list[str]]) -> Wording:
    """Read the submitted modal of a goal."""
    by = parse_day(field(fields, "by"))
    path = GoalPath(field(fields, "path"))
    return Wording(path, field(fields, "aim").strip(), field(fields, "next_step").strip(), by)


def outcome_of(chosen: str) -> Outcome | None:
    """Read what came of a goal from the select that asks for it."""
    return None if chosen == NOTHING_CAME else Outcome(chosen)


def _pages(goals: Sequence[GoalCard]) -> list[Sequence[GoalCard]]:
    current = [goal for goal in goals if goal.state is GoalState.OPEN]
    past = [goal for goal in goals if goal.state is not GoalState.OPEN]
    return [
        group[start : start + size]
        for group, size in ((current, OPEN_ON_A_PAGE), (past, PAST_ON_A_PAGE))
        for start in range(0, len(group), size)
    ]


def _open_goal(interaction: discord.Interaction, goal: GoalCard, *, several: bool) -> Parts:
    """Show an open goal with its newest note and its buttons."""
    about = f"{_path(interaction, goal, several=several)} · {_until(interaction, goal)}"
    lines = [f"### {inert(goal.said.aim)}", about]
    if goal.said.next_step:
        lines.append(say(interaction, "goal.next", step=inert(goal.said.next_step)))
    if goal.notes:
        newest = goal.notes[-1]
        lines.append(_note(interaction, newest.words, newest.noted_at.timestamp()))
    buttons = [
        button("goal-note", goal.id, say(interaction, "goal.note"), PRIMARY),
        button("goal-reach", goal.id, say(interaction, "goal.reach"), SUCCESS),
        button("goal-change", goal.id, say(interaction, "goal.change")),
        button("goal-let-go", goal.id, say(interaction, "goal.let.go")),
    ]
    if goal.waits:
        lines.append(say(interaction, "goal.waits"))
        buttons.append(button("goal-carry", goal.id, say(interaction, "goal.carry")))
    return ["\n".join(lines), row(*buttons)]


def _waiting_goal(interaction: discord.Interaction, goal: GoalCard) -> Parts:
    notes = [_note(interaction, each.words, each.noted_at.timestamp()) for each in goal.notes[-1:]]
    buttons = [
        button("review-reach", goal.id, say(interaction, "goal.reach"), SUCCESS),
        button("review-carry", goal.id, say(interaction, "goal.carry"), PRIMARY),
        button("review-let-go", goal.id, say(interaction, "goal.let.go")),
    ]
    return ["\n".join([f"**{inert(goal.said.aim)}**", _path(interaction, goal), *notes]), row(*buttons)]


def _past_goals(interaction: discord.Interaction, goals: Sequence[GoalCard], page: int, *, several: bool) -> Parts:
    """List past goals, with a select that opens one."""
    lines: list[str] = []
    for goal in goals:
        when = moment((goal.done_at or goal.created_at).timestamp(), "D")
        told = say(interaction, f"goal.past.{goal.state}", aim=inert(goal.said.aim, SHORT), when=when)
        outcome = f" ({say(interaction, f'goal.outcome.{goal.outcome}')})" if goal.outcome else ""
        lines.append(f"{told}{outcome}\n  {_path(interaction, goal, several=several)}")
    options = [
        discord.SelectOption(label=label_text(goal.said.aim, 100) or str(goal.id), value=str(goal.id)) for goal in goals
    ]
    return [bullets(lines), row(select("goal-open", page, options, say(interaction, "goal.open")))]


def _outcomes(interaction: discord.Interaction, goal: GoalCard, action: str) -> Control:
    options = [
        discord.SelectOption(
            label=say(interaction, f"goal.outcome.{outcome}"), value=outcome, default=goal.outcome is outcome
        )
        for outcome in Outcome
    ]
    nothing = discord.SelectOption(
        label=say(interaction, "goal.outcome.none"), value=NOTHING_CAME, default=goal.outcome is None
    )
    return select(action, goal.id, [nothing, *options], say(interaction, "goal.outcome.choose"))


def _path(interaction: discord.Interaction, goal: GoalCard, *, several: bool = False) -> str:
    path = say(interaction, f"goal.path.{goal.said.path}")
    return f"{path} · {inert(goal.program)}" if several else path


def _until(interaction: discord.Interaction, goal: GoalCard) -> str:
    return say(interaction, "goal.late" if goal.late else "goal.by", day=goal.said.by.isoformat())


def _next(interaction: discord.Interaction, goal: GoalCard) -> str:
    return f" · {say(interaction, 'goal.next', step=inert(goal.said.next_step, SHORT))}" if goal.said.next_step else ""


def _note(interaction: discord.Interaction, words: str, unix: float) -> str:
    return say(interaction, "goal.noted", when=moment(unix, "D"), words=inert(words, SHORT))


def _label(interaction: discord.Interaction, name: str, component: Any) -> ui.Label[Any]:
    hint = say(interaction, f"goal.part.{name}.hint")
    return ui.Label[Any](text=say(interaction, f"goal.part.{name}"), description=hint, component=component)


def _line(name: str, given: str, *, required: bool = False) -> ui.TextInput[Any]:
    return ui.TextInput[Any](custom_id=name, default=given or None, required=required, max_length=LONGEST_AIM)
