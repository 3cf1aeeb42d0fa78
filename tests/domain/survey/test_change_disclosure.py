from dataclasses import replace

import pytest

from bot.domain.survey.disclosure import disclose
from bot.domain.survey.publication import Rule
from tests.domain.survey.attack import Attacker, sums_of
from tests.domain.survey.helpers import answered_by, publish_all, scores_by_wave


@pytest.mark.parametrize(
    ("again", "joiners", "rule"),
    [
        (20, 0, None),
        (15, 0, None),
        (15, 5, None),
        (20, 5, None),
        (16, 0, Rule.CHANGE),
        (19, 5, Rule.CHANGE),
        (20, 1, Rule.CHANGE),
        (15, 4, Rule.CHANGE),
        (4, 9, Rule.TOO_FEW),
    ],
)
def test_p5_a_change_needs_nobody_or_five_on_each_side(again, joiners, rule):
    first = answered_by(1, set(range(20)))
    second = answered_by(2, set(range(again)) | set(range(100, 100 + joiners)), first)
    published = publish_all(first, second)[1]
    assert published.programme.figures is not None
    assert published.change is not None
    assert published.change.rule is rule
    assert (published.change.figures is not None) == (rule is None)


def test_p5_three_waves_are_looked_at_together():
    """Each pair of these waves keeps the rule alone; together they give one person's answer away."""
    waves = [answered_by(1, set(range(5, 20)))]
    waves.append(answered_by(2, set(range(20)), *waves))
    waves.append(answered_by(3, set(range(6, 20)), *waves))
    published = publish_all(*waves)
    assert published[1].change.figures is not None
    assert published[2].change.rule is Rule.CHANGE
    careless = replace(published[2].ledger, paired=published[2].ledger.everyone, since="w2")
    rows = sums_of([*published[:2], replace(published[2], ledger=careless)])
    assert frozenset({"p5"}) in set(Attacker(rows).victims())
    assert not set(Attacker(sums_of(published)).victims())
    alone = publish_all(waves[1], replace(waves[2], earlier=scores_by_wave(waves[1])))
    assert alone[1].change.figures is not None


def test_p5_an_erased_person_still_counts_among_those_who_left():
    first = answered_by(1, set(range(20)))
    published = [disclose(first).without("p19", "token")]
    scores = scores_by_wave(first)
    del scores["w1"]["p19"]
    second = replace(answered_by(2, set(range(19))), earlier=scores)
    assert disclose(second, published).change.rule is Rule.CHANGE


def test_p5_nobody_hides_behind_an_erased_person_who_may_read_results_today():
    first = answered_by(1, set(range(20)))
    scores = scores_by_wave(first)
    second = answered_by(2, set(range(15)), first)
    assert publish_all(first, second)[1].change.figures is not None
    published = [disclose(first).without("p19", "token")]
    del scores["w1"]["p19"]
    promoted = replace(second, earlier=scores, readers=frozenset({"p19"}))
    assert disclose(promoted, published).change.rule is Rule.CHANGE


def test_p5_a_moderator_of_today_does_not_hide_the_members_of_yesterday():
    first = answered_by(1, set(range(20)))
    second = answered_by(2, set(range(15)), first)
    assert publish_all(first, second)[1].change.figures is not None
    promoted = replace(second, readers=frozenset({"p17"}))
    assert publish_all(first, promoted)[1].change.rule is Rule.CHANGE


def test_p5_one_wave_is_compared_with_one_later_wave_only():
    first = answered_by(1, set(range(20)))
    second, late = answered_by(3, set(range(20)), first), answered_by(2, set(range(15)), first)
    published = publish_all(first, second, late)
    assert published[1].change.figures is not None
    assert published[2].change.rule is Rule.CHANGE


def test_a_change_is_measured_from_the_last_wave_with_a_published_mean_of_the_same_instrument():
    first, thin = answered_by(1, set(range(20))), answered_by(2, {1, 2, 3})
    other = replace(answered_by(3, set(range(20))), instrument="other@1#00")
    last = answered_by(5, set(range(20)), first, thin, other)
    published = publish_all(first, thin, other, last)
    assert published[0].change is published[2].change is None
    assert published[3].change.figures.since == "w1"


def test_p15_a_change_is_withheld_once_the_earlier_answers_are_deleted():
    first, second = answered_by(1, set(range(20))), answered_by(2, set(range(20)))
    assert publish_all(first, second)[1].change.rule is Rule.GONE


def test_those_who_stayed_are_compared_with_those_who_left_only_from_five_on_either_side():
    first = answered_by(1, set(range(20)))
    all_again, fewer = answered_by(2, set(range(20)), first), answered_by(2, set(range(14)), first)
    assert publish_all(first, all_again)[1].change.figures.left is None
    change = publish_all(first, fewer)[1].change.figures
    scores = scores_by_wave(first)["w1"]
    assert change.stayed == round(sum(scores[f"p{i}"] for i in range(14)) / 14, 1)
    assert change.left == round(sum(scores[f"p{i}"] for i in range(14, 20)) / 6, 1)
    del scores["p19"]
    published = [disclose(first).without("p19", "token")]
    after_erasure = disclose(replace(fewer, earlier={"w1": scores}), published).change.figures
    assert (after_erasure.stayed, after_erasure.left) == (None, None)


def test_p6_those_who_left_are_not_told_apart_where_they_were_alike():
    first = answered_by(1, set(range(20)))
    alike = tuple(
        replace(person, score=4.0) if person.key in {f"p{i}" for i in range(14, 20)} else person
        for person in first.asked
    )
    first = replace(first, asked=alike)
    second = answered_by(2, set(range(14)), first)
    assert publish_all(first, second)[1].change.rule is Rule.ALIKE


def test_p6_a_change_that_is_the_same_for_all_is_withheld():
    first = answered_by(1, set(range(20)))
    moved = tuple(replace(p, score=p.score + 0.5) if p.score is not None else p for p in first.asked)
    second = replace(first, key="w2", number=2, asked=moved, earlier=scores_by_wave(first))
    assert publish_all(first, second)[1].change.rule is Rule.ALIKE
