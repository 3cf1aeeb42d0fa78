"""Instruments and waves that several tests are made of."""

from bot.domain.survey.disclosure import disclose
from bot.domain.survey.instrument import Instrument, Scale
from bot.domain.survey.publication import Publication
from bot.domain.survey.wave import Asked, Wave
from bot.instruments import load_instruments

SCALE = Scale(1, 5)
CONFIDENCE = "confidence@1#00"


def shipped(identifier: str) -> Instrument:
    return load_instruments()[identifier]


def spread_scores(count: int, start: float = 2.0) -> list[float]:
    """Scores around the middle of the scale that all differ from their neighbours."""
    return [start + 0.25 * (index % 7) for index in range(count)]


def circle_of(name: str, answered: int, silent: int = 0, moderators: int = 0) -> list[Asked]:
    people = [Asked(f"{name}{i}", name, score) for i, score in enumerate(spread_scores(answered))]
    people += [Asked(f"{name}-silent{i}", name) for i in range(silent)]
    return people + [Asked(f"{name}-mod{i}", name, 3.0, is_moderator=True) for i in range(moderators)]


def wave_of(*circles: list[Asked], number: int = 1, **others) -> Wave:
    people = tuple(person for circle in circles for person in circle)
    return Wave(f"w{number}", number, CONFIDENCE, SCALE, people, **others)


def scores_by_wave(*waves: Wave) -> dict[str, dict[str, float]]:
    return {wave.key: {person.key: person.score for person in wave.asked if person.score is not None} for wave in waves}


def programme(answered: int, number: int = 1) -> Wave:
    """Make a wave in a single large circle where twenty keep silent."""
    people = [Asked(f"p{i}", "all", 2.0 + 0.25 * (i % 7)) for i in range(answered)]
    return wave_of(people, [Asked(f"silent{i}", "all") for i in range(20)], number=number)


def answered_by(number: int, people: set[int], *earlier: Wave) -> Wave:
    """Make a wave that these people answer, not all alike."""
    asked = [Asked(f"p{i}", "all", 2.0 + 0.25 * (i % 5) + 0.1 * ((i + number) % 3)) for i in sorted(people)]
    silent = [Asked(f"silent{i}", "all") for i in range(20)]
    return wave_of(asked, silent, number=number, earlier=scores_by_wave(*earlier))


def publish_all(*waves: Wave) -> list[Publication]:
    published: list[Publication] = []
    for wave in waves:
        published.append(disclose(wave, published))
    return published
