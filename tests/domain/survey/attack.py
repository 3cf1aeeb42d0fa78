"""The attacker: reads every published sum and solves for sums over a few people, in exact integers.

A published figure over a set of people is a row over the variables (wave, person); a paired change is a row with +1 in
its wave and -1 in the wave before. Whatever follows from the figures by linear algebra lies in the rows' span. A vector
of the span that is zero outside a group of one to four people tells something of them alone: their sum, or any other
combination. The rows keep the names of erased people, as somebody does who remembers who was there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from bot.domain.survey.publication import Ledger, Publication

Variable = tuple[str, str]
Row = Mapping[Variable, int]


def sums_of(publications: Iterable[Publication]) -> list[Row]:
    """List everything that the publications tell, the earlier means of those who stayed or left included."""
    return [row for published in publications for row in ledger_rows(published.wave, published.ledger, publications)]


def ledger_rows(wave: str, ledger: Ledger, others: Iterable[Publication]) -> Iterator[Row]:
    for group in (ledger.everyone, *ledger.circles):
        yield _over(wave, group, 1)
    if ledger.since is not None:
        before = next(other.ledger.everyone for other in others if other.wave == ledger.since)
        yield {**_over(wave, ledger.paired, 1), **_over(ledger.since, ledger.paired, -1)}
        if before != ledger.paired:
            yield _over(ledger.since, ledger.paired, 1)


def _over(wave: str, people: Iterable[str], weight: int) -> Row:
    return {(wave, person): weight for person in people}


def rank(rows: Iterable[Sequence[int]]) -> int:
    """Return the rank of an integer matrix by fraction-free elimination."""
    left = [list(row) for row in set(map(tuple, rows)) if any(row)]
    found = 0
    while left:
        pivot = left.pop()
        column = next(index for index, value in enumerate(pivot) if value)
        found += 1
        reduced = ([pivot[column] * a - row[column] * b for a, b in zip(row, pivot, strict=True)] for row in left)
        left = [list(row) for row in {tuple(row) for row in reduced if any(row)}]
    return found


class Attacker:
    """Someone who sees all rows and knows every answer of some people."""

    def __init__(self, rows: Sequence[Row], knows: frozenset[str] = frozenset()) -> None:
        variables = sorted({variable for row in rows for variable in row if variable[1] not in knows})
        self.columns = {variable: tuple(row.get(variable, 0) for row in rows) for variable in variables}
        self.of_person: dict[str, list[tuple[int, ...]]] = defaultdict(list)
        for (_, person), column in self.columns.items():
            self.of_person[person].append(column)
        self.rank = rank(self.columns.values())

    def learns(self, people: frozenset[str]) -> int:
        """Return how many independent facts about these people alone follow from the rows."""
        outside = {column for (_, person), column in self.columns.items() if person not in people}
        return self.rank - rank(outside)

    def victims(self, most: int = 4) -> Iterator[frozenset[str]]:
        """Yield the groups of at most `most` people whom something is learnt of.

        People in the same figures everywhere cannot be told apart, so they are in a group all together or not at all.
        """
        alike: dict[tuple[tuple[str, tuple[int, ...]], ...], set[str]] = defaultdict(set)
        for person in self.of_person:
            pattern = tuple((wave, column) for (wave, who), column in self.columns.items() if who == person)
            alike[pattern].add(person)
        classes = [group for group in alike.values() if len(group) <= most]
        for count in range(1, most + 1):
            for chosen in combinations(classes, count):
                people = frozenset[str]().union(*chosen)
                if len(people) <= most and self.learns(people):
                    yield people
