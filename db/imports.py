"""Queries about members who are brought along, and about what is taken out of a program."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from bot.domain.states import RotationState
from db.models import CheckIn, CheckInAnswer, Circle, Enrollment, ImportFile, Membership, Person, Rotation


async def delete_files(session: AsyncSession, program_id: int | None, before: datetime) -> None:
    """Delete a program's files that wait to be carried out, if one is named, and every one from before a moment."""
    await session.execute(
        delete(ImportFile).where((ImportFile.program_id == program_id) | (ImportFile.created_at < before))
    )


async def list_people(session: AsyncSession, guild_id: int, user_ids: Collection[int]) -> dict[int, Person]:
    """Return who of these users ever joined in a guild."""
    query = select(Person).where(Person.guild_id == guild_id, Person.user_id.in_(user_ids))
    return {person.user_id: person for person in await session.scalars(query) if person.user_id is not None}


async def list_enrollments(session: AsyncSession, program_id: int) -> Sequence[Enrollment]:
    """Return everybody who ever joined a program, with the people."""
    query = (
        select(Enrollment)
        .join(Enrollment.person)
        .where(Enrollment.program_id == program_id)
        .options(contains_eager(Enrollment.person))
        .order_by(Enrollment.id)
    )
    return (await session.scalars(query)).all()


async def list_rotations(session: AsyncSession, program_id: int) -> Sequence[Rotation]:
    """Return a program's published rotations, the oldest first, with everybody who ever sat in their circles."""
    seats = selectinload(Rotation.circles).selectinload(Circle.ever)
    query = (
        select(Rotation)
        .where(Rotation.program_id == program_id, Rotation.state != RotationState.DRAFT)
        .options(seats.options(joinedload(Membership.person, innerjoin=True)))
        .order_by(Rotation.number)
    )
    return (await session.scalars(query)).all()


@dataclass(frozen=True, slots=True)
class Responses:
    """How many answered one check-in of a circle."""

    circle_id: int
    number: int
    opened_at: datetime
    answered: int


async def count_responses(session: AsyncSession, program_id: int) -> Sequence[Responses]:
    """Return how many answered each check-in of a program, without a word of theirs."""
    query = (
        select(CheckIn.circle_id, CheckIn.number, CheckIn.opened_at, func.count(CheckInAnswer.id))
        .join(Circle, CheckIn.circle_id == Circle.id)
        .join(Rotation, Circle.rotation_id == Rotation.id)
        .outerjoin(CheckInAnswer, CheckInAnswer.checkin_id == CheckIn.id)
        .where(Rotation.program_id == program_id)
        .group_by(CheckIn.id, CheckIn.circle_id, CheckIn.number, CheckIn.opened_at)
        .order_by(CheckIn.id)
    )
    return [Responses(*row) for row in await session.execute(query)]
