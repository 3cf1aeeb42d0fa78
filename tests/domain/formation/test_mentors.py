from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from bot.domain.formation.affinity import FORBIDDEN, UNIT, affinity
from bot.domain.formation.auction import Auction
from bot.domain.formation.mentor_circles import form_around_mentors
from bot.domain.formation.mentors import assign_mentors
from bot.domain.formation.problem import PastCircle, Person, Problem, Reason, Role, Rules, Sizes, Weights
from tests.domain.formation.checker import check

TOPICS = ("python", "career", "speaking", "design", "data", "rust")
LANGUAGES = ("en", "es", "de")


def community(mentees: int, mentors: int, seed: int, capacity: int | None = 5) -> Problem:
    rng = Random(seed)

    def person(key: str, role: Role) -> Person:
        return Person(
            key,
            hours=sum(1 << hour for hour in rng.sample(range(168), 30)),
            offers=frozenset(rng.sample(TOPICS, 2)),
            wants=frozenset(rng.sample(TOPICS, 2)),
            languages=frozenset(rng.sample(LANGUAGES, 2)),
            role=role,
            capacity=capacity if role is Role.MENTOR else None,
        )

    people = [person(f"a{i}", Role.MEMBER) for i in range(mentees)]
    people += [person(f"z{j}", Role.MENTOR) for j in range(mentors)]
    return Problem(tuple(people), Sizes(2, 5, 6), weights=Weights(topics=10, hours=5), seed=seed)


def sides(problem: Problem) -> tuple[list[Person], list[Person]]:
    mentees = [person for person in problem.people if person.role is not Role.MENTOR]
    return mentees, [person for person in problem.people if person.role is Role.MENTOR]


def best_by_scipy(problem: Problem, room: list[int]) -> float:
    mentees, mentors = sides(problem)
    scores = affinity(problem, mentees, mentors).scores(0, len(mentees))
    places = [j for j, places in enumerate(room) for _ in range(places)]
    rows, columns = linear_sum_assignment(scores[:, places], maximize=True)
    return float(scores[:, places][rows, columns].sum()) / UNIT


@given(st.integers(1, 200), st.integers(1, 40), st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_the_total_equals_scipys_optimum(mentees, mentors, seed):
    problem = community(mentees, mentors, seed)
    room = [Random(seed + j).randrange(1, 7) for j in range(mentors)]
    match = assign_mentors(problem, *sides(problem), room)
    placed = [mentor for mentor in match.mentor_of if mentor is not None]
    assert len(placed) == min(mentees, sum(room))
    assert all(placed.count(j) <= places for j, places in enumerate(room))
    unmatched = (mentees - len(placed)) * match.unmatched_score
    assert match.total - unmatched == pytest.approx(best_by_scipy(problem, room))


@given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 10**6), st.booleans())
@settings(deadline=None, max_examples=25)
def test_the_total_never_exceeds_its_dual_bound_and_the_gap_is_nothing(mentees, mentors, seed, tight):
    problem = community(mentees, mentors, seed)
    room = [-(-mentees // mentors)] * mentors if tight else [6] * mentors
    match = assign_mentors(problem, *sides(problem), room)
    assert match.total <= match.bound + 1e-9
    assert match.bound - match.total <= 2 * len(match.mentor_of) / UNIT


def test_choices_kept_from_both_sides_reach_the_optimum_of_all_pairs():
    problem = community(400, 100, 3)
    room = [4] * 100
    match = assign_mentors(problem, *sides(problem), room)
    assert None not in match.mentor_of
    assert match.total == pytest.approx(best_by_scipy(problem, room))


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=9))
@settings(deadline=None)
def test_an_auction_on_coarse_scores_with_many_ties_is_exact(scores):
    scale = len(scores) + 1
    auction = Auction([[(j, score * scale) for j, score in enumerate(row)] for row in scores], [2, 2, 2], -100 * scale)
    auction.run(10 * scale)
    total = sum(scores[i][j] for i, j in enumerate(auction.seat_of) if j is not None)
    matrix = np.array(scores)[:, [0, 0, 1, 1, 2, 2]]
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    assert total == matrix[rows, columns].sum()


def test_nobody_is_assigned_to_a_mentor_without_a_common_language_where_the_program_asks_for_one():
    problem = community(20, 6, 5)
    asked = Problem(problem.people, problem.sizes, rules=Rules(common_language=True))
    mentees, mentors = sides(asked)
    match = assign_mentors(asked, mentees, mentors, [5] * 6)
    for mentee, mentor in zip(mentees, match.mentor_of, strict=True):
        assert mentor is None or mentee.languages & mentors[mentor].languages


def test_who_avoids_a_mentor_is_never_given_them_and_who_met_one_meets_another():
    people = (Person("a"), Person("b"), Person("x", role=Role.MENTOR), Person("y", role=Role.MENTOR))
    problem = Problem(
        people,
        avoid=frozenset({frozenset({"a", "x"})}),
        history=(PastCircle(0, frozenset({"b", "y"})),),
    )
    assert assign_mentors(problem, people[:2], people[2:], [2, 2]).mentor_of == (1, 0)
    assert affinity(problem, people[:2], people[2:]).scores(0, 2)[0, 0] == FORBIDDEN


@pytest.mark.parametrize(("mentees", "mentors"), [(50, 10), (37, 12), (9, 12), (80, 10), (3, 1), (1, 1), (0, 4)])
def test_circles_around_mentors_are_lawful_and_each_is_led_by_a_mentor(mentees, mentors):
    problem = community(mentees, mentors, 7)
    assignment = form_around_mentors(problem)
    check(problem, assignment)
    leads = {person.key for person in problem.people if person.role is Role.MENTOR}
    assert all(circle.lead in leads for circle in assignment.circles)
    if mentees <= 5 * mentors:
        assert not {one.key for one in assignment.unplaced} - leads


def test_mentees_for_whom_no_mentor_has_room_are_told_so():
    assignment = form_around_mentors(community(20, 2, 1))
    assert len(assignment.unplaced) == 10
    assert {one.reason for one in assignment.unplaced} <= {Reason.MENTOR_CAPACITY, Reason.NO_MENTOR}


def test_without_any_mentor_nobody_is_placed_and_a_mentor_is_what_lacks():
    assignment = form_around_mentors(community(12, 0, 1))
    assert not assignment.circles
    assert {one.reason for one in assignment.unplaced} == {Reason.NO_MENTOR}


@given(st.integers(0, 60), st.integers(1, 14), st.integers(0, 10**6), st.booleans())
@settings(deadline=None, max_examples=25)
def test_circles_around_mentors_hold_the_hard_rules_whatever_the_roster(mentees, mentors, seed, language):
    rng = Random(seed)
    problem = community(mentees, mentors, seed, capacity=rng.choice([None, 1, 3, 5]))
    keys = [person.key for person in problem.people]
    avoid = frozenset(frozenset(rng.sample(keys, 2)) for _ in range(len(keys) // 4) if len(keys) > 1)
    asked = Problem(problem.people, Sizes(3, 5, 6), avoid=avoid, rules=Rules(common_language=language), seed=seed)
    check(asked, form_around_mentors(asked))
