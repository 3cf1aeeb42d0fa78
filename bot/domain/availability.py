"""Weekly hours as people write them, as 168-bit masks in local time and in UTC."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS_A_WEEK, HOURS_A_DAY, MINUTES_AN_HOUR = 7, 24, 60
WEEK_MINUTES = DAYS_A_WEEK * HOURS_A_DAY * MINUTES_AN_HOUR

_DAY, _TIME = r"([a-z]{3,9})\.?", r"(\d{1,2})(?::(\d{2}))?"
_RANGE = re.compile(
    rf"{_DAY}(?:\s*[-–]\s*{_DAY})?\s+{_TIME}\s*[-–]\s*{_TIME}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WeekRange:
    """A stretch of the local week in minutes after Monday 00:00; one that ends past Sunday goes on on Monday."""

    start: int
    end: int


class BadHours(ValueError):  # the name says what is wrong
    """Hours are not written as expected; the message is the part that could not be read."""


def parse_ranges(text: str) -> tuple[WeekRange, ...]:
    """Read `Mon 18-21; Wed 12-13`; days may be a span (`Mon-Fri 9-12`), `22-2` ends on the next day."""
    parts = [part.strip() for part in re.split(r"[;\n]", text)]
    return tuple(found for part in parts if part for found in _read_part(part))


def _read_part(part: str) -> list[WeekRange]:
    match = _RANGE.fullmatch(part)
    if match is None:
        raise BadHours(part)
    first = _day(match[1], part)
    last = _day(match[2], part) if match[2] else first
    start, end = _minute(match[3], match[4], part), _minute(match[5], match[6], part)
    if start == end:
        raise BadHours(part)
    length = (end - start) % (HOURS_A_DAY * MINUTES_AN_HOUR) or HOURS_A_DAY * MINUTES_AN_HOUR
    days = [(first + k) % DAYS_A_WEEK for k in range((last - first) % DAYS_A_WEEK + 1)]
    starts = [day * HOURS_A_DAY * MINUTES_AN_HOUR + start for day in days]
    return [WeekRange(begin, begin + length) for begin in starts]


def _day(name: str, part: str) -> int:
    found = [k for k, day in enumerate(DAYS) if day.startswith(name.lower())]
    if not found:
        raise BadHours(part)
    return found[0]


def _minute(hour: str, minute: str | None, part: str) -> int:
    minutes = int(hour) * MINUTES_AN_HOUR + int(minute or 0)
    if minutes > HOURS_A_DAY * MINUTES_AN_HOUR or int(minute or 0) >= MINUTES_AN_HOUR:
        raise BadHours(part)
    return minutes


def parse_hours(text: str) -> int:
    """Read weekly hours into a local mask: bit h is hour h of the week, Monday 00:00 being 0."""
    return _mask(parse_ranges(text), 0)


def week_mask(ranges: Sequence[WeekRange], zone: ZoneInfo, reference_date: date) -> int:
    """Turn local ranges into a UTC mask, by the zone's offset from UTC at noon of the reference date."""
    return _mask(ranges, offset_minutes(zone, reference_date))


def offset_minutes(zone: ZoneInfo, reference_date: date) -> int:
    """Find how many minutes a zone is ahead of UTC at noon of a date."""
    offset = datetime.combine(reference_date, time(12), zone).utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else 0


def to_utc_mask(local_mask: int, offset_minutes: int) -> int:
    """Move a local mask to UTC; a UTC hour counts only if it is wholly free, as half-hour offsets ask."""
    ranges = [
        WeekRange(hour * MINUTES_AN_HOUR, (hour + 1) * MINUTES_AN_HOUR)
        for hour in range(HOURS_A_DAY * DAYS_A_WEEK)
        if local_mask >> hour & 1
    ]
    return _mask(ranges, offset_minutes)


def _mask(ranges: Sequence[WeekRange], offset: int) -> int:
    """Give the UTC hours that ranges in a zone so many minutes ahead of UTC cover wholly, together."""
    free = 0  # bit m is minute m of the UTC week
    for found in ranges:
        stretch = ((1 << (found.end - found.start)) - 1) << (found.start - offset) % WEEK_MINUTES
        free |= stretch & ((1 << WEEK_MINUTES) - 1) | stretch >> WEEK_MINUTES
    whole = (1 << MINUTES_AN_HOUR) - 1
    hours = range(HOURS_A_DAY * DAYS_A_WEEK) if free else ()
    return sum(1 << hour for hour in hours if free >> hour * MINUTES_AN_HOUR & whole == whole)
