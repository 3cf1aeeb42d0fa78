"""Many to one assignment by auction: people bid for places, prices rise until nobody would rather sit elsewhere.

Bertsekas 1988, "The auction algorithm: a distributed relaxation method for the assignment problem", with
epsilon-scaling; places of one mentor are similar objects that share a price; the reverse auction of Bertsekas and
Castañon 1992 lowers the price of places left empty. Scores are whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappush, heapreplace

SCALING = 4  # epsilon shrinks by this much from one phase to the next

Choices = Sequence[tuple[int, int]]
"""What one bidder may choose: pairs of a mentor and the score there."""


@dataclass(slots=True)
class Auction:
    """The state of an auction; all numbers are in units of 1 / (bidders + 1), so that an epsilon of 1 is exact.

    `holders[j]` is a heap of (bid, bidder); `prices[j]` is what a place with j costs; a bidder whose best
    profit falls below `opting_out` takes no place at all.
    """

    choices: list[Choices]
    room: list[int]
    opting_out: int
    prices: list[int] = field(init=False)
    holders: list[list[tuple[int, int]]] = field(init=False)
    seat_of: list[int | None] = field(init=False)

    def __post_init__(self) -> None:
        self.prices = [0] * len(self.room)
        self.holders = [[] for _ in self.room]
        self.seat_of = [None] * len(self.choices)

    def run(self, epsilon: int, last: int = 1) -> None:
        """Hold phase after phase with a smaller epsilon, each from the prices of the one before."""
        while True:
            self._forward(epsilon)
            self._reverse(epsilon)
            if epsilon <= last:
                return
            epsilon = max(last, epsilon // SCALING)

    def profit(self, bidder: int) -> int:
        """Tell the most that a bidder could gain at the present prices, opting out included."""
        prices = self.prices
        best = max([score - prices[j] for j, score in self.choices[bidder]], default=self.opting_out)
        return max(best, self.opting_out)

    def _forward(self, epsilon: int) -> None:
        """All who would gain more than epsilon elsewhere bid until each has a place or opts out."""
        holders, prices, room, seat_of = self.holders, self.prices, self.room, self.seat_of
        waiting = self._discontented(epsilon)
        while waiting:
            bidder = waiting.pop()
            place, first, second = self._two_best(bidder)
            if place < 0:
                continue
            bid = (prices[place] + first - second + epsilon, bidder)
            held = holders[place]
            seat_of[bidder] = place
            if len(held) < room[place]:
                heappush(held, bid)
            else:
                outbid = heapreplace(held, bid)[1]
                seat_of[outbid] = None
                waiting.append(outbid)
            if len(held) == room[place]:
                prices[place] = held[0][0]

    def _discontented(self, epsilon: int) -> list[int]:
        """Let go of all whose place misses their best by more than epsilon; they and those without one bid."""
        waiting = [bidder for bidder, place in enumerate(self.seat_of) if place is None]
        for place, held in enumerate(self.holders):
            price = self.prices[place]
            content = [bid for bid in held if self._score(bid[1], place) - price >= self.profit(bid[1]) - epsilon]
            if len(content) < len(held):
                staying = {bidder for _, bidder in content}
                leaving = [bidder for _, bidder in held if bidder not in staying]
                for bidder in leaving:
                    self.seat_of[bidder] = None
                waiting += leaving
                heapify(content)
                self.holders[place] = content
        return waiting

    def _score(self, bidder: int, place: int) -> int:
        """Tell what a bidder is worth at a place among their choices."""
        return next(score for j, score in self.choices[bidder] if j == place)

    def _two_best(self, bidder: int) -> tuple[int, int, int]:
        """Give the place of the greatest profit (-1 is none), that profit, and the next one elsewhere."""
        prices = self.prices
        place, first, second = -1, self.opting_out, self.opting_out
        for j, score in self.choices[bidder]:
            profit = score - prices[j]
            if profit > second:
                if profit > first:
                    place, first, second = j, profit, first
                else:
                    second = profit
        return place, first, second

    def _reverse(self, epsilon: int) -> None:
        """Places left empty at a price seek somebody for whom they are better, or lower the price to nothing."""
        empty = [j for j, held in enumerate(self.holders) if len(held) < self.room[j] and self.prices[j] > 0]
        if not empty:
            return
        gain = [self.opting_out if place is None else self.profit(bidder) for bidder, place in enumerate(self.seat_of)]
        wanted_by: list[list[tuple[int, int]]] = [[] for _ in self.room]
        for bidder, choices in enumerate(self.choices):
            for j, score in choices:
                wanted_by[j].append((bidder, score))
        seated: list[dict[int, int]] = [{} for _ in self.room]
        for bidder, place in enumerate(self.seat_of):
            if place is not None:
                seated[place][bidder] = dict(self.choices[bidder])[place]
        while empty:
            j = empty.pop()
            while len(seated[j]) < self.room[j] and self.prices[j] > 0:
                left = self._invite(j, wanted_by[j], gain, seated, epsilon)
                if left is not None and self.prices[left] > 0:
                    empty.append(left)
        self.holders = [[(self.prices[j], bidder) for bidder in held] for j, held in enumerate(seated)]

    def _invite(
        self,
        j: int,
        wanted_by: list[tuple[int, int]],
        gain: list[int],
        seated: list[dict[int, int]],
        epsilon: int,
    ) -> int | None:
        """Offer an empty place with j at the highest price that wins somebody; answer whose place becomes empty."""
        guest, own, first, second = -1, 0, 0, 0
        for bidder, score in wanted_by:
            offer = score - gain[bidder]
            if offer > second and self.seat_of[bidder] != j:
                if offer > first:
                    guest, own, first, second = bidder, score, offer, first
                else:
                    second = offer
        self.prices[j] = min(self.prices[j], max(0, second - epsilon if first > epsilon else 0))
        left = None
        if first > epsilon:
            left = self.seat_of[guest]
            if left is not None:
                del seated[left][guest]
            self.seat_of[guest] = j
            seated[j][guest] = own
        for bidder, score in seated[j].items():
            gain[bidder] = max(gain[bidder], score - self.prices[j])
        return left
