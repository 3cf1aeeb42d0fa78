"""Instruments and waves that several tests are made of."""

from bot.domain.survey.instrument import Instrument, Scale
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
    return {
        wave.key: {person.key: person.score for person in wave.asked if person.score is not None}
        for wave in waves
    }
