"""Seats for those who have no circle in a rotation that runs: as many placed as can be, nobody moved for it."""

from dataclasses import dataclass, field

from bot.domain.formation.mending import Mending, Seats

TOGETHER = 40  # people whose placing is weighed at once
CHOICES = 8  # circles tried for one person
PATIENCE = 4_000  # partial placings looked at


def place_latecomers(mending: Mending, seats: Seats) -> Seats:
    """Give the seats with as many people placed as was found, at the least cost among those."""
    choices = {i: len(_choices(mending, seats, i)) for i in mending.homeless if i not in seats.at}
    waiting = sorted((i for i in choices if choices[i]), key=lambda i: (choices[i], i))
    for first in range(0, len(waiting), TOGETHER):
        search = _Placing(mending, waiting[first : first + TOGETHER], seats)
        search.place(seats, 0)
        seats = search.best
    return seats


def _choices(mending: Mending, seats: Seats, person: int) -> list[int]:
    return [
        c
        for c in mending.open_circles(seats)
        if mending.has_room(seats, c) and mending.admits(seats, c, person) and mending.suits(seats, c, person)
    ]


@dataclass(slots=True)
class _Placing:
    """Branch and bound over who sits where, the hardest to place first."""

    mending: Mending
    waiting: list[int]
    best: Seats
    left: int = field(default=PATIENCE)

    def place(self, seats: Seats, done: int) -> None:
        """Place the people from `done` on, each in their cheapest circles first or in none."""
        if (-len(seats.at), seats.cost) < (-len(self.best.at), self.best.cost):
            self.best = seats
        self.left -= 1
        if done == len(self.waiting) or self.left < 0 or self._is_hopeless(seats, done):
            return
        person = self.waiting[done]
        choices = [self.mending.seat(seats, c, person) for c in _choices(self.mending, seats, person)]
        for made in sorted(choices, key=lambda made: made.cost)[:CHOICES]:
            self.place(made, done + 1)
        self.place(seats, done + 1)

    def _is_hopeless(self, seats: Seats, done: int) -> bool:
        """Whether even placing everybody left would not be better."""
        return len(seats.at) + len(self.waiting) - done < len(self.best.at)
