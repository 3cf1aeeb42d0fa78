"""Rounds for numbered seats without any repeat, from formulas and the bank, for as long as these reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice
from math import isqrt

from bot.domain.formation.closed_form import Lattice, Round, lattice, lattice_rounds, product_lattice
from bot.domain.formation.problem import Sizes
from bot.domain.formation.sizes import circle_counts
from bot.domain.formation.starters import Starter, bank

COUNTS_TRIED = 40  # numbers of circles looked at, nearest to the wanted size first


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rounds over the seats 0..people-1; in the first `apart` of them nobody meets anyone of their own column."""

    rounds: tuple[Round, ...] = ()
    apart: int = 0


def schedule(people: int, sizes: Sizes, rounds: int) -> Schedule:
    """As many rounds without a repeat as are known, at most so many, in circles as near the wanted size as can be."""
    circles, reach = _best_count(people, sizes, rounds)
    if not reach:
        return Schedule()
    for starter in _starters(people, circles):
        made = _without_empty_seats(starter, people, sizes)
        if len(made) >= reach:
            return Schedule(made[:reach])
    first = _lattice(circles, _columns(people, circles), rounds)
    made = tuple(first.rounds(people))
    return Schedule(made + _inside_columns(people, sizes, circles, reach - len(made)), len(made))


def columns_apart(people: int, sizes: Sizes, rounds: int, most_circles: int) -> Schedule:
    """Give the same from a lattice alone, so that each circle has one seat of the first column in every round."""
    counts = list(filter(None, circle_counts(people, sizes, most_circles)))[:COUNTS_TRIED]
    reaches = [min(rounds, _lattice_reach(circles, _columns(people, circles))) for circles in counts]
    if not counts:
        return Schedule()
    circles = counts[reaches.index(max(reaches))]
    made = tuple(_lattice(circles, _columns(people, circles), rounds).rounds(people))
    return Schedule(made, len(made))


def near_misses(people: int, sizes: Sizes, rounds: int) -> Iterator[Schedule]:
    """Schedules of the bank for exactly so many rounds in which a few pairs meet a second time."""
    for (circles, size), starters in bank().starters.items():
        if circles * size == people and sizes.least <= size <= sizes.most:
            for starter in starters:
                made = tuple(starter.rounds()) if starter.repeats else ()
                if len(made) == rounds:
                    yield Schedule(made)


@lru_cache(maxsize=1_000)
def _best_count(people: int, sizes: Sizes, rounds: int) -> tuple[int, int]:
    """Give the number of circles that reaches the most rounds, the first of equals, and how many rounds these are."""
    best = 0, 0
    for circles in islice(filter(None, circle_counts(people, sizes, people)), COUNTS_TRIED):
        reach = _reach(people, sizes, circles, rounds)
        if reach > best[1]:
            best = circles, reach
        if reach >= rounds:
            break
    return best


def _reach(people: int, sizes: Sizes, circles: int, rounds: int) -> int:
    """How many rounds with so many circles are known, at most so many."""
    columns = _columns(people, circles)
    reach = _lattice_reach(circles, columns)
    if reach < rounds:
        reach += min(
            (_best_count(seats, sizes, rounds - reach)[1] for seats in _column_sizes(people, circles)), default=0
        )
        exact = (len(_without_empty_seats(starter, people, sizes)) for starter in _starters(people, circles))
        reach = max(reach, *exact, 0)
    return min(reach, rounds)


def _columns(people: int, circles: int) -> int:
    return -(-people // circles)


def _column_sizes(people: int, circles: int) -> list[int]:
    """How many seats each column of a lattice has, the last one perhaps fewer."""
    return [min(circles, people - first) for first in range(0, people, circles)]


@lru_cache(maxsize=10_000)
def _lattice_reach(circles: int, columns: int) -> int:
    """How many rows the longest lattice known has."""
    split = _best_split(circles, columns)
    return max(_own_reach(circles, columns), split[0])


def _own_reach(circles: int, columns: int) -> int:
    """How many rows a lattice has that is no product of two others from the bank."""
    known = (len(made.rows) for made in _bank_lattices(circles, columns))
    return max(lattice_rounds(circles, columns), *known, 0)


def _best_split(circles: int, columns: int) -> tuple[int, int]:
    """Find the most rows that a product of two lattices has, and the circles of the first."""
    factors = (a for a in range(2, isqrt(circles) + 1) if circles % a == 0)
    reaches = ((_lattice_reach(a, columns) * _lattice_reach(circles // a, columns), a) for a in factors)
    return max(reaches, default=(0, 0))


def _lattice(circles: int, columns: int, rounds: int) -> Lattice:
    """Give the longest lattice known, of at most so many rounds."""
    own = _own_reach(circles, columns)
    reach, factor = _best_split(circles, columns)
    if min(rounds, reach) > own:
        other = _lattice(circles // factor, columns, rounds)
        one = _lattice(factor, columns, -(-rounds // len(other.rows)))
        return product_lattice(one, other, rounds)
    best = lattice(circles, columns, rounds)
    for made in _bank_lattices(circles, columns):
        if len(best.rows) < min(rounds, len(made.rows)):
            best = Lattice(made.moduli, tuple(row[:columns] for row in made.rows[:rounds]))
    return best


def _bank_lattices(circles: int, columns: int) -> list[Lattice]:
    """Give the bank's lattices of so many circles and at least so many columns."""
    return [made for (m, k), made in bank().lattices.items() if m == circles and k >= columns]


def _starters(people: int, circles: int) -> list[Starter]:
    """Give the bank's exact starters with so many circles."""
    found = bank().starters.get((circles, _columns(people, circles)), ())
    return [starter for starter in found if not starter.repeats]


def _inside_columns(people: int, sizes: Sizes, circles: int, rounds: int) -> tuple[Round, ...]:
    """Give rounds in which everyone meets people of their own column, each column being a season of its own."""
    if rounds <= 0:
        return ()
    columns = _column_sizes(people, circles)
    seasons = [schedule(seats, sizes, rounds).rounds for seats in columns]
    return tuple(
        tuple(
            tuple(column * circles + seat for seat in circle)
            for column, season in enumerate(seasons)
            for circle in season[number]
        )
        for number in range(rounds)
    )


@lru_cache(maxsize=100)
def _without_empty_seats(starter: Starter, people: int, sizes: Sizes) -> tuple[Round, ...]:
    """Give a starter's rounds for fewer people than it has seats, without rounds in which a circle grows too small."""
    rounds = tuple(starter.rounds())
    seats = starter.circles * starter.size
    if people == seats:
        return rounds if sizes.least <= starter.size <= sizes.most else ()
    empty = _scattered(rounds, seats, seats - people)
    number = {seat: k for k, seat in enumerate(seat for seat in range(seats) if seat not in empty)}
    made = (tuple(tuple(number[seat] for seat in circle if seat in number) for circle in round_) for round_ in rounds)
    return tuple(round_ for round_ in made if all(sizes.least <= len(circle) <= sizes.most for circle in round_))


def _scattered(rounds: tuple[Round, ...], seats: int, wanted: int) -> set[int]:
    """Seats of which as few as possible meet, from the last one on."""
    meets: list[set[int]] = [set() for _ in range(seats)]
    for circle in (circle for round_ in rounds for circle in round_):
        for a, b in combinations(circle, 2):
            meets[a].add(b)
            meets[b].add(a)
    chosen: set[int] = set()
    while len(chosen) < wanted:
        left = (seat for seat in range(seats) if seat not in chosen)
        chosen.add(min(left, key=lambda seat: (len(meets[seat] & chosen), -seat)))
    return chosen
