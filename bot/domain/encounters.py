"""Who met whom in a rotation in which people may have changed circles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

BEGIN, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody in a circle; no moments for who sat there from its beginning, and to its end."""

    key: str
    since: datetime | None = None
    until: datetime | None = None

    def shared(self, other: "Stay") -> bool:
        """Tell whether two stays in one circle overlap."""
        began = max(self.since or BEGIN, other.since or BEGIN)
        return began < min(self.until or END, other.until or END)


def encounters(circles: Sequence[Sequence[Stay]]) -> Iterator[tuple[int, frozenset[str]]]:
    """Give groups of people who met, each with its circle's place; each pair that met is in exactly one group."""
    companies = [_largest_company(stays) for stays in circles]
    known: set[frozenset[str]] = set()
    for place in sorted(range(len(circles)), key=lambda place: (-len(companies[place]), place)):
        company = companies[place]
        if known.isdisjoint(_pairs(company)):
            known |= _pairs(company)
            yield place, company
        for one, other in combinations(circles[place], 2):
            pair = frozenset((one.key, other.key))
            if pair not in known and one.shared(other):
                known.add(pair)
                yield place, pair


def _largest_company(stays: Sequence[Stay]) -> frozenset[str]:
    """Give the most people who were ever in a circle together."""
    moments = {stay.since or BEGIN for stay in stays}
    companies = [
        frozenset(stay.key for stay in stays if (stay.since or BEGIN) <= moment < (stay.until or END))
        for moment in sorted(moments)
    ]
    return max(companies, key=len, default=frozenset[str]())


def _pairs(people: frozenset[str]) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in combinations(people, 2)}
