"""The moderators' week in at most ten lines: what happened, what is due, what needs a hand; read when it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.goals import GoalState
from bot.domain.health import AnsweredCheckIn, ResponseWeek, response_by_week
from bot.domain.states import DeliveryKind, EnrollmentState, RotationState, ScheduleKind
from bot.domain.withheld import are_few
from bot.services.deliveries import enqueue
from bot.services.health import list_seated_rotations
from bot.services.work import reads
from db import digest as queries
from db import figures as figure_queries
from db import health as health_queries
from db import programs as program_queries
from db import pulses as pulse_queries
from db import rotations as rotation_queries
from db.models import Program

MOST_LINES, MOST_HANDS, MOST_DUE = 10, 5, 3
WEEK = timedelta(days=7)
ANSWERED_FOR = timedelta(days=3)  # check-ins younger than this are still being answered


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a message id and its values; moments are seconds since 1970."""

    message: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Digest:
    """A program's week, and the channel it goes to, if there is one."""

    channel_id: int | None
    program: str
    locale: str
    lines: tuple[Line, ...]


async def open_digest(session: AsyncSession, program: Program, now: datetime) -> None:
    """Write the week's digest to the moderators, where they have a channel."""
    if program.moderator_channel_id is not None:
        enqueue(session, DeliveryKind.MODERATOR_DIGEST, f"moderators:{program.id}", program.id, now)


@reads
async def get_digest(session: AsyncSession, program_id: int, now: datetime) -> Digest:
    """Return what moderators are told of a program's week at this moment, at most ten lines."""
    program = await session.get_one(Program, program_id)
    hands = (await _needs_a_hand(session, program, now))[:MOST_HANDS]
    due = (await _is_due(session, program, now))[:MOST_DUE]
    happened = (await _happened(session, program, now))[: MOST_LINES - len(hands) - len(due)]
    return Digest(program.moderator_channel_id, program.name, program.locale, (*happened, *due, *hands))


async def _happened(session: AsyncSession, program: Program, now: datetime) -> list[Line]:
    since = now - WEEK
    enrollments = await health_queries.list_enrollments(session, program.id)
    states = [each.state for each in enrollments]
    lines = [
        Line(
            "digest.people",
            {
                "joined": sum(each.joined_at > since for each in enrollments),
                "left": sum(each.left_at is not None and each.left_at > since for each in enrollments),
                "n": states.count(EnrollmentState.ACTIVE),
                "paused": states.count(EnrollmentState.PAUSED),
            },
        )
    ]
    weeks = await _list_weeks(session, program, now)
    if weeks:
        lines.append(Line("digest.answers", {"answered": weeks[-1].answered, "n": weeks[-1].asked}))
    held = await queries.count_meetings(session, program.id, since, now)
    ahead = await queries.count_meetings(session, program.id, now, now + WEEK)
    if held or ahead:
        lines.append(Line("digest.meetings", {"held": held, "ahead": ahead}))
    done = [goal for goal in await health_queries.list_goals(session, program.id) if goal.state is GoalState.DONE]
    recent = [goal for goal in done if goal.done_at is not None and goal.done_at > since]
    if not are_few(frozenset(goal.person_id for goal in recent)):
        lines.append(Line("digest.goals", {"n": len(recent)}))
    return lines


async def _is_due(session: AsyncSession, program: Program, now: datetime) -> list[Line]:
    """Return what comes due within the week, the soonest first."""
    found: list[tuple[datetime, str]] = []
    for schedule in await program_queries.list_schedules(session, program.id):
        if schedule.active and now < schedule.next_due <= now + WEEK:
            if schedule.kind is ScheduleKind.ROTATION:
                found.append((schedule.next_due, "digest.due.rotation"))
            elif schedule.kind is ScheduleKind.PULSE_OPEN:
                found.append((schedule.next_due, "digest.due.pulse"))
    for pulse in await pulse_queries.list_pulses(session, program.id):
        waves = await pulse_queries.list_waves(session, pulse.id)
        found += [(wave.closes_at, "digest.due.pulse-closes") for wave in waves if wave.closed_at is None]
    return [Line(message, {"due": int(moment.timestamp())}) for moment, message in sorted(found)]


async def _needs_a_hand(session: AsyncSession, program: Program, now: datetime) -> list[Line]:
    """Return what a moderator should look after, the most pressing first."""
    draft = await rotation_queries.find_rotation(session, program.id, RotationState.DRAFT)
    lines = [] if draft is None else [Line("digest.hand.draft", {"due": int(draft.starts_at.timestamp())})]
    seated = await _list_seated(session, program)
    counted = (
        ("digest.hand.given-up", await queries.count_given_up(session, program.id, now - WEEK)),
        ("digest.hand.waiting", await queries.count_waiting(session, program.id)),
        ("digest.hand.small", sum(len(people) < program.size_least for people in seated.values())),
        ("digest.hand.seatless", await _count_seatless(session, program, seated)),
        ("digest.hand.silent", await _count_silent(session, program, seated, now)),
    )
    return lines + [Line(message, {"n": n}) for message, n in counted if n]


async def _list_seated(session: AsyncSession, program: Program) -> dict[int, frozenset[int]]:
    """Return who of each open circle still takes part in the program."""
    enrollments = await health_queries.list_enrollments(session, program.id)
    here = {each.person_id for each in enrollments if each.state is not EnrollmentState.LEFT}
    circles = await rotation_queries.list_open_circles(session, program.id)
    return {circle.id: frozenset(seat.person_id for seat in circle.memberships) & here for circle in circles}


async def _count_seatless(session: AsyncSession, program: Program, seated: dict[int, frozenset[int]]) -> int:
    """Return how many take part while a rotation runs and sit in no circle."""
    if not seated:
        return 0
    enrollments = await health_queries.list_enrollments(session, program.id)
    seeking = [each for each in enrollments if each.state is EnrollmentState.ACTIVE and not each.skip_next]
    sitting = frozenset[int]().union(*seated.values())
    return sum(each.person_id not in sitting for each in seeking)


async def _count_silent(
    session: AsyncSession, program: Program, seated: dict[int, frozenset[int]], now: datetime
) -> int:
    """Return how many open circles had two check-ins in a row without a single answer; which ones is not told."""
    if are_few(frozenset[int]().union(*seated.values())):
        return 0
    answers: dict[int, list[int]] = {}
    for each in await figure_queries.list_checkin_counts(session, program.id):
        if each.opened_at <= now - ANSWERED_FOR:
            answers.setdefault(each.circle_id, []).append(each.answered)
    return sum(len(answers.get(circle, ())) >= 2 and not any(answers[circle][-2:]) for circle in seated)


async def _list_weeks(session: AsyncSession, program: Program, now: datetime) -> list[ResponseWeek]:
    """Return the weeks whose check-ins have had time to be answered, without rotations of few people."""
    counts = await figure_queries.list_checkin_counts(session, program.id)
    checkins = [AnsweredCheckIn(each.circle_id, each.opened_at, each.answered) for each in counts]
    weeks = response_by_week(await list_seated_rotations(session, program.id), checkins)
    return [week for week in weeks if week.opened_at <= now - ANSWERED_FOR]
