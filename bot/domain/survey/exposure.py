"""What linear algebra over published sums can single out in one wave.

A wave has published the sums of disjoint parts (its circles and the rest of the programme) and of one or
two paired sets that cross them. Every combination of these sums gives each person a weight

    weight(person) = weight of the person's part + weights of the paired sets that hold the person,

so within a part people differ only by the paired sets that hold them: their level. An attacker picks the
weights of the paired sets, and then for each part the weight that cancels its largest level; those left are
exposed. With two sets, weights that are equal, opposite or zero let levels fall together; all others keep
them apart and so leave no fewer people over. Trying those finds the least exposure exactly.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

Group = frozenset[str]

_WEIGHTS = {1: ((1,),), 2: ((0, 1), (1, 1), (1, -1))}  # the last set is the new one


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums published of one wave: disjoint parts covering everyone, and one or two sets crossing them."""

    parts: tuple[Group, ...]
    crossing: tuple[Group, ...]

    @property
    def everyone(self) -> Group:
        """All people whom the sums cover."""
        return frozenset[str]().union(*self.parts)


def parts_of(everyone: Group, circles: Sequence[Group]) -> tuple[Group, ...]:
    """Split everyone into the published circles and the rest."""
    rest = everyone.difference(*circles)
    return (*circles, rest) if rest else tuple(circles)


def least_exposed(sums: Sums, known: AbstractSet[str]) -> int | None:
    """Return the fewest people with unknown answers whom a combination of the sums leaves over.

    None where the crossing sets tell nothing that the parts do not.
    """
    exposures = [_exposed(sums.parts, level, known) for level in _levels(sums)]
    return min((found for found in exposures if found is not None), default=None)


def separable_groups(sums: Sums) -> Iterator[Group]:
    """Yield the groups whose own sum follows from the sums of everyone and of the crossing sets."""
    for level in _levels(sums):
        groups: defaultdict[int, set[str]] = defaultdict(set)
        for person in sums.everyone:
            groups[level[person]].add(person)
        if len(groups) == 2:
            yield from map(frozenset, groups.values())


def _levels(sums: Sums) -> Iterator[dict[str, int]]:
    for weights in _WEIGHTS[len(sums.crossing)]:
        pairs = list(zip(weights, sums.crossing, strict=True))
        yield {person: sum(w for w, group in pairs if person in group) for person in sums.everyone}


def _exposed(parts: Sequence[Group], level: dict[str, int], known: AbstractSet[str]) -> int | None:
    exposed, tells = 0, False
    for part in parts:
        unknown = Counter(level[person] for person in part - known)
        tells |= len({level[person] for person in part}) > 1
        exposed += unknown.total() - max(unknown.values(), default=0)
    return exposed if tells else None
