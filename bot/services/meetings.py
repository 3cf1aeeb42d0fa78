"""A circle's meeting: proposed, ticked, fixed, moved or cancelled, and how it went."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain import meeting as rules
from bot.domain.states import DeliveryKind, MeetingState
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services.deliveries import circle_lane, enqueue
from bot.services.meeting_cards import MeetingCard, card_of, hours_of, list_active, may_lead, seat_of, vote_of
from bot.services.work import reads, writes
from db import meetings as queries
from db import programs as program_queries
from db.models import Circle, Delivery, Meeting, MeetingSlot, MeetingVote, Membership

OVER = (MeetingState.LAPSED, MeetingState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The meeting of somebody's circle: proposed just now, or under way already; and whether they may decide."""

    meeting: MeetingCard
    is_new: bool
    may_lead: bool


@dataclass(frozen=True, slots=True)
class Voted:
    """A meeting after somebody ticked, and the hours they ticked."""

    meeting: MeetingCard
    ticked: tuple[int, ...]


@writes
async def propose(session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime) -> Proposal:
    """Propose the best hours of the coming week to somebody's circle, or return the meeting that is under way."""
    program = await program_queries.get_program(session, guild_id, program_id)
    circle = await queries.find_open_circle(session, program.id, user_id)
    if circle is None:
        raise NotFound("meeting.no-circle", program=program.name)
    seat = seat_of(circle, user_id)
    current = await queries.find_current(session, circle.id, now - rules.LENGTH)
    if current is not None:
        return Proposal(await card_of(session, current), is_new=False, may_lead=may_lead(current, seat))
    proposed = await _add(session, circle, seat.person_id, now)
    _post(session, proposed, DeliveryKind.MEETING_CARD, now)
    return Proposal(await card_of(session, proposed), is_new=True, may_lead=True)


@writes
async def vote(session: AsyncSession, meeting_id: int, user_id: int, numbers: Collection[int], now: datetime) -> Voted:
    """Keep the hours that somebody ticked, instead of those before; fix the meeting once everybody has."""
    meeting, seat = await _open(session, meeting_id, user_id)
    if not set(numbers) <= {slot.number for slot in meeting.slots}:
        raise InvalidInput("control.gone")
    _tick(meeting, seat.person_id, sum(1 << number for number in set(numbers)), now)
    await session.flush()
    await _fix_if_all_ticked(session, meeting, now)
    return Voted(await card_of(session, meeting), tuple(sorted(set(numbers))))


@writes
async def name_time(
    session: AsyncSession, meeting_id: int, user_id: int, starts_at: datetime, now: datetime
) -> MeetingCard:
    """Add an hour that a member names, ticked by them; those who ticked before are asked about it, too."""
    meeting, seat = await _open(session, meeting_id, user_id)
    if any(slot.starts_at == starts_at for slot in meeting.slots):
        raise Conflict("meeting.same-time")
    if len(meeting.slots) >= rules.MOST_SLOTS:
        raise Conflict("meeting.many-times", most=rules.MOST_SLOTS)
    number = len(meeting.slots)
    meeting.slots.append(MeetingSlot(meeting_id=meeting.id, number=number, starts_at=starts_at, added_at=now))
    before = vote_of(meeting, seat.person_id)
    _tick(meeting, seat.person_id, (before.ticks if before else 0) | 1 << number, now)
    await session.flush()
    return await card_of(session, meeting)


@writes
async def fix(session: AsyncSession, meeting_id: int, user_id: int, number: int, now: datetime) -> MeetingCard:
    """Fix a meeting at one of its hours, as whoever leads the circle or proposed it wishes."""
    meeting, seat = await _open(session, meeting_id, user_id)
    _require_lead(meeting, seat)
    slot = next((each for each in meeting.slots if each.number == number), None)
    if slot is None or slot.starts_at <= now:
        raise Conflict("meeting.hour-over")
    await _fix(session, meeting, slot.starts_at, now)
    return await card_of(session, meeting)


@writes
async def move(session: AsyncSession, meeting_id: int, user_id: int, starts_at: datetime, now: datetime) -> MeetingCard:
    """Move a fixed meeting; calendars learn of it by the next sequence."""
    meeting = await _ahead(session, meeting_id, user_id, now)
    if meeting.starts_at == starts_at:
        raise Conflict("meeting.same-time")
    meeting.sequence += 1
    await queries.withdraw_pending(session, meeting.id, now)
    await _fix(session, meeting, starts_at, now)
    return await card_of(session, meeting)


@writes
async def cancel(session: AsyncSession, meeting_id: int, user_id: int, now: datetime) -> MeetingCard:
    """Cancel a fixed meeting, and take its event off the server."""
    meeting = await _ahead(session, meeting_id, user_id, now)
    await _end(session, meeting, now)
    _post(session, meeting, DeliveryKind.MEETING_CANCELLED, now)
    return await card_of(session, meeting)


@reads
async def get_card(session: AsyncSession, meeting_id: int) -> MeetingCard:
    """Return a meeting as its members see it."""
    return await card_of(session, await queries.get_meeting(session, meeting_id))


@reads
async def get_to_decide(session: AsyncSession, meeting_id: int, user_id: int) -> MeetingCard:
    """Return a meeting to whoever may fix, move or cancel it."""
    meeting = await queries.get_meeting(session, meeting_id)
    _require_lead(meeting, seat_of(meeting.circle, user_id))
    return await card_of(session, meeting)


@writes
async def decide_due(session: AsyncSession, now: datetime) -> int:
    """Count the ticks of each proposal whose time is over, and end what is left of circles that did; return how many.

    Ticks go with their circle, and so does a meeting that still lies ahead of it.
    """
    undecided = await queries.list_undecided(session, now)
    for meeting in undecided:
        await _decide(session, meeting, now)
    for meeting in await queries.list_orphaned(session, now):
        await _end(session, meeting, now)
    await session.flush()
    await queries.delete_old_votes(session)
    return len(undecided)


async def _add(session: AsyncSession, circle: Circle, proposer_id: int, now: datetime) -> Meeting:
    """Propose the hours that suit a circle best before it ends."""
    people = [seat.person for seat in await list_active(session, circle)]
    hours = rules.propose(hours_of(people), now, _until(circle, now))
    proposed = Meeting(
        circle_id=circle.id,
        proposer_id=proposer_id,
        state=MeetingState.PROPOSED,
        uid=secrets.token_hex(16),
        decide_at=rules.decided_at(hours, now),
        created_at=now,
        changed_at=now,
        slots=[MeetingSlot(number=number, starts_at=each, added_at=now) for number, each in enumerate(hours)],
    )
    session.add(proposed)
    await session.flush()
    return await queries.get_meeting(session, proposed.id)


def _until(circle: Circle, now: datetime) -> datetime:
    """Return until when a circle may meet: a week on, or its planned end; one whose end is overdue goes on."""
    ends = circle.rotation.ends_at
    if now < ends < now + rules.LEAST_LEFT:
        raise Conflict("meeting.circle-ends", ends=int(ends.timestamp()))
    return min(now + rules.AHEAD, ends) if ends > now else now + rules.AHEAD


async def _decide(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    """Fix a meeting at the hour that most ticked; where no two share one, or the circle ended, let it lapse."""
    closed = meeting.circle.closed_at is not None
    chosen = None if closed else await _winner(session, meeting, now)
    if chosen is not None:
        await _fix(session, meeting, chosen, now)
        return
    meeting.state, meeting.changed_at = MeetingState.LAPSED, now
    if not closed:
        _post(session, meeting, DeliveryKind.MEETING_LAPSED, now)


async def _end(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    """End a meeting that will not be; a circle that has said goodbye is told nothing more."""
    meeting.state, meeting.changed_at = MeetingState.CANCELLED, now
    meeting.sequence += 1
    await queries.withdraw_pending(session, meeting.id, now)
    await _post_event(session, meeting, now)


async def _winner(session: AsyncSession, meeting: Meeting, now: datetime) -> datetime | None:
    """Return the hour that most of those who take part ticked."""
    active = {seat.person_id for seat in await list_active(session, meeting.circle)}
    slots = {slot.number: slot.starts_at for slot in meeting.slots}
    chosen = rules.winner(slots, [vote.ticks for vote in meeting.votes if vote.person_id in active], now)
    return None if chosen is None else slots[chosen]


async def _fix_if_all_ticked(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    """Fix a meeting once everybody who takes part has ticked since the last hour was named."""
    newest = max(slot.added_at for slot in meeting.slots)
    heard = {vote.person_id for vote in meeting.votes if vote.voted_at >= newest}
    if any(seat.person_id not in heard for seat in await list_active(session, meeting.circle)):
        return
    chosen = await _winner(session, meeting, now)
    if chosen is not None:
        await _fix(session, meeting, chosen, now)


async def _fix(session: AsyncSession, meeting: Meeting, starts_at: datetime, now: datetime) -> None:
    """Give a meeting its time, tell the circle, and plan the reminder and the question afterwards."""
    meeting.state, meeting.starts_at, meeting.changed_at = MeetingState.FIXED, starts_at, now
    _post(session, meeting, DeliveryKind.MEETING_FIXED, now)
    await _post_event(session, meeting, now)
    if starts_at - rules.REMINDER > now:
        _plan(session, meeting, DeliveryKind.MEETING_REMINDER, starts_at - rules.REMINDER, now)
    _plan(session, meeting, DeliveryKind.MEETING_QUESTION, starts_at + rules.LENGTH, now)


def _tick(meeting: Meeting, person_id: int, ticks: int, now: datetime) -> None:
    before = vote_of(meeting, person_id)
    if before is None:
        meeting.votes.append(MeetingVote(meeting_id=meeting.id, person_id=person_id, ticks=ticks, voted_at=now))
    else:
        before.ticks, before.voted_at = ticks, now


async def _open(session: AsyncSession, meeting_id: int, user_id: int) -> tuple[Meeting, Membership]:
    """Return a meeting that is still being agreed on, and the seat of a member of its circle."""
    meeting = await queries.get_meeting(session, meeting_id)
    seat = seat_of(meeting.circle, user_id)
    if meeting.circle.closed_at is not None or meeting.state in OVER:
        raise Conflict("meeting.over")
    if meeting.state is not MeetingState.PROPOSED or meeting.starts_at is not None:
        raise Conflict("meeting.fixed-already", when=int(meeting.starts_at.timestamp()) if meeting.starts_at else 0)
    return meeting, seat


async def _ahead(session: AsyncSession, meeting_id: int, user_id: int, now: datetime) -> Meeting:
    """Return a fixed meeting that lies ahead, to whoever may move or cancel it."""
    meeting = await queries.get_meeting(session, meeting_id)
    _require_lead(meeting, seat_of(meeting.circle, user_id))
    if meeting.state is not MeetingState.FIXED or meeting.starts_at is None or meeting.starts_at <= now:
        raise Conflict("meeting.over")
    return meeting


def _require_lead(meeting: Meeting, seat: Membership) -> None:
    if not may_lead(meeting, seat):
        raise NotAllowed("meeting.leads-only")


def _lane(meeting: Meeting) -> str:
    """Return the lane of what comes due around a meeting; it holds up nothing else of the circle."""
    return f"meeting:{meeting.id}"


async def _post_event(session: AsyncSession, meeting: Meeting, now: datetime) -> None:
    """Bring a meeting's scheduled event in line with it, in a lane of its own: a permission may be lacking."""
    wanted = meeting.circle.rotation.program.meeting_events and meeting.state is MeetingState.FIXED
    if wanted or await queries.find_delivery(session, meeting.id, DeliveryKind.MEETING_EVENT):
        _post(session, meeting, DeliveryKind.MEETING_EVENT, now, f"meeting-event:{meeting.id}")


def _plan(session: AsyncSession, meeting: Meeting, kind: DeliveryKind, due_at: datetime, now: datetime) -> None:
    """Write what is to leave at a moment around the meeting."""
    _post(session, meeting, kind, now, _lane(meeting)).due_at = due_at


def _post(
    session: AsyncSession, meeting: Meeting, kind: DeliveryKind, now: datetime, lane: str | None = None
) -> Delivery:
    circle = meeting.circle
    return enqueue(
        session,
        kind,
        lane or circle_lane(circle.id),
        circle.rotation.program_id,
        now,
        circle_id=circle.id,
        meeting_id=meeting.id,
    )
