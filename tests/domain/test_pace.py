"""Windows that slide: what fits into a span, what waits, and that nothing is remembered for ever."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pace import NONE, Window, Windows

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SPAN = 10 * SECOND


@given(st.lists(st.integers(0, 8), max_size=80), st.integers(1, 5))
def test_whoever_waits_as_told_never_has_more_than_the_most_within_any_span(gaps, most):
    window, now, done = Window(most, SPAN), START, []
    for gap in gaps:
        now += gap * SECOND
        now += window.wait(now)
        assert window.wait(now) == NONE
        window.add(now)
        done.append(now)
    for moment in done:
        assert sum(moment <= each < moment + SPAN for each in done) <= most


def test_one_that_is_refused_waits_until_the_oldest_is_past_and_no_longer():
    window = Window(2, SPAN)
    window.add(START)
    window.add(START + 3 * SECOND)
    assert window.wait(START + 4 * SECOND) == 6 * SECOND
    assert window.wait(START + 10 * SECOND) == NONE


def test_a_clock_that_is_set_back_locks_nobody_out():
    window = Window(1, SPAN)
    window.add(START + timedelta(hours=1))
    assert window.wait(START) == NONE


def test_each_key_has_a_window_of_its_own():
    windows = Windows(1, SPAN)
    windows.add("ada", START)
    assert windows.wait("ada", START) == SPAN
    assert windows.wait("grace", START) == NONE


def test_idle_keys_are_dropped():
    windows = Windows(3, SPAN)
    for number in range(100):
        windows.add(number, START)
    windows.add("late", START + SPAN)
    assert len(windows) == 1


def test_beyond_so_many_keys_the_one_longest_unused_is_dropped():
    windows = Windows(1, SPAN, keys=3)
    for key in ("ada", "grace", "ada", "mary", "rosa"):
        windows.add(key, START)
    assert len(windows) == 3
    assert windows.wait("grace", START) == NONE
    assert windows.wait("ada", START) == SPAN
