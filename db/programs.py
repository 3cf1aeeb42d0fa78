"""Queries about programs, their schedules and the lines to their moderators."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.shards import WHOLE, Share
from bot.domain.states import EnrollmentState, OccurrenceState, ProgramState, ScheduleKind
from bot.errors import NotFound
from db.models import Enrollment, Notice, Occurrence, Program, Schedule
from db.shares import ours


async def get_program(session: AsyncSession, guild_id: int, program_id: int) -> Program:
    """Return a guild's program; raise NotFound for one of another guild too."""
    program = await session.get(Program, program_id)
    if program is None or program.guild_id != guild_id:
        raise NotFound("program.not-found")
    return program


async def find_program_named(session: AsyncSession, guild_id: int, name: str) -> Program | None:
    """Return the guild's program of this name, whatever its letters' case."""
    wanted = name.strip().casefold()  # SQLite's lower() knows ASCII only
    found = await session.scalars(select(Program).where(Program.guild_id == guild_id).order_by(Program.id))
    return next((program for program in found if program.name.casefold() == wanted), None)


async def list_programs(session: AsyncSession, guild_id: int, states: Sequence[ProgramState]) -> Sequence[Program]:
    """Return a guild's programs in the given states, the oldest first."""
    query = select(Program).where(Program.guild_id == guild_id, Program.state.in_(states)).order_by(Program.id)
    return (await session.scalars(query)).all()


async def list_program_ids(session: AsyncSession, guild_id: int) -> Sequence[int]:
    """Return every program of a guild, whatever its state."""
    return (await session.scalars(select(Program.id).where(Program.guild_id == guild_id).order_by(Program.id))).all()


async def count_enrollments(session: AsyncSession, program_id: int) -> dict[EnrollmentState, int]:
    """Return how many people are active, paused and gone."""
    query = select(Enrollment.state, func.count()).where(Enrollment.program_id == program_id).group_by(Enrollment.state)
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_schedules(session: AsyncSession, program_id: int) -> Sequence[Schedule]:
    """Return the schedules of a program."""
    return (await session.scalars(select(Schedule).where(Schedule.program_id == program_id))).all()


async def find_schedule(session: AsyncSession, program_id: int, kind: ScheduleKind) -> Schedule | None:
    """Return the schedule of one kind, if the program has it."""
    return await session.scalar(select(Schedule).where(Schedule.program_id == program_id, Schedule.kind == kind))


async def list_due_schedules(session: AsyncSession, now: datetime, share: Share = WHOLE) -> Sequence[Schedule]:
    """Return the active schedules that are due, the longest waiting first."""
    due = (Schedule.active, Schedule.next_due <= now, ours(share, Schedule.program_id))
    return (await session.scalars(select(Schedule).where(*due).order_by(Schedule.next_due, Schedule.id))).all()


async def find_next_due(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return the earliest moment at which any schedule comes due."""
    active = (Schedule.active, ours(share, Schedule.program_id))
    return await session.scalar(select(func.min(Schedule.next_due)).where(*active))


async def find_claimed(
    session: AsyncSession, spared: Collection[int], share: Share = WHOLE
) -> tuple[Occurrence, Schedule] | None:
    """Return the oldest occurrence that was claimed and is not done, apart from some programs, with its schedule."""
    query = (
        select(Occurrence, Schedule)
        .join(Schedule, Schedule.id == Occurrence.schedule_id)
        .where(Occurrence.state == OccurrenceState.CLAIMED, Schedule.program_id.not_in(spared))
        .where(ours(share, Schedule.program_id))
        .order_by(Occurrence.due_at, Occurrence.id)
        .limit(1)
    )
    return (await session.execute(query)).first()


async def find_oldest_claimed(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return when the oldest occurrence came due that was claimed and is not done."""
    query = select(func.min(Occurrence.due_at)).join(Schedule, Schedule.id == Occurrence.schedule_id)
    return await session.scalar(
        query.where(Occurrence.state == OccurrenceState.CLAIMED, ours(share, Schedule.program_id))
    )


async def find_last_due(session: AsyncSession, schedule_id: int) -> datetime | None:
    """Return the newest moment of a schedule that was claimed."""
    return await session.scalar(select(func.max(Occurrence.due_at)).where(Occurrence.schedule_id == schedule_id))


async def list_notices(session: AsyncSession, program_id: int, most: int) -> Sequence[Notice]:
    """Return the newest lines to a program's moderators."""
    query = select(Notice).where(Notice.program_id == program_id).order_by(Notice.id.desc()).limit(most)
    return (await session.scalars(query)).all()


async def delete_stale_drafts(session: AsyncSession, before: datetime) -> None:
    """Remove set-up panels that nobody finished."""
    await session.execute(delete(Program).where(Program.state == ProgramState.DRAFT, Program.created_at < before))
