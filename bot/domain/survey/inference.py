"""The statistics of scores: reliability, means with intervals, change and its size, each as a frozen result.

Every interval is at 95 %. Variances divide by n - 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.domain.survey.instrument import Instrument, Known, ReliabilityKind, Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

_TAIL = 0.975
_NO_SPREAD = 1e-9  # below this a standard deviation is rounding


# Both are imported only once there is something to compute: a bot that only runs would carry them for nothing.
def _numpy() -> Any:
    import numpy as np  # noqa: PLC0415

    return np


def _special() -> Any:
    from scipy import special  # noqa: PLC0415

    return special


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Cronbach's alpha over n people and k items, with Feldt's interval."""

    n: int
    items: int
    alpha: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its t interval, clipped to the scale."""

    n: int
    mean: float
    sd: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Effect:
    """The size of a paired change: r between the waves, d_av and its variance, g with its interval."""

    r: float
    d_av: float
    g: float
    variance: float
    se: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Change:
    """A paired change; `t` and `p` are None where all changed alike, `effect` where a wave has no spread."""

    n: int
    difference: float
    interval: Interval
    df: int
    t: float | None
    p: float | None
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """One person's change against what measurement error alone makes, after Jacobson and Truax (1991)."""

    sem: float
    s_diff: float
    threshold: float
    is_reliable: bool


def cronbach_alpha(answers: "ArrayLike") -> Reliability:
    """Return alpha of complete answers (people x items, already keyed); Feldt, Woodruff and Salih (1987)."""
    table: np.ndarray = _numpy().asarray(answers, dtype=float)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError("alpha needs at least two people and two items")
    n, k = table.shape
    total = float(table.sum(axis=1).var(ddof=1))
    if total == 0:
        raise ValueError("alpha needs totals that differ")
    alpha = k / (k - 1) * (1 - float(table.var(axis=0, ddof=1).sum()) / total)
    df = n - 1, (n - 1) * (k - 1)
    low, high = (1 - (1 - alpha) * float(_special().fdtri(*df, q)) for q in (_TAIL, 1 - _TAIL))
    return Reliability(n, k, alpha, Interval(low, high))


def mean_interval(scores: Sequence[float], scale: Scale) -> Mean:
    """Return the mean of at least two scores with its t interval, clipped to the scale."""
    values: np.ndarray = _numpy().asarray(scores, dtype=float)
    mean, sd = math.fsum(scores) / len(scores), float(values.std(ddof=1))
    half = _half_width(sd, len(values))
    interval = Interval(max(scale.low, mean - half), min(scale.high, mean + half))
    return Mean(len(values), mean, sd, interval)


def paired_change(before: Sequence[float], after: Sequence[float]) -> Change:
    """Return the mean difference of at least two pairs with its t interval, and its size."""
    first: np.ndarray = _numpy().asarray(before, dtype=float)
    second: np.ndarray = _numpy().asarray(after, dtype=float)
    if first.shape != second.shape or len(first) < 2:
        raise ValueError("a change needs two scores each of at least two people")
    n, differences = len(first), second - first
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    half = _half_width(sd, n)
    t = mean / (sd / math.sqrt(n)) if sd > _NO_SPREAD else None
    p = None if t is None else 2 * float(_special().stdtr(n - 1, -abs(t)))
    interval = Interval(mean - half, mean + half)
    return Change(n, mean, interval, n - 1, t, p, _effect(first, second))


def _half_width(sd: float, n: int) -> float:
    return float(_special().stdtrit(n - 1, _TAIL)) * sd / math.sqrt(n)


def _effect(first: "np.ndarray", second: "np.ndarray") -> Effect | None:
    """Return d_av and g after Cumming (2012), with the variance of Borenstein et al. (2009) for pairs."""
    n, s1, s2 = len(first), float(first.std(ddof=1)), float(second.std(ddof=1))
    if min(s1, s2) <= _NO_SPREAD:
        return None
    r = float(_numpy().corrcoef(first, second)[0, 1])
    d = float((second - first).mean()) / math.sqrt((s1**2 + s2**2) / 2)
    j = 1 - 3 / (4 * (n - 1) - 1)
    variance = (1 / n + d**2 / (2 * n)) * 2 * (1 - r)
    se = j * math.sqrt(max(variance, 0.0))
    half = float(_special().ndtri(_TAIL)) * se
    return Effect(r, d, j * d, variance, se, Interval(j * d - half, j * d + half))


def reliable_change(change: float, sd: float, reliability: float) -> ReliableChange:
    """Return whether one person's change exceeds 1.96 standard errors of a difference."""
    sem = sd * math.sqrt(1 - reliability)
    s_diff = math.sqrt(2) * sem
    threshold = 1.96 * s_diff
    return ReliableChange(sem, s_diff, threshold, abs(change) > threshold)


def find_reliable_change(instrument: Instrument, change: float) -> ReliableChange | None:
    """Return the reliable change, or None where no sd and retest reliability with a source are known."""
    match instrument.known:
        case Known(sd=float(sd), reliability=float(reliability), kind=ReliabilityKind.RETEST):
            return reliable_change(change, sd, reliability)
        case _:
            return None
