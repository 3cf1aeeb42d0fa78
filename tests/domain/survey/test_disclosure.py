from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings

from bot.domain.survey.disclosure import disclose
from bot.domain.survey.instrument import Scale
from bot.domain.survey.publication import Count, Decision, Rule
from bot.domain.survey.snapshot import dump_figures, dump_ledger, load_publication
from bot.domain.survey.wave import Asked, Wave
from tests.domain.survey.helpers import (
    CONFIDENCE,
    answered_by,
    circle_of,
    programme,
    publish_all,
    wave_of,
)
from tests.domain.survey.seasons import live, seasons


def test_p1_four_members_are_too_few_and_five_are_enough():
    few, enough = disclose(programme(4)), disclose(programme(5))
    assert (few.programme.decision, few.programme.rule) == (Decision.WITHHOLD, Rule.TOO_FEW)
    assert few.programme.figures is None
    assert few.turnout == Count(0, 4)
    assert enough.programme.figures is not None
    assert enough.turnout.exact == 5


def test_p1_moderators_and_other_readers_do_not_count_and_are_in_no_figure():
    wave = wave_of(circle_of("a", 4, silent=6, moderators=3))
    assert disclose(wave).programme.rule is Rule.TOO_FEW
    reader = replace(wave_of(circle_of("a", 5, silent=6)), readers=frozenset({"a0"}))
    assert disclose(reader).programme.rule is Rule.TOO_FEW
    members, mixed = circle_of("a", 9, silent=6), circle_of("a", 9, silent=6, moderators=4)
    extreme = [replace(person, score=5.0) if person.is_moderator else person for person in mixed]
    assert disclose(wave_of(members)).programme == disclose(wave_of(extreme)).programme


@settings(deadline=None, max_examples=120)
@given(seasons())
def test_p1_no_figure_of_a_season_covers_fewer_than_five_members(season):
    for step in live(season):
        ledger = step.publication.ledger
        for group in (ledger.everyone, *ledger.circles, ledger.paired):
            assert not group & step.wave.all_readers
            assert len(group) == 0 or len(group) >= 5
        for name, circle in step.publication.circles:
            answered = [p for p in step.wave.members if p.circle == name and p.score is not None]
            assert circle.figures is None or len(answered) >= 5


@pytest.mark.parametrize("least", [4, 1, 0, -5])
def test_p1_no_setting_goes_below_five(least):
    with pytest.raises(ValueError, match="no group smaller than 5"):
        disclose(programme(9), least=least)


def test_p1_a_community_may_ask_for_larger_groups():
    assert disclose(programme(9), least=10).programme.rule is Rule.TOO_FEW
    assert disclose(programme(10), least=10).programme.figures is not None


def test_p2_a_wave_is_published_once_and_an_erasure_changes_no_figure():
    wave = programme(12)
    first = disclose(wave)
    erased = first.without("p3", "token")
    fewer = replace(wave, asked=tuple(person for person in wave.asked if person.key != "p3"))
    again = disclose(fewer, [erased])
    assert again == erased
    assert replace(again, ledger=first.ledger) == first
    assert "p3" not in dump_ledger(again.ledger)
    assert len(again.ledger.everyone) == 12


def test_p3_alpha_is_withheld_where_few_skipped_an_item():
    def asked(skipping: int) -> Wave:
        people = [
            Asked(f"p{i}", "all", 3.0 + (i % 3) / 4, answers=None if i < skipping else (i % 5, i % 3, i % 4))
            for i in range(40)
        ]
        return wave_of(people, [Asked("silent", "all")])

    assert [disclose(asked(n)).reliability.rule for n in (1, 4)] == [Rule.DIFFERENCE] * 2
    assert all(disclose(asked(n)).reliability.figures for n in (0, 5, 10))
    assert disclose(asked(11)).reliability.rule is Rule.RELIABILITY
    assert disclose(programme(40)).reliability is None


def test_p4_the_smallest_circle_joins_a_rest_of_fewer_than_five():
    wave = wave_of(circle_of("a", 8, 1), circle_of("b", 6, 1), circle_of("c", 3, 1))
    published = disclose(wave)
    circles = dict(published.circles)
    assert published.programme.figures is not None
    assert circles["a"].figures is not None
    assert (circles["b"].decision, circles["b"].rule) == (Decision.MERGE, Rule.REST)
    assert (circles["c"].decision, circles["c"].rule) == (Decision.MERGE, Rule.TOO_FEW)


def test_p4_a_rest_of_five_lets_every_larger_circle_be_published():
    wave = wave_of(circle_of("a", 6, 1), circle_of("b", 6, 1), circle_of("c", 3, 1), circle_of("d", 2, 1))
    published = disclose(wave)
    assert len(published.ledger.circles) == 2
    assert published.programme.figures is not None


@settings(deadline=None, max_examples=120)
@given(seasons(most_waves=1))
def test_p4_circle_figures_are_disjoint_and_leave_over_nobody_or_five(season):
    for step in live(season):
        ledger = step.publication.ledger
        assert all(not one & other for one, other in combinations(ledger.circles, 2))
        if ledger.everyone:
            assert len(ledger.everyone.difference(*ledger.circles)) not in range(1, 5)


@pytest.mark.parametrize(
    ("scores", "rule"),
    [
        ([3.0] * 8, Rule.ALIKE),
        ([5.0] * 7 + [4.0], Rule.ALIKE),
        ([4.5, 5.0, 5.0, 4.7, 4.8, 4.8], Rule.ALIKE),
        ([4.75] * 3 + [4.5, 5.0, 4.75], Rule.ALIKE),  # would be printed as 4.8
        ([1.0] * 5 + [2.0], Rule.ALIKE),
        ([1.5, 1.0, 1.25, 1.25, 1.25, 1.75], None),
        ([4.5, 5.0, 4.5, 4.75, 4.75, 4.75, 4.5], None),
    ],
)
def test_p6_answers_that_are_alike_or_at_an_end_are_withheld(scores, rule):
    asked = [Asked(f"p{i}", "all", score) for i, score in enumerate(scores)]
    published = disclose(wave_of(asked, [Asked("silent", "all")]))
    assert published.programme.rule is rule
    assert (published.programme.figures is None) == (rule is not None)


def test_p6_the_margin_of_a_summed_scale_grows_with_its_items():
    def wave(mean: float) -> Wave:
        people = [Asked(f"p{i}", "all", mean + (i % 3) - 1) for i in range(9)]
        return Wave("w", 1, CONFIDENCE, Scale(0, 30, 2.0), (*people, Asked("silent", "all")))

    assert [disclose(wave(mean)).programme.rule for mean in (2, 3, 28)] == [Rule.ALIKE, None, Rule.ALIKE]


def test_p6_a_rest_that_is_alike_stays_hidden_behind_a_merged_circle():
    rest = [replace(person, score=3.0) for person in circle_of("c", 7, 1)]
    published = disclose(wave_of(circle_of("a", 8, 1), circle_of("b", 6, 1), rest))
    circles = dict(published.circles)
    assert circles["c"].rule is Rule.ALIKE
    assert circles["b"].rule is Rule.REST
    assert circles["a"].figures is not None


def test_p6_every_published_number_is_rounded_to_a_tenth():
    first = answered_by(1, set(range(20)))
    second = publish_all(first, answered_by(2, set(range(14)), first))[1]
    change, mean = second.change.figures, second.programme.figures
    numbers = [mean.mean, mean.low, mean.high, change.difference, change.low, change.high]
    numbers += [change.g, change.g_low, change.g_high, change.stayed, change.left]
    assert all(round(number, 1) == number for number in numbers)


def test_p7_only_those_asked_are_in_a_figure_and_nobody_is_asked_twice():
    wave = programme(9)
    assert disclose(wave).ledger.everyone <= {person.key for person in wave.asked}
    with pytest.raises(ValueError, match="asked twice"):
        replace(wave, asked=(*wave.asked, wave.asked[0]))


def test_a_score_outside_the_scale_is_refused():
    with pytest.raises(ValueError, match="outside the scale"):
        wave_of([Asked("p", "all", 5.1)])


@pytest.mark.parametrize(
    ("answered", "silent", "count"),
    [
        (12, 10, Count(12, 12)),
        (12, 5, Count(12, 12)),
        (12, 4, Count(12, 16)),
        (12, 0, Count(8, 12)),
        (4, 20, Count(0, 4)),
        (0, 0, Count(0, 0)),
        (5, 0, Count(0, 5)),
        (6, 1, Count(5, 7)),
    ],
)
def test_p16_turnout_never_tells_that_all_or_all_but_a_few_answered(answered, silent, count):
    assert disclose(wave_of(circle_of("a", answered, silent))).turnout == count


def test_p16_a_figure_that_would_tell_that_each_of_those_asked_answered_is_withheld():
    assert disclose(wave_of(circle_of("a", 5))).programme.rule is Rule.ALL_KNOWN
    assert disclose(wave_of(circle_of("a", 5, silent=1))).programme.figures is not None
    circles = dict(disclose(wave_of(circle_of("a", 5), circle_of("b", 9, 3))).circles)
    assert circles["a"].rule is Rule.ALL_KNOWN


def test_p16_circles_never_tell_that_nobody_in_the_others_answered():
    published = disclose(wave_of(circle_of("a", 8, 2), circle_of("b", 0, 3)))
    assert published.programme.figures is not None
    assert published.ledger.circles == ()


def test_a_publication_survives_its_way_through_text_and_its_figures_name_nobody():
    first = answered_by(1, set(range(36)))
    keyed = tuple(replace(p, answers=(3, i % 5, i % 4)) for i, p in enumerate(first.asked) if p.score)
    first = replace(first, asked=(*keyed, *circle_of("b", 8, 4)))
    second = answered_by(2, set(range(30)), first)
    for publication in publish_all(first, second):
        figures, ledger = dump_figures(publication), dump_ledger(publication.ledger)
        assert load_publication(figures, ledger) == publication
        assert not any(f'"{person.key}"' in figures for person in first.asked)
