"""Figures in the text form that Prometheus reads, version 0.0.4."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LAG_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds; a hold of over 0.1 is logged too


class Kind(StrEnum):
    """What Prometheus may do with a family's samples."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value, told apart from the others of its family by its labels."""

    value: float
    labels: Mapping[str, str]
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Everything that is measured under one name."""

    name: str
    kind: Kind
    meaning: str
    samples: Sequence[Sample] = ()

    def of(self, value: float) -> "Family":
        """Return the family with one value."""
        return replace(self, samples=(Sample(value, {}),))

    def by(self, label: str, values: Mapping[str, float]) -> "Family":
        """Return the family with a value for each value of a label."""
        return replace(self, samples=tuple(Sample(value, {label: each}) for each, value in values.items()))

    def spread(self, histogram: "Histogram") -> "Family":
        """Return the family with a histogram's values."""
        return replace(self, samples=tuple(histogram.samples()))


class Histogram:
    """Counts how many observations were at most as large as each of some bounds."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def samples(self) -> Iterable[Sample]:
        """Return the buckets, each with what lies in the ones below it, the sum and the count."""
        totals = list(accumulate(self._counts))
        for bound, total in zip((*self._bounds, float("inf")), totals, strict=True):
            yield Sample(total, {"le": _number(bound)}, "_bucket")
        yield Sample(self._sum, {}, "_sum")
        yield Sample(totals[-1], {}, "_count")


def render(families: Iterable[Family]) -> str:
    """Write families as Prometheus reads them; one without samples is not there at all."""
    lines = [line for family in families if family.samples for line in _lines(family)]
    return "".join(f"{line}\n" for line in lines)


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {_escaped(family.meaning)}"
    yield f"# TYPE {family.name} {family.kind}"
    for sample in family.samples:
        labels = ",".join(f'{name}="{_quoted(value)}"' for name, value in sample.labels.items())
        told = f"{{{labels}}}" if labels else ""
        yield f"{family.name}{sample.suffix}{told} {_number(sample.value)}"


def _number(value: float) -> str:
    """Write a number; Python's own words for what is infinite or not a number are others than Prometheus's."""
    if value != value:  # noqa: PLR0124 - so a NaN is known
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(words: str) -> str:
    return words.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(words: str) -> str:
    return _escaped(words).replace('"', r"\"")
