"""Closing check-ins: each gets its summary, and silence is counted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind
from bot.services.deliveries import circle_lane, enqueue
from bot.services.silence import count_silence
from db import checkins as queries
from db.models import CheckIn, Program


async def close_all(session: AsyncSession, program: Program, now: datetime) -> None:
    """Close every open check-in of a program, also one whose time is not over."""
    await close(session, program, await queries.list_open(session, program.id), now)


async def close(session: AsyncSession, program: Program, checkins: Sequence[CheckIn], now: datetime) -> None:
    """Close these check-ins and write a summary for each."""
    for checkin in checkins:
        checkin.closed_at = now
        enqueue(
            session,
            DeliveryKind.CHECKIN_SUMMARY,
            circle_lane(checkin.circle_id),
            program.id,
            now,
            circle_id=checkin.circle_id,
            checkin_id=checkin.id,
        )
    await count_silence(session, program, checkins, now)
