"""Who stays silent: counted at each close, asked once in private, paused where no answer comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, EnrollmentState, ProgramState
from bot.errors import Conflict, NotFound
from bot.services.deliveries import DM_LANE, enqueue
from bot.services.people import activate
from bot.services.private_questions import asked_of
from bot.services.work import reads, writes
from db import checkins as queries
from db import people as people_queries
from db.models import CheckIn, Enrollment, Membership, Person, Program

SILENT_CHECKINS = 3
TIME_TO_ANSWER = timedelta(hours=48)


class Choice(StrEnum):
    """What somebody may answer to the question why they are silent."""

    STAY = "stay"
    PAUSE = "pause"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Question:
    """The private question to somebody who was silent several times in a row."""

    user_id: int
    program: str
    locale: str
    silent_checkins: int


async def count_silence(session: AsyncSession, program: Program, closed: Sequence[CheckIn], now: datetime) -> None:
    """Count who had a check-in for its whole time and said nothing; ask whoever reaches the limit.

    Only check-ins whose card arrived count, and none that was closed early.
    """
    active = {each.person_id: each for each in await queries.list_active(session, program.id)}
    arrived = set(await queries.list_arrived_cards(session, [checkin.id for checkin in closed]))
    for checkin in closed:
        if checkin.id not in arrived or now < checkin.closes_at:
            continue
        answered = {answer.person_id for answer in checkin.answers}
        for seat in checkin.circle.memberships:
            enrollment = active.get(seat.person_id)
            if enrollment is None or _came_later(enrollment, seat, checkin):
                continue
            if seat.person_id not in answered:
                enrollment.silent_checkins += 1
                _ask(session, enrollment, now)


def _came_later(enrollment: Enrollment, seat: Membership, checkin: CheckIn) -> bool:
    """Tell whether somebody joined the program or the circle only after a check-in had opened."""
    return checkin.opened_at < max(enrollment.joined_at, seat.joined_at or enrollment.joined_at)


def _ask(session: AsyncSession, enrollment: Enrollment, now: datetime) -> None:
    """Write the private question, once until it is answered."""
    if enrollment.silent_checkins < SILENT_CHECKINS or enrollment.silent_asked_at is not None:
        return
    enrollment.silent_asked_at = now
    enqueue(
        session,
        DeliveryKind.SILENT_QUESTION,
        DM_LANE,
        enrollment.program_id,
        now,
        person_id=enrollment.person_id,
    )


def hear(enrollment: Enrollment) -> None:
    """Record that somebody spoke up: the count starts anew and a question still open is answered."""
    enrollment.silent_checkins = 0
    enrollment.silent_asked_at = None


@writes
async def pause_unanswered(session: AsyncSession, program_id: int, now: datetime) -> int:
    """Pause, until they come back themselves, whoever had two days for the question; return how many."""
    unanswered = await queries.list_unanswered(session, program_id, now - TIME_TO_ANSWER)
    for enrollment in unanswered:
        enrollment.state, enrollment.paused_until = EnrollmentState.PAUSED, None
    return len(unanswered)


@reads
async def get_question(session: AsyncSession, program_id: int, person_id: int) -> Question:
    """Return the question to somebody; raise NotFound once it need not be asked any more."""
    enrollment = await people_queries.find_enrollment(session, program_id, person_id)
    person = await session.get_one(Person, person_id)
    asked = enrollment is not None and enrollment.silent_asked_at is not None
    if enrollment is None or not asked or enrollment.state is not EnrollmentState.ACTIVE or person.user_id is None:
        raise NotFound("silence.not-asked")
    program = await session.get_one(Program, program_id)
    return Question(person.user_id, program.name, program.locale, enrollment.silent_checkins)


@writes
async def choose(session: AsyncSession, key: str, user_id: int, choice: Choice, now: datetime) -> str:
    """Do what the person who was asked chose, also much later; return the program's name."""
    program, enrollment = await asked_of(session, key, DeliveryKind.SILENT_QUESTION, user_id, "silence.not-yours")
    if program.state is ProgramState.ARCHIVED:
        raise Conflict("program.is-archived", name=program.name)
    if enrollment.state is EnrollmentState.LEFT and choice is not Choice.LEAVE:
        raise Conflict("silence.left", program=program.name)
    if choice is Choice.STAY:
        activate(enrollment)
    elif choice is Choice.PAUSE:
        hear(enrollment)
        enrollment.state, enrollment.paused_until = EnrollmentState.PAUSED, None
    elif enrollment.state is not EnrollmentState.LEFT:
        enrollment.state, enrollment.left_at, enrollment.paused_until = EnrollmentState.LEFT, now, None
    return program.name
