from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.survey.trend import Point, build_trend
from tests.domain.survey.helpers import SCALE


def trend_of(*values: float | None):
    return build_trend([Point(f"wave {number}", value) for number, value in enumerate(values)], SCALE)


def test_two_waves_are_points_and_the_third_makes_a_line():
    assert trend_of(2.0, 3.0).segments == ()
    assert trend_of(2.0, 3.0, 3.5).segments == (range(3),)


def test_a_line_breaks_at_a_gap_and_never_leads_to_a_lone_point():
    assert trend_of(2, 3, None, 3, 4, 4, None, 5).segments == (range(2), range(3, 6))
    assert trend_of(2, None, 3, None, 4).segments == ()
    assert trend_of(None, 2, 3, 4, None).segments == (range(1, 4),)


def test_no_waves_are_no_trend():
    assert trend_of().segments == ()
    assert trend_of(None, None).points[0].value is None


@given(st.lists(st.none() | st.floats(1, 5), max_size=30))
def test_exactly_the_neighbours_that_both_have_values_are_joined(values):
    joined = {(a, b) for segment in trend_of(*values).segments for a, b in pairwise(segment)}
    neighbours = {(x, x + 1) for x, (a, b) in enumerate(pairwise(values)) if a is not None and b is not None}
    enough = sum(value is not None for value in values) >= 3
    assert joined == (neighbours if enough else set())
