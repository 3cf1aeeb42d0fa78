from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.formation import HardRuleBroken, Person, Problem, Role, Rules, Sizes
from bot.domain.formation.repair import Obstacle, Repair, Running, Why, rearrange, repair

ANY_HOUR = (1 << 168) - 1


def people(*keys: str) -> tuple[Person, ...]:
    return tuple(Person(key) for key in keys)


def running(*circles: str, resting: tuple[str, ...] = ()) -> list[Running]:
    """Name circles by their people's letters, numbered from 1; the resting, circle by circle, likewise."""
    padded = (*resting, *([""] * (len(circles) - len(resting))))
    return [Running(n, tuple(c), tuple(r)) for n, (c, r) in enumerate(zip(circles, padded, strict=True), 1)]


def problem(circles: list[Running], extra: str = "", **changes) -> Problem:
    keys = [key for circle in circles for key in (*circle.members, *circle.resting)]
    return Problem(people(*keys, *extra), **{"sizes": Sizes(3, 4, 5), **changes})


def after(circles: list[Running], made: Repair) -> dict[int, set[str]]:
    seats = {circle.number: set(circle.members) for circle in circles}
    for move in made.moves:
        if move.origin is not None:
            seats[move.origin].remove(move.key)
        assert move.key not in seats[move.target]
        seats[move.target].add(move.key)
    return seats


def moved(made: Repair) -> int:
    return sum(move.origin is not None for move in made.moves)


def test_circles_that_are_whole_stay_as_they_are():
    circles = running("abc", "defgh")
    assert repair(problem(circles), circles) == Repair()


def test_two_who_are_left_over_join_a_circle_with_room():
    circles = running("ab", "cde", "fgh")
    made = repair(problem(circles), circles)
    assert [(m.key, m.origin, m.target, m.why) for m in made.moves] == [
        ("a", 1, 2, Why.MERGED),
        ("b", 1, 2, Why.MERGED),
    ]
    assert made.closed == (1,)


def test_one_from_a_larger_circle_fills_a_small_one_rather_than_two_moving():
    circles = running("ab", "cdef", "ghi")
    made = repair(problem(circles), circles)
    assert [(m.origin, m.target, m.why) for m in made.moves] == [(2, 1, Why.FILLS)]
    assert made.closed == ()


def test_a_late_joiner_fills_a_small_circle_so_that_nobody_moves():
    circles = running("ab", "cdef")
    made = repair(problem(circles, "z"), circles)
    assert [(m.key, m.origin, m.target, m.why) for m in made.moves] == [("z", None, 1, Why.PLACED)]


def test_a_seat_of_somebody_who_rests_is_not_given_away():
    circles = running("abcd", resting=("x",))
    made = repair(problem(circles, "z"), circles)
    assert made == Repair(left_out=(("z", Obstacle.FULL),))


def test_nobody_is_placed_with_whom_one_of_the_two_avoids_resting_or_not():
    circles = running("abc", resting=("x",))
    asked = problem(circles, "z", avoid=frozenset({frozenset("xz")}))
    assert repair(asked, circles).left_out == (("z", Obstacle.RULES),)


def test_a_late_joiner_waits_where_no_two_hours_are_shared():
    circles = running("abc")
    asked = Problem((*(Person(key, hours=0b111) for key in "abc"), Person("z", hours=0b1001)), Sizes(3, 4, 5))
    assert repair(asked, circles).left_out == (("z", Obstacle.HOURS),)


def test_a_circle_that_cannot_be_mended_stays_and_is_named():
    circles = running("ab")
    assert repair(problem(circles), circles) == Repair(short=(1,))


def test_a_circle_that_everybody_left_closes():
    circles = running("", "abc", resting=("x",))
    assert repair(problem(circles), circles) == Repair(closed=(1,))


def test_a_circle_whose_facilitator_left_is_lent_one_who_is_spare():
    circles = running("abc", "defg")
    leads = {"d", "e"}
    asked = Problem(
        tuple(Person(key, role=Role.FACILITATOR if key in leads else Role.MEMBER) for key in "abcdefg"),
        Sizes(3, 4, 5),
        rules=Rules(facilitator_in_each=True),
    )
    made = repair(asked, circles)
    assert [(m.key in leads, m.origin, m.target) for m in made.moves] == [(True, 2, 1)]


@st.composite
def small(draw) -> tuple[Problem, list[Running]]:
    """Draw up to seven people in up to three circles, up to two without one, and any rules."""
    sizes = draw(st.sampled_from([Sizes(2, 3, 3), Sizes(3, 3, 4), Sizes(2, 3, 4), Sizes(3, 4, 5)]))
    counts = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3).filter(lambda each: sum(each) <= 7))
    keys = iter("abcdefghijklmnopqr")
    circles = [
        Running(n, tuple(next(keys) for _ in range(size)), tuple(next(keys) for _ in range(draw(st.integers(0, 1)))))
        for n, size in enumerate(counts, 1)
    ]
    seated = [key for circle in circles for key in (*circle.members, *circle.resting)]
    everybody = [*seated, *(next(keys) for _ in range(draw(st.integers(0, 2))))]
    languages = draw(st.booleans())
    speaks = st.sampled_from([frozenset({"en"}), frozenset({"de"}), frozenset({"de", "en"})])
    hours = st.sampled_from([0, 0b1111, 0b11, 0b1100])
    asked = Problem(
        tuple(
            Person(
                key,
                hours=draw(hours),
                languages=draw(speaks),
                role=draw(st.sampled_from([Role.MEMBER, Role.MEMBER, Role.FACILITATOR])),
            )
            for key in everybody
        ),
        sizes,
        avoid=draw(
            st.frozensets(st.sets(st.sampled_from(everybody), min_size=2, max_size=2).map(frozenset), max_size=3)
        )
        if len(everybody) > 1
        else frozenset(),
        rules=Rules(draw(st.booleans()), languages),
    )
    return asked, circles


def shared(members: list[Person]) -> int:
    hours = ANY_HOUR
    for person in members:
        hours &= person.hours or ANY_HOUR
    return hours.bit_count()


def homeless(asked: Problem, circles: list[Running]) -> list[str]:
    seated = {key for circle in circles for key in (*circle.members, *circle.resting)}
    return [person.key for person in asked.people if person.key not in seated]


def is_lawful(asked: Problem, circle: Running, members: set[str], newcomers: list[str]) -> bool:
    """Tell whether a circle may become these people, by the rules as they are described."""
    by_key = {person.key: person for person in asked.people}
    came = members - set(circle.members)
    if members == set(circle.members) or not members:
        return True
    present = [by_key[key] for key in members]
    too_many = came and len(members) + len(circle.resting) > asked.sizes.most
    # Whoever comes joins somebody: a circle that everybody leaves closes.
    if len(members) < asked.sizes.least or too_many or not members & set(circle.members):
        return False
    if asked.rules.facilitator_in_each and all(person.role is Role.MEMBER for person in present):
        return False
    if any(frozenset((one, other)) in asked.avoid for one in came for other in members | set(circle.resting)):
        return False
    if came and asked.rules.common_language and not frozenset.intersection(*(p.languages for p in present)):
        return False
    stayed = [by_key[key] for key in circle.members if key in members]
    return not came & set(newcomers) or shared(present) >= min(2, shared(stayed))


def least_possible(asked: Problem, circles: list[Running]) -> tuple[int, int]:
    """Try everything: give the fewest people in circles that stay broken, and the fewest moves for that."""
    seated, waiting = [key for circle in circles for key in circle.members], homeless(asked, circles)
    numbers = [circle.number for circle in circles if circle.members]
    home = {key: circle.number for circle in circles for key in circle.members}
    best = (len(asked.people) + 1, 0)
    for places in product(*([numbers] * len(seated)), *([[0, *numbers]] * len(waiting))):
        seats = {circle.number: set[str]() for circle in circles}
        for key, number in zip((*seated, *waiting), places, strict=True):
            if number:
                seats[number].add(key)
        score = (stranded(asked, seats), sum(home[k] != n for k, n in zip(seated, places, strict=False)))
        if score < best and all(is_lawful(asked, circle, seats[circle.number], waiting) for circle in circles):
            best = score
    return best


def stranded(asked: Problem, seats: dict[int, set[str]]) -> int:
    leads = {person.key for person in asked.people if person.role is not Role.MEMBER}
    ask = asked.rules.facilitator_in_each
    return sum(len(each) for each in seats.values() if len(each) < asked.sizes.least or (ask and not each & leads))


@settings(max_examples=100)
@given(small())
def test_no_repair_needs_fewer_moves(drawn):
    asked, circles = drawn
    made = repair(asked, circles)
    assert (stranded(asked, after(circles, made)), moved(made)) == least_possible(asked, circles)


@given(small())
def test_every_circle_is_lawful_or_as_it_was_and_everybody_is_accounted_for(drawn):
    asked, circles = drawn
    made = repair(asked, circles)
    seats = after(circles, made)
    for circle in circles:
        assert is_lawful(asked, circle, seats[circle.number], homeless(asked, circles))
    assert set(made.closed) == {number for number, members in seats.items() if not members}
    placed = {key for members in seats.values() for key in members}
    assert {key for key, _ in made.left_out} == set(homeless(asked, circles)) - placed
    assert made == repair(asked, circles), "the same circles give the same repair"


def test_many_broken_circles_among_hundreds_are_mended_with_few_moves():
    rng = Random(4)
    sizes = [rng.choice((1, 2)) if n % 16 == 0 else rng.choice((4, 5, 5, 6)) for n in range(160)]
    keys = iter(range(2_000))
    circles = [Running(n, tuple(f"p{next(keys)}" for _ in range(size))) for n, size in enumerate(sizes, 1)]
    asked = problem(circles, sizes=Sizes(3, 5, 6))
    made = repair(asked, circles)
    assert made.short == ()
    assert moved(made) <= sum(min(3 - size, size) for size in sizes if size < 3)


def test_late_joiners_do_not_keep_broken_circles_from_being_mended():
    rng = Random(4)
    sizes = [rng.choice((1, 2)) if n < 4 else rng.choice((4, 5)) for n in range(30)]
    keys = iter(range(200))
    circles = [Running(n, tuple(f"p{next(keys)}" for _ in range(size))) for n, size in enumerate(sizes, 1)]
    everybody = [key for circle in circles for key in circle.members] + ["late1", "late2", "late3"]
    people = tuple(Person(key, hours=sum(1 << hour for hour in rng.sample(range(168), 20))) for key in everybody)
    made = repair(Problem(people, Sizes(3, 5, 6)), circles)
    assert made.short == ()
    assert moved(made) <= sum(min(3 - size, size) for size in sizes if size < 3)


def test_a_moderators_move_is_refused_where_a_rule_forbids_it():
    circles = running("abcd", "efghi", "jkl")
    asked = problem(circles, "z", avoid=frozenset({frozenset("aj")}))
    assert rearrange(asked, circles, {"b": 3}).moves[0].why is Why.ASKED
    assert rearrange(asked, circles, {"z": 3}).moves[0].origin is None
    assert {m.key for m in rearrange(asked, circles, {"b": 2, "e": 1}).moves} == {"b", "e"}
    for forbidden in ({"a": 3}, {"b": 2}, {"j": 1}, {"a": 3, "k": 1}):
        with pytest.raises(HardRuleBroken):
            rearrange(asked, circles, forbidden)


def test_the_last_of_a_circle_may_leave_it_and_a_small_one_may_grow():
    circles = running("a", "bcd")
    assert rearrange(problem(circles), circles, {"a": 2}).closed == (1,)
    assert rearrange(problem(circles, "z"), circles, {"z": 1}).closed == ()
