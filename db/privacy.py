"""Queries about everything that belongs to a person, for taking it along and for wiping it out."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from bot.domain.states import DeliveryKind
from db.models import Avoid, CheckInAnswer, Delivery, Enrollment, Feedback, Membership, Rotation, Unplaced


async def list_all_enrollments(session: AsyncSession, person_id: int) -> Sequence[Enrollment]:
    """Return a person's enrolments in programs of any state, with the programs."""
    query = (
        select(Enrollment)
        .join(Enrollment.program)
        .where(Enrollment.person_id == person_id)
        .options(contains_eager(Enrollment.program))
        .order_by(Enrollment.id)
    )
    return (await session.scalars(query)).all()


async def list_unplaced_lines(session: AsyncSession, person_id: int) -> Sequence[tuple[Unplaced, Rotation]]:
    """Return every line that says why a rotation had no circle for a person, with the rotation."""
    query = (
        select(Unplaced, Rotation)
        .join(Rotation, Rotation.id == Unplaced.rotation_id)
        .where(Unplaced.person_id == person_id)
        .order_by(Unplaced.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def list_deliveries_about(session: AsyncSession, person_id: int) -> Sequence[Delivery]:
    """Return everything that was or will be sent on account of a person."""
    query = select(Delivery).where(Delivery.person_id == person_id).order_by(Delivery.id)
    return (await session.scalars(query)).all()


async def list_welcomes(session: AsyncSession, person_id: int) -> Sequence[Delivery]:
    """Return the welcome cards of every circle that a person sat in."""
    query = (
        select(Delivery)
        .join(Membership, Membership.circle_id == Delivery.circle_id)
        .where(Membership.person_id == person_id, Delivery.kind == DeliveryKind.WELCOME)
        .order_by(Delivery.id)
    )
    return (await session.scalars(query)).all()


async def find_welcome(session: AsyncSession, circle_id: int) -> Delivery | None:
    """Return the delivery of a circle's welcome card."""
    query = select(Delivery).where(Delivery.circle_id == circle_id, Delivery.kind == DeliveryKind.WELCOME)
    return await session.scalar(query)


async def delete_answers(session: AsyncSession, person_id: int) -> None:
    """Remove every check-in answer of a person."""
    await session.execute(delete(CheckInAnswer).where(CheckInAnswer.person_id == person_id))


async def delete_avoids(session: AsyncSession, person_id: int) -> None:
    """Remove a person's wishes whom to avoid; what others wish about them is theirs and stays."""
    await session.execute(delete(Avoid).where(Avoid.person_id == person_id))


async def delete_feedback(session: AsyncSession, person_id: int) -> None:
    """Remove what a person said privately of others; what others said of them is theirs and stays."""
    await session.execute(delete(Feedback).where(Feedback.person_id == person_id))
