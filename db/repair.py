"""Queries about the rotation that runs, as a repair sees it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from bot.domain.states import DeliveryKind, RotationState
from db.models import CheckIn, Circle, Delivery, Enrollment, Membership, Person, Rotation, Unplaced


async def find_running(session: AsyncSession, program_id: int) -> Rotation | None:
    """Return a program's running rotation with its program, its circles and everybody who ever sat in them."""
    people = selectinload(Rotation.circles).selectinload(Circle.ever).joinedload(Membership.person, innerjoin=True)
    query = (
        select(Rotation)
        .where(Rotation.program_id == program_id, Rotation.state == RotationState.PUBLISHED)
        .order_by(Rotation.number.desc())
        .limit(1)
        .options(people, joinedload(Rotation.program, innerjoin=True))
        .execution_options(populate_existing=True)
    )
    return await session.scalar(query)


async def list_enrolled(session: AsyncSession, program_id: int) -> Sequence[Enrollment]:
    """Return everybody who ever joined a program, with the people."""
    query = (
        select(Enrollment)
        .join(Enrollment.person)
        .where(Enrollment.program_id == program_id)
        .options(contains_eager(Enrollment.person))
        .order_by(Enrollment.id)
    )
    return (await session.scalars(query)).all()


async def list_open_checkins(session: AsyncSession, circle_ids: Sequence[int]) -> Sequence[int]:
    """Return the open check-ins of some circles."""
    query = select(CheckIn.id).where(CheckIn.circle_id.in_(circle_ids), CheckIn.closed_at.is_(None))
    return (await session.scalars(query)).all()


async def delete_unplaced(session: AsyncSession, rotation_id: int, person_ids: Sequence[int]) -> None:
    """Forget that a rotation had no circle for these people."""
    await session.execute(
        delete(Unplaced).where(Unplaced.rotation_id == rotation_id, Unplaced.person_id.in_(person_ids))
    )


async def get_change(session: AsyncSession, delivery_id: int) -> tuple[datetime, Circle]:
    """Return when the change was made that a delivery tells of, and the circle with everybody who ever sat in it."""
    delivery = await session.get_one(Delivery, delivery_id)
    query = (
        select(Circle)
        .where(Circle.id == delivery.circle_id)
        .options(
            selectinload(Circle.ever).joinedload(Membership.person, innerjoin=True),
            joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True),
        )
    )
    return delivery.created_at, (await session.scalars(query)).one()


async def list_added(session: AsyncSession, circle_id: int, delivery_id: int) -> frozenset[int]:
    """Return who was to be brought into a circle's thread since it was last told of its people."""
    tells = (DeliveryKind.WELCOME, DeliveryKind.CIRCLE_CHANGED)
    told = select(func.max(Delivery.id)).where(
        Delivery.circle_id == circle_id, Delivery.kind.in_(tells), Delivery.id < delivery_id
    )
    query = select(Delivery.person_id).where(
        Delivery.circle_id == circle_id,
        Delivery.kind == DeliveryKind.ADD_MEMBER,
        Delivery.id < delivery_id,
        Delivery.id > func.coalesce(told.scalar_subquery(), 0),
    )
    return frozenset(each for each in await session.scalars(query) if each is not None)


async def list_seats_at(session: AsyncSession, rotation_id: int, person_ids: Sequence[int]) -> dict[int, int]:
    """Return the number of the circle in which each of these people sits now."""
    query = (
        select(Membership.person_id, Circle.number)
        .join(Circle, Circle.id == Membership.circle_id)
        .where(Circle.rotation_id == rotation_id, Membership.person_id.in_(person_ids), Membership.left_at.is_(None))
    )
    return {person: number for person, number in await session.execute(query)}  # noqa: C416 - rows are no pairs to dict


async def find_left_seat(session: AsyncSession, circle_id: int, person_id: int) -> tuple[Membership, Circle] | None:
    """Return the seat that somebody left, with its circle and the person; None where they sit there."""
    query = (
        select(Membership, Circle)
        .join(Circle, Circle.id == Membership.circle_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.circle_id == circle_id, Membership.person_id == person_id, Membership.left_at.is_not(None))
        .options(joinedload(Membership.person, innerjoin=True))
    )
    found = (await session.execute(query)).first()
    return None if found is None else (found[0], found[1])
