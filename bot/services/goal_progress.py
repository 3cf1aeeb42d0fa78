"""How a check-in moves goals: its word on progress becomes a note, which follows the answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.goals import GoalState
from bot.errors import NotFound
from bot.services.goals import GoalCard, cards_of
from bot.services.work import reads, writes
from db import checkins as checkin_queries
from db import goals as queries
from db import people as people_queries
from db.models import CheckInAnswer, GoalNote, Person


@dataclass(frozen=True, slots=True)
class Moved:
    """What somebody's answer did for their goals; `chosen` are those that its word on progress is about."""

    goals: tuple[GoalCard, ...]
    chosen: frozenset[int]
    has_progress: bool


async def follow_progress(
    session: AsyncSession, answer: CheckInAnswer, before: str, program_id: int, now: datetime
) -> None:
    """Let the notes out of an answer say what it says now; a first word moves the goal where there is only one."""
    notes = await queries.list_notes_of_answer(session, answer.id) if before else ()
    for note in notes:
        if answer.progress:
            note.words = answer.progress
        else:
            await session.delete(note)
    if answer.progress and not notes:
        found = await queries.list_goals(session, answer.person_id, program_id, GoalState.OPEN)
        if len(found) == 1:
            _add(session, answer, found[0].id, now)


@reads
async def list_open(
    session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime
) -> tuple[GoalCard, ...]:
    """Return a person's open goals in a program, the oldest first."""
    person = await people_queries.get_person(session, guild_id, user_id)
    return await _list_open(session, person, program_id, now)


@writes
async def choose(
    session: AsyncSession, checkin_id: int, user_id: int, goal_ids: Collection[int], now: datetime
) -> Moved:
    """Let the word on progress in somebody's answer be about exactly these of their open goals."""
    own = await checkin_queries.find_own(session, checkin_id, user_id)
    if own is None or own.answer is None:
        raise NotFound("checkin.no-answer")
    answer, person, program_id = own.answer, own.seat.person, own.checkin.circle.rotation.program_id
    mine = {goal.id for goal in await _list_open(session, person, program_id, now)}
    if not set(goal_ids) <= mine or not answer.progress:
        raise NotFound("goal.not-found")
    before = {note.goal_id: note for note in await queries.list_notes_of_answer(session, answer.id)}
    for goal_id in mine & set(before) - set(goal_ids):
        await session.delete(before[goal_id])
    for goal_id in sorted(set(goal_ids) - set(before)):
        _add(session, answer, goal_id, now)
    await session.flush()
    return await moved_by(session, answer, person, program_id, now)


async def moved_by(
    session: AsyncSession, answer: CheckInAnswer, person: Person, program_id: int, now: datetime
) -> Moved:
    """Return what an answer did for the goals of who gave it."""
    notes = await queries.list_notes_of_answer(session, answer.id) if answer.progress else ()
    return Moved(
        goals=await _list_open(session, person, program_id, now),
        chosen=frozenset(note.goal_id for note in notes),
        has_progress=bool(answer.progress),
    )


async def _list_open(session: AsyncSession, person: Person, program_id: int, now: datetime) -> tuple[GoalCard, ...]:
    found = await queries.list_goals(session, person.id, program_id, GoalState.OPEN)
    return await cards_of(session, person, found, now)


def _add(session: AsyncSession, answer: CheckInAnswer, goal_id: int, now: datetime) -> None:
    words = answer.progress
    session.add(GoalNote(goal_id=goal_id, person_id=answer.person_id, answer_id=answer.id, words=words, created_at=now))
