"""The genetic search of good-enough-golfers, from its description: a few parents, swaps out of their worst circles.

Each rotation begins with random seatings; a generation swaps every member of a parent's two worst circles with
members of other circles, adds random seatings, and keeps the best. The score is the sum of squared past meetings.
"""

from random import Random

from tests.benchmarks.peers.encounters import Circles, Encounters, Stopwatch, dealt

GENERATIONS = 30
PARENTS = 5
RANDOM_SEATINGS = 2
MOST_CHILDREN = 100

Scored = tuple[int, Circles, list[int]]


def season(people: int, size: int, rotations: int, limit: float) -> list[Circles]:
    """Evolve each rotation over the ones before it; fewer rotations where time is up."""
    rng, watch, met = Random(1), Stopwatch(limit), Encounters(people)
    made: list[Circles] = []
    while len(made) < rotations and not watch.is_over():
        circles = _evolve(people, size, met, rng, watch)
        if watch.is_over() and people > 500:
            break
        made.append(circles)
        met.add(circles)
    return made


def _evolve(people: int, size: int, met: Encounters, rng: Random, watch: Stopwatch) -> Circles:
    def fresh() -> Scored:
        return _scored(dealt(rng.sample(range(people), people), size), met)

    parents = sorted((fresh() for _ in range(PARENTS)), key=lambda option: option[0])
    for _ in range(GENERATIONS):
        if not parents[0][0] or watch.is_over():
            break
        options = [fresh() for _ in range(RANDOM_SEATINGS)] + parents
        for parent in parents:
            options += _children(parent, met, rng)
        parents = sorted(options, key=lambda option: option[0])[:PARENTS]
    return parents[0][1]


def _scored(circles: Circles, met: Encounters) -> Scored:
    scores = [met.squares(circle) for circle in circles]
    return sum(scores), circles, scores


def _children(parent: Scored, met: Encounters, rng: Random) -> list[Scored]:
    """Give the parent's best children by one swap out of one of its two worst circles."""
    total, circles, scores = parent
    worst = sorted(range(len(circles)), key=lambda c: -scores[c])[:2]
    swaps = [
        (here, i, there, j)
        for here in worst
        for i in range(len(circles[here]))
        for there in range(len(circles))
        if there != here
        for j in range(len(circles[there]))
    ]
    weighed: list[tuple[int, float, tuple[int, int, int, int]]] = []
    for here, i, there, j in swaps:
        one, other = circles[here], circles[there]
        after = met.squares([*one[:i], other[j], *one[i + 1 :]]) + met.squares([*other[:j], one[i], *other[j + 1 :]])
        weighed.append((total - scores[here] - scores[there] + after, rng.random(), (here, i, there, j)))
    return [_swapped(circles, swap, met) for _, _, swap in sorted(weighed)[: MOST_CHILDREN // PARENTS]]


def _swapped(circles: Circles, swap: tuple[int, int, int, int], met: Encounters) -> Scored:
    here, i, there, j = swap
    child = [list(circle) for circle in circles]
    child[here][i], child[there][j] = child[there][j], child[here][i]
    return _scored(child, met)
