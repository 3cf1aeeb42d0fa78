from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs._pace import REQUESTS_A_SECOND, Pace

pauses = st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.001, 0.01, 0.1, 1.0, 3.0]), min_size=1, max_size=300)


@given(pauses=pauses, part=st.sampled_from([1.0, 0.5, 1 / 3, 0.25, 0.1]))
def test_no_second_has_more_requests_than_the_share_allows(pauses: list[float], part: float):
    pace, now = Pace(part), 0.0
    left: list[float] = []
    for pause in pauses:
        now += pause
        left.append(now + pace.take_turn(now))
    left.sort()
    most = max(bisect_left(left, moment + 1 - 1e-6) - at for at, moment in enumerate(left))
    assert most <= REQUESTS_A_SECOND * part


@pytest.mark.parametrize("part", [1.0, 0.25])
def test_a_share_is_used_to_nine_tenths_at_least_and_a_few_need_not_wait(part: float):
    pace = Pace(part)
    waits = [pace.take_turn(0.0) for _ in range(1_000)]
    assert waits[0] == 0
    assert waits[-1] <= 1_000 / (0.9 * REQUESTS_A_SECOND * part)
