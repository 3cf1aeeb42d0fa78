"""Queries about what one person was sent, by themselves or with their circles."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, DeliveryState, RotationState
from db.deliveries import UNFINISHED
from db.models import Circle, Delivery, Membership, Program, Rotation


async def list_circles(
    session: AsyncSession, program_id: int, person_id: int
) -> dict[int, tuple[int, int, int | None]]:
    """Return (rotation, number, thread) of each circle of a program that a person sits or sat in."""
    query = (
        select(Circle.id, Rotation.number, Circle.number, Circle.thread_id)
        .join(Membership, Membership.circle_id == Circle.id)
        .join(Rotation, Rotation.id == Circle.rotation_id)
        .where(
            Rotation.program_id == program_id, Rotation.state != RotationState.DRAFT, Membership.person_id == person_id
        )
    )
    return {row[0]: (row[1], row[2], row[3]) for row in await session.execute(query)}


async def list_added(session: AsyncSession, program_id: int, person_id: int) -> frozenset[int]:
    """Return the circles into whose threads a person was brought."""
    query = select(Delivery.circle_id).where(
        Delivery.program_id == program_id,
        Delivery.person_id == person_id,
        Delivery.kind == DeliveryKind.ADD_MEMBER,
        Delivery.state == DeliveryState.DONE,
    )
    return frozenset(circle for circle in await session.scalars(query) if circle is not None)


def about(
    program_id: int,
    person_id: int,
    circles: Collection[int],
    to_person: Collection[DeliveryKind],
    to_circle: Collection[DeliveryKind],
) -> ColumnElement[bool]:
    """Select what a person was sent: alone, or with one of these circles."""
    alone = and_(Delivery.person_id == person_id, Delivery.kind.in_(to_person))
    together = and_(Delivery.circle_id.in_(circles), Delivery.kind.in_(to_circle), Delivery.person_id.is_(None))
    return and_(Delivery.program_id == program_id, or_(alone, together))


async def count(session: AsyncSession, wanted: ColumnElement[bool]) -> int:
    """Return how many deliveries are wanted."""
    return await session.scalar(select(func.count(Delivery.id)).where(wanted)) or 0


async def list_page(session: AsyncSession, wanted: ColumnElement[bool], page: int, size: int) -> Sequence[Delivery]:
    """Return one page of the deliveries that are wanted, the newest first."""
    query = select(Delivery).where(wanted).order_by(Delivery.id.desc()).offset(page * size).limit(size)
    return (await session.scalars(query)).all()


async def list_heads(session: AsyncSession, lanes: Collection[str]) -> frozenset[int]:
    """Return the delivery that leaves next in each of these lanes."""
    query = select(func.min(Delivery.id)).where(Delivery.state.in_(UNFINISHED), Delivery.lane.in_(lanes))
    return frozenset((await session.scalars(query.group_by(Delivery.lane))).all())


async def find_delivery(session: AsyncSession, guild_id: int, delivery_id: int) -> Delivery | None:
    """Return a delivery of a guild."""
    query = (
        select(Delivery)
        .join(Program, Program.id == Delivery.program_id)
        .where(Delivery.id == delivery_id, Program.guild_id == guild_id)
    )
    return await session.scalar(query)
