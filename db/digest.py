"""Queries about what a week's digest to the moderators tells."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryState, MeetingState
from db.models import Circle, Delivery, Meeting, Rotation


async def count_given_up(session: AsyncSession, program_id: int, since: datetime) -> int:
    """Return how many deliveries Discord refused for good since a moment."""
    query = select(func.count(Delivery.id)).where(
        Delivery.program_id == program_id,
        Delivery.state == DeliveryState.DEAD,
        Delivery.error_code.is_not(None),
        Delivery.finished_at > since,
    )
    return await session.scalar(query) or 0


async def count_waiting(session: AsyncSession, program_id: int) -> int:
    """Return how many deliveries were refused and are tried on."""
    query = select(func.count(Delivery.id)).where(
        Delivery.program_id == program_id, Delivery.state == DeliveryState.PENDING, Delivery.error_code.is_not(None)
    )
    return await session.scalar(query) or 0


async def count_meetings(session: AsyncSession, program_id: int, begin: datetime, end: datetime) -> int:
    """Return how many fixed meetings begin in a span of time."""
    query = (
        select(func.count(Meeting.id))
        .join(Circle, Circle.id == Meeting.circle_id)
        .join(Rotation, Rotation.id == Circle.rotation_id)
        .where(Rotation.program_id == program_id, Meeting.state == MeetingState.FIXED)
        .where(Meeting.starts_at >= begin, Meeting.starts_at < end)
    )
    return await session.scalar(query) or 0
