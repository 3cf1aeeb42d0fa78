"""Makers of the instances that formation is measured on; every one is a function of its seed."""

from dataclasses import replace
from random import Random

from bot.domain.formation import (
    Assignment,
    Budget,
    PastCircle,
    Person,
    Problem,
    Role,
    Rules,
    Sizes,
    Weights,
)

TOPICS = (
    "python",
    "rust",
    "career",
    "speaking",
    "research",
    "design",
    "data",
    "leading",
    "writing",
    "security",
)
LANGUAGES = ("en", "es", "de", "pt")
ZONES = (-8, -7, -6, -5, -3, 0, 1, 2, 5)  # nine zones, hours from UTC


def plain(people: int, size: int, budget: Budget | None = None) -> Problem:
    """People without any wish but to meet new ones, in circles of one size."""
    return Problem(
        people=tuple(Person(f"p{i}") for i in range(people)),
        sizes=Sizes(size, size, size),
        budget=budget or Budget(),
    )


def zoned(people: int, hours: int, seed: int, zones: tuple[int, ...] = ZONES) -> tuple[Person, ...]:
    """People in several zones, each free in so many hours of the week at the waking end of their day."""
    rng = Random(seed)
    return tuple(Person(f"p{i}", hours=_waking_hours(hours, zones[i % len(zones)], rng)) for i in range(people))


def _waking_hours(count: int, zone: int, rng: Random) -> int:
    """Draw runs of two hours between 9 and 22 local time until `count` hours are free."""
    mask = 0
    while mask.bit_count() < count:
        day, start = rng.randrange(7), rng.randrange(9, 21)
        for hour in range(start, start + 2):
            if mask.bit_count() < count:
                mask |= 1 << (day * 24 + hour - zone) % 168
    return mask


def community(hours: int = 36, seed: int = 1, budget: Budget | None = None, weights: Weights | None = None) -> Problem:
    """103 people, circles of 4 to 6, 10 avoid pairs, 28 facilitators of whom each circle needs one, 9 zones."""
    rng = Random(seed)
    people = list(zoned(103, hours, seed))
    for i in rng.sample(range(103), 28):
        people[i] = replace(people[i], role=Role.FACILITATOR)
    avoid: set[frozenset[str]] = set()
    while len(avoid) < 10:
        avoid.add(frozenset(person.key for person in rng.sample(people, 2)))
    return Problem(
        people=tuple(people),
        sizes=Sizes(4, 5, 6),
        avoid=frozenset(avoid),
        rules=Rules(facilitator_in_each=True),
        weights=weights or Weights(),
        budget=budget or Budget(seconds=1.0, iterations=None),
        seed=seed,
    )


def wishful(people: int, hours: int = 36, seed: int = 1, budget: Budget | None = None) -> Problem:
    """Make a large community in which everyone has hours, topics, experience, languages and a cohort."""
    rng = Random(seed)
    made = [
        replace(
            person,
            offers=frozenset(rng.sample(TOPICS, 2)),
            wants=frozenset(rng.sample(TOPICS, 2)),
            experience=rng.randrange(1, 6),
            languages=frozenset({"en", rng.choice(LANGUAGES)}),
            cohort=f"c{rng.randrange(8)}",
            role=Role.FACILITATOR if rng.random() < 0.3 else Role.MEMBER,
        )
        for person in zoned(people, hours, seed)
    ]
    avoid = {frozenset(person.key for person in rng.sample(made, 2)) for _ in range(people // 10)}
    return Problem(
        people=tuple(made),
        sizes=Sizes(4, 5, 6),
        avoid=frozenset(avoid),
        rules=Rules(facilitator_in_each=True, common_language=True),
        budget=budget or Budget(seconds=7.0, iterations=None),
        seed=seed,
    )


def next_rotation(problem: Problem, assignment: Assignment) -> Problem:
    """Give the problem one rotation later: the circles have become history and the seed has moved on."""
    past = tuple(PastCircle(problem.rotation, frozenset(circle.members), circle.lead) for circle in assignment.circles)
    return replace(problem, history=problem.history + past, rotation=problem.rotation + 1, seed=problem.seed + 1)
