"""From one person's answers to one score."""

from collections.abc import Sequence

from bot.domain.survey.instrument import Instrument, ScoreKind


def key_answers(instrument: Instrument, answers: Sequence[int | None]) -> tuple[int | None, ...]:
    """Return the answers with the reverse-keyed items turned round; None is a skipped item."""
    if len(answers) != len(instrument.items):
        raise ValueError(f"{len(answers)} answers to {len(instrument.items)} items")
    low, high = instrument.options[0].value, instrument.options[-1].value
    for answer in answers:
        if answer is not None and not low <= answer <= high:
            raise ValueError(f"an answer outside {low} to {high}")
    pairs = zip(instrument.items, answers, strict=True)
    return tuple(low + high - given if item.reverse and given is not None else given for item, given in pairs)


def score_answers(instrument: Instrument, answers: Sequence[int | None]) -> float | None:
    """Return the mean or the prorated sum, or None where fewer items than needed are answered."""
    given = [answer for answer in key_answers(instrument, answers) if answer is not None]
    if len(given) < instrument.needed:
        return None
    times = len(instrument.items) if instrument.score is ScoreKind.SUM else 1
    return sum(given) * times / len(given)
