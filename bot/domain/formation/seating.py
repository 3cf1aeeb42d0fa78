"""Who sits where while formation searches: lawful circles, their costs, and a bench of people not placed."""

from collections.abc import Iterable, Sequence

from bot.domain.formation.index import Index
from bot.domain.formation.rest import Rest

BENCH = -1


class Seating:
    """Circles that may be changed; `costs[c]` is always what circle c costs, `where[i]` the circle of i."""

    def __init__(self, index: Index, circles: Iterable[Sequence[int]]) -> None:
        self.index = index
        self.circles = [list(members) for members in circles]
        self.where = [BENCH] * index.n
        for c, members in enumerate(self.circles):
            for i in members:
                self.where[i] = c
        self.costs = [circle_cost(index, members) for members in self.circles]
        self._rests: list[dict[int, Rest]] = [{} for _ in self.circles]

    @property
    def bench(self) -> list[int]:
        """The people in no circle."""
        return [i for i in range(self.index.n) if self.where[i] == BENCH]

    def total(self) -> float:
        """Give what all circles cost together."""
        return sum(self.costs)

    def rest(self, circle: int, person: int) -> Rest:
        """Give the circle less this person; kept until the circle changes."""
        known = self._rests[circle]
        if person not in known:
            known[person] = Rest(self.index, [i for i in self.circles[circle] if i != person])
        return known[person]

    def joined(self, circle: int) -> Rest:
        """Give the circle with a seat more than it has."""
        return self.rest(circle, BENCH)

    def move(self, person: int, circle: int, costs: tuple[float, float]) -> None:
        """Let a seated person change circles; the costs are those of the old and the new one then."""
        old = self.where[person]
        self.circles[old].remove(person)
        self.circles[circle].append(person)
        self.where[person] = circle
        for changed, cost in zip((old, circle), costs, strict=True):
            self.costs[changed] = cost
            self._rests[changed] = {}

    def swap(self, one: int, other: int, costs: tuple[float, float]) -> None:
        """Let two seated people change places; the costs are those of the first's and the second's circle then."""
        here, there = self.where[one], self.where[other]
        self._replace(here, one, other, costs[0])
        self._replace(there, other, one, costs[1])

    def _replace(self, circle: int, leaver: int, comer: int, cost: float) -> None:
        members = self.circles[circle]
        members[members.index(leaver)] = comer
        self.where[comer] = circle
        self.costs[circle] = cost
        self._rests[circle] = {}

    def take(self, person: int, circle: int) -> None:
        """Seat someone from the bench."""
        self.costs[circle] = self.joined(circle).cost_with(person)
        self.circles[circle].append(person)
        self.where[person] = circle
        self._rests[circle] = {}

    def send_off(self, person: int) -> None:
        """Send someone to the bench."""
        circle = self.where[person]
        self.circles[circle].remove(person)
        self.where[person] = BENCH
        self.costs[circle] = circle_cost(self.index, self.circles[circle])
        self._rests[circle] = {}

    def empty_circle(self) -> int:
        """Give the number of a circle in which nobody sits."""
        for circle, members in enumerate(self.circles):
            if not members:
                return circle
        self.circles.append([])
        self.costs.append(0.0)
        self._rests.append({})
        return len(self.circles) - 1

    def restore(self, circles: Sequence[Sequence[int]]) -> None:
        """Put everyone back where they sat; circles that are as they were keep what is known of them."""
        changed = [c for c, members in enumerate(circles) if members != self.circles[c]]
        for i in (i for c in changed for i in self.circles[c]):
            self.where[i] = BENCH
        for c in changed:
            self.circles[c] = list(circles[c])
            self.costs[c] = circle_cost(self.index, self.circles[c])
            self._rests[c] = {}
            for i in circles[c]:
                self.where[i] = c


def circle_cost(index: Index, members: Sequence[int]) -> float:
    """Give what a circle costs; nothing where nobody sits."""
    return Rest(index, list(members[:-1])).cost_with(members[-1]) if members else 0.0
