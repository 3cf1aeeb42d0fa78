from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.survey.instrument import Item
from bot.domain.survey.scoring import key_answers, score_answers
from tests.domain.survey.helpers import shipped


def test_rosenberg_scores_as_published():
    assert score_answers(shipped("rses_10"), [3, 3, 0, 2, 1, 2, 3, 1, 0, 1]) == 25


def test_the_other_rosenberg_order_would_score_seventeen():
    rses = shipped("rses_10")
    other = tuple(Item(item.text, number in {2, 5, 6, 8, 9}) for number, item in enumerate(rses.items, 1))
    assert score_answers(replace(rses, items=other), [3, 3, 0, 2, 1, 2, 3, 1, 0, 1]) == 17


def test_a_sum_is_prorated_over_the_answered_items():
    assert score_answers(shipped("gse_10"), [4, 4, 3, 4, 4, 4, 3, 4, None, None]) == 37.5
    five_options = replace(shipped("gse_10"), options=shipped("cips_20").options)
    assert score_answers(five_options, [4, 5, 3, 4, 4, 5, 3, 4, None, None]) == 40.0


@pytest.mark.parametrize(("identifier", "needed"), [("ipip_c1_4", 4), ("selfdoubt_6", 5), ("ipip_pas_se_10", 8)])
def test_a_score_needs_four_fifths_of_the_items(identifier, needed):
    instrument = shipped(identifier)
    k = len(instrument.items)
    assert score_answers(instrument, [3] * needed + [None] * (k - needed)) == 3
    assert score_answers(instrument, [3] * (needed - 1) + [None] * (k - needed + 1)) is None


def test_reverse_keyed_items_turn_round_and_skipped_ones_stay_skipped():
    assert key_answers(shipped("selfdoubt_6"), [1, 2, 3, None, 1, 5]) == (1, 2, 3, None, 5, 1)
    assert score_answers(shipped("selfdoubt_6"), [5, 5, 5, 5, 1, 1]) == 5


@pytest.mark.parametrize("wrong", [0, 6, -1])
def test_an_answer_outside_the_options_is_refused(wrong):
    with pytest.raises(ValueError, match="outside 1 to 5"):
        score_answers(shipped("ipip_c1_4"), [3, 3, 3, wrong])


def test_the_wrong_number_of_answers_is_refused():
    with pytest.raises(ValueError, match="3 answers to 4 items"):
        score_answers(shipped("ipip_c1_4"), [3, 3, 3])


@given(st.sampled_from(["ipip_c1_4", "selfdoubt_6", "rses_10", "cips_20"]), st.data())
def test_every_score_lies_on_its_scale_and_turning_all_answers_round_mirrors_it(identifier, data):
    instrument = shipped(identifier)
    values = [option.value for option in instrument.options]
    k = len(instrument.items)
    answers = data.draw(st.lists(st.sampled_from([*values, None]), min_size=k, max_size=k))
    score = score_answers(instrument, answers)
    turned = [None if a is None else values[0] + values[-1] - a for a in answers]
    if score is None:
        assert sum(a is not None for a in answers) < instrument.needed
    else:
        assert instrument.scale.low <= score <= instrument.scale.high
        mirrored = score_answers(instrument, turned)
        assert mirrored == pytest.approx(instrument.scale.low + instrument.scale.high - score)
