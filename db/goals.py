"""Queries about goals and the notes of their progress."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from bot.domain.goals import GoalState
from bot.domain.states import RotationState
from bot.errors import NotFound
from db.models import Goal, GoalNote, Person, Rotation
from db.prepared import prepared

WHOLE = (selectinload(Goal.notes), joinedload(Goal.program, innerjoin=True))


async def get_goal(session: AsyncSession, guild_id: int, goal_id: int, user_id: int) -> Goal:
    """Return a person's own goal with its notes and program; raise NotFound for anybody else's."""
    query = (
        select(Goal)
        .join(Person, Person.id == Goal.person_id)
        .where(Goal.id == goal_id, Person.guild_id == guild_id, Person.user_id == user_id)
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    goal = await session.scalar(query)
    if goal is None:
        raise NotFound("goal.not-found")
    return goal


def _goals(person_id: int) -> Select[Goal]:
    query = select(Goal).where(Goal.person_id == person_id).options(*WHOLE).order_by(Goal.id)
    return query.execution_options(populate_existing=True)


_all = prepared(_goals)


@prepared
def _of_program(person_id: int, program_id: int, states: list[GoalState]) -> Select[Goal]:
    return _goals(person_id).where(Goal.program_id == program_id, Goal.state.in_(states))


async def list_goals(
    session: AsyncSession, person_id: int, program_id: int | None = None, state: GoalState | None = None
) -> Sequence[Goal]:
    """Return a person's goals with their notes and programs, the oldest first: all, or of one program or state."""
    if program_id is None:
        goals = (await session.scalars(*_all(person_id))).all()
        return [goal for goal in goals if state in {None, goal.state}]
    states = list(GoalState) if state is None else [state]
    return (await session.scalars(*_of_program(person_id, program_id, states))).all()


@prepared
def _with_open_goals(program_ids: list[int], person_ids: list[int]) -> Select[int, int]:
    query = select(Goal.program_id, Goal.person_id).where(Goal.state == GoalState.OPEN)
    return query.where(Goal.program_id.in_(program_ids), Goal.person_id.in_(person_ids))


async def list_with_open_goals(
    session: AsyncSession, program_ids: Collection[int], person_ids: Collection[int]
) -> frozenset[tuple[int, int]]:
    """Return which of some people have an open goal in which of some programs, as (program, person)."""
    found = await session.execute(*_with_open_goals(list(program_ids), list(person_ids)))
    return frozenset((program_id, person_id) for program_id, person_id in found)


async def count_done(session: AsyncSession, person_id: int, program_id: int, rotation_id: int | None) -> int:
    """Return how many goals a person reached that stood in a rotation, or (None) in none."""
    query = (
        select(func.count())
        .select_from(Goal)
        .where(
            Goal.person_id == person_id,
            Goal.program_id == program_id,
            Goal.rotation_id == rotation_id,
            Goal.state == GoalState.DONE,
        )
    )
    return await session.scalar(query) or 0


@prepared
def _running(program_id: int) -> Select[int]:
    query = select(Rotation.id).where(Rotation.program_id == program_id, Rotation.state == RotationState.PUBLISHED)
    return query.order_by(Rotation.number.desc()).limit(1)


async def find_running(session: AsyncSession, program_id: int) -> int | None:
    """Return the rotation of a program that runs, if one does."""
    return await session.scalar(*_running(program_id))


@prepared
def _notes_of_answer(answer_id: int) -> Select[GoalNote]:
    return select(GoalNote).where(GoalNote.answer_id == answer_id).order_by(GoalNote.id)


async def list_notes_of_answer(session: AsyncSession, answer_id: int) -> Sequence[GoalNote]:
    """Return the notes that came out of one check-in answer."""
    return (await session.scalars(*_notes_of_answer(answer_id))).all()


async def list_notes_of(session: AsyncSession, person_id: int) -> Sequence[GoalNote]:
    """Return every note of a person, the oldest first."""
    return (await session.scalars(select(GoalNote).where(GoalNote.person_id == person_id).order_by(GoalNote.id))).all()


async def adopt(session: AsyncSession, program_id: int, rotation_id: int) -> None:
    """Let the open goals that were set while nothing ran stand in the rotation that begins."""
    query = update(Goal).where(Goal.program_id == program_id, Goal.rotation_id.is_(None), Goal.state == GoalState.OPEN)
    await session.execute(query.values(rotation_id=rotation_id))


async def delete_goals(session: AsyncSession, person_id: int) -> None:
    """Remove every goal of a person with its notes."""
    await session.execute(delete(GoalNote).where(GoalNote.person_id == person_id))
    await session.execute(delete(Goal).where(Goal.person_id == person_id))
