"""Which pulses a program carries, and when each opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import WEEK, WeeklyRule, first_from, next_weekday, occurrence
from bot.domain.states import AuditAction, ProgramState, ScheduleKind
from bot.domain.survey.instrument import Instrument
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services.audit import record
from bot.services.instruments import Shipped, instruments_of, named_in
from bot.services.work import reads, writes
from db import programs as program_queries
from db import pulses as queries
from db.models import Program, Pulse, Schedule

GRACE_HOURS = 24
LEAST_DAYS, MOST_DAYS = 2, 14
MOST_WEEKS = 53


@dataclass(frozen=True, slots=True)
class PulsePlan:
    """One pulse as a moderator plans it; without a weekday or an hour the program's own are taken."""

    instrument: str
    every_weeks: int = 4
    weekday: int | None = None
    hour: int | None = None
    days_open: int = 5


# Every program starts with these; a moderator stops or moves them.
DEFAULT_PLANS = (PulsePlan("ipip_c1_4"), PulsePlan("selfdoubt_6"))


@dataclass(frozen=True, slots=True)
class PulseCard:
    """A pulse as moderators see it; nothing here depends on who answered."""

    id: int
    title: str
    every_weeks: int
    weekday: int
    hour: int
    days_open: int
    is_active: bool
    next_due: datetime | None
    waves: int
    open_until: datetime | None


@writes
async def schedule_pulse(
    session: AsyncSession,
    shipped: Shipped,
    guild_id: int,
    program_id: int,
    plan: PulsePlan,
    now: datetime,
    by: int | None = None,
) -> PulseCard:
    """Let a program open a pulse every so many weeks, or change when it does."""
    program = await program_queries.get_program(session, guild_id, program_id)
    if program.state is ProgramState.ARCHIVED:
        raise Conflict("program.is-archived", name=program.name)
    instruments = await instruments_of(session, shipped, guild_id)
    instrument = named_in(instruments, plan.instrument)
    _check(instrument, plan)
    pulse = await plan_pulse(session, program, instrument.id, plan, now)
    done, weeks, days = AuditAction.PULSE_SCHEDULED, plan.every_weeks, plan.days_open
    record(session, guild_id, program_id, by, done, now, instrument=instrument.id, weeks=weeks, days=days)
    return await _card(session, pulse, instruments)


@writes
async def stop_pulse(
    session: AsyncSession,
    shipped: Shipped,
    guild_id: int,
    program_id: int,
    named: str,
    now: datetime,
    by: int | None = None,
) -> PulseCard:
    """Open no further wave of a pulse; one that is open stays so until its time is over."""
    await program_queries.get_program(session, guild_id, program_id)
    instruments = await instruments_of(session, shipped, guild_id)
    pulse = await queries.find_pulse(session, program_id, named_in(instruments, named).id)
    if pulse is None or not pulse.active:
        raise NotFound("pulse.not-scheduled")
    pulse.active = False
    record(session, guild_id, program_id, by, AuditAction.PULSE_STOPPED, now, instrument=pulse.instrument)
    opening = await queries.find_opening(session, pulse.id)
    if opening is not None:
        opening.active = False
    return await _card(session, pulse, instruments)


@reads
async def list_pulses(session: AsyncSession, shipped: Shipped, guild_id: int, program_id: int) -> Sequence[PulseCard]:
    """Return a program's pulses, stopped ones too."""
    await program_queries.get_program(session, guild_id, program_id)
    instruments = await instruments_of(session, shipped, guild_id)
    return [await _card(session, pulse, instruments) for pulse in await queries.list_pulses(session, program_id)]


async def plan_pulse(session: AsyncSession, program: Program, instrument: str, plan: PulsePlan, now: datetime) -> Pulse:
    """Write a pulse and its schedule; the first wave opens a week after the program's first day at the earliest."""
    pulse = await queries.find_pulse(session, program.id, instrument)
    if pulse is None:
        pulse = Pulse(program_id=program.id, instrument=instrument, program=program)
        session.add(pulse)
    pulse.days_open, pulse.active = plan.days_open, True
    await session.flush()
    opening = await queries.find_opening(session, pulse.id)
    if opening is None:
        kind = ScheduleKind.PULSE_OPEN
        opening = Schedule(program_id=program.id, pulse_id=pulse.id, kind=kind, grace_hours=GRACE_HOURS, number=1)
        session.add(opening)
    rule = _rule(program, plan, now)
    opening.anchor, opening.hour, opening.every_weeks, opening.zone = (
        rule.anchor,
        rule.hour,
        rule.every_weeks,
        rule.zone,
    )
    opening.next_due = occurrence(rule, first_from(rule, now))
    opening.active = program.state is ProgramState.ACTIVE
    await session.flush()
    return pulse


def _rule(program: Program, plan: PulsePlan, now: datetime) -> WeeklyRule:
    """Return the rule whose first moment is the next that fits, from a week after the first day on."""
    weekday = program.checkin_weekday if plan.weekday is None else plan.weekday
    hour = program.checkin_hour if plan.hour is None else plan.hour
    today = now.astimezone(ZoneInfo(program.zone)).date()
    anchor = next_weekday(max(program.first_day + WEEK, today), weekday)
    rule = WeeklyRule(anchor, hour, plan.every_weeks, program.zone)
    return rule if occurrence(rule, 1) >= now else WeeklyRule(anchor + WEEK, hour, plan.every_weeks, program.zone)


def _check(instrument: Instrument, plan: PulsePlan) -> None:
    if not instrument.is_ready:
        raise Conflict("instrument.no-words", title=instrument.title)
    if not instrument.weeks_apart <= plan.every_weeks <= MOST_WEEKS:
        raise InvalidInput("pulse.invalid.weeks", title=instrument.title, least=instrument.weeks_apart, most=MOST_WEEKS)
    most = min(MOST_DAYS, plan.every_weeks * 7 - 1)
    if not LEAST_DAYS <= plan.days_open <= most:
        raise InvalidInput("pulse.invalid.days", least=LEAST_DAYS, most=most)
    if plan.hour is not None and not 0 <= plan.hour <= 23:
        raise InvalidInput("program.invalid.hour")


async def _card(session: AsyncSession, pulse: Pulse, instruments: Shipped) -> PulseCard:
    opening = await queries.find_opening(session, pulse.id)
    if opening is None:
        raise NotFound("pulse.not-scheduled")
    waves = await queries.list_waves(session, pulse.id)
    instrument = instruments.get(pulse.instrument)
    return PulseCard(
        id=pulse.id,
        title=instrument.title if instrument else pulse.instrument,
        every_weeks=opening.every_weeks,
        weekday=opening.anchor.weekday(),
        hour=opening.hour,
        days_open=pulse.days_open,
        is_active=pulse.active,
        next_due=opening.next_due if opening.active else None,
        waves=len(waves),
        open_until=next((wave.closes_at for wave in waves if wave.closed_at is None), None),
    )
