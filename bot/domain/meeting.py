"""When a circle could meet, which hour is chosen, and how a meeting's time is read from what a member types."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.availability import HOURS_A_DAY
from bot.domain.calendar import resolve
from bot.domain.states import MeetingHow, Met
from bot.errors import InvalidInput

AN_HOUR = timedelta(hours=1)
LENGTH = AN_HOUR
PROPOSED = 3
MOST_SLOTS = 6  # the three proposed, and as many that members name
NOTICE = timedelta(hours=12)  # nobody is asked to meet sooner than that
AHEAD = timedelta(days=7)
LEAST_LEFT = timedelta(days=1)  # a circle that ends sooner meets again only as others
TIME_TO_TICK = timedelta(hours=48)
DECIDED_BEFORE = timedelta(hours=3)  # so long before the first proposed hour the ticks are counted at the latest
FARTHEST = timedelta(days=60)
LEAST_PEOPLE = 2
REMINDER = AN_HOUR
# What an hour is worth where a member gave it, where they gave none at all, and where it would be their night.
FREE, EVENING, DAYTIME, NIGHT = 4, 2, 1, -2
WEEKEND = 5
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")


@dataclass(frozen=True, slots=True)
class Hours:
    """One member's weekly hours in their own zone; a mask of 0 says that they gave none."""

    zone: str
    mask: int


def free_at(member: Hours, moment: datetime) -> bool:
    """Tell whether a member's weekly hours hold the whole hour from a moment on, on that very date."""
    zone = ZoneInfo(member.zone)
    parts = (moment, moment + LENGTH - timedelta(minutes=1))
    return all(member.mask >> _hour_of_week(part.astimezone(zone)) & 1 for part in parts)


def count_free(members: Sequence[Hours], moment: datetime) -> int:
    """Return how many members' weekly hours hold the hour from a moment on."""
    return sum(free_at(member, moment) for member in members)


def propose(members: Sequence[Hours], now: datetime, until: datetime) -> tuple[datetime, ...]:
    """Return the best hours to meet before a moment, in their order: those that suit most members.

    Of whoever gave no hours an evening or a day is guessed, never a night. Of
    equal hours one that falls in fewer nights comes first, then one on a day of
    its own, then the earlier one.
    """
    worth = {moment: _rank(members, moment) for moment in _whole_hours(now + NOTICE, until)}
    chosen: list[datetime] = []
    while worth and len(chosen) < PROPOSED:
        taken = {moment.date() for moment in chosen}
        best = min(worth, key=lambda moment: (worth[moment], moment.date() in taken, moment))
        chosen.append(best)
        del worth[best]
    return tuple(sorted(chosen))


def decided_at(slots: Sequence[datetime], now: datetime) -> datetime:
    """Return when the ticks are counted at the latest: two days on, or some hours before the first hour."""
    return min(now + TIME_TO_TICK, min(slots) - DECIDED_BEFORE)


def winner(slots: Mapping[int, datetime], ticks: Collection[int], now: datetime) -> int | None:
    """Return the number of the hour that most ticked, the earliest of equals; None where no two people share one."""
    counts = {number: count_ticks(ticks, number) for number, starts_at in slots.items() if starts_at > now}
    best = min(counts, key=lambda number: (-counts[number], slots[number]), default=None)
    return best if best is not None and counts[best] >= LEAST_PEOPLE else None


def count_ticks(ticks: Collection[int], number: int) -> int:
    """Return how many people ticked an hour."""
    return sum(each >> number & 1 for each in ticks)


def met_by(words: Collection[MeetingHow]) -> Met | None:
    """Return what somebody's words on their circle's meetings say of whether it met; None where they say nothing."""
    held = sum(how in (MeetingHow.WELL, MeetingHow.SHORT) for how in words)
    if held:
        return Met.YES if held > 1 else Met.ONCE
    return Met.NO if MeetingHow.NOBODY in words else None


def read_moment(day: date, written: str, zone: str, now: datetime) -> datetime:
    """Return the moment of a local time such as 18:30 or 18 on a day; raise InvalidInput where it cannot be met."""
    match = _TIME.fullmatch(written.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (HOURS_A_DAY, 0)
    if hour >= HOURS_A_DAY or minute >= 60:
        raise InvalidInput("meeting.invalid.time", given=written.strip())
    moment = resolve(day, hour, zone) + timedelta(minutes=minute)
    if not now < moment <= now + FARTHEST:
        raise InvalidInput("meeting.invalid.ahead", days=FARTHEST.days)
    return moment


def days_ahead(zone: str, now: datetime, count: int) -> tuple[date, ...]:
    """Return so many days from today on, as the calendar says where somebody lives."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return tuple(today + timedelta(days=days) for days in range(count))


def _rank(members: Sequence[Hours], moment: datetime) -> tuple[int, int]:
    """Rank an hour, the best first: by what it is worth to the members, then by in how many nights it falls."""
    worth = sum(_worth(member, moment) for member in members)
    return -worth, sum(_guess(member, moment) == NIGHT and not free_at(member, moment) for member in members)


def _worth(member: Hours, moment: datetime) -> int:
    """Weigh an hour for one member; what somebody who gave hours left out is worth nothing to them."""
    if member.mask:
        return FREE if free_at(member, moment) else 0
    return _guess(member, moment)


def _guess(member: Hours, moment: datetime) -> int:
    """Guess what an hour is worth to somebody by the clock where they live."""
    local = moment.astimezone(ZoneInfo(member.zone))
    if 17 <= local.hour <= 20 or (local.weekday() >= WEEKEND and 10 <= local.hour <= 20):
        return EVENING
    return DAYTIME if 8 <= local.hour <= 21 else NIGHT


def _whole_hours(first: datetime, until: datetime) -> list[datetime]:
    """Return each whole hour from a moment on that begins before another."""
    begin = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    moment = begin if begin >= first else begin + AN_HOUR
    return [moment + number * AN_HOUR for number in range(max(0, -((moment - until) // AN_HOUR)))]


def _hour_of_week(local: datetime) -> int:
    return local.weekday() * HOURS_A_DAY + local.hour
