"""The search: circles that lack something swap one of theirs for someone who mends it, annealed in cycles."""

from math import exp
from random import Random

from bot.domain.formation.meter import Meter
from bot.domain.formation.seating import Seating
from bot.domain.formation.ward import Ward

TRIED = 6  # swaps weighed for one seat
STEPS_A_PERSON = 12  # the length of the first cooling, each further one is half as long again
NOTHING = 1e-9


def mend(seating: Seating, ward: Ward, circles: list[int], rng: Random, meter: Meter, until: float) -> None:
    """Lower the cost of these circles until it cannot fall or this share of the budget is used; the best is kept.

    The cooling depends on the number of steps taken, never on the budget, so a larger budget only continues.
    """
    search = _Search(seating, ward, circles, rng)
    length, step = max(200, STEPS_A_PERSON * len(ward.people)), 0
    while search.total > search.floor + NOTHING and meter.step() < until:
        search.warmth = search.warmest * (1 - step / length) ** 2
        search.try_one()
        step += 1
        if step >= length:
            length, step = length * 3 // 2, 0
    search.back_to_best()


class _Search:
    """The state of one search over the circles of one ward."""

    def __init__(self, seating: Seating, ward: Ward, circles: list[int], rng: Random) -> None:
        self.seating, self.ward, self.circles, self.rng = seating, ward, circles, rng
        index = seating.index
        weights = index.weights
        self.wish = weights.hours if index.told_hours and weights.hours else weights.repeats
        self.warmest = self.warmth = self.wish / 4
        self.floor = -index.bonus
        self.total = self.best = sum(seating.costs[c] for c in circles)
        self.since_best: list[tuple[int, int]] = []
        self.troubled = [c for c in circles if self._is_troubled(c)]
        self.spot = {c: k for k, c in enumerate(self.troubled)}

    def _is_troubled(self, circle: int) -> bool:
        return self.seating.costs[circle] >= self.wish / 2

    def try_one(self) -> None:
        """Take a circle and a person in it, and swap the person for the best of a few others."""
        seating, rng = self.seating, self.rng
        pool = self.troubled if self.troubled and rng.random() < 0.9 else self.circles
        here = pool[int(rng.random() * len(pool))]
        members = seating.circles[here]
        leaver = members[int(rng.random() * len(members))]
        rest = seating.rest(here, leaver)
        best: tuple[float, int, float, float] | None = None
        for comer in self._candidates(here, leaver):
            there = seating.where[comer]
            if there == here:
                continue
            other = seating.rest(there, comer)
            if not rest.allows(comer) or not other.allows(leaver):
                continue
            cost_here, cost_there = rest.cost_with(comer), other.cost_with(leaver)
            change = cost_here + cost_there - seating.costs[here] - seating.costs[there]
            if best is None or change < best[0]:
                best = change, comer, cost_here, cost_there
        if best and (best[0] <= 0 or (self.warmth > 0 and rng.random() < exp(-best[0] / self.warmth))):
            self._swap(leaver, best[1], (best[2], best[3]), best[0])

    def _candidates(self, here: int, leaver: int) -> list[int]:
        """People who would leave this circle without a repeat and with shared hours, or else without one of them."""
        ward, rest = self.ward, self.seating.rest(here, leaver)
        fitting = ward.everyone
        for i in rest.members:
            fitting &= ward.strangers(i)
        fitting &= ward.speaking(rest.speaks)
        return ward.draw(
            fitting & ward.sharing(rest.hours_of[-1]) or fitting or ward.everyone, TRIED, self.rng
        )

    def _swap(self, leaver: int, comer: int, costs: tuple[float, float], change: float) -> None:
        here, there = self.seating.where[leaver], self.seating.where[comer]
        self.seating.swap(leaver, comer, costs)
        self.total += change
        self._note(here)
        self._note(there)
        self.since_best.append((leaver, comer))
        if self.total < self.best - NOTHING:
            self.best = self.total
            self.since_best.clear()

    def _note(self, circle: int) -> None:
        """Keep the list of troubled circles right."""
        if self._is_troubled(circle):
            if circle not in self.spot:
                self.spot[circle] = len(self.troubled)
                self.troubled.append(circle)
        elif circle in self.spot:
            k, last = self.spot.pop(circle), self.troubled.pop()
            if last != circle:
                self.troubled[k] = last
                self.spot[last] = k

    def back_to_best(self) -> None:
        """Undo what was done since the best seating."""
        seating = self.seating
        for one, other in reversed(self.since_best):
            here, there = seating.where[one], seating.where[other]
            cost_here = seating.rest(here, one).cost_with(other)
            cost_there = seating.rest(there, other).cost_with(one)
            seating.swap(one, other, (cost_here, cost_there))
        self.since_best.clear()
