"""How a program fares: read from the database, with nothing about few people in what comes back."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain import health as rules
from bot.domain.health import (
    AnsweredCheckIn,
    Health,
    HelpHealth,
    PeopleWeek,
    PulseHealth,
    SeatedCircle,
    SeatedRotation,
)
from bot.domain.states import EnrollmentState, MeetingHow, Met, ProgramState
from bot.domain.survival import Stay
from bot.errors import NotFound
from bot.services import pulse_results
from bot.services.instruments import Shipped
from bot.services.telling import Subject, read_told, tell
from bot.services.work import reads
from db import figures as figure_queries
from db import health as queries
from db import past as past_queries
from db import programs as program_queries
from db import pulses as pulse_queries
from db import rotations as rotation_queries
from db.engine import Database
from db.models import Enrollment, HealthWeek, Program, Rotation

SHOWN_WEEKS, SHOWN_ROTATIONS, SHOWN_COHORTS, SHOWN_PULSES = 26, 12, 3, 3
HELD = (MeetingHow.WELL, MeetingHow.SHORT)


async def count_week(session: AsyncSession, program: Program, now: datetime) -> None:
    """Keep how many take part at this moment, once a week, and tell what was reported since the last one."""
    if await queries.find_week(session, program.id, now) is None:
        week = _week(await queries.list_enrollments(session, program.id), now)
        session.add(HealthWeek(program_id=program.id, at=now, active=week.active, paused=week.paused, left=week.left))
        await tell(session, program, now)


async def get_health(database: Database, shipped: Shipped, guild_id: int, program_id: int, now: datetime) -> Health:
    """Return how a program fares, as far as it may be shown to its moderators."""
    named = await _list_pulses(database, guild_id, program_id)
    pulses = [await _read_pulse(database, shipped, guild_id, program_id, name) for name in named]
    shown = tuple(pulse for pulse in pulses if pulse is not None)[:SHOWN_PULSES]
    return await _read(database, guild_id, program_id, shown, now)


@reads
async def _read(
    session: AsyncSession, guild_id: int, program_id: int, pulses: tuple[PulseHealth, ...], now: datetime
) -> Health:
    program = await program_queries.get_program(session, guild_id, program_id)
    enrollments = await queries.list_enrollments(session, program_id)
    rotations = await list_seated_rotations(session, program_id)
    counts = await figure_queries.list_checkin_counts(session, program_id)
    over = [each for each in counts if each.closed_at is not None]  # an open one would look like a fall
    checkins = [AnsweredCheckIn(each.circle_id, each.opened_at, each.answered) for each in over]
    weeks = await queries.list_weeks(session, program_id, SHOWN_WEEKS)
    told = {subject: await read_told(session, program_id, subject) for subject in Subject}
    before = [frozenset(pair) for _, *pair in await past_queries.list_encounters(session, program_id)]
    until = _until(program, rotations, now)
    return Health(
        program=program.name,
        since=min((each.joined_at for each in enrollments), default=program.created_at),
        until=until,
        joined=len(enrollments),
        now=_week(enrollments, now),
        people=tuple(PeopleWeek(week.at, week.active, week.paused, week.left) for week in weeks),
        response=rules.response_by_week(rotations, checkins)[-SHOWN_WEEKS:],
        grid=rules.newest_grid(rotations, checkins),
        rotations=rules.rotations_health(rotations, before)[-SHOWN_ROTATIONS:],
        pulses=pulses,
        goals_set=told[Subject.GOALS_SET],
        goals_done=told[Subject.GOALS_DONE],
        outcomes=told[Subject.OUTCOMES],
        exits=told[Subject.EXITS],
        help=HelpHealth(told[Subject.POSTS], told[Subject.INTRODUCTIONS], told[Subject.HELPED], told[Subject.CAME_OF]),
        cohorts=rules.cohorts(
            {each.person_id: _month(each, program.zone) for each in enrollments},
            {each.person_id: _stay(each, until) for each in enrollments},
            SHOWN_COHORTS,
        ),
    )


async def list_seated_rotations(session: AsyncSession, program_id: int) -> list[SeatedRotation]:
    """Return the published rotations, the oldest first, each circle with whether anybody said that it met."""
    said: dict[int, list[bool]] = {}
    for circle_id, word in await queries.list_meeting_words(session, program_id):
        said.setdefault(circle_id, []).append(word.how in HELD)
    found = await rotation_queries.list_rotations(session, program_id)
    return [_seated(rotation, said) for rotation in sorted(found, key=lambda each: each.number)]


def _seated(rotation: Rotation, said: dict[int, list[bool]]) -> SeatedRotation:
    circles: list[SeatedCircle] = []
    for circle in rotation.circles:
        words = [seat.met is not Met.NO for seat in circle.memberships if seat.met is not None]
        words += said.get(circle.id, [])
        people = frozenset(seat.person_id for seat in circle.memberships)
        circles.append(SeatedCircle(circle.id, circle.number, people, any(words) if words else None))
    starts_at = rotation.published_at or rotation.starts_at
    return SeatedRotation(rotation.number, starts_at, rotation.ends_at, tuple(circles))


@reads
async def _list_pulses(session: AsyncSession, guild_id: int, program_id: int) -> list[str]:
    await program_queries.get_program(session, guild_id, program_id)
    return [pulse.instrument for pulse in await pulse_queries.list_pulses(session, program_id)]


async def _read_pulse(
    database: Database, shipped: Shipped, guild_id: int, program_id: int, named: str
) -> PulseHealth | None:
    """Return what a pulse published; None where it published nothing, or its questionnaire is lost."""
    try:
        results = await pulse_results.get_results(database, shipped, guild_id, program_id, named)
    except NotFound:
        return None
    published = [wave.publication for wave in results.waves if wave.publication is not None]
    told = [each for each in published if each.programme.figures is not None]
    if not told:
        return None
    turnout = pulse_results.count_words(told[-1].turnout)
    return PulseHealth(results.instrument.title, results.chart("%-d %b"), len(told), told[-1].asked, turnout)


def _week(enrollments: Sequence[Enrollment], at: datetime) -> PeopleWeek:
    states = [each.state for each in enrollments]
    kinds = (EnrollmentState.ACTIVE, EnrollmentState.PAUSED, EnrollmentState.LEFT)
    return PeopleWeek(at, *(states.count(kind) for kind in kinds))


def _until(program: Program, rotations: list[SeatedRotation], now: datetime) -> datetime:
    """Return until when people could take part: a program that is over keeps nobody any longer."""
    if program.state is ProgramState.ARCHIVED and rotations:
        return min(now, rotations[-1].ends_at)
    return now


def _month(enrollment: Enrollment, zone: str) -> date:
    return enrollment.joined_at.astimezone(ZoneInfo(zone)).date().replace(day=1)


def _stay(enrollment: Enrollment, until: datetime) -> Stay:
    left = enrollment.state is EnrollmentState.LEFT
    end = enrollment.left_at if left and enrollment.left_at is not None else until
    return Stay(max(0, (end - enrollment.joined_at).days), left)
