"""Queries about deliveries: the order in lanes, what may leave now, and what became of it."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, DeliveryState
from db.models import Delivery, Notice

UNFINISHED = (DeliveryState.PENDING, DeliveryState.INFLIGHT)


async def find_ready(session: AsyncSession, now: datetime) -> Delivery | None:
    """Return the oldest delivery that heads its lane and may leave: due, or abandoned in flight."""
    heads = select(func.min(Delivery.id)).where(Delivery.state.in_(UNFINISHED)).group_by(Delivery.lane)
    may_leave = or_(
        and_(Delivery.state == DeliveryState.PENDING, Delivery.due_at <= now),
        and_(Delivery.state == DeliveryState.INFLIGHT, Delivery.lease_until <= now),
    )
    return await session.scalar(
        select(Delivery).where(Delivery.id.in_(heads), may_leave).order_by(Delivery.id).limit(1)
    )


async def abandon_inflight(session: AsyncSession, now: datetime) -> int:
    """Let everything that was in flight when the process ended be taken up at once; return how much that is."""
    ids = (await session.scalars(select(Delivery.id).where(Delivery.state == DeliveryState.INFLIGHT))).all()
    await session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(lease_until=now))
    return len(ids)


async def find_by_key(session: AsyncSession, key: str) -> Delivery | None:
    """Return the delivery that a control on Discord carries the key of."""
    return await session.scalar(select(Delivery).where(Delivery.key == key))


async def find_answer_post(session: AsyncSession, checkin_id: int, person_id: int) -> Delivery | None:
    """Return the delivery that posts a person's check-in answer in the circle."""
    return await session.scalar(
        select(Delivery).where(
            Delivery.kind == DeliveryKind.CHECKIN_ANSWER,
            Delivery.checkin_id == checkin_id,
            Delivery.person_id == person_id,
        )
    )


async def count_unfinished(session: AsyncSession) -> int:
    """Return how many deliveries have still to leave."""
    return await session.scalar(select(func.count()).where(Delivery.state.in_(UNFINISHED))) or 0


async def find_notice(session: AsyncSession, program_id: int, message: str, after: datetime) -> Notice | None:
    """Return a line that a program's moderators were told after a moment."""
    query = select(Notice).where(Notice.program_id == program_id, Notice.message == message, Notice.created_at > after)
    return await session.scalar(query.limit(1))
