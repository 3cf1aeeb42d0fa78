"""Starters and difference matrices that no formula gives: a bank of a few kilobytes, developed by abelian groups.

The seats are orbits of a group; adding one of its elements to every seat of a base round gives another round. When
the differences inside the base rounds are all different, no pair meets twice (Anderson 1990, Combinatorial
Designs). `scripts/find_starters.py` computes the bank.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product
from math import prod

from bot.domain.formation.closed_form import Lattice, Round, shifted


@dataclass(frozen=True, slots=True)
class Starter:
    """Base rounds over the product of Z_m for m in `moduli`; an orbit is a product of Z_d, each d dividing its m.

    Seats are numbered orbit by orbit, inside an orbit in mixed radix. `repeats` counts the pairs that meet once
    more in all rounds together; it is nought but for a few near misses.
    """

    moduli: tuple[int, ...]
    orbits: tuple[tuple[int, ...], ...]
    base_rounds: tuple[Round, ...]
    repeats: int = 0

    @property
    def circles(self) -> int:
        """How many circles each round has."""
        return len(self.base_rounds[0])

    @property
    def size(self) -> int:
        """How many people sit in each circle."""
        return len(self.base_rounds[0][0])

    def rounds(self) -> Iterator[Round]:
        """Each different round that the group makes of each base round."""
        shifts = [shifted_seats(self.orbits, element) for element in product(*map(range, self.moduli))]
        for base in self.base_rounds:
            made: set[frozenset[frozenset[int]]] = set()
            for shift in shifts:
                developed = tuple(tuple(sorted(shift[seat] for seat in circle)) for circle in base)
                same = frozenset(map(frozenset, developed))
                if same not in made:
                    made.add(same)
                    yield developed


@dataclass(frozen=True, slots=True)
class Bank:
    """All that was found by search: starters by circles and size, lattices by circles and columns."""

    starters: dict[tuple[int, int], tuple[Starter, ...]]
    lattices: dict[tuple[int, int], Lattice]


def shifted_seats(orbits: tuple[tuple[int, ...], ...], element: tuple[int, ...]) -> list[int]:
    """Where each seat goes when an element of the group is added."""
    seats: list[int] = []
    for orbit in orbits:
        seats += shifted(orbit, element, len(seats))
    return seats


@cache
def bank() -> Bank:
    """Give the bank that is shipped with the package."""
    return read_bank(resources.files("bot.domain.formation").joinpath("starter_bank.toml").read_text("utf-8"))


def read_bank(text: str) -> Bank:
    """Give the bank that a TOML text describes."""
    tables = tomllib.loads(text)
    starters: dict[tuple[int, int], tuple[Starter, ...]] = {}
    for table in tables.get("starter", ()):
        starter = Starter(
            moduli=tuple(table["moduli"]),
            orbits=tuple(tuple(orbit) for orbit in table["orbits"]),
            base_rounds=tuple(_round(line) for line in table["rounds"]),
            repeats=table.get("repeats", 0),
        )
        cell = starter.circles, starter.size
        starters[cell] = (*starters.get(cell, ()), starter)
    lattices = [_lattice(tuple(table["moduli"]), table["rows"]) for table in tables.get("lattice", ())]
    return Bank(starters, {(made.circles, len(made.rows[0])): made for made in lattices})


def _round(line: str) -> Round:
    return tuple(tuple(int(seat) for seat in circle.split()) for circle in line.split("|"))


def _lattice(moduli: tuple[int, ...], rows: list[str]) -> Lattice:
    def digits(element: int) -> tuple[int, ...]:
        return tuple(element // prod(moduli[k + 1 :]) % modulus for k, modulus in enumerate(moduli))

    return Lattice(moduli, tuple(tuple(digits(int(word)) for word in row.split()) for row in rows))
