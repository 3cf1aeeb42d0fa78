"""The search: circles that lack something swap one of theirs for someone who mends it, annealed in cycles."""

from math import exp
from random import Random
from typing import NamedTuple

from bot.domain.formation.index import Index
from bot.domain.formation.meter import Meter
from bot.domain.formation.rest import Rest
from bot.domain.formation.seating import Seating
from bot.domain.formation.sizes import balanced
from bot.domain.formation.ward import Ward

TRIED = 6  # swaps weighed for one seat
STEPS_A_PERSON = 12  # the length of the first cooling, each further one is half as long again
WARMEST = 0.1  # the temperature of a cooling's start, in weights of the main wish
FOCUS = 0.9  # how often a troubled circle is looked at rather than any
ACQUAINTED = 0.15  # how often people are looked at though they repeat an encounter
MOVES = 0.4  # how often a move to a circle with room is tried before a swap
NOTHING = 1e-9


def mend(seating: Seating, circles: list[int], rng: Random, meter: Meter, until: float) -> None:
    """Lower the cost of these circles until it cannot fall or this share of the budget is used; the best is kept.

    The cooling depends on the number of steps taken, never on the budget, so a larger budget only continues.
    """
    people = sorted(i for c in circles for i in seating.circles[c])
    if sum(seating.costs[c] for c in circles) <= _floor(seating.index, len(people), len(circles)) + NOTHING:
        return
    search = _Search(seating, Ward(seating.index, people), circles, rng)
    length, step = max(200, STEPS_A_PERSON * len(people)), 0
    while search.total > search.floor + NOTHING and meter.step() < until:
        search.warmth = search.warmest * (1 - step / length) ** 2
        search.try_one()
        step += 1
        if step >= length:
            length, step = length * 3 // 2, 0
    search.back_to_best()


def _floor(index: Index, people: int, circles: int) -> float:
    """Give a cost below which circles cannot fall: nobody disappointed, sizes as even as can be."""
    return sum(index.size_cost(size) for size in balanced(people, circles)) - index.bonus


class _Search:
    """The state of one search over the circles of one ward."""

    def __init__(self, seating: Seating, ward: Ward, circles: list[int], rng: Random) -> None:
        self.seating, self.ward, self.circles, self.rng = seating, ward, circles, rng
        index = seating.index
        weights = index.weights
        self.wish = weights.hours if index.told_hours and weights.hours else weights.repeats
        self.warmest = self.warmth = self.wish * WARMEST
        self.total = self.best = sum(seating.costs[c] for c in circles)
        self.floor = _floor(index, len(ward.people), len(circles))
        self.may_move = index.problem.sizes.least < index.problem.sizes.most
        self.at_best: dict[int, list[int]] = {}  # the circles that have changed since the best seating
        self.troubled = [c for c in circles if self._is_troubled(c)]
        self.spot = {c: k for k, c in enumerate(self.troubled)}

    def _is_troubled(self, circle: int) -> bool:
        return self.seating.costs[circle] >= self.wish / 2

    def try_one(self) -> None:
        """Take a circle and a person in it, and do the best of a few swaps or moves of that person."""
        seating, rng = self.seating, self.rng
        pool = self.troubled if self.troubled and rng.random() < FOCUS else self.circles
        here = pool[int(rng.random() * len(pool))]
        members = seating.circles[here]
        leaver = members[int(rng.random() * len(members))]
        step = self._best_move(here, leaver) if self.may_move and rng.random() < MOVES else None
        step = step or self._best_swap(here, leaver)
        if step and (step.change <= 0 or (self.warmth > 0 and rng.random() < exp(-step.change / self.warmth))):
            self._take(here, leaver, step)

    def _best_swap(self, here: int, leaver: int) -> "_Step | None":
        seating, best = self.seating, None
        rest, cost_now, where = seating.rest(here, leaver), seating.costs[here], seating.where
        for comer in self._candidates(rest):
            there = where[comer]
            if there == here or not rest.allows(comer):
                continue
            other = seating.rest(there, comer)
            if not other.allows(leaver):
                continue
            cost_here, cost_there = rest.cost_with(comer), other.cost_with(leaver)
            change = cost_here + cost_there - cost_now - seating.costs[there]
            if best is None or change < best.change:
                best = _Step(change, there, comer, (cost_here, cost_there))
        return best

    def _best_move(self, here: int, leaver: int) -> "_Step | None":
        seating, best, sizes = self.seating, None, self.seating.index.problem.sizes
        rest = seating.rest(here, leaver)
        if len(rest.members) < sizes.least or not rest.led:
            return None
        cost_here = rest.cost_alone()
        for _ in range(TRIED):
            there = self.circles[int(self.rng.random() * len(self.circles))]
            if there == here or len(seating.circles[there]) >= sizes.most:
                continue
            joined = seating.joined(there)
            if not joined.allows(leaver):
                continue
            cost_there = joined.cost_with(leaver)
            change = cost_here + cost_there - seating.costs[here] - seating.costs[there]
            if best is None or change < best.change:
                best = _Step(change, there, None, (cost_here, cost_there))
        return best

    def _candidates(self, rest: Rest) -> list[int]:
        """People with whom the circle has neither a repeat nor too few hours, or else no repeat, or else anyone."""
        ward = self.ward
        fitting = ward.speaking(rest.speaks)
        if self.rng.random() >= ACQUAINTED:
            for i in rest.members:
                fitting &= ward.strangers(i)
        return ward.draw(fitting & ward.sharing(rest.hours_of[-1]) or fitting or ward.everyone, TRIED, self.rng)

    def _take(self, here: int, leaver: int, step: "_Step") -> None:
        seating = self.seating
        for circle in (here, step.there):
            if circle not in self.at_best:
                self.at_best[circle] = list(seating.circles[circle])
        if step.comer is None:
            seating.move(leaver, step.there, step.costs)
        else:
            seating.swap(leaver, step.comer, step.costs)
        self.total += step.change
        self._note(here)
        self._note(step.there)
        if self.total < self.best - NOTHING:
            self.best = self.total
            self.at_best.clear()

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
        circles = list(self.seating.circles)
        for circle, members in self.at_best.items():
            circles[circle] = members
        self.seating.restore(circles)
        self.at_best.clear()


class _Step(NamedTuple):
    """One person's swap with a comer, or move where there is none, what it changes and what the circles cost then."""

    change: float
    there: int
    comer: int | None
    costs: tuple[float, float]
