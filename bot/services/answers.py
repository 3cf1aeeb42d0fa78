"""Answering a check-in: who may, until when, and how the answer is kept and posted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, EnrollmentState, ScheduleKind
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services.checkins import week_of
from bot.services.goal_progress import follow_progress
from bot.services.posts import Reflection, answer_of, follow_change, post_answer, reflection_of
from bot.services.silence import hear
from bot.services.wins import follow_win
from bot.services.work import reads, writes
from db import checkins as queries
from db import deliveries as delivery_queries
from db import people as people_queries
from db import programs as program_queries
from db.models import CheckIn, CheckInAnswer, Enrollment

LONGEST_PART = 450  # four parts, each at most doubled by escaping, fit a message of 4,000 characters
WEEKS = (5, 4, 3, 2, 1)  # from very good to very hard


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
    answer = answer_of(checkin, enrollment.person_id)
    if answer is None:
        answer = await _add(session, checkin, enrollment.person_id, given, now)
        post_answer(session, checkin, enrollment.person_id, now)
    elif before.given != given:
        _change(answer, given, now)
        await follow_change(session, checkin, enrollment.person_id, now)
    said = before.given or Reflection(given.week)
    await follow_win(session, answer, said.win, now)
    await follow_progress(session, answer, said.progress, before.program_id, now)
    hear(enrollment)
    return before


def _check(given: Reflection) -> None:
    """Refuse what the modal would not have let through."""
    if given.week not in WEEKS:
        raise InvalidInput("checkin.invalid.week")
    if any(len(part) > LONGEST_PART for part in (given.win, given.challenge, given.ask, given.progress)):
        raise InvalidInput("checkin.invalid.length", most=LONGEST_PART)


async def _find_enrollment(session: AsyncSession, checkin: CheckIn, user_id: int) -> Enrollment | None:
    """Return the enrolment of somebody who sits in a check-in's circle and has not left the program."""
    person_id = _person_of(checkin, user_id)
    if person_id not in [seat.person_id for seat in checkin.circle.memberships]:
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
    """Return which person in a check-in's circle a user is, or was before they changed circles."""
    seats = checkin.circle.ever
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
    answer = answer_of(checkin, _person_of(checkin, user_id))
    program = checkin.circle.rotation.program
    return Form(
        checkin_id=checkin.id,
        program_id=program.id,
        program=program.name,
        week=week_of(checkin),
        closes_at=checkin.closes_at,
        thread_id=checkin.circle.thread_id,
        given=reflection_of(answer) if answer else None,
    )


async def _add(
    session: AsyncSession, checkin: CheckIn, person_id: int, given: Reflection, now: datetime
) -> CheckInAnswer:
    answer = CheckInAnswer(checkin_id=checkin.id, person_id=person_id, created_at=now, updated_at=now, **asdict(given))
    session.add(answer)
    await session.flush()
    return answer


def _change(answer: CheckInAnswer, given: Reflection, now: datetime) -> None:
    for name, value in asdict(given).items():
        setattr(answer, name, value)
    answer.updated_at = now
