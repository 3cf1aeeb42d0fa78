"""Choosing a circle's hours and reading the times that members type."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.availability import parse_hours
from bot.domain.meeting import (
    AN_HOUR,
    NOTICE,
    PROPOSED,
    Hours,
    count_free,
    decided_at,
    free_at,
    met_by,
    propose,
    read_moment,
    winner,
)
from bot.domain.states import MeetingHow, Met
from bot.errors import InvalidInput

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
A_WEEK = timedelta(days=7)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu")
members = st.lists(
    st.builds(Hours, st.sampled_from(ZONES), st.one_of(st.just(0), st.integers(0, 2**168 - 1))), max_size=6
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by the strategy


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_hours_that_suit_everybody_come_before_those_that_suit_most():
    circle = [Hours("UTC", parse_hours("Tue 18-20; Thu 12-13")), Hours("UTC", parse_hours("Tue 19-20; Wed 8-9"))]
    first, *_ = sorted(propose(circle, MONDAY, MONDAY + A_WEEK), key=lambda hour: -count_free(circle, hour))
    assert first == at(3, 19)


def test_of_equal_hours_each_on_a_day_of_its_own_is_proposed():
    circle = [Hours("UTC", parse_hours("Tue-Thu 17-21"))]
    assert propose(circle, MONDAY, MONDAY + A_WEEK) == (at(3, 17), at(4, 17), at(5, 17))


def test_each_members_hours_are_read_on_the_clock_where_they_live():
    berlin, new_york = (
        Hours("Europe/Berlin", parse_hours("Wed 20-21")),
        Hours("America/New_York", parse_hours("Wed 14-15")),
    )
    proposed = propose([berlin, new_york], MONDAY, MONDAY + A_WEEK)
    assert [hour for hour in proposed if count_free([berlin, new_york], hour) == 2] == [at(4, 19)]


def test_where_too_few_hours_are_shared_the_others_fall_in_nobodys_night():
    circle = [Hours("Europe/Berlin", parse_hours("Wed 20-21")), Hours("Asia/Kolkata", parse_hours("Thu 7-8"))]
    odd = [hour for hour in propose(circle, MONDAY, MONDAY + A_WEEK) if count_free(circle, hour) == 0]
    assert odd
    for hour in odd:
        assert all(8 <= hour.astimezone(ZoneInfo(member.zone)).hour <= 21 for member in circle)


def test_a_weekly_hour_keeps_its_local_time_when_the_clocks_change_within_the_week():
    """FAILURES F23: New York leaves summer time on 1 November, Berlin left it on 25 October."""
    before = datetime(2026, 10, 29, 12, tzinfo=UTC)
    new_york = Hours("America/New_York", parse_hours("Sat 18-19; Mon 18-19"))
    free = [before + n * AN_HOUR for n in range(24 * 5) if free_at(new_york, before + n * AN_HOUR)]
    assert free == [datetime(2026, 10, 31, 22, tzinfo=UTC), datetime(2026, 11, 2, 23, tzinfo=UTC)]


def test_where_half_hours_part_two_zones_both_local_hours_must_be_free():
    kolkata = Hours("Asia/Kolkata", parse_hours("Tue 18-20"))
    assert free_at(kolkata, at(3, 13))  # 18:30 to 19:30
    assert not free_at(kolkata, at(3, 12))
    assert not free_at(kolkata, at(3, 14))


def test_where_nobody_gave_hours_evenings_are_proposed_and_nobodys_night():
    circle = [Hours("Europe/Berlin", 0), Hours("America/New_York", 0), Hours("Asia/Kolkata", 0)]
    for hour in propose(circle, MONDAY, MONDAY + A_WEEK):
        assert all(7 <= hour.astimezone(ZoneInfo(member.zone)).hour <= 22 for member in circle)


def test_one_odd_hour_does_not_outweigh_everybody_elses_sleep():
    circle = [Hours("UTC", parse_hours("Tue 3-4")), *[Hours("UTC", 0)] * 4]
    assert at(3, 3) not in propose(circle, MONDAY, MONDAY + A_WEEK)


@given(members, moments, st.integers(13, 24 * 7))
def test_what_is_proposed_is_distinct_whole_hours_in_the_time_there_is(circle, now, hours):
    until = now + hours * AN_HOUR
    proposed = propose(circle, now, until)
    assert 1 <= len(set(proposed)) == len(proposed) <= PROPOSED
    assert all(now + NOTICE <= hour < until and hour.minute == hour.second == 0 for hour in proposed)
    assert now < decided_at(proposed, now) < min(proposed)


@given(members, moments)
def test_no_hour_that_was_left_out_suits_more_members_who_all_gave_hours(circle, now):
    told = [member for member in circle if member.mask]
    proposed = propose(told, now, now + A_WEEK)
    least = min(count_free(told, hour) for hour in proposed)
    others = [hour for n in range(24 * 7) if (hour := proposed[0].replace(hour=0) + (n - 24) * AN_HOUR) not in proposed]
    others = [hour for hour in others if now + NOTICE <= hour < now + A_WEEK]
    assert all(count_free(told, hour) <= least for hour in others)


def test_most_ticks_win_and_the_earliest_of_equals():
    slots = {0: at(3, 18), 1: at(4, 18), 2: at(5, 18)}
    assert winner(slots, [0b110, 0b110, 0b001], MONDAY) == 1
    assert winner(slots, [0b110, 0b110, 0b001], at(4, 18)) == 2


def test_no_hour_wins_that_no_two_people_share():
    slots = {0: at(3, 18), 1: at(4, 18)}
    assert winner(slots, [0b01, 0b10, 0b00], MONDAY) is None
    assert winner(slots, [0b11, 0b11], at(4, 19)) is None


@pytest.mark.parametrize(
    ("words", "met"),
    [
        ([], None),
        ([MeetingHow.MOVED], None),
        ([MeetingHow.NOBODY, MeetingHow.MOVED], Met.NO),
        ([MeetingHow.NOBODY, MeetingHow.SHORT], Met.ONCE),
        ([MeetingHow.WELL, MeetingHow.SHORT], Met.YES),
    ],
)
def test_words_on_meetings_say_whether_a_circle_met(words, met):
    assert met_by(words) is met


@pytest.mark.parametrize(
    ("written", "hour", "minute"), [("18:30", 18, 30), (" 7 ", 7, 0), ("07.05", 7, 5), ("0:00", 0, 0)]
)
def test_a_time_is_read_where_whoever_typed_it_lives(written, hour, minute):
    """FAILURES F28: the member's own zone is meant."""
    read = read_moment(date(2026, 11, 5), written, "Asia/Kolkata", MONDAY)
    assert read == datetime(2026, 11, 5, hour, minute, tzinfo=ZoneInfo("Asia/Kolkata"))


@pytest.mark.parametrize("written", ["", "24:00", "18:60", "six", "18:3", "-1"])
def test_what_is_no_time_is_refused(written):
    with pytest.raises(InvalidInput, match=r"meeting\.invalid\.time"):
        read_moment(date(2026, 11, 5), written, "UTC", MONDAY)


@pytest.mark.parametrize("day", [date(2026, 11, 2), date(2027, 11, 2)])
def test_a_meeting_lies_ahead_and_not_too_far(day):
    with pytest.raises(InvalidInput, match=r"meeting\.invalid\.ahead"):
        read_moment(day, "08:00", "UTC", MONDAY)


def test_a_time_that_the_clocks_skip_moves_to_one_that_exists():
    """FAILURES F23: in New York the clocks jump from 2:00 to 3:00 on 14 March 2027."""
    read = read_moment(date(2027, 3, 14), "2:00", "America/New_York", datetime(2027, 3, 10, tzinfo=UTC))
    assert read == datetime(2027, 3, 14, 7, tzinfo=UTC)
