"""Rounds without a search: the lattice of a product of finite fields, and any other difference matrix.

A seat is (column c, position p), its number c * circles + p. In round r circle j takes the seats (c, j + row[c]) of
that round's row. Two seats of different columns c and d meet in at most one round when row[c] - row[d] differs from
round to round: a difference matrix (Bose, Shrikhande and Parker 1960, on mutually orthogonal Latin squares). With
row[c] = r * u_c that is so while no difference of two r times a difference of two u is zero. People of one column
never meet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from math import prod

from bot.domain.formation.finite_field import FiniteField, fields_of

Round = tuple[tuple[int, ...], ...]
"""One round: the seats of each circle."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """A difference matrix over the abelian group that is the product of Z_m for m in `moduli`.

    An element of the group is its digits in these moduli; `rows` has one row a round and one element a column.
    """

    moduli: tuple[int, ...]
    rows: tuple[tuple[tuple[int, ...], ...], ...]

    @property
    def circles(self) -> int:
        """How many circles each round has."""
        return prod(self.moduli)

    def rounds(self, people: int) -> Iterator[Round]:
        """Give the rounds for this many people, the seats from there on left out."""
        for row in self.rows:
            columns = [shifted(self.moduli, element, column * self.circles) for column, element in enumerate(row)]
            yield tuple(tuple(seat for seat in seats if seat < people) for seats in zip(*columns, strict=True))


def field_lattice(circles: int, columns: int, rounds: int) -> Lattice:
    """Give the lattice r * u_c over the fields whose product has `circles` elements, of at most so many rounds.

    Fields with fewer elements than there are columns cannot tell the columns apart, so that r stays zero in them.
    """
    fields = fields_of(circles)
    large = [field for field in fields if field.order >= columns]
    moduli = tuple(field.prime for field in fields for _ in range(field.degree))
    rows = (
        tuple(_product(fields, len(large), r, column) for column in range(columns))
        for r in range(min(rounds, prod(field.order for field in large)))
    )
    return Lattice(moduli, tuple(rows))


def cyclic_lattice(circles: int, columns: int, rounds: int) -> Lattice:
    """Give the lattice r * c over the integers modulo `circles`, for as many rounds as no product comes around."""
    longest = circles if columns == 1 else (circles - 1) // (columns - 1) + 1
    rows = (tuple(((r * column) % circles,) for column in range(columns)) for r in range(min(rounds, longest)))
    return Lattice((circles,), tuple(rows))


def product_lattice(one: Lattice, other: Lattice, rounds: int) -> Lattice:
    """Give a lattice over the product of both groups: each row of one beside each row of the other."""
    rows = (
        tuple((*left, *right) for left, right in zip(row, beside, strict=True))
        for row, beside in islice(product(one.rows, other.rows), rounds)
    )
    return Lattice(one.moduli + other.moduli, tuple(rows))


def lattice_rounds(circles: int, columns: int) -> int:
    """How many rounds the longer of the two lattices has; with one column nobody meets anybody."""
    cyclic = circles if columns == 1 else (circles - 1) // (columns - 1) + 1
    return max(cyclic, prod(field.order for field in fields_of(circles) if field.order >= columns))


def lattice(circles: int, columns: int, rounds: int) -> Lattice:
    """Give the longer of the two lattices, of at most so many rounds."""
    return max(
        (make(circles, columns, rounds) for make in (field_lattice, cyclic_lattice)),
        key=lambda made: len(made.rows),
    )


def _product(fields: Iterable[FiniteField], large: int, r: int, column: int) -> tuple[int, ...]:
    """Give r * u_column, as the digits of all fields; r is read in the mixed radix of the large fields."""
    digits: list[int] = []
    for k, field in enumerate(fields):
        factor = field.element(r % field.order if k < large else 0)
        r = r // field.order if k < large else r
        digits += field.multiply(factor, field.element(column))
    return tuple(digits)


def shifted(moduli: tuple[int, ...], element: tuple[int, ...], first: int) -> list[int]:
    """Give j + element for each j of the group in order, counted from a first seat."""
    positions = [0]
    for modulus, step in zip(moduli, element, strict=True):
        positions = [p * modulus + (x + step) % modulus for p in positions for x in range(modulus)]
    return [first + position for position in positions]
