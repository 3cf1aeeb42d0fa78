"""The search itself: exact on few people, right in its sums, honest about its budget."""

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.formation import (
    PRESETS,
    Budget,
    FormationCancelled,
    HardRuleBroken,
    PastCircle,
    Person,
    Problem,
    Sizes,
    evaluate,
    form,
)
from bot.domain.formation.index import Index
from bot.domain.formation.mend import mend
from bot.domain.formation.meter import Meter
from bot.domain.formation.rest import Rest
from bot.domain.formation.seating import Seating, circle_cost
from tests.benchmarks.instances import community, next_rotation, plain, wishful
from tests.domain.formation.checker import check
from tests.domain.formation.rosters import problems


def partitions(people, sizes):
    """Every way to seat some of the people in circles within the band; whoever is in none is left out."""
    if not people:
        yield []
        return
    first, others = people[0], people[1:]
    yield from partitions(others, sizes)
    for size in range(sizes.least, sizes.most + 1):
        for companions in combinations(others, size - 1):
            rest = [key for key in others if key not in companions]
            for circles in partitions(rest, sizes):
                yield [(first, *companions), *circles]


def lawful(problem, circles):
    try:
        return evaluate(problem, circles)
    except HardRuleBroken:
        return None


@settings(deadline=None, max_examples=25)
@given(problems(most_people=7))
def test_few_people_get_the_answer_of_brute_force_under_any_rules(problem):
    equals_brute_force(replace(problem, feedback=()))


@pytest.mark.parametrize("seed", range(3))
def test_nine_people_get_the_answer_of_brute_force(seed):
    problem = replace(wishful(9, hours=20, seed=seed), sizes=Sizes(3, 3, 4))
    past = (PastCircle(1, frozenset({"p0", "p1", "p2", "p5"})), PastCircle(2, frozenset({"p3", "p4", "p8"})))
    equals_brute_force(replace(problem, history=past, rotation=3))


def equals_brute_force(problem):
    keys = [person.key for person in problem.people]
    judged = [found for circles in partitions(keys, problem.sizes) if (found := lawful(problem, circles))]
    best = min((len(found.unplaced), found.quality.cost) for found in judged)
    answer = form(problem)
    assert len(answer.unplaced) == best[0]
    assert answer.quality.cost == pytest.approx(best[1], abs=1e-5)


def test_nine_people_over_four_rotations_all_meet_each_other_once():
    """Kirkman's nine: 3 circles of 3, 4 rounds, each of the 36 pairs exactly once, found from a lucky start on."""
    best = 36
    for seed in range(12):
        problem, repeats = replace(plain(9, 3), seed=seed * 10), 0
        for _ in range(4):
            answer = form(problem)
            repeats += answer.quality.repeated_pairs
            problem = next_rotation(problem, answer)
        best = min(best, repeats)
    assert best == 0


@settings(deadline=None, max_examples=40)
@given(problems(most_people=40), st.integers(0, 2**32))
def test_the_cost_with_one_more_equals_the_cost_of_the_whole(problem, seed):
    index = Index(problem)
    if index.n < 2:
        return
    members = Random(seed).sample(range(index.n), min(index.n, 5))
    whole = circle_cost(index, members)
    for person in members:
        others = [i for i in members if i != person]
        assert Rest(index, others).cost_with(person) == pytest.approx(whole)
    assert Rest(index, members).cost_alone() == pytest.approx(whole)


@settings(deadline=None, max_examples=25)
@given(problems(most_people=80), st.integers(0, 1_500))
def test_after_any_number_of_steps_the_kept_costs_equal_those_counted_anew(problem, steps):
    answer = form(replace(problem, budget=Budget(iterations=100)))
    index = Index(problem)
    seating = Seating(index, [[index.number[key] for key in circle.members] for circle in answer.circles])
    before = seating.total()
    if answer.circles:
        meter = Meter(Budget(iterations=steps))
        mend(seating, list(range(len(seating.circles))), Random(1), meter, 1.0)
    assert seating.costs == pytest.approx([circle_cost(index, members) for members in seating.circles])
    assert seating.total() <= before + 1e-6
    for circle, members in enumerate(seating.circles):
        assert all(seating.where[i] == circle for i in members)


def test_everyone_meets_as_many_new_people_as_can_be_in_a_saturated_group():
    problem = plain(12, 3, Budget(iterations=3_000))
    for _ in range(7):
        answer = form(problem)
        check(problem, answer)
        assert answer.quality.repeated_pairs >= answer.quality.least_repeats
        problem = next_rotation(problem, answer)
    assert form(problem).quality.least_repeats > 0


def test_who_has_met_fewest_people_is_spared_a_repeat_that_someone_must_have():
    past = (PastCircle(1, frozenset("ab")), PastCircle(1, frozenset("cd")), PastCircle(1, frozenset("ef")))
    more = tuple(PastCircle(1, frozenset({key, other})) for key in "ab" for other in ("x", "y", "z"))
    avoid = frozenset(frozenset(pair) for pair in ("ac", "ad", "ae", "af", "bc", "bd", "be", "bf"))
    people = tuple(Person(key) for key in "abcdefxyz")
    index = Index(Problem(people, Sizes(2, 2, 3), rotation=2, history=past + more, avoid=avoid))
    assert index.pair(0, 1) < index.pair(2, 3) == index.pair(4, 5)


def test_the_hours_preset_finds_circles_that_share_two_hours():
    problem = replace(community(budget=Budget(iterations=2_000)), weights=PRESETS["hours"])
    assert form(problem).quality.circles_sharing_two_hours == 21


def test_a_large_community_is_searched_in_wards_and_keeps_its_rules():
    problem = wishful(3_000, budget=Budget(iterations=400))
    answer = form(problem)
    check(problem, answer)
    assert not answer.unplaced
    assert answer.quality.circles_sharing_two_hours >= 0.9 * answer.quality.circles


class StepClock:
    """A clock on which every look takes a hundredth of a second."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        """Look at the clock."""
        self.now += 0.01
        return self.now


@pytest.mark.parametrize("seconds", [0.5, 2.0, 10.0])
def test_a_time_limit_is_kept_within_a_tenth_and_used(seconds):
    clock = StepClock()
    problem = replace(community(seed=3), budget=Budget(seconds=seconds, iterations=None))
    # hours and topics are never all fulfilled here, so only the limit ends the search
    answer = form(problem, clock=clock)
    check(problem, answer)
    assert 0.9 * seconds <= clock.now - 100.0 <= 1.1 * seconds


def test_a_limit_that_is_over_at_once_still_gives_a_lawful_answer():
    problem = replace(community(seed=3), budget=Budget(seconds=1e-6, iterations=None))
    check(problem, form(problem, clock=StepClock()))


def test_progress_rises_from_nothing_to_the_whole():
    heard = []
    form(community(budget=Budget(iterations=1_000)), heard.append)
    assert heard == sorted(heard)
    assert heard[0] < 0.1
    assert heard[-1] == 1.0
    assert len(heard) > 5


def test_cancelling_stops_at_once_and_leaves_nothing_behind():
    problem = community(budget=Budget(iterations=5_000))
    asked = []

    def cancelled():
        asked.append(None)
        return len(asked) > 30

    before = form(replace(problem, budget=Budget(iterations=500)))
    with pytest.raises(FormationCancelled):
        form(problem, cancelled=cancelled)
    assert len(asked) == 31
    assert form(replace(problem, budget=Budget(iterations=500))) == before


@pytest.mark.parametrize("budget", [Budget(seconds=1.0, iterations=5), Budget(seconds=None, iterations=None)])
def test_a_budget_of_both_kinds_or_of_none_is_refused(budget):
    with pytest.raises(ValueError, match="either seconds or iterations"):
        form(replace(plain(8, 4), budget=budget))


def test_another_seed_gives_other_circles():
    assert form(plain(40, 4)).circles != form(replace(plain(40, 4), seed=1)).circles


def test_people_without_hours_neither_help_nor_hinder():
    people = (Person("a", hours=0b111), Person("b", hours=0b110), Person("c"))
    answer = form(Problem(people, Sizes(3, 3, 3)))
    assert answer.circles[0].shared_hours == 2
