"""Recounts a season from nothing but its circles."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations


def meetings(rotations: Iterable[Iterable[Sequence[Hashable]]]) -> Counter[frozenset[Hashable]]:
    """Count how often each pair meets; nobody may sit twice in one rotation."""
    counted: Counter[frozenset[Hashable]] = Counter()
    for rotation in rotations:
        circles = list(rotation)
        seated = [person for circle in circles for person in circle]
        assert len(seated) == len(set(seated)), "nobody sits twice in one rotation"
        counted.update(frozenset(pair) for circle in circles for pair in combinations(circle, 2))
    return counted


def repeats(rotations: Iterable[Iterable[Sequence[Hashable]]]) -> int:
    """Count the meetings of pairs that had met before."""
    return sum(count - 1 for count in meetings(rotations).values())


def least_repeats(people: int, sizes: Sequence[int], rounds: int) -> int:
    """Bound the repeats of any season of these circle sizes from below."""
    pairs = rounds * sum(size * (size - 1) // 2 for size in sizes) - people * (people - 1) // 2
    short = max(0, rounds * (min(sizes) - 1) - (people - 1))
    return max(0, pairs, -(-people * short // 2) if len(set(sizes)) == 1 else 0)
