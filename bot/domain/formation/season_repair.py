"""A season plan after people joined, paused or left: as few changed seats as possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from bot.domain.formation.auction import Auction, Choices
from bot.domain.formation.exchange import Exchange
from bot.domain.formation.index import Index
from bot.domain.formation.judge import judge
from bot.domain.formation.meter import Meter
from bot.domain.formation.problem import PastCircle, Problem, Unplaced
from bot.domain.formation.rescue import find_hopeless, rescue
from bot.domain.formation.season import Circles, SeasonPlan, following
from bot.domain.formation.seating import Seating

SPARE = 0.45  # seats that others may change, for each seat of somebody who came or went
STEPS = 750  # of the search, for each such seat
INHERITED = 0.01  # how much better, in repeats, it is to take over the seats of one person
UNLAWFUL = 1e5  # in repeats
PRECISION = 1_000  # of costs in the assignment of newcomers, in parts of a repeat


def repair_season(plan: SeasonPlan, problem: Problem, absent: Mapping[int, frozenset[str]] | None = None) -> SeasonPlan:
    """Give the plan for the problem's people from its rotation on; rotations before it stay as they were.

    Whoever is in the problem but not in the plan has joined, whoever is in the plan alone has left, and `absent`
    names by rotation those who pause. Newcomers take the seats that became empty, each the same person's as long
    as that costs nothing; others move only where that mends a circle, up to 0.45 times as many as came or went.
    """
    absent = absent or {}
    kept = problem.rotation - plan.first
    rotations, unplaced = list(plan.rotations), list(plan.unplaced)
    heirs: dict[str, str] = {}
    for number in range(max(0, kept), len(rotations)):
        away = absent.get(plan.first + number, frozenset())
        people = tuple(person for person in problem.people if person.key not in away)
        later = _as_history(plan.first + number + 1, rotations[number + 1 :])
        asked = replace(problem, people=people, history=problem.history + later)
        rotation = _Rotation(Index(asked), rotations[number], heirs)
        rotations[number], unplaced[number] = rotation.repaired()
        problem = following(problem, rotations[number])
    return replace(plan, rotations=tuple(rotations), unplaced=tuple(unplaced))


def changed_seats(before: Sequence[Circles], after: Sequence[Circles]) -> int:
    """How many seats differ, rotation by rotation: people who came, went, or sit in another circle than before."""
    return sum(_changed(old, new) for old, new in zip(before, after, strict=True))


def _changed(before: Circles, after: Circles) -> int:
    """Pair circles before and after by how many people they share; who is in no such pair has changed."""
    was = {key: number for number, circle in enumerate(before) for key in circle}
    shared: list[tuple[int, int, int]] = []
    for number, circle in enumerate(after):
        old = [was[key] for key in circle if key in was]
        shared += [(-old.count(one), one, number) for one in set(old)]
    same_before: set[int] = set()
    same_after: set[int] = set()
    stayed = 0
    for count, one, number in sorted(shared):
        if one not in same_before and number not in same_after:
            same_before.add(one)
            same_after.add(number)
            stayed -= count
    now = {key for circle in after for key in circle}
    return len(now | set(was)) - stayed


def _as_history(rotation: int, rotations: Sequence[Circles]) -> tuple[PastCircle, ...]:
    """Planned circles as if they had been, so that nobody is moved to people whom they will meet anyway."""
    return tuple(
        PastCircle(rotation + number, frozenset(circle))
        for number, circles in enumerate(rotations)
        for circle in circles
    )


@dataclass(slots=True)
class _Rotation:
    """One rotation under repair; `heirs` tells whose seat a newcomer took over first."""

    index: Index
    planned: Circles
    heirs: dict[str, str]
    came: list[int] = field(init=False)
    empty: list[tuple[int, str]] = field(init=False)
    seating: Seating = field(init=False)

    def repaired(self) -> tuple[Circles, tuple[Unplaced, ...]]:
        """Give the circles, in the order they had, and who sits in none."""
        number = self.index.number
        self.empty = [(c, key) for c, circle in enumerate(self.planned) for key in circle if key not in number]
        circles = [[number[key] for key in circle if key in number] for circle in self.planned]
        seated = {i for members in circles for i in members}
        self.came = [i for i in range(self.index.n) if i not in seated]
        self._fill_empty_seats(circles)
        self.seating = Seating(self.index, self._lawful(circles))
        home = {i: c for c, members in enumerate(circles) for i in members if i in seated}
        if self.came or self.empty:
            problem = self.index.problem
            rng, meter = Random(problem.seed), Meter(problem.budget)
            rescue(self.seating, find_hopeless(self.index), rng, meter)
            changes = len(self.came) + len(self.empty)
            Exchange(self.seating, home, int(SPARE * changes), rng).run(STEPS * changes, meter)
        made = tuple(self.index.keys(members) for members in self.seating.circles if members)
        return made, judge(self.seating).unplaced

    def _fill_empty_seats(self, circles: list[list[int]]) -> None:
        """Give newcomers the seats that became empty, at the least cost in all."""
        if not self.came or not self.empty:
            return
        before = Seating(self.index, list(circles))
        scale = len(self.came) + 1
        choices: list[Choices] = [
            [
                (place, -round(self._cost_of_seat(before, person, *self.empty[place]) * PRECISION) * scale)
                for place in range(len(self.empty))
            ]
            for person in self.came
        ]
        worst = max(-score for row in choices for _, score in row)
        auction = Auction(choices, [1] * len(self.empty), -10 * (worst + scale))
        auction.run(max(1, worst // 4))
        for person, place in zip(self.came, auction.seat_of, strict=True):
            if place is not None:
                circle, leaver = self.empty[place]
                circles[circle].append(person)
                self.heirs.setdefault(self.index.people[person].key, leaver)

    def _cost_of_seat(self, before: Seating, person: int, circle: int, leaver: str) -> float:
        """Tell what a newcomer in this seat costs, in repeats."""
        rest = before.joined(circle)
        repeat = max(self.index.weights.repeats, self.index.weights.hours, 1e-9)
        cost = (rest.cost_with(person) - before.costs[circle]) / repeat
        if not rest.allows(person):
            cost += UNLAWFUL
        if self.heirs.get(self.index.people[person].key, leaver) != leaver:
            cost += INHERITED
        return max(0.0, cost + 2)

    def _lawful(self, circles: list[list[int]]) -> list[list[int]]:
        """Leave out whom a hard rule keeps from the others of a circle, with room for a lead where one lacks."""
        index = self.index
        made: list[list[int]] = []
        for members in circles:
            kept: list[int] = []
            speaks = -1
            for i in members[: index.problem.sizes.most]:
                if index.speaks[i] & speaks and index.avoid[i].isdisjoint(kept):
                    kept.append(i)
                    speaks &= index.speaks[i]
            unled = index.ask_lead and not any(index.leads[i] for i in kept)
            made.append(kept[: index.problem.sizes.most - 1] if unled else kept)
        return made
