"""What comes due: each occurrence is claimed once, carried out late within its grace, or recorded as skipped."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import first_from, occurrence
from bot.domain.shards import WHOLE, Share
from bot.domain.states import DeliveryKind, OccurrenceState, ProgramState, ScheduleKind
from bot.errors import Conflict
from bot.services import (
    checkins,
    concern_digests,
    concern_moments,
    digest,
    drafts,
    health,
    help_market,
    introductions,
    leads,
    meetings,
    opportunity_digests,
    rotations,
    silence,
    waves,
)
from bot.services.deliveries import enqueue, note_for_moderators, tell_moderators
from bot.services.people import return_from_pauses
from bot.services.ports import World
from bot.services.programs import rule_of
from bot.services.rotation_cards import RotationCard
from bot.services.rotations import settle
from bot.services.waves import Moment, Opening
from bot.services.work import reads, writes
from db import help as help_queries
from db import programs as queries
from db import pulses as pulse_queries
from db.engine import Database
from db.models import Occurrence, Program, Schedule

AUTO_TRIES = 3  # how often circles are formed anew where people leave while they are formed
ORDER = tuple(ScheduleKind)  # what comes due at one moment runs in the order the kinds are listed
OnDue = Callable[[AsyncSession, Program, datetime], Awaitable[None]]
AT_ONCE: dict[ScheduleKind, tuple[OnDue, ...]] = {
    # The opening of check-ins begins a program's week: what happens once a week happens then.
    ScheduleKind.CHECKIN_OPEN: (
        health.count_week,
        checkins.open_checkins,
        help_market.match_weekly,
        opportunity_digests.open_digest,
        concern_digests.open_digest,
        digest.open_digest,
    ),
    ScheduleKind.CHECKIN_REMIND: (checkins.remind,),
    ScheduleKind.CHECKIN_CLOSE: (checkins.close_checkins,),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule whose moment has come."""

    program_id: int
    schedule_id: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A rotation occurrence that was claimed and has still to be carried out."""

    program_id: int
    occurrence_id: int
    guild_id: int
    auto_publish: bool
    due_at: datetime
    grace: timedelta


@dataclass(frozen=True, slots=True)
class Matching:
    """A program in which introductions, asks or offers need a look."""

    program_id: int


Step = Due | Turn | Opening | Moment | Matching


async def run_due(database: Database, world: World, now: datetime, seed: Callable[[], int]) -> datetime | None:
    """Carry out everything that is due at this moment; return when the next thing comes due.

    What fails in one program, or for one of the looks before, waits for the next look and holds up nothing else;
    the failures are raised at the end.
    """
    failed: list[Exception] = []
    spared: set[int] = set()
    for look in (return_from_pauses, leads.tell_due, meetings.decide_due):
        failed += await _failures(look(database, now))
    while (step := await find_step(database, now, spared, world.share)) is not None:
        if failures := await _failures(_take(database, world, step, now, seed)):
            failed += failures
            spared.add(step.program_id)
    failed += await _failures(concern_moments.see_to(database, world, now))
    if failed:
        raise ExceptionGroup("what was due failed", failed)
    moments = (await next_due(database, world.share), await concern_moments.find_next(world))
    return min((moment for moment in moments if moment is not None), default=None)


async def _failures(work: Awaitable[object]) -> list[Exception]:
    """Let work end, and return what it raised, if anything."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - it is raised once everything else had its turn
        return [error]
    return []


async def _take(database: Database, world: World, step: Step, now: datetime, seed: Callable[[], int]) -> None:
    """Take one step, whichever it is."""
    match step:
        case Due():
            await claim(database, step.schedule_id, now)
        case Turn():
            await _take_turn(database, world, step, now, seed)
        case Opening():
            await waves.open_wave(database, world.need_surveys(), step, now)
        case Moment():
            await waves.attend(database, world.need_surveys(), step, now)
        case Matching():
            await introductions.attend(database, step.program_id, now)


@reads
async def find_step(session: AsyncSession, now: datetime, spared: Collection[int], share: Share = WHOLE) -> Step | None:
    """Return what is to be done next, apart from some programs: what was claimed (also before a crash), or is due."""
    wave = await pulse_queries.find_waiting(session, now, spared, share)
    if wave is not None:
        return Moment(wave.pulse.program_id, wave.id, closes=wave.closes_at <= now)
    matching = await help_queries.find_waiting(session, now, spared)
    if matching is not None:
        return Matching(matching)
    found = await queries.find_claimed(session, spared, share)
    if found is not None:
        claimed, schedule = found
        if schedule.pulse_id is not None:
            return Opening(schedule.program_id, claimed.id, schedule.pulse_id, claimed.due_at)
        program = await session.get_one(Program, schedule.program_id)
        grace = timedelta(hours=schedule.grace_hours)
        return Turn(program.id, claimed.id, program.guild_id, program.auto_publish, claimed.due_at, grace)
    schedules = await queries.list_due_schedules(session, now, share)
    waiting = [each for each in schedules if each.program_id not in spared]
    if not waiting:
        return None
    first = min(waiting, key=lambda each: (each.next_due, ORDER.index(each.kind), each.id))
    return Due(first.program_id, first.id)


@writes
async def claim(session: AsyncSession, schedule_id: int, now: datetime) -> None:
    """Claim a schedule's occurrence, with all that it writes in one transaction."""
    schedule = await session.get_one(Schedule, schedule_id)
    if not schedule.active or schedule.next_due > now:
        return  # it was paused or moved since it was looked at
    claimed = Occurrence(
        schedule_id=schedule.id,
        number=schedule.number,
        due_at=schedule.next_due,
        claimed_at=now,
        state=OccurrenceState.CLAIMED,
    )
    session.add(claimed)
    rule = rule_of(schedule)
    schedule.number += 1
    schedule.next_due = occurrence(rule, first_from(rule, claimed.due_at + timedelta(seconds=1)))
    await session.flush()
    await _carry_out(session, schedule, claimed, now)


async def _carry_out(session: AsyncSession, schedule: Schedule, claimed: Occurrence, now: datetime) -> None:
    """Do at once what needs only the database; a rotation stays claimed until circles are formed."""
    program = await session.get_one(Program, schedule.program_id)
    if now - claimed.due_at > timedelta(hours=schedule.grace_hours):
        await _record_skip(session, claimed, program.id, schedule.kind, now)
    elif schedule.kind in AT_ONCE:
        for act in AT_ONCE[schedule.kind]:
            await act(session, program, now)
        claimed.state = OccurrenceState.DONE


async def _record_skip(
    session: AsyncSession, claimed: Occurrence, program_id: int, kind: ScheduleKind, now: datetime
) -> None:
    claimed.state = OccurrenceState.SKIPPED
    due = int(claimed.due_at.timestamp())
    await tell_moderators(session, program_id, f"notice.skipped.{kind}", now, due=due)


async def _take_turn(database: Database, world: World, turn: Turn, now: datetime, seed: Callable[[], int]) -> None:
    """Form the circles of a rotation that came due, and publish them or offer the draft to the moderators."""
    if await _is_void(database, turn, now):
        return
    await silence.pause_unanswered(database, turn.program_id, now)
    try:
        if turn.auto_publish:
            await _publish(database, world, turn, now, seed)
        else:
            draft = await rotations.find_draft(database, turn.guild_id, turn.program_id)
            if draft is None or draft.starts_at != turn.due_at:
                draft = await _draft(database, world, turn, now, seed)
            await _offer(database, turn, draft.id, now)
    except Conflict as refusal:
        if refusal.message != rotations.ALREADY_PUBLISHED:  # a moderator was quicker: the turn is looked at anew
            await _give_up(database, turn, refusal, now)


@writes
async def _is_void(session: AsyncSession, turn: Turn, now: datetime) -> bool:
    """Settle a turn that is not to be taken: far too late, its program at rest, or its rotation published early."""
    claimed = await session.get_one(Occurrence, turn.occurrence_id)
    program = await session.get_one(Program, turn.program_id)
    if now - turn.due_at > turn.grace:
        await _record_skip(session, claimed, turn.program_id, ScheduleKind.ROTATION, now)
    elif program.state is not ProgramState.ACTIVE or await rotations.has_begun(session, turn.program_id, turn.due_at):
        claimed.state = OccurrenceState.DONE
    return claimed.state is not OccurrenceState.CLAIMED


async def _publish(database: Database, world: World, turn: Turn, now: datetime, seed: Callable[[], int]) -> None:
    """Form circles and publish them; where somebody leaves in between, do it again."""
    for tries_left in reversed(range(AUTO_TRIES)):
        draft = await _draft(database, world, turn, now, seed)
        try:
            await rotations.publish_rotation(database, world, turn.guild_id, draft.id, now, turn.occurrence_id)
        except Conflict as refusal:
            if refusal.message != drafts.OUTDATED or not tries_left:
                raise
        else:
            return


async def _draft(database: Database, world: World, turn: Turn, now: datetime, seed: Callable[[], int]) -> RotationCard:
    return await rotations.draft_rotation(
        database, world, turn.guild_id, turn.program_id, now, seed(), starts_at=turn.due_at
    )


@writes
async def _offer(session: AsyncSession, turn: Turn, rotation_id: int, now: datetime) -> None:
    """Show the moderators a draft that waits for their word."""
    await settle(session, turn.occurrence_id)
    lane = f"moderators:{turn.program_id}"
    enqueue(session, DeliveryKind.DRAFT_READY, lane, turn.program_id, now, rotation_id=rotation_id)
    await note_for_moderators(session, turn.program_id, "notice.draft-ready", now)


@writes
async def _give_up(session: AsyncSession, turn: Turn, refusal: Conflict, now: datetime) -> None:
    """Tell the moderators why a rotation could not be published; the circles that run go on."""
    await settle(session, turn.occurrence_id)
    await tell_moderators(
        session, turn.program_id, "notice.rotation-not-published", now, **refusal.values, why=refusal.message
    )


@reads
async def next_due(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return the earliest moment at which anything comes due."""
    return await find_next_due(session, share)


async def find_next_due(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return the earliest moment at which anything comes due, within a transaction."""
    moments = (
        await queries.find_next_due(session, share),
        await pulse_queries.find_next_wave_moment(session, share),
        await help_queries.find_next_moment(session),
    )
    return min((moment for moment in moments if moment is not None), default=None)
