"""The search of a repair: swaps that mend circles, while people who did not come or go should stay where they are."""

from math import exp
from random import Random

from bot.domain.formation.meter import Meter
from bot.domain.formation.seating import Seating
from bot.domain.formation.ward import Ward

TRIED = 6  # swaps weighed for one seat
WARMEST = 0.12
FOCUS = 0.9
PRICE = 0.02  # what one more person away from home must gain, in bad circles
NOTHING = 1e-9


class Exchange:
    """A seating under annealing; `home[i]` is the circle in which i need not count as moved.

    `spare` is how many people may be away from home at most; each of them costs `price`.
    """

    def __init__(self, seating: Seating, home: dict[int, int], spare: int, rng: Random) -> None:
        weights = seating.index.weights
        self.seating, self.home, self.spare, self.rng = seating, home, spare, rng
        self.ward = Ward(seating.index, [i for members in seating.circles for i in members])
        self.wish = weights.hours if seating.index.told_hours and weights.hours else weights.repeats
        self.price = PRICE * self.wish
        self.away = sum(seating.where[i] != circle for i, circle in home.items())
        self.change = self.best = 0.0
        self.since_best: list[tuple[int, int]] = []

    def run(self, steps: int, meter: Meter) -> None:
        """Take so many steps at most, and leave the best seating that was seen."""
        for step in range(steps):
            if meter.step() >= 1 or not self._try_one(self.wish * WARMEST * (1 - step / steps) ** 2):
                break
        for one, other in reversed(self.since_best):
            self._swap(one, other)

    def _try_one(self, warmth: float) -> bool:
        """Swap somebody of a bad circle for the best of a few others; false once there is no bad circle."""
        seating, rng = self.seating, self.rng
        bad = [c for c, cost in enumerate(seating.costs) if cost >= self.wish / 2]
        if not bad:
            return False
        if rng.random() >= FOCUS:
            bad = [c for c, members in enumerate(seating.circles) if members]
        here = rng.choice(bad)
        leaver = rng.choice(seating.circles[here])
        weighed = [
            (change, comer)
            for comer in self._candidates(here, leaver)
            if (change := self._change(leaver, comer)) is not None
        ]
        if weighed:
            change, comer = min(weighed)
            if change <= 0 or (warmth > 0 and rng.random() < exp(-change / warmth)):
                self._accept(leaver, comer, change)
        return True

    def _candidates(self, here: int, leaver: int) -> list[int]:
        """People who would make the circle good, or else without a repeat, or else anybody."""
        ward, rest = self.ward, self.seating.rest(here, leaver)
        fitting = ward.everyone
        for i in rest.members:
            fitting &= ward.strangers(i)
        fitting &= ward.speaking(rest.speaks)
        good = fitting & ward.sharing(rest.hours_of[-1])
        found = ward.draw(good or fitting or ward.everyone, TRIED, self.rng)
        return [i for i in found if self.seating.where[i] != here]

    def _change(self, one: int, other: int) -> float | None:
        """Tell what it adds to cost and price when two people swap; None where a rule or the spare seats forbid it."""
        seating = self.seating
        here, there = seating.where[one], seating.where[other]
        rest, beyond = seating.rest(here, one), seating.rest(there, other)
        moved = self._moved(one, there) + self._moved(other, here)
        if self.away + moved > self.spare and moved > 0:
            return None
        if not rest.allows(other) or not beyond.allows(one):
            return None
        costs = rest.cost_with(other) + beyond.cost_with(one)
        return costs - seating.costs[here] - seating.costs[there] + self.price * moved

    def _moved(self, person: int, circle: int) -> int:
        """How many more are away from home when this person goes to that circle."""
        home = self.home.get(person)
        return 0 if home is None else (circle != home) - (self.seating.where[person] != home)

    def _accept(self, one: int, other: int, change: float) -> None:
        self.change += change
        self._swap(one, other)
        self.since_best.append((one, other))
        if self.change < self.best - NOTHING:
            self.best = self.change
            self.since_best.clear()

    def _swap(self, one: int, other: int) -> None:
        seating = self.seating
        here, there = seating.where[one], seating.where[other]
        self.away += self._moved(one, there) + self._moved(other, here)
        costs = seating.rest(here, one).cost_with(other), seating.rest(there, other).cost_with(one)
        seating.swap(one, other, costs)
