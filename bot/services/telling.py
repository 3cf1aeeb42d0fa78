"""Once a week, what members reported is told in batches; until the next week everybody reads the same figures."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.batches import TOGETHER, Report, next_batches
from bot.domain.goals import GoalState
from bot.domain.health import Split
from bot.domain.states import IntroductionState
from db import health as queries
from db import help as help_queries
from db.models import Program, Told


class Subject(StrEnum):
    """What is counted in batches of its own."""

    GOALS_SET = "goals-set"
    GOALS_DONE = "goals-done"
    OUTCOMES = "outcomes"
    EXITS = "exits"
    POSTS = "posts"
    INTRODUCTIONS = "introductions"
    HELPED = "helped"
    CAME_OF = "came-of"


Reports = list[Report]


async def tell(session: AsyncSession, program: Program, now: datetime, *, last: bool = False) -> None:
    """Add to the figures what may be told by now; the `last` time nothing waits for more of its kind."""
    for subject, read in READERS.items():
        told = {each.kind: each for each in await queries.list_told(session, program.id, subject)}
        reports = await read(session, program.id)
        waiting = [each for each in reports if each.kind not in told or each.at > told[each.kind].until]
        for batch in next_batches(waiting, now, last=last):
            for kind in {batch.kind, *batch.kinds}:
                if kind not in told:
                    told[kind] = Told(program_id=program.id, subject=subject, kind=kind, n=0, until=now)
                    session.add(told[kind])
                told[kind].until = now
            told[batch.kind].n += batch.n


async def read_told(session: AsyncSession, program_id: int, subject: Subject) -> Split:
    """Return a subject's figures as they were told, the largest kind first."""
    told = await queries.list_told(session, program_id, subject)
    kinds = sorted((each for each in told if each.n and each.kind != TOGETHER), key=lambda each: (-each.n, each.kind))
    return Split(
        parts=tuple((each.kind, each.n) for each in kinds),
        rest=sum(each.n for each in told if each.kind == TOGETHER),
        until=max((each.until for each in told if each.n), default=None),
    )


async def until_of(session: AsyncSession, program_id: int, subject: Subject) -> dict[str, datetime]:
    """Return for each kind up to which moment its reports were told."""
    return {each.kind: each.until for each in await queries.list_told(session, program_id, subject)}


async def _goals_set(session: AsyncSession, program_id: int) -> Reports:
    found = await queries.list_goals(session, program_id)
    return [Report("set", frozenset({each.person_id}), each.created_at) for each in found]


async def _goals_done(session: AsyncSession, program_id: int) -> Reports:
    found = await queries.list_goals(session, program_id)
    done = [(each, each.done_at) for each in found if each.state is GoalState.DONE]
    return [Report(each.path.value, frozenset({each.person_id}), at) for each, at in done if at is not None]


async def _outcomes(session: AsyncSession, program_id: int) -> Reports:
    reports: Reports = []
    for each in await queries.list_goals(session, program_id):
        at = each.outcome_at or each.done_at
        if each.state is GoalState.DONE and each.outcome is not None and at is not None:
            reports.append(Report(each.outcome.value, frozenset({each.person_id}), at))
    return reports


async def _exits(session: AsyncSession, program_id: int) -> Reports:
    found = await queries.list_exit_words(session, program_id)
    return [Report(each.reason.value, frozenset({each.person_id}), each.at) for each in found]


async def _posts(session: AsyncSession, program_id: int) -> Reports:
    found = await help_queries.list_posts(session, program_id)
    return [Report(each.direction.value, frozenset({each.person_id}), each.created_at) for each in found]


async def _introductions(session: AsyncSession, program_id: int) -> Reports:
    """Count introductions that were made; both people stand behind each."""
    reports: Reports = []
    for each in await help_queries.list_introductions(session, program_id):
        if each.state is IntroductionState.INTRODUCED and each.introduced_at is not None:
            reports.append(Report("made", frozenset({each.asker_id, each.helper_id}), each.introduced_at))
    return reports


async def _helped(session: AsyncSession, program_id: int) -> Reports:
    """Count whether it helped, in the words of those who had asked."""
    found = await help_queries.list_outcomes(session, program_id)
    return [Report(each.helped.value, frozenset({each.person_id}), each.reported_at) for each in found]


async def _came_of(session: AsyncSession, program_id: int) -> Reports:
    found = await help_queries.list_outcomes(session, program_id)
    said = [(each, each.came_of) for each in found]
    return [Report(came.value, frozenset({each.person_id}), each.reported_at) for each, came in said if came]


READERS: dict[Subject, Callable[[AsyncSession, int], Awaitable[Reports]]] = {
    Subject.GOALS_SET: _goals_set,
    Subject.GOALS_DONE: _goals_done,
    Subject.OUTCOMES: _outcomes,
    Subject.EXITS: _exits,
    Subject.POSTS: _posts,
    Subject.INTRODUCTIONS: _introductions,
    Subject.HELPED: _helped,
    Subject.CAME_OF: _came_of,
}
