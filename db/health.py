"""Queries about how a program fares: numbers, and person ids that only tell one from another."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Circle, Enrollment, ExitWord, Goal, HealthWeek, Meeting, MeetingWord, Rotation, Told


async def list_enrollments(session: AsyncSession, program_id: int) -> Sequence[Enrollment]:
    """Return everybody who ever joined a program, those who left or were forgotten too."""
    return (await session.scalars(select(Enrollment).where(Enrollment.program_id == program_id))).all()


async def list_weeks(session: AsyncSession, program_id: int, most: int) -> Sequence[HealthWeek]:
    """Return what was counted in the newest weeks, the oldest first."""
    query = select(HealthWeek).where(HealthWeek.program_id == program_id).order_by(HealthWeek.at.desc()).limit(most)
    return (await session.scalars(query)).all()[::-1]


async def find_week(session: AsyncSession, program_id: int, at: datetime) -> HealthWeek | None:
    """Return what was counted at one moment."""
    query = select(HealthWeek).where(HealthWeek.program_id == program_id, HealthWeek.at == at)
    return await session.scalar(query)


async def list_told(session: AsyncSession, program_id: int, subject: str) -> Sequence[Told]:
    """Return what moderators were told of one subject, by kind."""
    query = select(Told).where(Told.program_id == program_id, Told.subject == subject).order_by(Told.id)
    return (await session.scalars(query)).all()


async def list_goals(session: AsyncSession, program_id: int) -> Sequence[Goal]:
    """Return every goal of a program."""
    return (await session.scalars(select(Goal).where(Goal.program_id == program_id))).all()


async def list_exit_words(session: AsyncSession, program_id: int) -> Sequence[ExitWord]:
    """Return what people said on leaving a program."""
    return (await session.scalars(select(ExitWord).where(ExitWord.program_id == program_id))).all()


async def list_meeting_words(session: AsyncSession, program_id: int) -> Sequence[tuple[int, MeetingWord]]:
    """Return (circle id, word) of what members said of their circles' meetings."""
    query = (
        select(Meeting.circle_id, MeetingWord)
        .join(MeetingWord, MeetingWord.meeting_id == Meeting.id)
        .join(Circle, Circle.id == Meeting.circle_id)
        .join(Rotation, Rotation.id == Circle.rotation_id)
        .where(Rotation.program_id == program_id)
        .order_by(MeetingWord.id)
    )
    return [(circle_id, word) for circle_id, word in await session.execute(query)]
