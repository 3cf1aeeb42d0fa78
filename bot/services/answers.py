"""Answering a check-in: who may, until when, and how the answer is kept and posted."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, EnrollmentState, ScheduleKind
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound, UserError
from bot.services.checkins import week_of
from bot.services.goal_progress import Moved, follow_progress, moved_by
from bot.services.posts import Reflection, follow_change, post_answers, reflection_of
from bot.services.silence import hear
from bot.services.wins import follow_win, win_of
from bot.services.work import reads, writes_together
from db import checkins as queries
from db import deliveries as delivery_queries
from db import goals as goal_queries
from db import programs as program_queries
from db import wins as win_queries
from db.checkins import Own
from db.engine import Database
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


@dataclass(frozen=True, slots=True)
class Saved:
    """What an answer that was kept came to: the check-in with what was answered `before`, and the goals it moved."""

    before: Form
    moved: Moved


@dataclass(frozen=True, slots=True)
class _Submission:
    """What one member submits."""

    checkin_id: int
    user_id: int
    given: Reflection
    now: datetime


@reads
async def list_forms(session: AsyncSession, guild_id: int, user_id: int, now: datetime) -> Sequence[Form]:
    """Return every check-in of a guild that somebody may answer at this moment."""
    return [_form(own) for own in await queries.list_own_open(session, guild_id, user_id, now) if _is_member(own)]


@reads
async def get_form(session: AsyncSession, key: str, user_id: int, now: datetime) -> Form:
    """Return what the control with this key opens; refuse whoever may not answer, and a closed check-in."""
    delivery = await delivery_queries.find_by_key(session, key)
    if delivery is None or delivery.checkin_id is None:
        raise NotFound("control.gone")
    own, _ = _require_member(await queries.find_own(session, delivery.checkin_id, user_id))
    if delivery.kind is DeliveryKind.CHECKIN_ANSWER and delivery.person_id != own.seat.person_id:
        raise NotAllowed("checkin.not-your-answer")
    await _require_open(session, own.checkin, now)
    return _form(own)


@reads
async def get_own(session: AsyncSession, key: str, user_id: int) -> Form:
    """Return a check-in, open or closed, with the asker's own answer."""
    delivery = await delivery_queries.find_by_key(session, key)
    if delivery is None or delivery.checkin_id is None:
        raise NotFound("control.gone")
    own = await queries.find_own(session, delivery.checkin_id, user_id)
    if own is None:
        raise NotAllowed("checkin.not-your-circle")
    return _form(own)


async def save(database: Database, checkin_id: int, user_id: int, given: Reflection, now: datetime) -> Saved:
    """Keep an answer, or change the one that is there; the circle's thread follows."""
    _check(given)
    return await _save_all(database, _Submission(checkin_id, user_id, given, now))


@writes_together
async def _save_all(session: AsyncSession, submissions: Sequence[_Submission]) -> list[Saved | UserError]:
    """Keep many answers at once: a whole community may answer in the minute in which its check-ins open.

    Who submitted twice meanwhile is dealt with twice, one after the other.
    """
    outcomes: dict[int, Saved | UserError] = {}
    while waiting := [(n, each) for n, each in enumerate(submissions) if n not in outcomes]:
        firsts = {(each.checkin_id, each.user_id): (n, each) for n, each in reversed(waiting)}
        outcomes |= await _save_one_each(session, dict(firsts.values()))
    return [outcomes[n] for n in range(len(submissions))]


async def _save_one_each(session: AsyncSession, submissions: dict[int, _Submission]) -> dict[int, Saved | UserError]:
    """Keep one answer of each person; whoever may not answer is refused before anything is written."""
    checkins, users = zip(*((each.checkin_id, each.user_id) for each in submissions.values()), strict=True)
    known = await queries.list_own_among(session, checkins, users)
    outcomes: dict[int, Saved | UserError] = {}
    seats: dict[int, Own] = {}
    for n, each in submissions.items():
        try:
            seats[n] = await _accept(session, known.get((each.checkin_id, each.user_id)), each.now)
        except UserError as refusal:
            outcomes[n] = refusal
    ids = await _add_all(session, [(own, submissions[n]) for n, own in seats.items() if own.answer is None])
    reaching = await _list_reaching(session, seats.values())
    for n, own in seats.items():
        reaches = (own.checkin.circle.rotation.program_id, own.seat.person_id) in reaching
        outcomes[n] = await _follow(session, own, ids.get(_place(own)), submissions[n], reaches=reaches)
    return outcomes


def _place(own: Own) -> tuple[int, int]:
    return own.checkin.id, own.seat.person_id


async def _accept(session: AsyncSession, own: Own | None, now: datetime) -> Own:
    """Return a check-in to whoever may answer it at this moment, and note that they spoke up."""
    own, enrollment = _require_member(own)
    await _require_open(session, own.checkin, now)
    hear(enrollment)
    return own


async def _add_all(session: AsyncSession, fresh: Sequence[tuple[Own, _Submission]]) -> dict[tuple[int, int], int]:
    """Write first answers, their posts, and the wins that they tell of; return their ids by check-in and person."""
    rows = [
        asdict(each.given)
        | {"checkin_id": own.checkin.id, "person_id": own.seat.person_id}
        | {"created_at": each.now, "updated_at": each.now}
        for own, each in fresh
    ]
    ids = await queries.add_answers(session, rows)
    await post_answers(session, [(own.checkin, own.seat.person_id, each.now) for own, each in fresh])
    wins = [
        win_of(ids[_place(own)], own.seat.person, each.given.win, each.now) for own, each in fresh if each.given.win
    ]
    await win_queries.add_wins(session, wins)
    return ids


async def _list_reaching(session: AsyncSession, seats: Collection[Own]) -> frozenset[tuple[int, int]]:
    """Return who of those in some seats has an open goal in its program, as (program, person)."""
    programs = {own.checkin.circle.rotation.program_id for own in seats}
    return await goal_queries.list_with_open_goals(session, programs, {own.seat.person_id for own in seats})


async def _follow(
    session: AsyncSession, own: Own, answer_id: int | None, submitted: _Submission, *, reaches: bool
) -> Saved:
    """Let an answer that was there be changed, and the goals of who gave it follow; most have none."""
    before, answer, now = _form(own), own.answer, submitted.now
    if answer is not None:
        await _change(session, own, answer, submitted.given, now)
    elif not reaches:
        return Saved(before, Moved((), frozenset(), bool(submitted.given.progress)))
    answer = answer or await queries.load_answer(session, answer_id or 0)
    said = before.given.progress if before.given else ""
    await follow_progress(session, answer, said, before.program_id, now)
    return Saved(before, await moved_by(session, answer, own.seat.person, before.program_id, now))


async def _change(session: AsyncSession, own: Own, answer: CheckInAnswer, given: Reflection, now: datetime) -> None:
    """Put other words in the place of an answer's; its post and its win follow."""
    before = reflection_of(answer)
    if before == given:
        return
    for name, value in asdict(given).items():
        setattr(answer, name, value)
    answer.updated_at = now
    await follow_change(session, own.checkin, answer.person_id, now)
    await follow_win(session, answer, before.win, own.seat.person, now)


def _check(given: Reflection) -> None:
    """Refuse what the modal would not have let through."""
    if given.week not in WEEKS:
        raise InvalidInput("checkin.invalid.week")
    if any(len(part) > LONGEST_PART for part in (given.win, given.challenge, given.ask, given.progress)):
        raise InvalidInput("checkin.invalid.length", most=LONGEST_PART)


def _is_member(own: Own) -> bool:
    """Tell whether somebody sits in a check-in's circle and has not left the program."""
    is_enrolled = own.enrollment is not None and own.enrollment.state is not EnrollmentState.LEFT
    return is_enrolled and own.seat.left_at is None


def _require_member(own: Own | None) -> tuple[Own, Enrollment]:
    """Return a check-in to whoever may answer it, with their enrolment; refuse everybody else."""
    if own is None or own.enrollment is None or not _is_member(own):
        raise NotAllowed("checkin.not-your-circle")
    return own, own.enrollment


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


def _form(own: Own) -> Form:
    circle = own.checkin.circle
    program = circle.rotation.program
    return Form(
        checkin_id=own.checkin.id,
        program_id=program.id,
        program=program.name,
        week=week_of(own.checkin),
        closes_at=own.checkin.closes_at,
        thread_id=circle.thread_id,
        given=reflection_of(own.answer) if own.answer else None,
    )
