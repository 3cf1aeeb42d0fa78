"""Setting a program up and changing it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import WEEK, WeeklyRule, end_from, first_from, next_weekday, occurrence
from bot.domain.program import ProgramRules, check_rules
from bot.domain.states import AuditAction, EnrollmentState, ProgramState, RotationState, ScheduleKind
from bot.errors import Conflict, InvalidInput
from bot.services.audit import record
from bot.services.circles import end_running
from bot.services.pulse_schedules import PulsePlan, plan_pulse
from bot.services.telling import tell
from bot.services.work import reads, writes
from db import programs as queries
from db import pulses as pulse_queries
from db import rotations as rotation_queries
from db.models import Program, Schedule

OPEN_STATES = (ProgramState.ACTIVE, ProgramState.PAUSED)
SHOWN_NOTICES = 5
DRAFT_DAYS = 1
REMIND_AFTER = timedelta(days=2)
CLOSE_AFTER = timedelta(days=4)
FARTHEST_START = timedelta(days=730)
GRACE_HOURS = {
    ScheduleKind.CHECKIN_CLOSE: 24 * 7,
    ScheduleKind.ROTATION: 24 * 3,
    ScheduleKind.CHECKIN_OPEN: 24,
    ScheduleKind.CHECKIN_REMIND: 12,
}


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A line to the moderators: a message id, its values, and when it was written."""

    message: str
    values: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProgramCard:
    """What moderators see of a program."""

    id: int
    guild_id: int
    state: ProgramState
    rules: ProgramRules
    enrolled: int
    paused: int
    rotation: int | None
    next_due: dict[ScheduleKind, datetime]
    notices: tuple[NoticeLine, ...]


@writes
async def start_draft(
    session: AsyncSession, guild_id: int, rules: ProgramRules, now: datetime, by: int | None = None
) -> ProgramCard:
    """Begin a set-up: a draft with the defaults, under a name that is still free."""
    await queries.delete_stale_drafts(session, now - timedelta(days=DRAFT_DAYS))
    name, number = rules.name, 2
    while await queries.find_program_named(session, guild_id, name):
        name, number = f"{rules.name} {number}", number + 1
    program = Program(
        guild_id=guild_id, state=ProgramState.DRAFT, created_at=now, **_columns(replace(rules, name=name))
    )
    session.add(program)
    await session.flush()
    record(session, guild_id, program.id, by, AuditAction.PROGRAM_CREATED, now)
    return await card_of(session, program)


@writes
async def change_program(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    changes: dict[str, Any],
    now: datetime,
    by: int | None = None,
) -> ProgramCard:
    """Change some rules, checked as a whole; a running program's schedules follow at once."""
    program = await queries.get_program(session, guild_id, program_id)
    _refuse_archived(program)
    rules = replace(rules_of(program), **changes)
    check_rules(rules)
    if rules.first_day > (now + FARTHEST_START).date():
        raise InvalidInput("program.invalid.day", days=FARTHEST_START.days)
    namesake = await queries.find_program_named(session, guild_id, rules.name)
    if namesake is not None and namesake.id != program.id:
        raise Conflict("program.name-taken", name=rules.name)
    if (changed := _changed(program, rules)) and program.state is not ProgramState.DRAFT:
        record(session, guild_id, program.id, by, AuditAction.PROGRAM_CHANGED, now, changes=changed)
    for column, value in _columns(rules).items():
        setattr(program, column, value)
    if program.state is not ProgramState.DRAFT:
        await _plan(session, program, now)
    return await card_of(session, program)


@writes
async def activate(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    now: datetime,
    pulses: Sequence[PulsePlan] = (),
    by: int | None = None,
) -> ProgramCard:
    """End the set-up, or a pause: from now on the schedules run, a new program's with the pulses it starts with."""
    program = await queries.get_program(session, guild_id, program_id)
    _refuse_archived(program)
    starts, program.state = program.state is ProgramState.DRAFT, ProgramState.ACTIVE
    for plan in pulses if starts else ():
        await plan_pulse(session, program, plan.instrument, plan, now)
    done = AuditAction.PROGRAM_STARTED if starts else AuditAction.PROGRAM_RESUMED
    record(session, guild_id, program.id, by, done, now)
    await _plan(session, program, now)
    return await card_of(session, program)


@writes
async def pause_program(
    session: AsyncSession, guild_id: int, program_id: int, now: datetime, by: int | None = None
) -> ProgramCard:
    """Let a program rest: nothing comes due until it is resumed."""
    program = await queries.get_program(session, guild_id, program_id)
    _refuse_archived(program)
    program.state = ProgramState.PAUSED
    record(session, guild_id, program.id, by, AuditAction.PROGRAM_PAUSED, now)
    await _rest(session, program)
    return await card_of(session, program)


@writes
async def archive_program(
    session: AsyncSession, guild_id: int, program_id: int, now: datetime, by: int | None = None
) -> ProgramCard:
    """End a program for good: its circles say goodbye, its history stays readable."""
    program = await queries.get_program(session, guild_id, program_id)
    _refuse_archived(program)
    program.state = ProgramState.ARCHIVED
    record(session, guild_id, program.id, by, AuditAction.PROGRAM_ARCHIVED, now)
    await rotation_queries.delete_drafts(session, program.id)
    await end_running(session, program, now)
    await tell(session, program, now, last=True)
    await _rest(session, program)
    return await card_of(session, program)


@reads
async def get_card(session: AsyncSession, guild_id: int, program_id: int) -> ProgramCard:
    """Return what moderators see of a program."""
    return await card_of(session, await queries.get_program(session, guild_id, program_id))


@reads
async def list_open(session: AsyncSession, guild_id: int) -> Sequence[tuple[int, str]]:
    """Return the id and name of each program of a guild that runs or rests."""
    return [(program.id, program.name) for program in await queries.list_programs(session, guild_id, OPEN_STATES)]


@reads
async def list_kept(session: AsyncSession, guild_id: int) -> Sequence[tuple[int, str]]:
    """Return the id and name of each program of a guild that has a history, also of those that are over."""
    states = (*OPEN_STATES, ProgramState.ARCHIVED)
    return [(program.id, program.name) for program in await queries.list_programs(session, guild_id, states)]


async def card_of(session: AsyncSession, program: Program) -> ProgramCard:
    """Describe a program as it stands in this session."""
    counts = await queries.count_enrollments(session, program.id)
    schedules = await queries.list_schedules(session, program.id)
    soonest_last = sorted(schedules, key=lambda schedule: schedule.next_due, reverse=True)
    current = await rotation_queries.find_rotation(session, program.id, RotationState.PUBLISHED)
    notices = await queries.list_notices(session, program.id, SHOWN_NOTICES)
    return ProgramCard(
        id=program.id,
        guild_id=program.guild_id,
        state=program.state,
        rules=rules_of(program),
        enrolled=counts.get(EnrollmentState.ACTIVE, 0),
        paused=counts.get(EnrollmentState.PAUSED, 0),
        rotation=current.number if current else None,
        next_due={schedule.kind: schedule.next_due for schedule in soonest_last if schedule.active},
        notices=tuple(NoticeLine(notice.message, notice.values, notice.created_at) for notice in notices),
    )


def rules_of(program: Program) -> ProgramRules:
    """Return a program's rules as one value."""
    return ProgramRules(**{field.name: getattr(program, field.name) for field in fields(ProgramRules)})


def _columns(rules: ProgramRules) -> dict[str, Any]:
    return {field.name: getattr(rules, field.name) for field in fields(ProgramRules)}


def _changed(program: Program, rules: ProgramRules) -> dict[str, list[Any]]:
    """Return each rule that is about to change, as it was and as it will be, ready for JSON."""
    before, after = asdict(rules_of(program)), asdict(rules)
    return {
        name: [value.isoformat() if isinstance(value, date) else value for value in (before[name], after[name])]
        for name in after
        if before[name] != after[name]
    }


def _refuse_archived(program: Program) -> None:
    if program.state is ProgramState.ARCHIVED:
        raise Conflict("program.is-archived", name=program.name)


async def _plan(session: AsyncSession, program: Program, now: datetime) -> None:
    """Bring each schedule in line with the rules; one that runs by the same rule already is left alone."""
    for kind, anchor, weeks in _rhythm(program):
        rule = WeeklyRule(anchor, program.checkin_hour, weeks, program.zone)
        schedule = await queries.find_schedule(session, program.id, kind)
        if schedule is None:
            schedule = Schedule(program_id=program.id, kind=kind, grace_hours=GRACE_HOURS[kind], number=1)
            session.add(schedule)
        elif schedule.active and rule_of(schedule) == rule:
            continue
        await _replan(session, program, schedule, rule, now)
    for opening in await pulse_queries.list_openings(session, program.id):
        await _follow(session, program, opening, now)
    await session.flush()


async def _follow(session: AsyncSession, program: Program, opening: Schedule, now: datetime) -> None:
    """Keep a pulse in the program's zone, and a week away from a first day that was put off."""
    before = rule_of(opening)
    earliest = next_weekday(program.first_day + WEEK, before.anchor.weekday())
    rule = replace(before, anchor=max(before.anchor, earliest), zone=program.zone)
    if not opening.active or rule != before:
        await _replan(session, program, opening, rule, now)


async def _replan(session: AsyncSession, program: Program, schedule: Schedule, rule: WeeklyRule, now: datetime) -> None:
    """Put a rule on a schedule and find its next moment; the rotation that runs ends with it."""
    starts_anew = schedule.anchor != rule.anchor and occurrence(rule, 1) >= now
    last = await queries.find_last_due(session, schedule.id) if schedule.id else None
    # What came due lately does not come due again because its hour moved, unless a new first day was chosen.
    earliest = now if last is None or starts_anew else max(now, last + rule.every_weeks * WEEK / 2)
    schedule.anchor, schedule.hour = rule.anchor, rule.hour
    schedule.every_weeks, schedule.zone = rule.every_weeks, rule.zone
    schedule.next_due = occurrence(rule, first_from(rule, earliest))
    schedule.active = program.state is ProgramState.ACTIVE
    running = await rotation_queries.find_rotation(session, program.id, RotationState.PUBLISHED)
    if schedule.kind is ScheduleKind.ROTATION and running is not None:
        planned = end_from(rule, running.published_at or running.starts_at)
        running.ends_at = schedule.next_due if starts_anew else max(schedule.next_due, planned)


def _rhythm(program: Program) -> list[tuple[ScheduleKind, date, int]]:
    """Give each kind of schedule its first day and its weeks; a check-in never opens before the first rotation."""
    opens = next_weekday(program.first_day, program.checkin_weekday)
    return [
        (ScheduleKind.ROTATION, program.first_day, program.rotation_weeks),
        (ScheduleKind.CHECKIN_OPEN, opens, 1),
        (ScheduleKind.CHECKIN_REMIND, opens + REMIND_AFTER, 1),
        (ScheduleKind.CHECKIN_CLOSE, opens + CLOSE_AFTER, 1),
    ]


def rule_of(schedule: Schedule) -> WeeklyRule:
    """Return the rule that a schedule repeats by."""
    return WeeklyRule(schedule.anchor, schedule.hour, schedule.every_weeks, schedule.zone)


async def _rest(session: AsyncSession, program: Program) -> None:
    for schedule in await queries.list_schedules(session, program.id):
        schedule.active = False
