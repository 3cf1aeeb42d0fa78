"""When a repeating local moment falls due: computed in the program's zone, told in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """A local hour on the anchor's weekday, every so many weeks from the anchor on; occurrence 1 is the anchor."""

    anchor: date
    hour: int
    every_weeks: int
    zone: str


def occurrence(rule: WeeklyRule, number: int) -> datetime:
    """Return the moment of an occurrence, in UTC; numbers start at 1."""
    day = rule.anchor + (number - 1) * rule.every_weeks * WEEK
    return resolve(day, rule.hour, rule.zone)


def first_from(rule: WeeklyRule, now: datetime) -> int:
    """Return the number of the first occurrence that is not before `now`."""
    days = (now.astimezone(ZoneInfo(rule.zone)).date() - rule.anchor).days
    number = max(1, days // (7 * rule.every_weeks))
    while occurrence(rule, number) < now:
        number += 1
    return number


def end_from(rule: WeeklyRule, start: datetime) -> datetime:
    """Return when what starts at a moment is over: at the first occurrence that half a period lies before.

    So a rotation that starts a day early does not end the day after.
    """
    return occurrence(rule, first_from(rule, start + rule.every_weeks * WEEK / 2))


def next_weekday(day: date, weekday: int) -> date:
    """Return the first date with a weekday (Monday is 0) that is not before `day`."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def resolve(day: date, hour: int, zone: str) -> datetime:
    """Turn a local hour into UTC.

    An hour that exists twice means its first time; one that the clocks jump
    over moves to the first moment that exists.
    """
    wall = datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone))
    moment = wall.astimezone(UTC)
    if moment.astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    return _transition(wall.replace(fold=1).astimezone(UTC), moment, ZoneInfo(zone))


def _transition(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment between two at which a zone's offset changes, to the second, by halving."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def next_hour_of_week(hour: int, after: datetime) -> datetime:
    """Return the first moment after another that begins an hour of the week (0 is Monday 00:00 UTC)."""
    midnight = after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight - timedelta(days=midnight.weekday()) + timedelta(hours=hour)
    return moment if moment > after else moment + WEEK
