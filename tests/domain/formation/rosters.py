"""Rosters with any mix of rules, for Hypothesis."""

from random import Random

from hypothesis import strategies as st

from bot.domain.formation import (
    Budget,
    Feedback,
    PastCircle,
    Person,
    Problem,
    Role,
    Rules,
    Sizes,
)

LANGUAGES = ("en", "es", "de", "pt", "uk")
TOPICS = ("python", "career", "speaking", "design", "data")


@st.composite
def problems(draw: st.DrawFn, most_people: int = 300, iterations: int = 400) -> Problem:
    """Any people and rules: cliques of avoids, scarce facilitators, empty availability, lone zones and languages."""
    count = draw(st.one_of(st.integers(0, min(14, most_people)), st.integers(0, most_people)))
    least = draw(st.integers(2, 6))
    sizes = Sizes(least, least + draw(st.integers(0, 1)), least + draw(st.integers(1, 3)))
    rng = Random(draw(st.integers(0, 2**32)))
    leads = draw(
        st.sampled_from([0, 1, count // (least + 1), count // sizes.most, max(0, count // sizes.most - 1), count])
    )
    people = tuple(_person(i, i < leads, rng, draw_capacity=i % 3 == 0) for i in range(count))
    return Problem(
        people=people,
        sizes=sizes,
        rotation=4,
        history=tuple(_history(people, sizes.wanted, rng)) if draw(st.booleans()) else (),
        avoid=frozenset(_avoids(people, draw(st.sampled_from([0, 0, 2, 5, 9])), rng)),
        feedback=tuple(_feedback(people, rng)) if draw(st.booleans()) else (),
        rules=Rules(draw(st.booleans()), draw(st.booleans())),
        budget=Budget(iterations=iterations),
        seed=draw(st.integers(0, 9)),
    )


def _person(number: int, leads: bool, rng: Random, *, draw_capacity: bool) -> Person:  # noqa: FBT001
    role = rng.choice((Role.FACILITATOR, Role.MENTOR)) if leads else Role.MEMBER
    start = rng.randrange(150)
    return Person(
        key=f"p{number:03}",
        hours=rng.choice((0, ((1 << rng.randrange(1, 18)) - 1) << start, rng.getrandbits(168))),
        offers=frozenset(rng.sample(TOPICS, rng.randrange(3))),
        wants=frozenset(rng.sample(TOPICS, rng.randrange(3))),
        experience=rng.choice((None, 1, 2, 3)),
        languages=frozenset(rng.sample(LANGUAGES, rng.choice((0, 1, 1, 1, 2, 3)))),
        cohort=rng.choice((None, "a", "b")),
        role=role,
        capacity=rng.choice((0, 1, 3, 5)) if role is Role.MENTOR and draw_capacity else None,
    )


def _history(people: tuple[Person, ...], size: int, rng: Random) -> list[PastCircle]:
    """Three rotations by lot, with repeats, people who have gone, and one circle out of all bounds."""
    keys = [person.key for person in people] + ["gone1", "gone2"]
    past = [PastCircle(1, frozenset(keys[:20]))]
    for rotation in range(1, 4):
        rng.shuffle(keys)
        for start in range(0, len(keys), size):
            members = keys[start : start + size]
            past.append(PastCircle(rotation, frozenset(members), rng.choice([*members, None])))
    return past


def _avoids(people: tuple[Person, ...], clique: int, rng: Random) -> list[frozenset[str]]:
    """Draw a few pairs, a clique in which nobody may meet, and a pair with someone unknown."""
    keys = [person.key for person in people]
    group = rng.sample(keys, min(clique, len(keys)))
    pairs = [frozenset((one, other)) for one in group for other in group if one < other]
    if len(keys) >= 2 and clique:
        pairs += [frozenset(rng.sample(keys, 2)) for _ in range(len(keys) // 10)]
        pairs.append(frozenset((keys[0], "gone1")))
    return pairs


def _feedback(people: tuple[Person, ...], rng: Random) -> list[Feedback]:
    keys = [person.key for person in people] + ["gone1"]
    return [Feedback(rng.choice(keys), rng.choice(keys), rng.choice((-1, 1, 0.5))) for _ in keys]
