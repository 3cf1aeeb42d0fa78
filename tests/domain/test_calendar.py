from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import WeeklyRule, first_from, next_weekday, occurrence, resolve

ZONES = sorted(available_timezones() - {"localtime"})
FIRST, LAST = datetime(2025, 12, 1, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC)
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(2 * 365)]
HOURS = (0, 1, 2, 3, 9)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# The oracle reads a zone only in the safe direction, from UTC to local, and does the rest with whole seconds.


def offset_at(zone: ZoneInfo, second: int) -> int:
    local = (EPOCH + timedelta(seconds=second)).astimezone(zone)
    return int(local.utcoffset().total_seconds())


@cache
def offsets(name: str) -> tuple[list[int], list[int]]:
    """Return the seconds at which a zone's offset changes and the offset from each on."""
    zone = ZoneInfo(name)
    start, end = (int((moment - EPOCH).total_seconds()) for moment in (FIRST, LAST))
    starts, values = [start], [offset_at(zone, start)]
    step = 7 * 86_400
    for second in range(start + step, end, step):
        while offset_at(zone, second) != values[-1]:
            low, high = starts[-1] if second - starts[-1] < step else second - step, second
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_at(zone, middle) == values[-1] else (low, middle)
            starts.append(high)
            values.append(offset_at(zone, high))
    return starts, values


def expected(name: str, day: date, hour: int) -> datetime:
    """Return the earliest moment at which the zone's clock reads this hour, or the first one past a gap."""
    starts, values = offsets(name)
    wall = (day - EPOCH.date()).days * 86_400 + hour * 3_600
    number = max(0, bisect_right(starts, wall - 86_400) - 1)
    while number + 1 < len(starts) and wall - values[number] >= starts[number + 1]:
        number += 1
    return EPOCH + timedelta(seconds=max(wall - values[number], starts[number]))


def days_near_changes(name: str) -> list[date]:
    changes = [(EPOCH + timedelta(seconds=start)).date() for start in offsets(name)[0][1:]]
    return [change + timedelta(days=n) for change in changes for n in range(-2, 3)]


def test_the_oracle_knows_the_changes_of_new_york():
    starts, values = offsets("America/New_York")
    changes = [EPOCH + timedelta(seconds=start) for start in starts[1:3]]
    assert changes == [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]
    assert values[:3] == [-5 * 3_600, -4 * 3_600, -5 * 3_600]


@pytest.mark.parametrize("part", range(4))
def test_in_every_zone_each_hour_near_a_change_of_the_clocks_is_its_wall_time_or_the_first_that_exists(part):
    """FAILURES F23: two years of changes, with all sampled hours of the days around each."""
    for name in ZONES[part::4]:
        for day in days_near_changes(name):
            for hour in HOURS:
                assert resolve(day, hour, name) == expected(name, day, hour), (name, day, hour)


@pytest.mark.parametrize("part", range(4))
def test_in_every_zone_on_every_weekday_each_occurrence_of_two_years_is_at_its_own_moment(part):
    """FAILURES F23: 104 weeks, each firing at its wall time or at the first moment that exists."""
    for number, name in enumerate(ZONES[part::4]):
        for weekday in range(7):
            rule = WeeklyRule(DAYS[weekday], HOURS[(number + weekday) % len(HOURS)], 1, name)
            for week in range(104):
                due = expected(name, rule.anchor + timedelta(weeks=week), rule.hour)
                assert occurrence(rule, week + 1) == due, (rule, week)


def test_in_every_zone_a_clock_that_asks_what_is_next_fires_once_for_each_occurrence():
    """FAILURES F23, F24: whoever asks just after a firing gets the next week, whoever asks too early this one."""
    for number, name in enumerate(ZONES):
        rule = WeeklyRule(DAYS[number % 7], HOURS[number % len(HOURS)], 1, name)
        now = datetime(2025, 12, 30, tzinfo=UTC)
        for following in range(1, 54):
            assert first_from(rule, now) == following, (rule, now)
            moment = occurrence(rule, following)
            assert first_from(rule, moment) == following, (rule, moment)
            now = moment + timedelta(microseconds=1)


def test_a_monday_in_new_york_asked_on_the_friday_before_the_clocks_change_is_the_very_next():
    """FAILURES F23: a cron trigger that adds a day of 24 hours answers 16 March."""
    rule = WeeklyRule(date(2026, 3, 2), 0, 1, "America/New_York")
    asked = datetime(2026, 3, 6, 12, tzinfo=ZoneInfo("America/New_York"))
    assert occurrence(rule, first_from(rule, asked)) == datetime(2026, 3, 9, 4, tzinfo=UTC)


def test_an_hour_that_does_not_exist_moves_to_the_first_moment_that_does():
    """FAILURES F23: in Berlin 2:00 is 3:00 on that Sunday, in Havana midnight is 1:00."""
    assert resolve(date(2026, 3, 29), 2, "Europe/Berlin") == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert resolve(date(2026, 3, 8), 0, "America/Havana") == datetime(2026, 3, 8, 5, tzinfo=UTC)


def test_an_hour_in_the_middle_of_a_gap_moves_to_the_gaps_end():
    """FAILURES F23: Samoa had no 30 December 2011; its noon is the first moment of the 31st."""
    end = datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert [resolve(date(2011, 12, 30), hour, "Pacific/Apia") for hour in (0, 12, 23)] == [end] * 3


def test_an_hour_that_exists_twice_means_the_first():
    """FAILURES F23: in Berlin 2:00 comes twice on that Sunday."""
    assert resolve(date(2026, 10, 25), 2, "Europe/Berlin") == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_half_an_hour_of_summer_time_is_kept():
    """FAILURES F23: Lord Howe moves its clocks by 30 minutes, so 2:00 becomes 2:30."""
    assert resolve(date(2026, 10, 4), 2, "Australia/Lord_Howe") == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)


def test_the_hour_on_the_wall_stays_while_the_clocks_change():
    """FAILURES F23: seven days of 24 hours would drift by one hour."""
    rule = WeeklyRule(date(2026, 1, 5), 9, 1, "Europe/Berlin")
    walls = {occurrence(rule, n).astimezone(ZoneInfo("Europe/Berlin")).hour for n in range(1, 105)}
    assert walls == {9}
    assert {occurrence(rule, n).hour for n in range(1, 105)} == {7, 8}


rules = st.builds(
    WeeklyRule,
    anchor=st.dates(date(2000, 1, 1), date(2037, 1, 1)),
    hour=st.integers(0, 23),
    every_weeks=st.integers(1, 26),
    zone=st.sampled_from(ZONES),
)
moments = st.datetimes(datetime(1999, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(rules, moments)
def test_the_first_occurrence_from_a_moment_is_the_earliest_that_is_not_before_it(rule, now):
    number = first_from(rule, now)
    assert number >= 1
    assert occurrence(rule, number) >= now
    assert number == 1 or occurrence(rule, number - 1) < now


@given(rules, st.integers(1, 500))
def test_occurrences_follow_each_other_and_fall_on_the_anchors_weekday(rule, number):
    this, following = occurrence(rule, number), occurrence(rule, number + 1)
    assert this < following
    local = this.astimezone(ZoneInfo(rule.zone))
    day = rule.anchor + timedelta(weeks=(number - 1) * rule.every_weeks)
    skipped = local.date() > day
    assert local.date() == day or (skipped and local.date() - day <= timedelta(days=1))


@given(st.dates(), st.integers(0, 6))
def test_the_next_weekday_is_within_a_week(day, weekday):
    if day > date(9999, 12, 24):
        return
    found = next_weekday(day, weekday)
    assert found.weekday() == weekday
    assert 0 <= (found - day).days < 7
