"""Greedy placement: one person after the other into the circle with room where they have met fewest."""

from random import Random

from tests.benchmarks.peers.encounters import Circles, Encounters, Stopwatch


def season(people: int, size: int, rotations: int, limit: float) -> list[Circles]:
    """Place everybody anew in each rotation; fewer rotations where time is up."""
    rng, watch, met = Random(1), Stopwatch(limit), Encounters(people)
    made: list[Circles] = []
    while len(made) < rotations and not watch.is_over():
        circles: Circles = [[] for _ in range(people // size)]
        for person in rng.sample(range(people), people):
            if watch.is_over():
                return made
            room = [c for c in circles if len(c) < size] or circles
            min(room, key=lambda circle: (met.with_person(person, circle), len(circle))).append(person)
        made.append(circles)
        met.add(circles)
    return made
