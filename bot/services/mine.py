"""Where a member stands in the rotation that runs: their circle and what comes next, or why they have none."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import next_hour_of_week
from bot.domain.formation.problem import Reason
from bot.domain.states import EnrollmentState, RotationState, ScheduleKind
from bot.errors import NotFound
from bot.services.circles import CircleCard, card_of
from bot.services.people import get_enrolled
from bot.services.work import reads
from db import deliveries as delivery_queries
from db import history as history_queries
from db import programs as program_queries
from db import rotations as queries
from db.models import Enrollment, Program, Rotation


class Absence(StrEnum):
    """Why somebody sits in no circle at this moment."""

    NO_ROTATION = "no-rotation"
    PAUSED = "paused"
    NOT_PLACED = "not-placed"
    JOINED_LATER = "joined-later"
    SAT_OUT = "sat-out"


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's place in a program; `circle` and its dates, or `absence`, with the reason where one was given."""

    program: str
    paused_until: datetime | None
    skips_next: bool
    circle: CircleCard | None
    ends_at: datetime | None
    next_checkin: datetime | None
    next_rotation: datetime | None
    meeting_times: tuple[datetime, ...]
    absence: Absence | None
    reason: Reason | None


@reads
async def get_standing(session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime) -> Standing:
    """Return where somebody stands in a program at this moment."""
    return await _standing(session, guild_id, program_id, user_id, now)


@reads
async def get_standing_by_key(session: AsyncSession, key: str, user_id: int, now: datetime) -> Standing:
    """Return where somebody stands in the program that a message of ours was about, wherever they read it."""
    message = await delivery_queries.find_by_key(session, key)
    if message is None:
        raise NotFound("control.gone")
    program = await session.get_one(Program, message.program_id)
    return await _standing(session, program.guild_id, program.id, user_id, now)


async def _standing(session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime) -> Standing:
    enrollment, name = await get_enrolled(session, guild_id, program_id, user_id)
    rotation = await queries.find_rotation(session, program_id, RotationState.PUBLISHED)
    circle = _circle_of(rotation, enrollment.person_id)
    absence, reason = (None, None) if circle else await _absence(session, enrollment, rotation)
    return Standing(
        program=name,
        paused_until=enrollment.paused_until,
        skips_next=enrollment.skip_next,
        circle=circle,
        ends_at=rotation.ends_at if rotation and circle else None,
        next_checkin=await _next_due(session, program_id, ScheduleKind.CHECKIN_OPEN) if circle else None,
        next_rotation=await _next_due(session, program_id, ScheduleKind.ROTATION),
        meeting_times=tuple(sorted(next_hour_of_week(hour, now) for hour in circle.hours)) if circle else (),
        absence=absence,
        reason=reason,
    )


def _circle_of(rotation: Rotation | None, person_id: int) -> CircleCard | None:
    for circle in rotation.circles if rotation else ():
        if rotation and any(seat.person_id == person_id for seat in circle.memberships):
            return card_of(circle, rotation, rotation.program)
    return None


async def _absence(
    session: AsyncSession, enrollment: Enrollment, rotation: Rotation | None
) -> tuple[Absence, Reason | None]:
    """Say why there is no circle; who rests or sat out is never told that they were left over."""
    if enrollment.state is EnrollmentState.PAUSED:
        return Absence.PAUSED, None
    if rotation is None:
        return Absence.NO_ROTATION, None
    unplaced = await history_queries.find_unplaced(session, rotation.id, enrollment.person_id)
    if unplaced is not None:
        return Absence.NOT_PLACED, unplaced.reason
    later = enrollment.joined_at >= rotation.created_at  # who joined since the circles were formed sat nothing out
    return (Absence.JOINED_LATER if later else Absence.SAT_OUT), None


async def _next_due(session: AsyncSession, program_id: int, kind: ScheduleKind) -> datetime | None:
    schedule = await program_queries.find_schedule(session, program_id, kind)
    return schedule.next_due if schedule is not None and schedule.active else None
