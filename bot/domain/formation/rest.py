"""A circle less one person: what it would cost, and whether it is lawful, with someone else in the empty seat."""

from itertools import combinations

from bot.domain.formation.index import ANY_HOUR, Index

NEEDED_HOURS = 2  # a circle wants at least this many hours a week in which all are free


class Rest:
    """Some people of a circle, ready to be asked about one more; `cost_with` takes O(s), making it O(s^2).

    `hours_of[k]` holds the hours of the week in which at least k of them are free.
    """

    __slots__ = ("hours_of", "index", "led", "members", "pairs", "speaks")

    def __init__(self, index: Index, members: list[int]) -> None:
        self.index = index
        self.members = members
        self.pairs = _pairs(index, members)
        self.hours_of = _hours_of(index, members) if index.told_hours else [ANY_HOUR]
        self.led = not index.ask_lead or any(index.leads[i] for i in members)
        self.speaks = -1
        for i in members:
            self.speaks &= index.speaks[i]

    def cost_with(self, person: int) -> float:
        """Give what the circle costs with this person in it."""
        index = self.index
        cost = self.pairs
        if index.near:
            row = index.near[person]
            for i in self.members:
                cost += row[i]
        else:
            cost += self._far_pairs(person)
        if index.told_hours:
            free = index.free[person]
            if (self.hours_of[-1] & free).bit_count() < NEEDED_HOURS:
                cost += index.weights.hours * self._short_of_hours(free)
        if index.any_topics:
            cost += index.one_unhelped * unhelped(index, [*self.members, person])
        return cost + index.size_cost(len(self.members) + 1)

    def cost_alone(self) -> float:
        """Give what the circle costs with the seat left empty."""
        index, size = self.index, len(self.members)
        cost = self.pairs + index.size_cost(size)
        if index.told_hours and self.hours_of[size].bit_count() < NEEDED_HOURS:
            served = [k for k in range(1, size) if self.hours_of[k].bit_count() >= NEEDED_HOURS]
            cost += index.weights.hours * (0.5 + 0.5 * (size - max(served, default=0)) / size)
        if index.any_topics:
            cost += index.one_unhelped * unhelped(index, self.members)
        return cost

    def _far_pairs(self, person: int) -> float:
        """Price the pairs with this person in a community too large for a table of all pairs."""
        index, cost = self.index, 0.0
        row = index.rows[person]
        if row:
            for i in self.members:
                if i in row:
                    cost += row[i]
        if index.any_mix:
            level, cohort = index.level[person], index.cohort[person]
            for i in self.members:
                if index.level[i] == level:
                    cost += index.same_level
                if index.cohort[i] == cohort:
                    cost += index.same_cohort
        return cost

    def _short_of_hours(self, free: int) -> float:
        """Say how far a circle is from sharing two hours: from 1/2 to 1 by the share who miss the best two."""
        hours_of = self.hours_of
        size = len(self.members) + 1
        for k in range(size - 1, 0, -1):
            if (hours_of[k] | (hours_of[k - 1] & free)).bit_count() >= NEEDED_HOURS:
                return 0.5 + 0.5 * (size - k) / size
        return 1.0

    def allows(self, person: int) -> bool:
        """Whether no hard rule but the size stands against this person in the empty seat."""
        return (self.led or self.index.leads[person]) and self.admits(person)

    def admits(self, person: int) -> bool:
        """Whether this person may sit here while the circle still looks for someone to lead it."""
        index = self.index
        if index.any_avoid and not index.avoid[person].isdisjoint(self.members):
            return False
        if not self.speaks & index.speaks[person]:
            return False
        return not index.any_capacity or within_capacity(index, [*self.members, person])


def _pairs(index: Index, members: list[int]) -> float:
    """Price all pairs of some people; where nothing but encounters counts, most pairs cost nothing."""
    pairs, near, rows = combinations(members, 2), index.near, index.rows
    if near:
        return sum([near[i][j] for i, j in pairs])
    if index.any_mix:
        return sum([index.pair(i, j) for i, j in pairs])
    return sum([index.pair(i, j) for i, j in pairs if j in rows[i]])


def _hours_of(index: Index, members: list[int]) -> list[int]:
    """By k, the hours in which at least k of these people are free."""
    hours_of = [-1] + [0] * len(members)
    for seated, i in enumerate(members):
        free = index.free[i]
        for k in range(seated + 1, 0, -1):
            hours_of[k] |= hours_of[k - 1] & free
    return hours_of


def unhelped(index: Index, members: list[int]) -> int:
    """How many of a circle want something that nobody else in it offers."""
    once = twice = 0
    for i in members:
        twice |= once & index.offers[i]
        once |= index.offers[i]
    return sum(1 for i in members if index.wants[i] and not index.wants[i] & (twice | (once & ~index.offers[i])))


def within_capacity(index: Index, members: list[int]) -> bool:
    """Whether no mentor of the circle has more people who are no mentors around them than they take."""
    least = min((index.room[i] for i in members if index.mentors[i]), default=index.n)
    return sum(not index.mentors[i] for i in members) <= least
