"""What a mending of circles knows: who sits where at first and in a state of the search, and which seats are lawful."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.formation.index import Index
from bot.domain.formation.judge import shared_hours
from bot.domain.formation.problem import Problem
from bot.domain.formation.rest import NEEDED_HOURS, within_capacity
from bot.domain.formation.seating import circle_cost

NOWHERE = -1  # the circle of who has none
TOUCHED = 0.5  # what it costs, in repeats, that a further circle changes


@dataclass(frozen=True, slots=True)
class Seats:
    """A state of the search: who sits elsewhere than at first, who waits for a seat, and what becomes of circles.

    Circles in `closing` are left by everybody, those in `kept` stay as they are though they are too small.
    """

    at: dict[int, int] = field(default_factory=dict[int, int])
    waiting: frozenset[int] = frozenset()
    closing: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()
    cost: float = 0.0

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two states the same."""
        return frozenset(self.at.items()), self.waiting, self.closing, self.kept


class Mending:
    """Circles by place in the order given, people by number; `home` is where each sits at first."""

    def __init__(self, problem: Problem, members: Sequence[Sequence[str]], resting: Sequence[Sequence[str]]) -> None:
        index = self.index = Index(problem)
        self.base = [[index.number[key] for key in circle] for circle in members]
        self.resting = [[index.number[key] for key in circle] for circle in resting]
        self.home = [NOWHERE] * index.n
        for c, circle in enumerate(self.base):
            for i in circle:
                self.home[i] = c
        away = {i for circle in self.resting for i in circle}
        self.homeless = [i for i in range(index.n) if self.home[i] == NOWHERE and i not in away]
        self.broken = [c for c, circle in enumerate(self.base) if circle and not self.is_whole(circle)]

    def members(self, seats: Seats, circle: int) -> list[int]:
        """Give who sits in a circle in a state."""
        stayed = [i for i in self.base[circle] if i not in seats.at and i not in seats.waiting]
        return stayed + [i for i, c in seats.at.items() if c == circle]

    def moved(self, seats: Seats) -> int:
        """Count who left their circle."""
        return len(seats.waiting) + sum(self.home[i] != NOWHERE for i in seats.at)

    def touched(self, seats: Seats) -> set[int]:
        """Give the circles that somebody joined or left."""
        left = {self.home[i] for i in (*seats.at, *seats.waiting)}
        return (left | set(seats.at.values())) - {NOWHERE}

    def open_circles(self, seats: Seats) -> list[int]:
        """Give the circles that may take somebody in."""
        shut = seats.closing | seats.kept
        return [c for c in range(len(self.base)) if c not in shut and self.members(seats, c)]

    def is_led(self, members: Iterable[int]) -> bool:
        """Whether a circle has somebody to lead it, where it must."""
        return not self.index.ask_lead or any(self.index.leads[i] for i in members)

    def is_whole(self, members: Sequence[int]) -> bool:
        """Whether a circle has the least size and a lead, where it must."""
        return len(members) >= self.index.problem.sizes.least and self.is_led(members)

    def has_room(self, seats: Seats, circle: int) -> bool:
        """Whether a seat is free, those of people who rest being taken."""
        taken = len(self.members(seats, circle)) + len(self.resting[circle])
        return taken < self.index.problem.sizes.most

    def admits(self, seats: Seats, circle: int, person: int) -> bool:
        """Whether no rule but the size keeps somebody out of a circle."""
        return self.fits_among(person, self.members(seats, circle), circle)

    def fits_among(self, person: int, members: Sequence[int], circle: int) -> bool:
        """Whether somebody may sit among these people and those who rest: avoid, language, capacity."""
        index = self.index
        if not index.avoid[person].isdisjoint((*members, *self.resting[circle])):
            return False
        common = index.speaks[person]
        for i in members:
            common &= index.speaks[i]
        return bool(common) and (not index.any_capacity or within_capacity(index, [*members, person]))

    def suits(self, seats: Seats, circle: int, person: int) -> bool:
        """Whether a circle with somebody keeps two shared hours, or as many as those have who sat there at first."""
        return self._hours_hold(seats, circle, [*self.members(seats, circle), person])

    def all_suit(self, seats: Seats) -> bool:
        """Whether somebody stays in each circle that others join, and the hours hold where these had no circle."""
        joined = {c for i, c in seats.at.items() if self.home[i] == NOWHERE}
        hours_hold = all(self._hours_hold(seats, c, self.members(seats, c)) for c in joined)
        return hours_hold and all(self._stayed(seats, c) for c in seats.at.values())

    def _stayed(self, seats: Seats, circle: int) -> list[int]:
        return [i for i in self.base[circle] if i not in seats.at and i not in seats.waiting]

    def _hours_hold(self, seats: Seats, circle: int, members: Sequence[int]) -> bool:
        stayed = self._stayed(seats, circle)
        before = shared_hours(self.index, stayed).bit_count() if self._told(stayed) else NEEDED_HOURS
        return not self._told(members) or shared_hours(self.index, members).bit_count() >= min(NEEDED_HOURS, before)

    def _told(self, members: Sequence[int]) -> bool:
        return any(self.index.people[i].hours for i in members)

    def price(self, seats: Seats, circle: int, person: int) -> float:
        """Price a seat: what it adds to the circle's cost, and whether a further circle changes."""
        members, repeat = self.members(seats, circle), max(self.index.weights.repeats, 1.0)
        added = circle_cost(self.index, [*members, person]) - circle_cost(self.index, members)
        return added + (0.0 if circle in self.touched(seats) else TOUCHED * repeat)

    def seat(self, seats: Seats, circle: int, person: int) -> Seats:
        """Give the state after somebody took a seat."""
        cost = seats.cost + self.price(seats, circle, person)
        return replace(seats, at=seats.at | {person: circle}, waiting=seats.waiting - {person}, cost=cost)
