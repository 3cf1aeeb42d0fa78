"""The share that stays, held against values worked out by hand, a published table and a brute force."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.survival import Stay, Step, kaplan_meier, share_after

# Weeks in remission under 6-mercaptopurine (Freireich et al. 1963, Blood 21:699-716; also in Kalbfleisch and Prentice
# 1980, table 1.1 d); negative where the patient was still in remission.
FREIREICH = (6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35)
# (week, at risk, relapses, share, low, high), as textbooks and statistics packages print it with the log-log interval.
PUBLISHED = (
    (6, 21, 3, 0.8571, 0.6197, 0.9516),
    (7, 17, 1, 0.8067, 0.5631, 0.9228),
    (10, 15, 1, 0.7529, 0.5032, 0.8894),
    (13, 12, 1, 0.6902, 0.4316, 0.8491),
    (16, 11, 1, 0.6275, 0.3675, 0.8049),
    (22, 7, 1, 0.5378, 0.2678, 0.7468),
    (23, 6, 1, 0.4482, 0.1881, 0.6801),
)
stays = st.lists(st.builds(Stay, st.integers(0, 60), st.booleans()), max_size=40)


def stay(weeks: int) -> Stay:
    return Stay(abs(weeks), left=weeks > 0)


def test_the_published_example_is_matched_to_four_digits():
    steps = kaplan_meier([stay(weeks) for weeks in FREIREICH])
    assert [(step.days, step.at_risk, step.left) for step in steps] == [row[:3] for row in PUBLISHED]
    for step, (*_, share, low, high) in zip(steps, PUBLISHED, strict=True):
        assert (step.share, step.low, step.high) == pytest.approx((share, low, high), abs=5e-5)


def test_a_small_case_is_as_worked_out_by_hand():
    # 5 people: one leaves on day 10 (4/5 stay), one is known for 15 days only, one leaves on day 20 (2/3 of those).
    steps = kaplan_meier([Stay(10, True), Stay(15, False), Stay(20, True), Stay(30, False), Stay(30, False)])
    assert [(step.days, step.at_risk, step.share) for step in steps] == [(10, 5, 0.8), (20, 3, pytest.approx(8 / 15))]
    spread = 1 / (5 * 4) + 1 / (3 * 2)
    width = 1.959964 * math.sqrt(spread) / -math.log(8 / 15)
    assert steps[1].low == pytest.approx((8 / 15) ** math.exp(width), abs=1e-6)
    assert steps[1].high == pytest.approx((8 / 15) ** math.exp(-width), abs=1e-6)


def test_who_is_last_known_on_a_day_on_which_others_leave_counts_as_at_risk():
    (step,) = kaplan_meier([Stay(7, True), Stay(7, False)])
    assert (step.at_risk, step.share) == (2, 0.5)


def test_nobody_left_is_no_step_and_everybody_left_has_no_interval():
    assert kaplan_meier([]) == ()
    assert kaplan_meier([Stay(5, False)] * 3) == ()
    assert kaplan_meier([Stay(5, True)] * 3) == (Step(5, 3, 3, 0.0, None, None),)


def test_the_share_after_some_days_is_that_of_the_last_step_before():
    steps = kaplan_meier([Stay(10, True), Stay(20, True), Stay(30, False), Stay(30, False)])
    assert share_after(steps, 9) is None
    assert [share_after(steps, days).share for days in (10, 19, 20, 99)] == [0.75, 0.75, 0.5, 0.5]


@given(stays)
def test_without_anybody_still_there_it_is_the_plain_share(found):
    steps = kaplan_meier([Stay(each.days, True) for each in found])
    for step in steps:
        assert step.share == pytest.approx(sum(each.days > step.days for each in found) / len(found))


@given(stays)
def test_shares_fall_and_lie_within_their_intervals(found):
    steps = kaplan_meier(found)
    assert list(steps) == sorted(steps, key=lambda step: (step.days, -step.share))
    for step in steps:
        assert 0 <= step.share < 1
        if step.low is not None:
            assert 0 <= step.low <= step.share <= step.high <= 1
