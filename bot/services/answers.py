"""Answering a check-in: who may, until when, and how the answer is kept and posted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services.checkins import week_of
from bot.services.deliveries import circle_lane, enqueue
from bot.services.silence import hear
from bot.services.work import reads, writes
from db import checkins as queries
from db import deliveries as delivery_queries
from db import people as people_queries
from db import programs as program_queries
from db.models import (
    CheckIn,
    CheckInAnswer,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Enrollment,
    EnrollmentState,
    ScheduleKind,
)

LONGEST_PART = 450  # four parts, each at most doubled by escaping, fit a message of 4,000 characters
WEEKS = (5, 4, 3, 2, 1)  # from very good to very hard


@dataclass(frozen=True, slots=True)
class Reflection:
    """What a member says about a week; `week` runs from 1 (very hard) to 5 (very good)."""

    week: int
    win: str = ""
    challenge: str = ""
    ask: str = ""
    progress: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A check-in that somebody may answer now, with what they answered so far."""

    checkin_id: int
    program_id: int
    program: str
    week: int
    closes_at: datetime
    thread_id: int | None
    given: Reflection | None


@dataclass(frozen=True, slots=True)
class AnswerPost:
    """One answer as its circle reads it."""

    user_id: int
    locale: str
    thread_id: int | None
    given: Reflection


@dataclass(frozen=True, slots=True)
class Posted:
    """Where an answer stands on Discord; no message id where Discord's answer was never heard."""

    key: str
    guild_id: int
    thread_id: int | None
    message_id: int | None
    circle_is_closed: bool


@reads
async def list_forms(session: AsyncSession, guild_id: int, user_id: int, now: datetime) -> Sequence[Form]:
    """Return every check-in of a guild that somebody may answer at this moment."""
    found = await queries.list_open_for(session, guild_id, user_id, now)
    allowed = [each for each in found if await _find_enrollment(session, each, user_id)]
    return [_form(checkin, user_id) for checkin in allowed]


@reads
async def get_form(session: AsyncSession, key: str, user_id: int, now: datetime) -> Form:
    """Return what the control with this key opens; refuse whoever may not answer, and a closed check-in."""
    delivery = await delivery_queries.find_by_key(session, key)
    if delivery is None or delivery.checkin_id is None:
        raise NotFound("control.gone")
    checkin = await queries.get_checkin(session, delivery.checkin_id)
    await _require_member(session, checkin, user_id)
    if delivery.kind is DeliveryKind.CHECKIN_ANSWER and delivery.person_id != _person_of(checkin, user_id):
        raise NotAllowed("checkin.not-your-answer")
    await _require_open(session, checkin, now)
    return _form(checkin, user_id)


@reads
async def get_own(session: AsyncSession, key: str, user_id: int) -> Form:
    """Return a check-in, open or closed, with the asker's own answer."""
    delivery = await delivery_queries.find_by_key(session, key)
    if delivery is None or delivery.checkin_id is None:
        raise NotFound("control.gone")
    checkin = await queries.get_checkin(session, delivery.checkin_id)
    if _person_of(checkin, user_id) is None:
        raise NotAllowed("checkin.not-your-circle")
    return _form(checkin, user_id)


@writes
async def save(session: AsyncSession, checkin_id: int, user_id: int, given: Reflection, now: datetime) -> Form:
    """Keep an answer, or change the one that is there; the circle's thread follows."""
    _check(given)
    checkin = await queries.get_checkin(session, checkin_id)
    enrollment = await _require_member(session, checkin, user_id)
    await _require_open(session, checkin, now)
    before = _form(checkin, user_id)
    answer = _answer_of(checkin, enrollment.person_id)
    if answer is None:
        _add(session, checkin, enrollment, given, now)
    elif before.given != given:
        await _change(session, checkin, answer, given, now)
    hear(enrollment)
    return before


@reads
async def get_post(session: AsyncSession, checkin_id: int, person_id: int) -> AnswerPost:
    """Return an answer as its circle reads it; raise NotFound where it was taken back."""
    checkin = await queries.get_checkin(session, checkin_id)
    circle = checkin.circle
    user_id = next((seat.person.user_id for seat in circle.memberships if seat.person_id == person_id), None)
    answer = _answer_of(checkin, person_id)
    if answer is None or user_id is None:
        raise NotFound("checkin.no-answer")
    return AnswerPost(user_id, circle.rotation.program.locale, circle.thread_id, _reflection(answer))


@reads
async def get_posted(session: AsyncSession, checkin_id: int, person_id: int) -> Posted:
    """Return where somebody's answer stands on Discord; raise NotFound where it was never posted."""
    delivery = await delivery_queries.find_answer_post(session, checkin_id, person_id)
    if delivery is None:
        raise NotFound("checkin.no-answer")
    circle = (await queries.get_checkin(session, checkin_id)).circle
    return Posted(
        key=delivery.key,
        guild_id=circle.rotation.program.guild_id,
        thread_id=delivery.result_channel_id or circle.thread_id,
        message_id=delivery.result_id,
        circle_is_closed=circle.closed_at is not None,
    )


def _check(given: Reflection) -> None:
    """Refuse what the modal would not have let through."""
    if given.week not in WEEKS:
        raise InvalidInput("checkin.invalid.week")
    if any(len(part) > LONGEST_PART for part in (given.win, given.challenge, given.ask, given.progress)):
        raise InvalidInput("checkin.invalid.length", most=LONGEST_PART)


async def _find_enrollment(session: AsyncSession, checkin: CheckIn, user_id: int) -> Enrollment | None:
    """Return the enrolment of somebody who sits in a check-in's circle and has not left the program."""
    person_id = _person_of(checkin, user_id)
    if person_id is None:
        return None
    program_id = checkin.circle.rotation.program_id
    enrollment = await people_queries.find_enrollment(session, program_id, person_id)
    return enrollment if enrollment and enrollment.state is not EnrollmentState.LEFT else None


async def _require_member(session: AsyncSession, checkin: CheckIn, user_id: int) -> Enrollment:
    enrollment = await _find_enrollment(session, checkin, user_id)
    if enrollment is None:
        raise NotAllowed("checkin.not-your-circle")
    return enrollment


def _person_of(checkin: CheckIn, user_id: int) -> int | None:
    """Return which person in a check-in's circle a user is."""
    seats = checkin.circle.memberships
    return next((seat.person_id for seat in seats if seat.person.user_id == user_id), None)


async def _require_open(session: AsyncSession, checkin: CheckIn, now: datetime) -> None:
    """Refuse a check-in whose time is over, and say what to do instead."""
    if checkin.closed_at is None and now < checkin.closes_at:
        return
    closed = int(min(checkin.closes_at, checkin.closed_at or checkin.closes_at).timestamp())
    program = checkin.circle.rotation.program
    schedule = await program_queries.find_schedule(session, program.id, ScheduleKind.CHECKIN_OPEN)
    if schedule is None or not schedule.active:
        raise Conflict("checkin.closed", closed=closed)
    raise Conflict("checkin.closed-until", closed=closed, opens=int(schedule.next_due.timestamp()))


def _form(checkin: CheckIn, user_id: int) -> Form:
    answer = _answer_of(checkin, _person_of(checkin, user_id))
    program = checkin.circle.rotation.program
    return Form(
        checkin_id=checkin.id,
        program_id=program.id,
        program=program.name,
        week=week_of(checkin),
        closes_at=checkin.closes_at,
        thread_id=checkin.circle.thread_id,
        given=_reflection(answer) if answer else None,
    )


def _answer_of(checkin: CheckIn, person_id: int | None) -> CheckInAnswer | None:
    return next((answer for answer in checkin.answers if answer.person_id == person_id), None)


def _reflection(answer: CheckInAnswer) -> Reflection:
    return Reflection(**{field.name: getattr(answer, field.name) for field in fields(Reflection)})


def _add(session: AsyncSession, checkin: CheckIn, enrollment: Enrollment, given: Reflection, now: datetime) -> None:
    """Write a first answer, and its post."""
    person_id = enrollment.person_id
    written = CheckInAnswer(checkin_id=checkin.id, person_id=person_id, created_at=now, updated_at=now, **asdict(given))
    session.add(written)
    _enqueue(session, DeliveryKind.CHECKIN_ANSWER, checkin, person_id, now)


async def _change(
    session: AsyncSession, checkin: CheckIn, answer: CheckInAnswer, given: Reflection, now: datetime
) -> None:
    """Change an answer, and its post, unless that has still to leave and will say the new words anyway."""
    for name, value in asdict(given).items():
        setattr(answer, name, value)
    answer.updated_at = now
    sent = [each for each in await queries.list_posts(session, checkin.id) if each.person_id == answer.person_id]
    if any(_has_still_to_leave(each) for each in sent):
        return
    post = sent[0]
    if post.state is DeliveryState.DEAD:
        _try_again(post, now)
    else:
        _enqueue(session, DeliveryKind.CHECKIN_ANSWER_EDIT, checkin, answer.person_id, now)


def _has_still_to_leave(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.PENDING and delivery.attempts == 0


def _try_again(post: Delivery, now: datetime) -> None:
    """Let a post that Discord refused leave once more; the attempt that counts lets it be looked up first."""
    post.state, post.due_at, post.attempts = DeliveryState.PENDING, now, 1


def _enqueue(session: AsyncSession, kind: DeliveryKind, checkin: CheckIn, person_id: int, now: datetime) -> None:
    circle = checkin.circle
    enqueue(
        session,
        kind,
        circle_lane(circle.id),
        circle.rotation.program_id,
        now,
        circle_id=circle.id,
        checkin_id=checkin.id,
        person_id=person_id,
    )
