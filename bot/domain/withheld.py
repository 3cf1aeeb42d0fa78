"""Which groups' figures are kept back: those of few people, and as many more as keep them from being computed.

Where a total is shown beside its groups, what is kept back can be found by subtraction, all of it together. So the
people behind it must be as many as a group needs; otherwise the next smallest group is kept back too.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from bot.domain.survey.wave import LEAST_GROUP

K = TypeVar("K", bound=Hashable)


def withheld(groups: Mapping[K, frozenset[int]], least: int = LEAST_GROUP) -> frozenset[K]:
    """Return the groups whose figures may not be shown beside their total; each is given as its people.

    Groups may share people. The total may be shown only if all of them together are not few, which is `are_few`.
    """
    kept_back = {name for name, people in groups.items() if len(people) < least}
    shown = sorted((name for name in groups if name not in kept_back), key=lambda name: len(groups[name]))
    while kept_back and shown and are_few(_together(groups, kept_back), least):
        kept_back.add(shown.pop(0))
    return frozenset(kept_back)


def are_few(people: frozenset[int], least: int = LEAST_GROUP) -> bool:
    """Tell whether a figure about these people would be about too few."""
    return len(people) < least


def _together(groups: Mapping[K, frozenset[int]], names: set[K]) -> frozenset[int]:
    """Return everybody in some groups: whom the total less all other groups tells of."""
    return frozenset[int]().union(*(groups[name] for name in names))
