"""The fewest moves that mend broken circles, by A* over partial repairs.

States come out by people left in broken circles, then by people moved plus a bound on those who still must, so the
first whole one is best. Where that takes too long, a greedy search dives for a good one.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count

from bot.domain.formation.mending import Mending, Seats

ALIKE = 8  # circles looked at of a kind
EFFORT = 600_000  # states times people, so that large communities do not wait long
BREADTH = 16  # states kept of one decision when greedy
PATIENCE = 6_000  # states looked at before the search turns greedy
HASTE = 4  # how much more, when greedy, a mending still to do weighs than a move

Rank = tuple[float, ...]


def fewest_moves(mending: Mending, patience: int = PATIENCE) -> Seats:
    """Give the best repair of the broken circles; who has no circle sits only where that helps to mend one."""
    exact, greedy = _Search(mending, _exact_rank), _Search(mending, _greedy_rank, BREADTH)
    found = exact.run(Seats(), min(patience, EFFORT // max(1, mending.index.n)))
    return found or greedy.run(Seats(), patience) or _one_by_one(mending, patience)


def _one_by_one(mending: Mending, patience: int) -> Seats:
    """Mend what can be mended of each broken circle alone, where all together are too many."""
    seats = Seats(kept=frozenset(mending.broken))
    for circle in mending.broken:
        alone = replace(seats, kept=seats.kept - {circle})
        seats = _Search(mending, _greedy_rank, BREADTH).run(alone, patience) or seats
    return seats


def _exact_rank(stranded: int, moved: int, due: int, left: int, cost: float) -> Rank:
    return stranded, moved + -(-due // 2), left, cost


def _greedy_rank(stranded: int, moved: int, _due: int, left: int, cost: float) -> Rank:
    return moved + HASTE * (left + stranded), cost


@dataclass(slots=True)
class _Search:
    mending: Mending
    rank: Callable[[int, int, int, int, float], Rank]
    breadth: int | None = None

    def run(self, start: Seats, patience: int) -> Seats | None:
        """Give the first state in which nothing is left to mend, or None where none turned up."""
        ticket = count()
        queue: list[tuple[Rank, int, Seats]] = []
        seen: set[Hashable] = set()
        heappush(queue, (self._rank(start), next(ticket), start))
        while queue and patience > 0:
            seats = heappop(queue)[2]
            children = self._children(seats)
            if children is None:
                return seats
            ranked = sorted(((self._rank(child), next(ticket), child) for child in children), key=lambda each: each[:2])
            for entry in ranked[: self.breadth]:
                patience -= 1
                if entry[2].key not in seen:
                    seen.add(entry[2].key)
                    heappush(queue, entry)
        return None

    def _rank(self, seats: Seats) -> Rank:
        mending = self.mending
        stranded = sum(len(mending.base[c]) for c in seats.kept)
        lacking, free = self._lacking(seats), sum(i not in seats.at for i in mending.homeless)
        # One move mends two at most: where it comes from and where it leads; who has no circle mends one for nothing.
        due = max(0, lacking - free - len(seats.waiting))
        return self.rank(stranded, mending.moved(seats), due, lacking + len(seats.waiting), seats.cost)

    def _lacking(self, seats: Seats) -> int:
        """Count who is lacking in broken circles, or sits in one where these are fewer."""
        mending, lacking = self.mending, 0
        for c in self._unmended(seats):
            members = mending.members(seats, c)
            lacking += min(max(mending.index.problem.sizes.least - len(members), 1), len(members))
        return lacking

    def _unmended(self, seats: Seats) -> list[int]:
        """Give the circles that are too small or unled, and not given up."""
        mending = self.mending
        looked_at = {*mending.broken, *mending.touched(seats)} - seats.closing - seats.kept
        lists = ((c, mending.members(seats, c)) for c in sorted(looked_at))
        return [c for c, members in lists if members and not mending.is_whole(members)]

    def _children(self, seats: Seats) -> Iterator[Seats] | None:
        """Give the states one decision further on; None where nothing is left to decide."""
        if seats.waiting:
            return self._seat_one(seats, min(seats.waiting))
        if unmended := self._unmended(seats):
            return self._mend(seats, unmended[0])
        return None if self.mending.all_suit(seats) else iter(())

    def _seat_one(self, seats: Seats, person: int) -> Iterator[Seats]:
        """Seat somebody who waits, or let somebody else make room."""
        mending, best = self.mending, dict[Hashable, Seats]()
        for c, kind in self._kinds(seats, [c for c in mending.open_circles(seats) if c != mending.home[person]]):
            if mending.has_room(seats, c) and mending.admits(seats, c, person):
                _keep_cheapest(best, kind, mending.seat(seats, c, person))
            else:
                for other in self._settled(seats, c):
                    made = replace(seats, waiting=seats.waiting | {other})
                    _keep_cheapest(best, (kind, self._traits(other)), made)
        yield from best.values()

    def _mend(self, seats: Seats, circle: int) -> Iterator[Seats]:
        """Fill a circle, close it, or leave it as it is."""
        mending = self.mending
        if mending.has_room(seats, circle):
            yield from self._fill(seats, circle)
        for other in self._settled(seats, circle):  # who is in the way of somebody who could mend it
            yield replace(seats, waiting=seats.waiting | {other})
        if circle not in seats.at.values():
            left = frozenset(self._settled(seats, circle))
            yield replace(seats, waiting=seats.waiting | left, closing=seats.closing | {circle})
        if circle not in mending.touched(seats):
            yield replace(seats, kept=seats.kept | {circle})

    def _fill(self, seats: Seats, circle: int) -> Iterator[Seats]:
        """Bring one more into a circle: who has none, or who can be spared elsewhere."""
        mending, index = self.mending, self.mending.index
        lead_only = len(mending.members(seats, circle)) >= index.problem.sizes.least
        newcomers = [(i, i) for i in mending.homeless if i not in seats.at and mending.suits(seats, circle, i)]
        others = [c for c in mending.open_circles(seats) if c != circle]
        donors = [(i, kind) for c, kind in self._kinds(seats, others) for i in self._settled(seats, c)]
        best = dict[Hashable, Seats]()
        for person, kind in (*newcomers, *donors):
            if (index.leads[person] or not lead_only) and mending.admits(seats, circle, person):
                _keep_cheapest(best, (kind, self._traits(person)), mending.seat(seats, circle, person))
        yield from best.values()

    def _settled(self, seats: Seats, circle: int) -> list[int]:
        """Give who sits in a circle as at first."""
        return [i for i in self.mending.base[circle] if i not in seats.at and i not in seats.waiting]

    def _traits(self, person: int) -> Hashable:
        """Give all that hard rules ask of somebody; people who are alike in it can stand for one another."""
        index = self.mending.index
        if index.avoid[person] or (index.any_capacity and index.mentors[person]):
            return person
        return index.speaks[person], index.leads[person], index.mentors[person]

    def _kinds(self, seats: Seats, circles: list[int]) -> list[tuple[int, Hashable]]:
        """Give circles with what hard rules see in them, a few of each kind: any of a kind would do as well."""
        mending, kinds = self.mending, Counter[Hashable]()
        own = mending.touched(seats)
        if mending.index.told_hours and any(i not in seats.at for i in mending.homeless):
            own.update(circles)  # who has no circle looks at its hours too
        found: list[tuple[int, Hashable]] = []
        for c in circles:
            kind = c if c in own else self._kind(c)
            kinds[kind] += 1
            if kinds[kind] <= ALIKE:
                found.append((c, kind))
        return found

    def _kind(self, circle: int) -> Hashable:
        """Give all that hard rules see in an untouched circle: how many of which people, and who rests."""
        mending = self.mending
        traits = Counter(map(self._traits, mending.base[circle]))
        return (
            frozenset(traits.items()),
            frozenset(map(self._traits, mending.resting[circle])),
            len(mending.resting[circle]),
        )


def _keep_cheapest(best: dict[Hashable, Seats], kind: Hashable, made: Seats) -> None:
    if kind not in best or made.cost < best[kind].cost:
        best[kind] = made
