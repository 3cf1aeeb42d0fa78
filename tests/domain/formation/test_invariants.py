"""Whatever the roster and the rules, the answer is one that an independent checker accepts."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.formation import (
    Budget,
    PastCircle,
    Person,
    Problem,
    Reason,
    Role,
    Rules,
    Sizes,
    evaluate,
    form,
)
from tests.benchmarks.instances import community, next_rotation, plain
from tests.domain.formation.checker import check, encounters
from tests.domain.formation.rosters import problems


@settings(deadline=None, max_examples=60)
@given(problems())
def test_any_roster_with_any_rules_gives_an_assignment_that_the_checker_accepts(problem):
    """FAILURES F3: everyone not placed has a reason."""
    check(problem, form(problem))


@settings(deadline=None, max_examples=15)
@given(problems(most_people=60))
def test_a_problem_gives_the_same_circles_each_time(problem):
    assert form(problem) == form(problem)


@settings(deadline=None, max_examples=15)
@given(problems(most_people=60), st.integers(0, 2**32))
def test_giving_people_other_keys_keeps_the_quality(problem, seed):
    keys = [person.key for person in problem.people]
    others = [f"q{number}" for number in range(len(keys))]
    Random(seed).shuffle(others)
    new = dict(zip(keys, others, strict=True)) | {"gone1": "gone1", "gone2": "gone2"}
    renamed = replace(
        problem,
        people=tuple(replace(person, key=new[person.key]) for person in problem.people),
        history=tuple(
            replace(past, members=frozenset(new[key] for key in past.members), lead=past.lead and new[past.lead])
            for past in problem.history
        ),
        avoid=frozenset(frozenset(new[key] for key in pair) for pair in problem.avoid),
        feedback=tuple(replace(wish, person=new[wish.person], about=new[wish.about]) for wish in problem.feedback),
    )
    assert form(renamed).quality == form(problem).quality


@settings(deadline=None, max_examples=15)
@given(problems(most_people=60), st.integers(0, 2**32))
def test_a_pair_that_comes_to_avoid_each_other_never_meets_again(problem, seed):
    circles = form(problem).circles
    if not circles:
        return
    circle = Random(seed).choice(circles)
    pair = frozenset(Random(seed).sample(circle.members, 2))
    harder = replace(problem, avoid=problem.avoid | {pair})
    answer = form(harder)
    check(harder, answer)
    assert not any(pair <= set(found.members) for found in answer.circles)


@settings(deadline=None, max_examples=12)
@given(problems(most_people=60))
def test_a_larger_budget_never_worsens_a_seed(problem):
    problem = replace(problem, feedback=())  # the reported cost leaves out what people said in private
    costs = [form(replace(problem, budget=Budget(iterations=steps))).quality.cost for steps in (100, 700, 3_000)]
    assert costs[2] <= costs[1] + 1e-6
    assert costs[1] <= costs[0] + 1e-6


@settings(deadline=None, max_examples=20)
@given(problems(most_people=40))
def test_judging_the_formed_circles_by_hand_gives_the_same_assignment(problem):
    formed = form(problem)
    judged = evaluate(problem, [circle.members for circle in formed.circles])
    assert judged.circles == formed.circles
    assert judged.quality == formed.quality


@pytest.mark.parametrize("people", [*range(31), 47, 101, 500, 1_999, 2_003])
def test_any_number_of_people_forms_or_gets_a_clear_answer(people):
    """FAILURES F7: no number of members is a crash or a NaN."""
    problem = replace(plain(people, 4, Budget(iterations=300)), sizes=Sizes(4, 4, 5))
    answer = form(problem)
    check(problem, answer)
    fits = any(4 * circles <= people <= 5 * circles for circles in range(people + 1))
    assert bool(answer.unplaced) == (not fits)


def test_fewer_people_than_one_circle_are_told_so():
    answer = form(plain(3, 4))
    assert [(person.key, person.reason) for person in answer.unplaced] == [
        (f"p{number}", Reason.TOO_FEW_PEOPLE) for number in range(3)
    ]
    assert answer.relax is Reason.TOO_FEW_PEOPLE


@pytest.mark.parametrize(("people", "left_out"), [(7, 3), (13, 1), (103, 3)])
def test_as_few_as_possible_are_left_out_where_sizes_do_not_add_up(people, left_out):
    answer = form(plain(people, 4, Budget(iterations=100)))
    assert [person.reason for person in answer.unplaced] == [Reason.SIZES_DO_NOT_ADD_UP] * left_out
    assert answer.relax is Reason.SIZES_DO_NOT_ADD_UP


def test_one_facilitator_too_few_leaves_out_only_whom_the_other_circles_cannot_hold():
    people = tuple(Person(f"p{i}", role=Role.FACILITATOR if i < 3 else Role.MEMBER) for i in range(20))
    problem = Problem(people, Sizes(4, 5, 6), rules=Rules(facilitator_in_each=True), budget=Budget(iterations=200))
    answer = form(problem)
    check(problem, answer)
    assert [person.reason for person in answer.unplaced] == [Reason.NO_FACILITATOR] * 2
    assert answer.relax is Reason.NO_FACILITATOR


def test_a_lone_language_is_the_only_one_left_out_and_is_told_why():
    people = tuple(Person(f"p{i}", languages=frozenset({"en" if i else "is"})) for i in range(26))
    problem = Problem(people, Sizes(4, 5, 6), rules=Rules(common_language=True), budget=Budget(iterations=200))
    answer = form(problem)
    check(problem, answer)
    assert [(person.key, person.reason) for person in answer.unplaced] == [("p0", Reason.NO_COMMON_LANGUAGE)]


def test_a_person_whom_all_avoid_is_the_only_one_left_out():
    people = tuple(Person(f"p{i}") for i in range(21))
    avoid = frozenset(frozenset(("p0", f"p{i}")) for i in range(1, 21))
    problem = Problem(people, Sizes(4, 5, 6), avoid=avoid, budget=Budget(iterations=200))
    answer = form(problem)
    check(problem, answer)
    assert [(person.key, person.reason) for person in answer.unplaced] == [("p0", Reason.AVOID)]


def test_a_clique_that_fits_one_to_a_circle_leaves_nobody_out():
    people = tuple(Person(f"p{i}") for i in range(20))
    avoid = frozenset(frozenset((f"p{i}", f"p{j}")) for i in range(5) for j in range(i))
    problem = Problem(people, Sizes(4, 5, 6), avoid=avoid, budget=Budget(iterations=200))
    answer = form(problem)
    check(problem, answer)
    assert not answer.unplaced


def test_mentors_take_no_more_people_than_their_capacity():
    people = tuple(
        Person(f"p{i:02}", role=Role.MENTOR if i < 5 else Role.MEMBER, capacity=3 if i < 5 else None) for i in range(20)
    )
    problem = Problem(people, Sizes(4, 4, 5), rules=Rules(facilitator_in_each=True), budget=Budget(iterations=200))
    answer = form(problem)
    check(problem, answer)
    assert not answer.unplaced


def test_nobody_meets_twice_in_twenty_rotations_of_two_hundred():
    """FAILURES F1, F2: no partner repeats, because the whole history counts."""
    problem = plain(200, 5, Budget(iterations=5_000))
    for _ in range(20):
        answer = form(problem)
        check(problem, answer)
        assert answer.quality.repeated_pairs == 0
        problem = next_rotation(problem, answer)
    assert len(encounters(problem)) == 20 * 40 * 10


def test_old_encounters_are_repeated_before_recent_ones():
    """FAILURES F2: nothing of the history is forgotten, and age decides where a repeat cannot be helped."""
    people = tuple(Person(key) for key in "abcd")
    pairings = (("ab", "cd"), ("ac", "bd"), ("ad", "bc"))
    history = tuple(PastCircle(rotation, frozenset(pair)) for rotation, pairs in enumerate(pairings) for pair in pairs)
    answer = form(Problem(people, Sizes(2, 2, 2), rotation=3, history=history))
    assert [circle.members for circle in answer.circles] == [("a", "b"), ("c", "d")]
    assert answer.quality.repeated_pairs == answer.quality.least_repeats == 2


def test_a_community_in_nine_zones_keeps_all_its_hard_rules_over_rotations():
    problem = community(budget=Budget(iterations=1_500))
    for _ in range(4):
        answer = form(problem)
        check(problem, answer)
        assert not answer.unplaced
        assert answer.quality.circles_sharing_two_hours >= 19
        problem = next_rotation(problem, answer)
