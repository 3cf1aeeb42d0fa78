"""What comes due: each occurrence is claimed once, carried out late within its grace, or recorded as skipped."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import first_from, occurrence
from bot.errors import Conflict
from bot.services import checkins, rotations, silence
from bot.services.deliveries import enqueue, tell_moderators
from bot.services.people import return_from_pauses
from bot.services.ports import World
from bot.services.programs import rule_of
from bot.services.rotations import settle
from bot.services.work import reads, writes
from db import programs as queries
from db.engine import Database
from db.models import DeliveryKind, Occurrence, OccurrenceState, Program, Schedule, ScheduleKind

ORDER = tuple(ScheduleKind)  # what comes due at one moment runs in the order the kinds are listed
OnDue = Callable[[AsyncSession, Program, datetime], Awaitable[None]]
AT_ONCE: dict[ScheduleKind, OnDue] = {
    ScheduleKind.CHECKIN_OPEN: checkins.open_checkins,
    ScheduleKind.CHECKIN_REMIND: checkins.remind,
    ScheduleKind.CHECKIN_CLOSE: checkins.close_checkins,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A rotation occurrence that was claimed and has still to be carried out."""

    occurrence_id: int
    guild_id: int
    program_id: int
    auto_publish: bool
    due_at: datetime


async def run_due(database: Database, world: World, now: datetime, seed: Callable[[], int]) -> datetime | None:
    """Carry out everything that is due at this moment; return when the next thing comes due."""
    await return_from_pauses(database, now)
    while True:
        turn = await find_turn(database)
        if turn is not None:
            await _take_turn(database, world, turn, now, seed)
        elif not await claim_next(database, now):
            return await next_due(database)


@writes
async def claim_next(session: AsyncSession, now: datetime) -> bool:
    """Claim the occurrence that waits longest, with all it writes in one transaction; tell whether there was one."""
    due = await queries.list_due_schedules(session, now)
    if not due:
        return False
    schedule = min(due, key=lambda each: (each.next_due, ORDER.index(each.kind), each.id))
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
    return True


async def _carry_out(session: AsyncSession, schedule: Schedule, claimed: Occurrence, now: datetime) -> None:
    """Do at once what needs only the database; a rotation stays claimed until circles are formed."""
    program = await session.get_one(Program, schedule.program_id)
    if now - claimed.due_at > timedelta(hours=schedule.grace_hours):
        claimed.state = OccurrenceState.SKIPPED
        await tell_moderators(
            session, program.id, f"notice.skipped.{schedule.kind}", now, due=int(claimed.due_at.timestamp())
        )
    elif schedule.kind in AT_ONCE:
        await AT_ONCE[schedule.kind](session, program, now)
        claimed.state = OccurrenceState.DONE


@reads
async def find_turn(session: AsyncSession) -> Turn | None:
    """Return the oldest rotation occurrence that was claimed but not carried out, also one from before a crash."""
    found = await queries.find_claimed(session)
    if found is None:
        return None
    claimed, schedule = found
    program = await session.get_one(Program, schedule.program_id)
    return Turn(claimed.id, program.guild_id, program.id, program.auto_publish, claimed.due_at)


async def _take_turn(database: Database, world: World, turn: Turn, now: datetime, seed: Callable[[], int]) -> None:
    """Form the circles of a rotation that came due, and publish them or offer the draft to the moderators."""
    await silence.pause_unanswered(database, turn.program_id, now)
    try:
        draft = await rotations.find_draft(database, turn.guild_id, turn.program_id)
        if draft is None or turn.auto_publish:
            draft = await rotations.draft_rotation(database, world, turn.guild_id, turn.program_id, now, seed())
        if turn.auto_publish:
            await rotations.publish_rotation(database, world, turn.guild_id, draft.id, now, turn.occurrence_id)
        else:
            await _offer(database, turn, draft.id, now)
    except Conflict as refusal:
        await _give_up(database, turn, refusal, now)


@writes
async def _offer(session: AsyncSession, turn: Turn, rotation_id: int, now: datetime) -> None:
    """Show the moderators a draft that waits for their word."""
    await settle(session, turn.occurrence_id)
    lane = f"moderators:{turn.program_id}"
    enqueue(session, DeliveryKind.DRAFT_READY, lane, turn.program_id, now, rotation_id=rotation_id)
    await tell_moderators(session, turn.program_id, "notice.draft-ready", now)


@writes
async def _give_up(session: AsyncSession, turn: Turn, refusal: Conflict, now: datetime) -> None:
    """Tell the moderators why a rotation could not be published; the circles that run go on."""
    await settle(session, turn.occurrence_id)
    await tell_moderators(session, turn.program_id, "notice.rotation-not-published", now, why=refusal.message)


@reads
async def next_due(session: AsyncSession) -> datetime | None:
    """Return the earliest moment at which anything comes due."""
    return await queries.find_next_due(session)
