"""Hours as people write them, in any zone."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.availability import (
    BadHours,
    offset_minutes,
    parse_hours,
    parse_ranges,
    to_utc_mask,
    week_mask,
)

WINTER, SUMMER = date(2026, 1, 5), date(2026, 7, 6)


def hours(mask):
    return [hour for hour in range(168) if mask >> hour & 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon 18-21; Wed 12-13", [18, 19, 20, 60]),
        ("mon 0-1;", [0]),
        ("Monday 9:00-11:00", [9, 10]),
        ("Sat-Sun 23-24", [143, 167]),
        ("Sun 22-2", [0, 1, 166, 167]),
        ("Fri-Mon 7-8", [7, 103, 127, 151]),
        ("Tue 9:30-12", [34, 35]),
        ("Tue 9:30-10:15; Tue 10:15-11", [34]),
        ("", []),
    ],
)
def test_hours_are_read_as_people_write_them(text, expected):
    assert hours(parse_hours(text)) == expected


@pytest.mark.parametrize("text", ["Sunday late", "Mon 18", "Mon 25-26", "Xyz 1-2", "18-21", "Mon 9-9", "Mon 9:75-10"])
def test_hours_that_cannot_be_read_are_named(text):
    with pytest.raises(BadHours, match=text):
        parse_ranges(f"Mon 1-2; {text}")


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Berlin", WINTER, [17, 18]),
        ("Europe/Berlin", SUMMER, [16, 17]),
        ("America/Los_Angeles", WINTER, [26, 27]),
        ("Asia/Kolkata", WINTER, [13]),
        ("Pacific/Kiritimati", WINTER, [4, 5]),
    ],
)
def test_the_evening_of_a_zone_becomes_hours_of_the_utc_week(zone, day, expected):
    """FAILURES F28: the hours hold in the zone of whoever gave them."""
    assert hours(week_mask(parse_ranges("Mon 18-20"), ZoneInfo(zone), day)) == expected


def test_half_past_hours_of_a_half_hour_zone_are_wholly_free_in_utc():
    assert hours(week_mask(parse_ranges("Mon 9:30-12:30"), ZoneInfo("Asia/Kolkata"), WINTER)) == [4, 5, 6]


@given(st.integers(0, 2**168 - 1), st.sampled_from([-600, -60, 0, 60, 330, 345, 840]))
def test_no_hour_is_invented_between_local_time_and_utc(mask, offset):
    there = to_utc_mask(mask, offset)
    assert there.bit_count() <= mask.bit_count()
    assert to_utc_mask(there, -offset) & ~mask == 0
    if offset % 60 == 0:
        assert to_utc_mask(there, -offset) == mask


def test_an_offset_is_that_of_the_day():
    assert offset_minutes(ZoneInfo("Europe/Berlin"), SUMMER) == 120
    assert offset_minutes(ZoneInfo("Asia/Kathmandu"), WINTER) == 345
