from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.formation import Budget, Person, Problem, Role, Rules, Sizes
from bot.domain.formation.evaluate import evaluate
from bot.domain.formation.season import following, plan_season
from bot.domain.formation.season_repair import changed_seats, repair_season
from tests.benchmarks.instances import community, plain, zoned
from tests.domain.formation.checker import check
from tests.domain.formation.recount import repeats

QUICK = Budget(iterations=400)


def with_people(problem: Problem, gone: set[str], come: tuple[Person, ...]) -> Problem:
    return replace(problem, people=tuple(p for p in problem.people if p.key not in gone) + come)


def test_one_who_joins_takes_the_seats_of_one_who_left():
    problem = plain(49, 7, QUICK)
    plan = plan_season(problem, 8)
    repaired = repair_season(plan, with_people(problem, {"p5"}, (Person("new"),)))
    renamed = tuple(
        tuple(tuple(sorted("new" if key == "p5" else key for key in circle)) for circle in circles)
        for circles in plan.rotations
    )
    assert [set(circles) for circles in repaired.rotations] == [set(circles) for circles in renamed]
    assert repeats(repaired.rotations) == 0
    assert changed_seats(plan.rotations, repaired.rotations) == 2 * 8


def test_a_repaired_season_repeats_less_than_one_planned_anew():
    problem = plain(50, 5, QUICK)
    plan = plan_season(problem, 10)
    done = 4
    asked = problem
    for circles in plan.rotations[:done]:
        asked = following(asked, circles)
    asked = with_people(asked, {"p1", "p2", "p3"}, tuple(Person(f"n{i}") for i in range(3)))
    repaired = repair_season(plan, asked)
    anew = plan_season(asked, 10 - done)
    assert repaired.rotations[:done] == plan.rotations[:done]
    assert repeats(repaired.rotations) == 0
    assert repeats(plan.rotations[:done] + anew.rotations) > 0
    assert changed_seats(plan.rotations[done:], anew.rotations) > changed_seats(plan.rotations, repaired.rotations)


def test_nobody_moves_where_nobody_comes_or_goes():
    problem = community(budget=QUICK)
    plan = plan_season(problem, 2)
    assert repair_season(plan, problem).rotations == plan.rotations


def test_who_pauses_is_missed_in_those_rotations_alone():
    problem = replace(plain(60, 5, QUICK), sizes=Sizes(4, 5, 6))
    plan = plan_season(problem, 4)
    repaired = repair_season(plan, problem, {2: frozenset({"p7", "p8"})})
    seated = [{key for circle in circles for key in circle} for circles in repaired.rotations]
    assert [len(keys) for keys in seated] == [60, 58, 60, 60]
    assert repaired.rotations[0] == plan.rotations[0]
    assert repaired.rotations[2:] == plan.rotations[2:]


def test_turnover_of_a_fifth_keeps_the_rules_and_changes_few_seats():
    problem = community(budget=QUICK)
    extra = tuple(
        replace(person, key=f"x{person.key}", role=Role.FACILITATOR if i % 4 == 0 else Role.MEMBER)
        for i, person in enumerate(zoned(41, 36, 7))
    )
    pool = problem.people + extra
    present = {person.key for person in problem.people}
    plan = plan_season(problem, 4)
    rng, changed, came_or_went, repeated = Random(1), 0, 0, 0
    for number in range(4):
        if number:
            go = set(rng.sample(sorted(present), 20))
            come = set(rng.sample(sorted({person.key for person in pool} - present), 20))
            present = present - go | come
            problem = replace(problem, people=tuple(person for person in pool if person.key in present))
            repaired = repair_season(plan, problem)
            changed += changed_seats(plan.rotations[number:], repaired.rotations[number:])
            came_or_went += 40 * (4 - number)
            plan = repaired
        assignment = evaluate(problem, plan.rotations[number])
        check(problem, assignment)
        repeated += assignment.quality.repeated_pairs
        problem = following(problem, plan.rotations[number])
    assert changed < 1.5 * came_or_went
    assert repeated <= 10


@given(st.integers(6, 40), st.integers(0, 8), st.integers(0, 8), st.integers(0, 10**6), st.booleans())
@settings(deadline=None, max_examples=25)
def test_a_repaired_season_is_lawful_whoever_comes_and_goes(people, gone, come, seed, led):
    rng = Random(seed)

    def person(key: str) -> Person:
        return Person(key, role=Role.FACILITATOR if rng.random() < 0.4 else Role.MEMBER)

    roster = tuple(person(f"p{i}") for i in range(people))
    keys = [p.key for p in roster]
    newcomers = tuple(person(f"n{i}") for i in range(come))
    avoid = frozenset(frozenset(rng.sample(keys + [p.key for p in newcomers], 2)) for _ in range(5))
    problem = Problem(roster, Sizes(3, 4, 5), avoid=avoid, rules=Rules(led), budget=Budget(iterations=60), seed=seed)
    plan = plan_season(problem, 3)
    asked = with_people(problem, set(rng.sample(keys, min(gone, people))), newcomers)
    asked = following(asked, plan.rotations[0])
    repaired = repair_season(plan, asked)
    assert repaired.rotations[0] == plan.rotations[0]
    for circles, unplaced in zip(repaired.rotations[1:], repaired.unplaced[1:], strict=True):
        assignment = evaluate(asked, circles)
        check(asked, assignment)
        assert assignment.unplaced == unplaced
        asked = following(asked, circles)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ((("a", "b"), ("c", "d")), (("c", "d"), ("a", "b")), 0),
        ((("a", "b"), ("c", "d")), (("a", "c"), ("b", "d")), 2),
        ((("a", "b"), ("c", "d")), (("a", "b"), ("c", "e")), 2),
        ((("a", "b", "c"),), (("a", "b"), ("c", "d")), 2),
    ],
)
def test_a_seat_counts_as_changed_when_its_circle_is_another_one(before, after, changed):
    assert changed_seats([before], [after]) == changed
