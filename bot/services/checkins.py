"""The weekly check-in of each circle: opened, answered, reminded of once, closed with a summary."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import first_from, occurrence
from bot.domain.states import DeliveryKind, ScheduleKind
from bot.services import closing
from bot.services.deliveries import circle_lane, enqueue
from bot.services.programs import CLOSE_AFTER, rule_of
from bot.services.work import reads
from db import checkins as queries
from db import programs as program_queries
from db import rotations as rotation_queries
from db.models import CheckIn, Program, Rotation


@dataclass(frozen=True, slots=True)
class CheckInCard:
    """A check-in as its circle sees it; `waiting` are the users who take part and have not answered."""

    week: int
    weeks: int
    locale: str
    thread_id: int | None
    opened_at: datetime
    closes_at: datetime
    is_open: bool
    waiting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a check-in came to, without anybody's words: numbers, and the posts that hold an ask."""

    week: int
    locale: str
    guild_id: int
    thread_id: int | None
    members: int
    weeks: dict[int, int]
    asks: tuple[int, ...]


async def open_checkins(session: AsyncSession, program: Program, now: datetime) -> None:
    """Open the next check-in of each open circle; one that is still open is closed first."""
    await closing.close_all(session, program, now)
    numbers = await queries.count_checkins(session, program.id)
    circles = await rotation_queries.list_open_circles(session, program.id)
    if not circles:
        return
    closes_at = await _closing_moment(session, program, circles[0].rotation_id, now)
    opened = [
        CheckIn(circle_id=circle.id, number=numbers.get(circle.id, 0) + 1, opened_at=now, closes_at=closes_at)
        for circle in circles
    ]
    session.add_all(opened)
    await session.flush()
    for checkin in opened:
        _post(session, DeliveryKind.CHECKIN_CARD, program, checkin, now)


async def remind(session: AsyncSession, program: Program, now: datetime) -> None:
    """Write one reminder for each open check-in that somebody has not answered; never a second one."""
    active = {each.person_id for each in await queries.list_active(session, program.id)}
    for checkin in await queries.list_open(session, program.id):
        if checkin.reminded_at is not None or now >= checkin.closes_at:
            continue
        checkin.reminded_at = now
        answered = {answer.person_id for answer in checkin.answers}
        if any(seat.person_id in active - answered for seat in checkin.circle.memberships):
            _post(session, DeliveryKind.CHECKIN_REMINDER, program, checkin, now)


async def close_checkins(session: AsyncSession, program: Program, now: datetime) -> None:
    """Close the check-ins whose time is over; a card keeps its word when the schedule moves."""
    over = [each for each in await queries.list_open(session, program.id) if each.closes_at <= now]
    await closing.close(session, program, over, now)


@reads
async def get_card(session: AsyncSession, checkin_id: int, now: datetime) -> CheckInCard:
    """Return a check-in as its circle sees it at this moment."""
    checkin = await queries.get_checkin(session, checkin_id)
    program = checkin.circle.rotation.program
    missing = await _list_active(session, checkin) - {answer.person_id for answer in checkin.answers}
    people = [seat.person for seat in checkin.circle.memberships if seat.person_id in missing]
    return CheckInCard(
        week=week_of(checkin),
        weeks=program.rotation_weeks,
        locale=program.locale,
        thread_id=checkin.circle.thread_id,
        opened_at=checkin.opened_at,
        closes_at=checkin.closes_at,
        is_open=checkin.closed_at is None and now < checkin.closes_at,
        waiting=tuple(person.user_id for person in people if person.user_id is not None),
    )


@reads
async def get_summary(session: AsyncSession, checkin_id: int) -> Summary:
    """Return what a check-in came to."""
    checkin = await queries.get_checkin(session, checkin_id)
    program = checkin.circle.rotation.program
    answered = {answer.person_id for answer in checkin.answers}
    asking = {answer.person_id for answer in checkin.answers if answer.ask}
    posts = await queries.list_posts(session, checkin.id)
    return Summary(
        week=week_of(checkin),
        locale=program.locale,
        guild_id=program.guild_id,
        thread_id=checkin.circle.thread_id,
        members=len(answered | await _list_active(session, checkin)),
        weeks=dict(Counter(answer.week for answer in checkin.answers)),
        asks=tuple(
            post.result_id
            for post in posts
            if post.kind is DeliveryKind.CHECKIN_ANSWER and post.person_id in asking and post.result_id
        ),
    )


async def _list_active(session: AsyncSession, checkin: CheckIn) -> frozenset[int]:
    """Return the people of a check-in's circle who take part and are not paused."""
    return await queries.list_active_among(session, checkin.circle.rotation.program_id, checkin.circle.memberships)


def week_of(checkin: CheckIn) -> int:
    """Return in which week of its rotation a check-in opened, by the program's calendar; the first is 1."""
    rotation = checkin.circle.rotation
    zone = ZoneInfo(rotation.program.zone)
    began = rotation.published_at or rotation.starts_at
    days = (checkin.opened_at.astimezone(zone).date() - began.astimezone(zone).date()).days
    return days // 7 + 1


async def _closing_moment(session: AsyncSession, program: Program, rotation_id: int, now: datetime) -> datetime:
    """Return when a check-in that opens now closes: at the next planned close, or with its rotation."""
    schedule = await program_queries.find_schedule(session, program.id, ScheduleKind.CHECKIN_CLOSE)
    if schedule is None:
        planned = now + CLOSE_AFTER
    else:
        rule = rule_of(schedule)
        planned = occurrence(rule, first_from(rule, now + timedelta(seconds=1)))
    rotation = await session.get_one(Rotation, rotation_id)
    return min(planned, rotation.ends_at) if rotation.ends_at > now else planned


def _post(session: AsyncSession, kind: DeliveryKind, program: Program, checkin: CheckIn, now: datetime) -> None:
    """Write a delivery to a check-in's circle."""
    lane = circle_lane(checkin.circle_id)
    enqueue(session, kind, lane, program.id, now, circle_id=checkin.circle_id, checkin_id=checkin.id)
