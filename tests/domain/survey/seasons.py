"""Random seasons: people who join, answer, keep silent, leave, moderate and are erased, wave after wave.

People come in bundles that live through a season alike, so that sets differ by few people much more often than by
chance, which is where figures give somebody away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from bot.domain.survey.disclosure import disclose
from bot.domain.survey.publication import Ledger, Publication
from bot.domain.survey.wave import Asked, Wave, scores_of
from tests.domain.survey.helpers import CONFIDENCE, SCALE

ANSWERS, SILENT, AWAY, MODERATES, READS = "answers", "silent", "away", "moderates", "reads"
STATES = [ANSWERS] * 8 + [SILENT, AWAY, AWAY, MODERATES, READS]


@dataclass(frozen=True)
class Bundle:
    """People who live through a season alike; one of them is erased after a wave, if any."""

    size: int
    states: tuple[str, ...]
    circles: tuple[str, ...]
    erased_after: int | None


@dataclass(frozen=True)
class Season:
    """The bundles of one programme over its waves; the seed draws their scores."""

    bundles: tuple[Bundle, ...]
    waves: int
    seed: int


@dataclass(frozen=True)
class Step:
    """One wave with its publication and everything that was published before it."""

    wave: Wave
    before: tuple[Publication, ...]  # as they were on the day, erased people and all
    publication: Publication
    ledgers: dict[str, Ledger]  # what a naive publisher would have published so far


@st.composite
def seasons(draw, least_waves: int = 1, most_waves: int = 4) -> Season:
    waves = draw(st.integers(least_waves, most_waves))
    states = st.tuples(*[st.sampled_from(STATES)] * waves)
    circles = st.tuples(*[st.sampled_from("abc")] * waves)
    erased = st.one_of(st.none(), st.none(), st.none(), st.integers(0, waves - 1))
    bundle = st.builds(Bundle, st.integers(1, 8), states, circles, erased)
    return Season(tuple(draw(st.lists(bundle, min_size=2, max_size=7))), waves, draw(st.integers(0, 999)))


def live(season: Season) -> Iterator[Step]:
    """Play a season: each wave is disclosed beside the publications so far, with erasures in between."""
    random = Random(season.seed)
    published: tuple[Publication, ...] = ()
    seen: tuple[Publication, ...] = ()
    naive: dict[str, Ledger] = {}
    kept: dict[str, dict[str, float]] = {}
    for number in range(season.waves):
        wave = _wave(season, number, random, kept)
        publication = disclose(wave, published)
        naive[wave.key] = _naive(wave, naive, number)
        yield Step(wave, seen, publication, dict(naive))
        published, seen = (*published, publication), (*seen, publication)
        kept[wave.key] = scores_of(wave.asked)
        for person in _erased(season, number):
            token = f"token {random.random()}"
            published = tuple(snapshot.without(person, token) for snapshot in published)
            for scores in kept.values():
                scores.pop(person, None)


def _wave(season: Season, number: int, random: Random, kept: dict[str, dict[str, float]]) -> Wave:
    asked: list[Asked] = []
    readers: set[str] = set()
    for index, bundle in enumerate(season.bundles):
        for member in range(bundle.size):
            key, state = f"{index}.{member}", bundle.states[number]
            score = random.choice([2.0, 2.25, 2.5, 3.0, 3.25, 3.5, 4.0]) if state != SILENT else None
            if state == READS:
                readers.add(key)
            elif state != AWAY:
                asked.append(Asked(key, bundle.circles[number], score, is_moderator=state == MODERATES))
    earlier = {wave: dict(scores) for wave, scores in kept.items()}
    return Wave(f"w{number}", number, CONFIDENCE, SCALE, tuple(asked), frozenset(readers), earlier)


def _erased(season: Season, number: int) -> list[str]:
    """List who is erased after a wave, one of a bundle; they may answer again under the same key."""
    return [f"{index}.0" for index, bundle in enumerate(season.bundles) if bundle.erased_after == number]


def _naive(wave: Wave, earlier: dict[str, Ledger], number: int) -> Ledger:
    """Publish as one does who thinks that a mean is no single answer."""
    everyone = frozenset(scores_of(wave.asked))
    names = sorted({person.circle for person in wave.asked})
    groups = (frozenset(scores_of(p for p in wave.asked if p.circle == name)) for name in names)
    since = f"w{number - 1}" if number else None
    paired = everyone & earlier[since].everyone if since else frozenset[str]()
    return Ledger(everyone, tuple(group for group in groups if group), paired, since)
