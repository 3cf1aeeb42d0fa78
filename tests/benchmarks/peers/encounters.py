"""What all peers share: who has met whom how often, the clock, and the shape of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from time import monotonic

Circles = list[list[int]]


@dataclass
class Encounters:
    """How often people have met, as sparse rows."""

    people: int
    rows: list[dict[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = [{} for _ in range(self.people)]

    def add(self, circles: Circles) -> None:
        """Remember one rotation."""
        for circle in circles:
            for a, b in combinations(circle, 2):
                self.rows[a][b] = self.rows[a].get(b, 0) + 1
                self.rows[b][a] = self.rows[b].get(a, 0) + 1

    def repeats(self, circle: Sequence[int]) -> int:
        """Count the pairs of a circle that have met before."""
        return sum(b in self.rows[a] for a, b in combinations(circle, 2))

    def squares(self, circle: Sequence[int]) -> int:
        """Sum the squares of how often the pairs of a circle have met."""
        return sum(self.rows[a].get(b, 0) ** 2 for a, b in combinations(circle, 2))

    def with_person(self, person: int, circle: Sequence[int]) -> int:
        """Count the members of a circle whom a person has met before."""
        row = self.rows[person]
        return sum(other in row for other in circle if other != person)


class Stopwatch:
    """Tells when the time is up."""

    def __init__(self, seconds: float) -> None:
        self.end = monotonic() + seconds

    def is_over(self) -> bool:
        """Say whether the seconds have passed."""
        return monotonic() > self.end


def dealt(order: Sequence[int], size: int) -> Circles:
    """Cut a list of people into circles of one size; those left over join the last circles."""
    count = max(1, len(order) // size)
    circles = [list(order[c * size : (c + 1) * size]) for c in range(count)]
    for k, person in enumerate(order[count * size :]):
        circles[-1 - k % count].append(person)
    return circles
