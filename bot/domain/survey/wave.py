"""A closed wave as disclosure control sees it, and the rules that one group's figure must keep."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.survey.instrument import Scale
from bot.domain.survey.publication import Count, Rule

LEAST_GROUP = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One person on the frozen list of a wave: an opaque key, their circle, their score if they answered.

    `answers` are the keyed answers of someone who skipped no item, for alpha alone.
    """

    key: str
    circle: str
    score: float | None = None
    is_moderator: bool = False
    answers: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """One closed wave; numbers grow with time within a programme's pulse.

    `instrument` is the instrument's identity. `readers` may read results without having been asked.
    `earlier` holds the scores that are still kept of earlier waves, by wave and person.
    """

    key: str
    number: int
    instrument: str
    scale: Scale
    asked: tuple[Asked, ...]
    readers: frozenset[str] = frozenset()
    earlier: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])

    def __post_init__(self) -> None:
        if len({person.key for person in self.asked}) < len(self.asked):
            raise ValueError("somebody is asked twice in one wave")
        if not all(self.scale.low <= score <= self.scale.high for score in scores_of(self.asked).values()):
            raise ValueError("a score outside the scale")

    @property
    def all_readers(self) -> frozenset[str]:
        """Everyone who may read the results: they know their own answers, of this wave and of others."""
        return self.readers | {person.key for person in self.asked if person.is_moderator}

    @property
    def members(self) -> tuple[Asked, ...]:
        """Those asked whose answers count: everyone who may not read the results."""
        readers = self.all_readers
        return tuple(person for person in self.asked if person.key not in readers)


def scores_of(people: Iterable[Asked]) -> dict[str, float]:
    """Return the scores of those who answered."""
    return {person.key: person.score for person in people if person.score is not None}


def find_fault(people: Sequence[Asked], scale: Scale, least: int) -> Rule | None:
    """Find the rule that a group's own figure would break."""
    scores = list(scores_of(people).values())
    if len(scores) < least:
        return Rule.TOO_FEW
    if len(people) <= least:
        return Rule.ALL_KNOWN
    return Rule.ALIKE if are_alike(scores, scale) else None


def are_alike(scores: Sequence[float], scale: Scale, erased: int = 0) -> bool:
    """Tell whether a mean may give each score away: no spread, or all near an end of the scale.

    Scores that are no longer kept are taken to lie wherever they do most harm.
    """
    if not scores or max(scores) == min(scores):
        return True
    people, total = len(scores) + erased, math.fsum(scores)
    return any(_is_near_an_end((total + erased * end) / people, scale) for end in (scale.low, scale.high))


def _is_near_an_end(mean: float, scale: Scale) -> bool:
    room = min(min(value - scale.low, scale.high - value) for value in (mean, tenths(mean)))
    return room <= scale.margin + 1e-9


def count_people(number: int, asked: int, least: int) -> Count:
    """Tell a number of people, as a range where it or the number of the others is small."""
    if asked <= least:
        return Count(0, asked)
    if number < least:
        return Count(0, least - 1)
    if asked - number < least:
        return Count(max(least, asked - least + 1), asked)
    return Count(number, number)


def tenths(value: float) -> float:
    """Round to 0.1, and let -0.0 read 0.0."""
    return round(value, 1) + 0.0
