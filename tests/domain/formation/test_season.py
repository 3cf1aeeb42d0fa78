from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.formation import Budget, Person, Problem, Role, Rules, Sizes, form
from bot.domain.formation.problem import PastCircle
from bot.domain.formation.season import Method, SeasonPlan, following, plan_season
from tests.benchmarks.instances import community, plain
from tests.domain.formation.checker import check
from tests.domain.formation.recount import least_repeats, meetings, repeats
from tests.domain.formation.rosters import problems

QUICK = Budget(iterations=300)


def check_all(problem: Problem, plan: SeasonPlan) -> None:
    """Every rotation is what an independent checker accepts over the history before it."""
    for assignment in plan.assignments(problem):
        check(problem, assignment)
        problem = following(problem, [circle.members for circle in assignment.circles])


def without_hours(problem: Problem) -> Problem:
    return replace(problem, people=tuple(replace(person, hours=0) for person in problem.people))


@pytest.mark.parametrize(("people", "size", "rotations"), [(15, 3, 7), (49, 7, 8), (200, 5, 48), (96, 4, 20)])
def test_people_who_only_wish_to_meet_get_a_whole_season_without_a_repeat(people, size, rotations):
    problem = plain(people, size)
    plan = plan_season(problem, rotations)
    assert plan.method is Method.STRUCTURE
    assert len(plan.rotations) == rotations
    assert repeats(plan.rotations) == 0
    assert plan.unplaced == ((),) * rotations


@pytest.mark.parametrize(("people", "size", "rotations", "most"), [(32, 4, 10, 10), (50, 5, 11, 33)])
def test_where_a_season_must_repeat_it_repeats_few_pairs_and_none_a_third_time(people, size, rotations, most):
    plan = plan_season(plain(people, size), rotations)
    assert repeats(plan.rotations) <= most
    assert max(meetings(plan.rotations).values()) <= 2


def test_ten_circles_of_five_meet_ten_times_without_a_repeat():
    plan = plan_season(plain(50, 5), 10)
    assert repeats(plan.rotations) == 0
    assert len(meetings(plan.rotations)) == 1_000


@pytest.mark.parametrize(("people", "size", "rotations"), [(12, 4, 4), (24, 4, 8), (30, 5, 7), (33, 3, 18)])
def test_a_season_is_never_worse_than_rotation_by_rotation(people, size, rotations):
    problem = plain(people, size, QUICK)
    plan = plan_season(problem, rotations)
    cost, asked = 0.0, problem
    for _ in range(rotations):
        assignment = form(asked)
        cost += assignment.quality.cost
        asked = following(asked, [circle.members for circle in assignment.circles])
    assert plan.cost(problem) <= cost + 1e-6


@given(st.integers(4, 40), st.integers(2, 5), st.integers(1, 9), st.integers(0, 99))
@settings(deadline=None, max_examples=20)
def test_no_season_repeats_less_than_counting_allows(people, size, rotations, seed):
    problem = replace(plain(people, size, QUICK), sizes=Sizes(size, size, size + 1), seed=seed)
    plan = plan_season(problem, rotations)
    seated = {len(circle) for circles in plan.rotations for circle in circles}
    if not any(plan.unplaced) and len({tuple(map(len, circles)) for circles in plan.rotations}) == 1:
        sizes = [len(circle) for circle in plan.rotations[0]]
        assert repeats(plan.rotations) >= least_repeats(people, sizes, rotations)
    assert seated <= {size, size + 1}


def test_facilitators_share_a_column_and_avoid_pairs_never_meet():
    problem = without_hours(community(budget=QUICK))
    plan = plan_season(problem, 12)
    assert plan.method is Method.STRUCTURE
    assert repeats(plan.rotations) == 0
    check_all(problem, plan)


@given(problems(most_people=40, iterations=50), st.integers(1, 3))
@settings(deadline=None, max_examples=20)
def test_every_rotation_of_any_season_holds_the_hard_rules(problem, rotations):
    problem = replace(problem, budget=Budget(iterations=50))
    check_all(problem, plan_season(problem, rotations))


def test_wishes_are_searched_for_rotation_by_rotation():
    problem = community(budget=QUICK)
    plan = plan_season(problem, 2)
    assert plan.method is Method.SEARCH
    searched = form(problem)
    assert plan.rotations[0] == tuple(circle.members for circle in searched.circles)


def test_a_season_over_a_history_repeats_no_more_than_the_search():
    problem = replace(
        plain(20, 4, Budget(iterations=2_000)),
        rotation=3,
        history=tuple(PastCircle(1, frozenset(f"p{4 * c + k}" for k in range(4))) for c in range(5)),
    )
    plan = plan_season(problem, 3)
    assert plan.first == 3
    assert plan.assignments(problem)[0].quality.repeated_pairs == 0


def test_people_without_a_place_are_told_why_in_each_rotation():
    people = tuple(Person(f"p{i}", role=Role.MENTOR if i < 2 else Role.MEMBER, capacity=1) for i in range(5))
    problem = Problem(people, Sizes(3, 3, 3), rules=Rules(facilitator_in_each=True), budget=QUICK)
    plan = plan_season(problem, 2)
    for assignment, unplaced in zip(plan.assignments(problem), plan.unplaced, strict=True):
        assert assignment.unplaced == unplaced
        assert unplaced


def test_the_same_seed_plans_the_same_season_and_another_seed_seats_people_otherwise():
    problem = plain(60, 5)
    assert plan_season(problem, 6) == plan_season(problem, 6)
    assert plan_season(problem, 6) != plan_season(replace(problem, seed=1), 6)


def test_planning_tells_how_far_it_is_and_ends_at_the_whole():
    told: list[float] = []
    plan_season(community(budget=QUICK), 2, told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_renaming_everybody_keeps_the_number_of_repeats():
    rng = Random(4)
    problem = plain(30, 5, QUICK)
    names = [f"q{i}" for i in range(30)]
    rng.shuffle(names)
    renamed = replace(problem, people=tuple(Person(name) for name in names))
    assert repeats(plan_season(problem, 6).rotations) == repeats(plan_season(renamed, 6).rotations) == 0
