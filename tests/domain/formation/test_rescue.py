from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.formation import Budget, Person, Problem, Role, Rules, Sizes
from bot.domain.formation.index import Index
from bot.domain.formation.meter import Meter
from bot.domain.formation.rescue import find_hopeless, rescue
from bot.domain.formation.seating import Seating
from tests.domain.formation.checker import check_hard_rules


def rescued(people: tuple[Person, ...], circles: list[list[int]], sizes: Sizes, seed: int = 0) -> Seating:
    problem = Problem(people, sizes, rules=Rules(facilitator_in_each=True), budget=Budget(iterations=100))
    seating = Seating(Index(problem), circles)
    rescue(seating, find_hopeless(seating.index), Random(seed), Meter(problem.budget))
    return seating


def test_a_full_circle_without_a_lead_makes_room_for_one():
    people = (*(Person(f"m{i}") for i in range(6)), Person("lead", role=Role.FACILITATOR))
    seating = rescued(people, [list(range(6))], Sizes(3, 5, 6))
    assert [len(members) for members in seating.circles if members] == [6]
    assert len(seating.bench) == 1
    assert 6 not in seating.bench


@given(st.integers(4, 18), st.integers(0, 5), st.data())
def test_no_circle_grows_past_the_most_whatever_it_lacks(members, leads, data):
    people = (*(Person(f"m{i}") for i in range(members)), *(Person(f"l{i}", role=Role.MENTOR) for i in range(leads)))
    order = data.draw(st.permutations(range(len(people))))
    sizes = Sizes(2, 3, 4)
    circles = [list(order[k : k + 4]) for k in range(0, len(order) // 4 * 4, 4)]
    seating = rescued(people, circles, sizes, data.draw(st.integers(0, 9)))
    for made in seating.circles:
        if made:
            check_hard_rules(seating.index.problem, [people[i] for i in made])
