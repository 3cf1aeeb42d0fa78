from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.availability import DAYS_A_WEEK, HOURS_A_DAY, parse_hours
from bot.domain.week import hours_on, hours_on_all, spans, with_hours, written

masks = st.integers(min_value=0, max_value=2**168 - 1)
some_days = st.sets(st.integers(0, DAYS_A_WEEK - 1))
some_hours = st.sets(st.integers(0, HOURS_A_DAY - 1))


@given(masks, some_days, some_hours)
@settings(max_examples=100)
def test_setting_some_days_changes_those_and_no_other(mask: int, days: set[int], hours: set[int]):
    changed = with_hours(mask, days, hours)
    for day in range(DAYS_A_WEEK):
        assert set(hours_on(changed, day)) == (hours if day in days else set(hours_on(mask, day)))


@given(masks)
@settings(max_examples=100)
def test_written_hours_are_read_back_as_the_same_hours(mask: int):
    assert parse_hours(written(mask)) == mask


@given(masks, some_days.filter(bool))
@settings(max_examples=100)
def test_hours_on_all_days_are_those_that_each_of_them_has(mask: int, days: set[int]):
    assert set(hours_on_all(mask, days)) == set.intersection(*(set(hours_on(mask, day)) for day in days))


def test_neighbouring_hours_become_one_span():
    assert spans((18, 19, 20, 7, 23)) == ((7, 8), (18, 21), (23, 24))


def test_an_evening_is_written_as_people_write_it():
    assert written(with_hours(0, [0, 2], [18, 19])) == "Mon 18-20; Wed 18-20"
