"""Plain annealing, rotation by rotation: swap two people at random, accept what is worse ever more seldom."""

from math import exp
from random import Random

from bot.domain.formation import HOURS_A_WEEK, Problem
from tests.benchmarks.peers.encounters import Circles, Encounters, Stopwatch, dealt

STEPS_A_PERSON = 400
WARMEST = 1.0
NO_SHARED_HOURS = 3.0  # what a circle without two shared hours costs, in repeats


def season(people: int, size: int, rotations: int, limit: float) -> list[Circles]:
    """Anneal each rotation; fewer rotations where time is up."""
    return _season([0] * people, size, rotations, limit)


def season_with_hours(problem: Problem, rotations: int, limit: float) -> list[Circles]:
    """Anneal each rotation for few repeats and for circles that share two hours."""
    return _season([person.hours for person in problem.people], problem.sizes.wanted, rotations, limit)


def _season(hours: list[int], size: int, rotations: int, limit: float) -> list[Circles]:
    rng, watch, met = Random(1), Stopwatch(limit), Encounters(len(hours))
    made: list[Circles] = []
    while len(made) < rotations and not watch.is_over():
        circles = dealt(rng.sample(range(len(hours)), len(hours)), size)
        _anneal(circles, hours, met, rng, watch)
        made.append(circles)
        met.add(circles)
    return made


def _anneal(circles: Circles, hours: list[int], met: Encounters, rng: Random, watch: Stopwatch) -> None:
    told = any(hours)

    def cost(circle: list[int]) -> float:
        shared = (1 << HOURS_A_WEEK) - 1
        for person in circle:
            shared &= hours[person]
        return met.repeats(circle) + NO_SHARED_HOURS * (told and shared.bit_count() < 2)

    costs = [cost(circle) for circle in circles]
    total, steps = sum(costs), STEPS_A_PERSON * len(hours)
    for step in range(steps):
        if total <= 0 or (step & 255 == 0 and watch.is_over()) or len(circles) < 2:
            return
        here, there = rng.sample(range(len(circles)), 2)
        i, j = rng.randrange(len(circles[here])), rng.randrange(len(circles[there]))
        circles[here][i], circles[there][j] = circles[there][j], circles[here][i]
        after = cost(circles[here]), cost(circles[there])
        change = sum(after) - costs[here] - costs[there]
        warmth = WARMEST * (1 - step / steps)
        if change <= 0 or rng.random() < exp(-change / warmth):
            costs[here], costs[there] = after
            total += change
        else:
            circles[here][i], circles[there][j] = circles[there][j], circles[here][i]
