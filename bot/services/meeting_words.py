"""What members say afterwards, each for themselves, of how a meeting went."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.meeting import met_by
from bot.domain.states import MeetingHow
from bot.errors import Conflict
from bot.services.meeting_cards import seat_of
from bot.services.work import writes
from db import meetings as queries
from db.models import Circle, MeetingWord, Membership


@writes
async def say_how(session: AsyncSession, meeting_id: int, user_id: int, how: MeetingHow, now: datetime) -> bool:
    """Keep somebody's private word on how a meeting went; return whether it changes an earlier one."""
    meeting = await queries.get_meeting(session, meeting_id)
    seat = seat_of(meeting.circle, user_id)
    if meeting.starts_at is None or meeting.starts_at > now:
        raise Conflict("meeting.not-yet")
    said = await queries.find_word(session, meeting.id, seat.person_id)
    if said is None:
        session.add(MeetingWord(meeting_id=meeting.id, person_id=seat.person_id, how=how, said_at=now))
    else:
        said.how, said.said_at = how, now
    await session.flush()
    await _count_met(session, meeting.circle, seat)
    return said is not None


async def _count_met(session: AsyncSession, circle: Circle, seat: Membership) -> None:
    """Let somebody's words on meetings say whether their circle met; what they say at its farewell comes first."""
    met = met_by(await queries.list_hows(session, circle.id, seat.person_id))
    if met is not None and (circle.closed_at is None or seat.met is None):
        seat.met = met
