"""A meeting's event on the server, which the whole server can read: made only where a program asks for it."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind
from bot.services.deliveries import tell_moderators
from bot.services.work import reads, writes
from db import deliveries as delivery_queries
from db import meetings as queries

NO_EVENTS = "notice.no-meeting-events"
A_WEEK = timedelta(days=7)


@reads
async def find_event(session: AsyncSession, meeting_id: int) -> int | None:
    """Return the scheduled event of a meeting on Discord, if it has one."""
    sent = await queries.find_delivery(session, meeting_id, DeliveryKind.MEETING_EVENT)
    return sent.result_id if sent else None


@writes
async def note_no_events(session: AsyncSession, program_id: int, now: datetime) -> None:
    """Let the moderators know, once a week at most, that meetings have no event for want of a permission."""
    if await delivery_queries.find_notice(session, program_id, NO_EVENTS, now - A_WEEK) is None:
        await tell_moderators(session, program_id, NO_EVENTS, now)
