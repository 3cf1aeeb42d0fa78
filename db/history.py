"""Queries about what a person did so far: their answers, and why they have no circle."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from db.models import CheckInAnswer, Unplaced


async def list_answers_of(session: AsyncSession, person_id: int) -> Sequence[CheckInAnswer]:
    """Return every check-in answer of a person, the oldest first, with the check-ins."""
    query = (
        select(CheckInAnswer)
        .join(CheckInAnswer.checkin)
        .where(CheckInAnswer.person_id == person_id)
        .options(contains_eager(CheckInAnswer.checkin))
        .order_by(CheckInAnswer.id)
    )
    return (await session.scalars(query)).all()


async def find_unplaced(session: AsyncSession, rotation_id: int, person_id: int) -> Unplaced | None:
    """Return the line that says why a rotation has no circle for a person, if there is one."""
    query = select(Unplaced).where(Unplaced.rotation_id == rotation_id, Unplaced.person_id == person_id)
    return await session.scalar(query)
