"""Circles around mentors: the best assignment of mentees, with an upper bound that certifies it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.domain.formation.affinity import FORBIDDEN, UNIT, Affinity, affinity
from bot.domain.formation.auction import Auction, Choices
from bot.domain.formation.problem import Person, Problem

BEST_OF_EACH = 40  # choices kept from either side at first
MORE_CHOICES = 8  # choices added to a mentee who would rather have a mentor left out so far
COARSEST = 4  # the first epsilon is this part of the range of scores
WARM = 1_000  # by how much epsilon is finer when an auction goes on from good prices
EXACT_UP_TO = 1_000  # mentees; beyond, a mentee may miss the best by one unit of score

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MentorMatch:
    """Who goes to which mentor, by number; `total` is the sum of scores, `bound` what no assignment can exceed.

    A mentee without a mentor (None) counts as `unmatched_score`, far below any other, in both.
    """

    mentor_of: tuple[int | None, ...]
    total: float
    bound: float
    unmatched_score: float

    @property
    def gap(self) -> float:
        """By what share of the bound the total might be bettered at most."""
        return (self.bound - self.total) / max(abs(self.bound), 1e-9)


def assign_mentors(
    problem: Problem, mentees: Sequence[Person], mentors: Sequence[Person], room: Sequence[int]
) -> MentorMatch:
    """Assign each mentee to a mentor with room so that the sum of scores is as large as can be.

    The auction runs over the best choices of both sides; then all pairs are priced, mentees who would rather have a
    mentor outside their choices get these added, and the auction runs again until nobody would.
    """
    if not mentees or not mentors:
        return MentorMatch((None,) * len(mentees), 0.0, 0.0, 0.0)
    pairs = affinity(problem, mentees, mentors)
    return _Matching(pairs, list(room)).solve()


class _Matching:
    """One assignment under way: `choices[i]` maps a mentor to the score that mentee i has there."""

    def __init__(self, pairs: Affinity, room: list[int]) -> None:
        self.pairs = pairs
        self.room = room
        self.scale = len(pairs.wants) + 1
        self.closed = np.array(room) <= 0
        self.choices: list[dict[int, int]] = [{} for _ in range(len(pairs.wants))]
        self.least, self.most = 0, 0
        self._choose_best()
        self.unmatched = self.least - 10 * (self.most - self.least + UNIT)

    def solve(self) -> MentorMatch:
        """Auction and price until no mentee would rather be with a mentor outside their choices."""
        coarse = max(1, (self.most - self.least) * self.scale // COARSEST)
        auction = Auction(self._scaled(), self.room, self.unmatched * self.scale)
        auction.run(coarse, self._finest())
        bound, added = self._price(auction)
        while added:
            auction.choices = self._scaled()
            auction.run(max(self._finest(), coarse // WARM), self._finest())
            bound, added = self._price(auction)
        total = sum(
            self.unmatched if mentor is None else self.choices[mentee][mentor]
            for mentee, mentor in enumerate(auction.seat_of)
        )
        return MentorMatch(tuple(auction.seat_of), total / UNIT, bound / self.scale / UNIT, self.unmatched / UNIT)

    def _finest(self) -> int:
        """Give the last epsilon: 1 makes the assignment exact, more is quicker."""
        return 1 if len(self.choices) <= EXACT_UP_TO else self.scale

    def _scaled(self) -> list[Choices]:
        """Give the choices in the auction's units."""
        scale = self.scale
        return [[(mentor, score * scale) for mentor, score in row.items()] for row in self.choices]

    def _choose_best(self) -> None:
        """Keep the best of each mentee's and of each mentor's scores as choices."""
        from_mentors: list[tuple[Ints, Ints]] = []
        for first, scores in self.pairs.blocks():
            scores[:, self.closed] = FORBIDDEN
            self._keep(first, scores, _best_in_rows(scores, BEST_OF_EACH))
            best = _best_in_rows(scores.T, BEST_OF_EACH).T
            from_mentors.append((best + first, np.take_along_axis(scores, best, axis=0)))
            self.least = min(self.least, int(np.min(scores, where=scores > FORBIDDEN // 2, initial=0)))
            self.most = max(self.most, int(scores.max(initial=0)))
        mentees = np.concatenate([numbers for numbers, _ in from_mentors])
        scores = np.concatenate([values for _, values in from_mentors])
        best = _best_in_rows(scores.T, BEST_OF_EACH).T
        chosen = np.take_along_axis(mentees, best, axis=0), np.take_along_axis(scores, best, axis=0)
        for row, values in zip(chosen[0].tolist(), chosen[1].tolist(), strict=True):
            for mentor, (mentee, score) in enumerate(zip(row, values, strict=True)):
                if score > FORBIDDEN // 2:
                    self.choices[mentee][mentor] = score

    def _keep(self, first: int, scores: Ints, columns: Ints, rows: Ints | None = None) -> None:
        """Add to the choices of some mentees of a block, all of them unless rows are given."""
        values = np.take_along_axis(scores if rows is None else scores[rows], columns, axis=1).tolist()
        numbers = range(len(scores)) if rows is None else rows.tolist()
        for row, mentors, own in zip(numbers, columns.tolist(), values, strict=True):
            kept = self.choices[first + row]
            kept.update((j, score) for j, score in zip(mentors, own, strict=True) if score > FORBIDDEN // 2)

    def _price(self, auction: Auction) -> tuple[int, int]:
        """Give the dual bound over all pairs, and how many mentees were given more choices."""
        prices = np.array(auction.prices, np.int64)
        bound = int(prices @ np.array(self.room, np.int64))
        added = 0
        for first, scores in self.pairs.blocks():
            scores[:, self.closed] = FORBIDDEN
            profits = np.where(scores > FORBIDDEN // 2, scores * self.scale - prices, FORBIDDEN * self.scale)
            best = np.maximum(profits.max(axis=1), auction.opting_out)
            bound += int(best.sum())
            known = [auction.profit(first + i) for i in range(len(scores))]
            eager = np.nonzero(best > np.array(known) + self._finest())[0]
            if eager.size:
                added += eager.size
                self._keep(first, scores, _best_in_rows(profits[eager], MORE_CHOICES), eager)
        return bound, added


def _best_in_rows(scores: Ints, most: int) -> Ints:
    """Give the columns of the greatest scores of each row, in no order."""
    kept = min(most, scores.shape[1])
    return np.argpartition(scores, scores.shape[1] - kept, axis=1)[:, scores.shape[1] - kept :]
