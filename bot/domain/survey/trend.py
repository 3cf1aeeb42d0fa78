"""One person's scores, or a programme's means, over waves: what a chart of them may show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.survey.instrument import Scale

WAVES_FOR_A_LINE = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One wave: its label, its value or None for a gap, and the interval where there is one."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """Waves in order on the whole scale; a segment is a run of neighbouring waves that a line may join."""

    points: tuple[Point, ...]
    scale: Scale
    segments: tuple[range, ...]


def build_trend(points: Sequence[Point], scale: Scale) -> Trend:
    """Return what a chart shows: no line before three waves have a value, and none across a gap."""
    answered = sum(point.value is not None for point in points)
    segments = _runs(points) if answered >= WAVES_FOR_A_LINE else ()
    return Trend(tuple(points), scale, segments)


def _runs(points: Sequence[Point]) -> tuple[range, ...]:
    runs: list[range] = []
    start = 0
    for index in range(len(points) + 1):
        if index == len(points) or points[index].value is None:
            if index - start >= 2:
                runs.append(range(start, index))
            start = index + 1
    return tuple(runs)
