"""Compute the bank of starters and difference matrices that formation ships.

`python scripts/find_starters.py > bot/domain/formation/starter_bank.toml` prints the same bank each time, as all of it
follows from the seeds below; one core takes some minutes. `--only 7-4` prints what concerns 7 circles of 4 alone.
"""

# ruff: noqa: INP001
import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, count, product
from math import exp, prod
from random import Random

from bot.domain.formation import PastCircle, Person, Problem, Sizes, form
from bot.domain.formation.closed_form import Lattice, Round
from bot.domain.formation.finite_field import fields_of
from bot.domain.formation.starters import Starter, shifted_seats

Orbits = tuple[tuple[int, ...], ...]
FOCUS = 0.98  # how seldom a whole season changes where nothing repeats


@dataclass(frozen=True)
class Wanted:
    """One starter to look for: the group, its orbits of seats and its base rounds, and how the annealing cools.

    `repeats` is good enough: not nought only where no exact starter is known. When `turned`, the base round stays the
    same while three orbits (and three fixed seats) are turned into one another; a lone fixed seat sits with one of
    each. With `from_lattice` the base rounds are all rounds, begun as those of a lattice, one in its columns, and
    searched ones.
    """

    circles: int
    size: int
    moduli: tuple[int, ...]
    orbits: Orbits
    base_rounds: int = 1
    repeats: int = 0
    warmest: float = 0.6
    coldest: float = 0.12
    steps: int = 400_000
    turned: bool = False
    from_lattice: bool = False


@dataclass(frozen=True)
class WantedLattice:
    """A difference matrix to look for, with the most rows that the steps below reach."""

    moduli: tuple[int, ...]
    columns: int
    seeds: int = 2
    warmest: float = 0.6
    coldest: float = 0.15
    steps: int = 150_000


def orbits_of(seats: int, order: int) -> Orbits:
    """As many whole orbits of Z_order as the seats fill; all other seats stay where they are."""
    whole, fixed = divmod(seats, order)
    return ((order,),) * whole + ((1,),) * fixed


STARTERS = (
    Wanted(5, 3, (7,), orbits_of(15, 7)),
    Wanted(6, 3, (4,), orbits_of(18, 4), base_rounds=2),
    Wanted(7, 3, (5,), orbits_of(21, 5), base_rounds=2),
    Wanted(8, 3, (11,), orbits_of(24, 11)),
    Wanted(10, 3, (14,), orbits_of(30, 14)),
    Wanted(6, 4, (7,), orbits_of(24, 7)),
    Wanted(7, 4, (3, 3), ((3, 3),) * 3 + ((1, 1),), turned=True, warmest=2.0, coldest=0.4),
    Wanted(9, 4, (11,), orbits_of(36, 11), turned=True, warmest=2.0, coldest=0.4),
    Wanted(6, 5, (6,), orbits_of(30, 6), steps=800_000),
    Wanted(6, 6, (3,), orbits_of(36, 3)),
)
NEAR_MISSES = (
    Wanted(8, 4, (10,), orbits_of(32, 10), repeats=10, warmest=0.3, coldest=0.1, steps=2_000_000),
    Wanted(
        *(10, 5, (1,), ((1,),) * 50),
        base_rounds=11,
        repeats=23,
        warmest=0.4,
        coldest=0.2,
        steps=3_000_000,
        from_lattice=True,
    ),
)
# Numbers of circles whose smallest field has fewer elements than there are columns, so that the formula falls short.
HARD_LATTICE = WantedLattice((10,), 5, seeds=40, warmest=0.38, coldest=0.22, steps=1_000_000)
LATTICES = tuple(
    HARD_LATTICE if (circles, columns) == (10, 5) else WantedLattice((circles,), columns)
    for columns, most in ((3, 10), (4, 26), (5, 30), (6, 22), (7, 15))
    for circles in range(columns + 1, most + 1)
    if fields_of(circles)[-1].order < columns
)


class Annealing:
    """Base rounds of one starter while seats change places; `cost` counts repeats, a third meeting twice over.

    The seats of two circles form pairs; a pair's class is its orbit under the group, and developing a base round
    makes as many meetings of the class as the group has elements.
    """

    def __init__(self, wanted: Wanted, seed: int, start: list[list[int]] | None = None) -> None:
        self.wanted, self.rng = wanted, Random(seed)
        self.seats = wanted.circles * wanted.size
        self.kind, pairs = pair_classes(self.seats, wanted.moduli, wanted.orbits)
        order = prod(wanted.moduli)
        most = wanted.base_rounds * self.seats
        meetings = [k * order for k in range(most)]
        tables = {size: [(max(0, k - size) + max(0, k - 2 * size)) / order for k in meetings] for size in set(pairs)}
        self.penalty = [tables[size] for size in pairs]
        self.used = [0] * len(pairs)
        self.images = turned_seats(wanted.orbits) if wanted.turned else [(seat,) for seat in range(self.seats)]
        self.rounds = start or [self._shuffled() for _ in range(wanted.base_rounds)]
        self.cost = 0.0
        for seats in self.rounds:
            for first in range(0, self.seats, wanted.size):
                for a, b in combinations(seats[first : first + wanted.size], 2):
                    self.cost += self._add(self.kind[a][b])
        self.goal = (wanted.repeats / order) + 1e-9

    def run(self) -> list[list[int]] | None:
        """Give the base rounds once they are good enough, or None."""
        wanted = self.wanted
        cooling = (wanted.coldest / wanted.warmest) ** (1 / wanted.steps)
        warmth = wanted.warmest
        for _ in range(wanted.steps):
            if self.cost <= self.goal:
                return self.rounds
            warmth *= cooling
            self._try_swap(warmth)
        return self.rounds if self.cost <= self.goal else None

    def _shuffled(self) -> list[int]:
        """All seats in circles; when turned, circles come with their images."""
        if not self.wanted.turned:
            return self.rng.sample(range(self.seats), self.seats)
        firsts = sorted({min(images) for images in self.images if len(images) > 1})
        self.rng.shuffle(firsts)
        size = self.wanted.size
        held = [seat for seat, images in enumerate(self.images) if len(images) == 1]
        if held:
            held += self.images[firsts.pop()]
        circles = [firsts[k : k + size] for k in range(0, len(firsts), size)]
        return held + [self.images[seat][turn] for circle in circles for turn in range(3) for seat in circle]

    def _try_swap(self, warmth: float) -> None:
        random = self.rng.random
        seats = self.rounds[int(random() * len(self.rounds))] if len(self.rounds) > 1 else self.rounds[0]
        i = int(random() * self.seats)
        while self.wanted.from_lattice and not self._is_repeating(seats, i) and random() < FOCUS:
            seats, i = self.rng.choice(self.rounds), int(random() * self.seats)
        a, b = seats[i], seats[int(random() * self.seats)]
        if a in self.images[b] or len(self.images[a]) != len(self.images[b]):
            return
        swaps = list(zip(self.images[a], self.images[b], strict=True))
        change = sum(self._swap(seats, one, other) for one, other in swaps)
        if change <= 0 or random() < exp(-change / warmth):
            self.cost += change
        else:
            for one, other in swaps:
                self._swap(seats, one, other)

    def _is_repeating(self, seats: list[int], i: int) -> bool:
        """Say whether the seat shares a circle with one that it meets in another round as well."""
        kinds, first = self.kind[seats[i]], i // self.wanted.size * self.wanted.size
        return any(self.used[kinds[seats[k]]] > 1 for k in range(first, first + self.wanted.size) if k != i)

    def _swap(self, seats: list[int], a: int, b: int) -> float:
        size = self.wanted.size
        i, j = seats.index(a), seats.index(b)
        here, there = i // size * size, j // size * size
        if here == there:
            return 0.0
        others = [seat for seat in seats[here : here + size] if seat != a]
        beyond = [seat for seat in seats[there : there + size] if seat != b]
        of_a, of_b = self.kind[a], self.kind[b]
        gone = [of_a[seat] for seat in others] + [of_b[seat] for seat in beyond]
        come = [of_b[seat] for seat in others] + [of_a[seat] for seat in beyond]
        seats[i], seats[j] = b, a
        return self._exchange(gone, come)

    def _exchange(self, gone: list[int], come: list[int]) -> float:
        used, penalty, change = self.used, self.penalty, 0.0
        for kind in gone:
            k = used[kind]
            used[kind] = k - 1
            change += penalty[kind][k - 1] - penalty[kind][k]
        for kind in come:
            k = used[kind]
            used[kind] = k + 1
            change += penalty[kind][k + 1] - penalty[kind][k]
        return change

    def _add(self, kind: int) -> float:
        return self._exchange([], [kind])


@cache
def pair_classes(seats: int, moduli: tuple[int, ...], orbits: Orbits) -> tuple[list[list[int]], list[int]]:
    """Give the class of each pair of seats, and how many pairs each class has."""
    shifts = [shifted_seats(orbits, element) for element in product(*map(range, moduli))]
    kind = [[-1] * seats for _ in range(seats)]
    sizes: list[int] = []
    for a, b in combinations(range(seats), 2):
        if kind[a][b] < 0:
            pairs = {frozenset((shift[a], shift[b])) for shift in shifts}
            for x, y in map(sorted, pairs):
                kind[x][y] = kind[y][x] = len(sizes)
            sizes.append(len(pairs))
    return kind, sizes


def turned_seats(orbits: Orbits) -> list[tuple[int, ...]]:
    """Each seat with its images when orbits of one size, three at a time, are turned into one another."""
    sizes = [prod(orbit) for orbit in orbits]
    firsts = [sum(sizes[:k]) for k in range(len(sizes))]
    turned = len(orbits) // 3 * 3
    return [
        tuple(firsts[k // 3 * 3 + (k + turn) % 3] + offset for turn in range(3))
        if k < turned
        else (firsts[k] + offset,)
        for k, size in enumerate(sizes)
        for offset in range(size)
    ]


def find_starter(wanted: Wanted) -> Starter:
    """Give the starter of the first seed that finds one."""
    for seed in count(1):
        start = rounds_from_lattice(wanted, seed) if wanted.from_lattice else None
        rounds = Annealing(wanted, seed, start).run()
        if rounds:
            split = tuple(sorted_round(seats, wanted.size) for seats in rounds)
            return Starter(wanted.moduli, wanted.orbits, split, wanted.repeats)
    raise AssertionError


def rounds_from_lattice(wanted: Wanted, seed: int) -> list[list[int]]:
    """Give the lattice's rounds, one round inside its columns, and the others round by round."""
    circles, size = wanted.circles, wanted.size
    rounds = list(found_lattice(HARD_LATTICE).rounds(circles * size))
    rounds.append(tuple(tuple(range(first, first + size)) for first in range(0, circles * size, size)))
    while len(rounds) < wanted.base_rounds:
        past = tuple(
            PastCircle(number, frozenset(map(str, circle))) for number, made in enumerate(rounds) for circle in made
        )
        people = tuple(Person(str(seat)) for seat in range(circles * size))
        problem = Problem(people, Sizes(size, size, size), len(rounds), past, seed=seed)
        rounds.append(tuple(tuple(map(int, circle.members)) for circle in form(problem).circles))
    return [[seat for circle in made for seat in circle] for made in rounds]


def spread_of_order_thirteen() -> Starter:
    """Give the 13 rounds of 10 circles of 4, over Z_13 with three orbits and a fixed seat.

    The base round is asked to stay the same under x -> 3 x and under turning the orbits, so that one circle with
    its nine images and the circle of the fixed seat make all of it.
    """
    cosets = [[start * power % 13 for power in (1, 3, 9)] for start in (1, 2, 4, 7)]
    for orbits in product(range(3), repeat=4):
        for values in product(*cosets):
            circles = [(0, 13, 26, 39)]
            for turn, power in product(range(3), (1, 3, 9)):
                images = [(orbit + turn) % 3 * 13 + x * power % 13 for orbit, x in zip(orbits, values, strict=True)]
                circles.append(tuple(sorted(images)))
            starter = Starter((13,), ((13,),) * 3 + ((1,),), (tuple(sorted(circles)),))
            if is_exact(starter):
                return starter
    raise AssertionError


def is_exact(starter: Starter) -> bool:
    """Whether each base round seats everyone and the differences are all different."""
    kind, _ = pair_classes(starter.circles * starter.size, starter.moduli, starter.orbits)
    seats = [seat for circle in starter.base_rounds[0] for seat in circle]
    used = [kind[a][b] for circle in starter.base_rounds[0] for a, b in combinations(circle, 2)]
    return len(set(seats)) == len(seats) and len(set(used)) == len(used)


def sorted_round(seats: list[int], size: int) -> Round:
    """Give a list of seats as circles."""
    return tuple(sorted(tuple(sorted(seats[i : i + size])) for i in range(0, len(seats), size)))


class LatticeAnnealing:
    """Rows of a difference matrix over Z_m while its elements change; `cost` counts differences met again."""

    def __init__(self, modulus: int, columns: int, rows: int, seed: int) -> None:
        self.modulus, self.columns, self.rng = modulus, columns, Random(seed)
        self.rows = [
            [0, row % modulus, *(self.rng.randrange(modulus) for _ in range(columns - 2))] for row in range(rows)
        ]
        self.used = [[[0] * modulus for _ in range(columns)] for _ in range(columns)]
        self.cost = sum(self._put(row, column, range(column)) for row in self.rows for column in range(columns))

    def run(self, wanted: WantedLattice) -> bool:
        """Say whether all differences came to be different within the steps."""
        warmth, cooling = wanted.warmest, (wanted.coldest / wanted.warmest) ** (1 / wanted.steps)
        for _ in range(wanted.steps):
            if not self.cost:
                break
            warmth *= cooling
            self._try_one(warmth)
        return not self.cost

    def _try_one(self, warmth: float) -> None:
        """Change one element, or let two rows exchange theirs in one column."""
        random, column = self.rng.random, 2 + int(self.rng.random() * (self.columns - 2))
        row = self.rows[int(random() * len(self.rows))]
        other = self.rows[int(random() * len(self.rows))] if random() < 0.5 else None
        new = int(random() * self.modulus) if other is None else other[column]
        old = row[column]
        if new == old:
            return
        changed = [(row, new)] if other is None else [(row, new), (other, old)]
        change = self._set(column, changed)
        if change <= 0 or random() < exp(-change / warmth):
            self.cost += change
        else:
            self._set(column, [(row, old)] if other is None else [(row, old), (other, new)])

    def _set(self, column: int, changed: list[tuple[list[int], int]]) -> int:
        others = [k for k in range(self.columns) if k != column]
        change = sum(self._take(row, column, others) for row, _ in changed)
        for row, value in changed:
            row[column] = value
        return change + sum(self._put(row, column, others) for row, _ in changed)

    def _put(self, row: list[int], column: int, others: Iterable[int]) -> int:
        change, modulus, own, used = 0, self.modulus, row[column], self.used
        for k in others:
            met = used[k][column] if k < column else used[column][k]
            difference = (own - row[k] if k < column else row[k] - own) % modulus
            change += met[difference]
            met[difference] += 1
        return change

    def _take(self, row: list[int], column: int, others: Iterable[int]) -> int:
        change, modulus, own, used = 0, self.modulus, row[column], self.used
        for k in others:
            met = used[k][column] if k < column else used[column][k]
            difference = (own - row[k] if k < column else row[k] - own) % modulus
            met[difference] -= 1
            change -= met[difference]
        return change


def find_lattice(wanted: WantedLattice, seed: int = 1) -> Lattice:
    """Give the lattice with the most rows that some seeds reach, from as many rows as there are elements downwards."""
    (modulus,) = wanted.moduli
    for rows in range(modulus - (modulus % 2 == 0), 0, -1):
        for attempt in range(wanted.seeds):
            annealing = LatticeAnnealing(modulus, wanted.columns, rows, seed * 1_000 + attempt)
            if annealing.run(wanted):
                made = tuple(tuple((element,) for element in row) for row in sorted(annealing.rows))
                return Lattice(wanted.moduli, made)
    raise AssertionError


found_lattice = cache(find_lattice)


def print_starter(starter: Starter) -> Iterator[str]:
    """Give a starter as TOML."""
    yield "[[starter]]"
    yield f"moduli = {list(starter.moduli)}"
    yield f"orbits = {[list(orbit) for orbit in starter.orbits]}"
    if starter.repeats:
        yield f"repeats = {starter.repeats}"
    yield "rounds = ["
    for base in starter.base_rounds:
        yield '  "' + "|".join(" ".join(map(str, circle)) for circle in base) + '",'
    yield "]"
    yield ""


def print_lattice(lattice: Lattice) -> Iterator[str]:
    """Give a difference matrix as TOML."""
    yield "[[lattice]]"
    yield f"moduli = {list(lattice.moduli)}"
    rows = ", ".join('"' + " ".join(str(element) for (element,) in row) + '"' for row in lattice.rows)
    yield f"rows = [{rows}]"
    yield ""


def bank_lines(only: str | None) -> Iterator[str]:
    """Give the whole bank, or what concerns one cell."""
    yield "# Made by scripts/find_starters.py; do not edit."
    for wanted in STARTERS:
        if only in (None, f"{wanted.circles}-{wanted.size}"):
            yield from print_starter(find_starter(wanted))
    if only in (None, "10-4"):
        yield from print_starter(spread_of_order_thirteen())
    for lattice in LATTICES:
        if only in (None, f"{prod(lattice.moduli)}-{lattice.columns}"):
            yield from print_lattice(found_lattice(lattice))
    for wanted in NEAR_MISSES:
        if only in (None, f"{wanted.circles}-{wanted.size}"):
            yield from print_starter(find_starter(wanted))


def main() -> None:
    """Print the bank."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="CIRCLES-SIZE", help="only this cell")
    for line in bank_lines(parser.parse_args().only):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
