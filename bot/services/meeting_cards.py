"""A circle's meeting as its members see it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.agenda import Guide
from bot.domain.formation.problem import Role
from bot.domain.meeting import Hours, count_free, count_ticks
from bot.domain.states import DeliveryKind, MeetingState
from bot.errors import NotAllowed
from bot.services.agendas import suggest_guide
from db import checkins as checkin_queries
from db import meetings as queries
from db.models import Circle, Meeting, MeetingVote, Membership, Person


@dataclass(frozen=True, slots=True)
class SlotCard:
    """One hour at which a meeting could be: how many members' weekly hours hold it, and how many ticked it."""

    number: int
    starts_at: datetime
    free: int
    ticks: int


@dataclass(frozen=True, slots=True)
class MeetingCard:
    """A meeting; `users` take part at this moment, `gave_hours` of them told their weekly hours, `ticked` answered."""

    id: int
    circle_id: int
    number: int
    program_id: int
    program: str
    locale: str
    guild_id: int
    thread_id: int | None
    message_id: int | None
    circle_is_closed: bool
    state: MeetingState
    uid: str
    sequence: int
    changed_at: datetime
    decide_at: datetime
    starts_at: datetime | None
    slots: tuple[SlotCard, ...]
    users: tuple[int, ...]
    gave_hours: int
    ticked: int
    makes_event: bool
    guide: Guide | None


async def card_of(session: AsyncSession, meeting: Meeting) -> MeetingCard:
    """Describe a meeting that was loaded with everything around it."""
    circle, program = meeting.circle, meeting.circle.rotation.program
    seats = await list_active(session, circle)
    hours = hours_of([seat.person for seat in seats])
    ticks = [vote.ticks for vote in meeting.votes]
    sent = await queries.find_delivery(session, meeting.id, DeliveryKind.MEETING_CARD)
    return MeetingCard(
        id=meeting.id,
        circle_id=circle.id,
        number=circle.number,
        program_id=program.id,
        program=program.name,
        locale=program.locale,
        guild_id=program.guild_id,
        thread_id=circle.thread_id,
        message_id=sent.result_id if sent else None,
        circle_is_closed=circle.closed_at is not None,
        state=meeting.state,
        uid=meeting.uid,
        sequence=meeting.sequence,
        changed_at=meeting.changed_at,
        decide_at=meeting.decide_at,
        starts_at=meeting.starts_at,
        slots=tuple(
            SlotCard(slot.number, slot.starts_at, count_free(hours, slot.starts_at), count_ticks(ticks, slot.number))
            for slot in meeting.slots
        ),
        users=tuple(seat.person.user_id for seat in seats if seat.person.user_id is not None),
        gave_hours=sum(1 for each in hours if each.mask),
        ticked=len(meeting.votes),
        makes_event=program.meeting_events,
        guide=await suggest_guide(session, circle),
    )


async def list_active(session: AsyncSession, circle: Circle) -> Sequence[Membership]:
    """Return the seats of those who take part and are not paused."""
    active = await checkin_queries.list_active_among(session, circle.rotation.program_id, circle.memberships)
    return [seat for seat in circle.memberships if seat.person_id in active and seat.person.user_id is not None]


def hours_of(people: Collection[Person]) -> list[Hours]:
    """Return what these people said of their weeks."""
    return [Hours(person.zone, int(person.hours, 16)) for person in people]


def may_lead(meeting: Meeting, seat: Membership) -> bool:
    """Tell whether somebody may fix, move or cancel a meeting: whoever leads the circle, or proposed it."""
    return seat.role is not Role.MEMBER or seat.person_id == meeting.proposer_id


def vote_of(meeting: Meeting, person_id: int) -> MeetingVote | None:
    """Return somebody's ticks, if they ticked."""
    return next((vote for vote in meeting.votes if vote.person_id == person_id), None)


def seat_of(circle: Circle, user_id: int) -> Membership:
    """Return a user's seat in a circle, whose people are loaded; refuse strangers."""
    seat = next((each for each in circle.memberships if each.person.user_id == user_id), None)
    if seat is None:
        raise NotAllowed("circle.not-yours")
    return seat
