from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.formation.closed_form import cyclic_lattice, field_lattice, lattice, lattice_rounds, product_lattice
from bot.domain.formation.finite_field import fields_of, finite_field, prime_powers
from bot.domain.formation.problem import Sizes
from bot.domain.formation.schedule import schedule
from tests.domain.formation.recount import meetings, repeats

ORDERS = [(2, 1), (2, 2), (2, 3), (2, 5), (3, 2), (3, 3), (5, 2), (7, 1), (11, 1)]


@pytest.mark.parametrize(("prime", "degree"), ORDERS)
def test_every_element_but_nought_permutes_the_field_by_multiplication(prime, degree):
    field = finite_field(prime, degree)
    elements = [field.element(number) for number in range(field.order)]
    for factor in elements[1:]:
        assert {field.multiply(factor, element) for element in elements} == set(elements)


@pytest.mark.parametrize(("prime", "degree"), ORDERS)
def test_multiplication_distributes_over_addition(prime, degree):
    field = finite_field(prime, degree)
    elements = [field.element(number) for number in range(min(9, field.order))]

    def add(a, b):
        return tuple((x + y) % prime for x, y in zip(a, b, strict=True))

    for a in elements:
        for b in elements:
            for c in elements:
                assert field.multiply(a, add(b, c)) == add(field.multiply(a, b), field.multiply(a, c))


@given(st.integers(2, 5_000))
def test_the_primes_of_a_number_multiply_to_it(number):
    product = 1
    for prime, degree in prime_powers(number):
        assert all(prime % smaller for smaller in range(2, int(prime**0.5) + 1))
        product *= prime**degree
    assert product == number


@given(st.integers(2, 600))
@settings(deadline=None, max_examples=40)
def test_the_fields_of_a_number_have_that_many_elements_in_all(order):
    product = 1
    for field in fields_of(order):
        product *= field.order
    assert product == order


@given(st.integers(2, 40), st.integers(2, 7), st.integers(1, 40), st.integers(0, 6))
@settings(deadline=None, max_examples=60)
def test_no_lattice_repeats_a_pair_and_no_column_meets_itself(circles, columns, rounds, empty):
    people = circles * columns - min(empty, circles - 1)
    for make in (field_lattice, cyclic_lattice, lattice):
        made = list(make(circles, columns, rounds).rounds(people))
        met = meetings(made)
        assert max(met.values()) == 1
        for first in range(0, people, circles):
            column = range(first, min(first + circles, people))
            assert not any(frozenset(pair) in met for pair in combinations(column, 2))
        assert all(len(circle) in {columns, columns - 1} for round_ in made for circle in round_)


@given(st.integers(2, 60), st.integers(2, 7))
@settings(deadline=None)
def test_a_lattice_has_as_many_rounds_as_it_says(circles, columns):
    assert len(lattice(circles, columns, 1_000).rows) == lattice_rounds(circles, columns)


@pytest.mark.parametrize(("circles", "size", "rounds"), [(3, 3, 4), (4, 4, 5), (5, 5, 6), (7, 7, 8)])
def test_each_pair_meets_exactly_once_where_affine_planes_exist(circles, size, rounds):
    made = schedule(circles * size, Sizes(size, size, size), rounds).rounds
    met = meetings(made)
    assert len(made) == rounds
    assert set(met.values()) == {1}
    assert len(met) == circles * size * (circles * size - 1) // 2


@pytest.mark.parametrize(
    ("people", "size", "rounds"), [(200, 5, 48), (1_000, 5, 26), (32, 4, 9), (64, 8, 9), (81, 9, 10), (81, 3, 40)]
)
def test_columns_hold_further_rounds_once_they_are_all_that_is_left(people, size, rounds):
    made = schedule(people, Sizes(size, size, size), rounds).rounds
    assert len(made) == rounds
    assert repeats(made) == 0


def test_a_hundred_and_three_people_meet_anew_for_twenty_three_rounds():
    made = schedule(103, Sizes(4, 5, 5), 23).rounds
    assert len(made) == 23
    assert repeats(made) == 0
    assert {len(circle) for round_ in made for circle in round_} == {4, 5}


@given(st.integers(0, 160), st.integers(2, 6), st.integers(0, 2), st.integers(0, 2), st.integers(1, 30))
@settings(deadline=None, max_examples=80)
def test_every_schedule_seats_everyone_within_the_band_and_repeats_nobody(people, least, below, above, rounds):
    sizes = Sizes(least, least + below, least + below + above)
    made = schedule(people, sizes, rounds).rounds
    assert len(made) <= rounds
    assert repeats(made) == 0
    for round_ in made:
        assert sorted(seat for circle in round_ for seat in circle) == list(range(people))
        assert all(sizes.least <= len(circle) <= sizes.most for circle in round_)


@given(st.sampled_from([5, 7, 8]), st.sampled_from([4, 5, 9]), st.integers(2, 4), st.integers(1, 40))
@settings(deadline=None, max_examples=20)
def test_the_product_of_two_lattices_repeats_nobody_either(one, other, columns, rounds):
    made = product_lattice(lattice(one, columns, 99), lattice(other, columns, 99), rounds)
    assert made.circles == one * other
    assert len(made.rows) == min(rounds, lattice_rounds(one, columns) * lattice_rounds(other, columns))
    assert max(meetings(made.rounds(one * other * columns)).values()) == 1
