"""Taking kudos back: the words go from the file and from the circle's thread."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind
from bot.services.deliveries import circle_lane, enqueue
from db import wins as queries
from db.models import Win


async def withdraw(session: AsyncSession, win: Win, now: datetime) -> None:
    """Empty kudos and have every message about them deleted; the row stays, by which they are found."""
    win.words, win.effect = "", ""
    win.removed_at = win.removed_at or now
    win.shown_at, win.may_show = None, False
    await delete_messages(session, win, now)


async def delete_messages(session: AsyncSession, win: Win, now: datetime) -> None:
    """Write a delivery for each circle that may hold a message about kudos; it deletes what is not to stand."""
    sent = [each for each in await queries.list_sent(session, win.id) if each.attempts > 0]
    for circle_id, program_id in {(each.circle_id, each.program_id) for each in sent}:
        if circle_id is not None:
            # It names nobody: an erasure stops whatever waits on account of a person.
            lane = circle_lane(circle_id)
            enqueue(session, DeliveryKind.KUDOS_DELETE, lane, program_id, now, circle_id=circle_id, win_id=win.id)
