"""Best of 1,000 shuffles: what a script of an afternoon does."""

from random import Random

from tests.benchmarks.peers.encounters import Circles, Encounters, Stopwatch, dealt

SHUFFLES = 1_000


def season(people: int, size: int, rotations: int, limit: float) -> list[Circles]:
    """Take for each rotation the shuffle with the fewest repeats; fewer rotations where time is up."""
    rng, watch, met = Random(1), Stopwatch(limit), Encounters(people)
    made: list[Circles] = []
    while len(made) < rotations and not watch.is_over():
        best = _best(people, size, met, rng, watch)
        made.append(best)
        met.add(best)
    return made


def _best(people: int, size: int, met: Encounters, rng: Random, watch: Stopwatch) -> Circles:
    best, least = None, 0
    for _ in range(SHUFFLES):
        circles = dealt(rng.sample(range(people), people), size)
        repeats = sum(map(met.repeats, circles))
        if best is None or repeats < least:
            best, least = circles, repeats
        if not least or watch.is_over():
            break
    return best
