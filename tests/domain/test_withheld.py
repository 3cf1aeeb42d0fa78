"""Which groups are kept back, so that no figure about a few people can be read or computed."""

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.withheld import LEAST_GROUP, are_few, withheld

groups_of_people = st.dictionaries(st.integers(0, 9), st.frozensets(st.integers(0, 30), max_size=12), max_size=6)


def people(start: int, number: int) -> frozenset[int]:
    return frozenset(range(start, start + number))


def test_groups_of_five_and_more_are_all_shown():
    assert withheld({1: people(0, 5), 2: people(10, 6)}) == frozenset()


def test_one_small_group_takes_the_next_smallest_with_it():
    # Beside the total, circle 1 alone could be computed from circles 2 and 3.
    assert withheld({1: people(0, 4), 2: people(10, 5), 3: people(20, 6)}) == {1, 2}


def test_two_small_groups_that_are_five_together_are_enough():
    assert withheld({1: people(0, 2), 2: people(10, 3), 3: people(20, 6)}) == {1, 2}


def test_two_small_groups_of_the_same_people_are_still_few():
    # Somebody may report two things: four people stay four.
    assert withheld({1: people(0, 4), 2: people(0, 4), 3: people(20, 6)}) == {1, 2, 3}


def test_groups_of_nobody_are_kept_back_like_small_ones():
    assert withheld({1: frozenset(), 2: people(10, 8)}) == {1, 2}


def test_few_are_under_five():
    assert [are_few(people(0, number)) for number in (0, 4, 5)] == [True, True, False]


@given(groups_of_people)
def test_nothing_about_few_people_is_shown_or_computable(groups):
    kept_back = withheld(groups)
    shown = set(groups) - kept_back
    assert all(len(groups[name]) >= LEAST_GROUP for name in shown)
    together = frozenset(chain.from_iterable(groups[name] for name in kept_back))
    assert not kept_back or not shown or len(together) >= LEAST_GROUP


@given(st.lists(st.integers(1, 9), max_size=6))
def test_no_fewer_groups_of_different_people_would_do(sizes):
    groups = {number: people(100 * number, size) for number, size in enumerate(sizes)}
    small = {name for name, found in groups.items() if are_few(found)}
    others = sorted(set(groups) - small)
    fits = [
        small | set(more)
        for count in range(len(others) + 1)
        for more in combinations(others, count)
        if not small or sum(sizes[name] for name in small | set(more)) >= LEAST_GROUP or count == len(others)
    ]
    assert len(withheld(groups)) == min(len(each) for each in fits)
