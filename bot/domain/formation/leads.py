"""Who leads each circle, so that the duty goes round fairly."""

from collections.abc import Sequence
from random import Random

from bot.domain.formation.index import Index
from bot.domain.formation.problem import Problem, Role

RANK = {Role.MENTOR: 0, Role.FACILITATOR: 1, Role.MEMBER: 2}


class Duty:
    """How often and when each person has led, and a seeded order for those who are equal."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._times = [0] * index.n
        self._last = [_before_all(index.problem)] * index.n
        for past in index.problem.history:
            i = index.number.get(past.lead) if past.lead is not None else None
            if i is not None:
                self._times[i] += 1
                self._last[i] = max(self._last[i], past.rotation)
        self._lot = list(range(index.n))
        Random(index.problem.seed).shuffle(self._lot)

    def lead_of(self, members: Sequence[int]) -> int:
        """Choose a mentor before a facilitator before a member; among equals whoever led least, then least recently."""
        return min(members, key=self._turn)

    def _turn(self, i: int) -> tuple[int, int, int, int]:
        return RANK[self._index.people[i].role], self._times[i], self._last[i], self._lot[i]


def _before_all(problem: Problem) -> int:
    """Give a rotation number before every other."""
    return min((past.rotation for past in problem.history), default=problem.rotation) - 1
