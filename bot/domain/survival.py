"""How long people stay: the Kaplan-Meier estimate, where whoever is still there counts for as long as is known.

Kaplan and Meier (1958), J. Am. Stat. Assoc. 53:457-481; Greenwood (1926) for the variance; the interval is taken on the
scale of log(-log S), Kalbfleisch and Prentice (1980), so that it stays between 0 and 1.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Stay:
    """How long somebody has stayed, in whole days, and whether they left then; if not, they are still there."""

    days: int
    left: bool


@dataclass(frozen=True, slots=True)
class Step:
    """The share that stays beyond a day on which somebody left; no interval once nobody stays."""

    days: int
    at_risk: int
    left: int
    share: float
    low: float | None
    high: float | None


def kaplan_meier(stays: Sequence[Stay], level: float = 0.95) -> tuple[Step, ...]:
    """Return the share that stays, a step for each day on which somebody left.

    Whoever is last known on a day on which others leave counts as at risk on that day.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    left = Counter(stay.days for stay in stays if stay.left)
    share, spread = 1.0, 0.0
    steps: list[Step] = []
    for day in sorted(left):
        at_risk = sum(stay.days >= day for stay in stays)
        gone = left[day]
        share *= 1 - gone / at_risk
        spread += gone / (at_risk * (at_risk - gone)) if at_risk > gone else 0.0
        low, high = _interval(share, spread, z)
        steps.append(Step(day, at_risk, gone, share, low, high))
    return tuple(steps)


def share_after(steps: Sequence[Step], days: int) -> Step | None:
    """Return the step that holds after so many days; None where nobody had left by then."""
    return next((step for step in reversed(steps) if step.days <= days), None)


def _interval(share: float, spread: float, z: float) -> tuple[float, float] | tuple[None, None]:
    """Return the interval around a share; `spread` is Greenwood's sum."""
    if share <= 0:
        return None, None
    width = math.exp(z * math.sqrt(spread) / -math.log(share))
    return share**width, share ** (1 / width)
