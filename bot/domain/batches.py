"""Reports that are told in batches, so that comparing what was told on two days never tells of few people.

Each report goes into one batch, and at least five people stand behind each batch. Every figure is a sum of batches, and
so is every difference between two figures, whenever they were looked at.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.survey.wave import LEAST_GROUP

PATIENCE = timedelta(weeks=4)  # how long a report waits for others of its kind
TOGETHER = ""  # the kind of reports that waited in vain and are told together


@dataclass(frozen=True, slots=True)
class Report:
    """One thing to be counted: of which kind, who stands behind it, and when it was reported."""

    kind: str
    people: frozenset[int]
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """How many reports are told from now on: of one kind, or TOGETHER of all the kinds in it."""

    kind: str
    kinds: frozenset[str]
    n: int


def next_batches(waiting: Iterable[Report], now: datetime, *, last: bool = False) -> tuple[Batch, ...]:
    """Return what of the waiting reports may be told now; the `last` time none waits for its kind any longer."""
    by_kind: dict[str, list[Report]] = defaultdict(list)
    for report in waiting:
        by_kind[report.kind].append(report)
    told = [Batch(kind, frozenset({kind}), len(each)) for kind, each in by_kind.items() if _are_enough(each)]
    rest = [report for each in by_kind.values() if not _are_enough(each) for report in each]
    patient = not last and all(report.at > now - PATIENCE for report in rest)
    if _are_enough(rest) and not patient:
        told.append(Batch(TOGETHER, frozenset(report.kind for report in rest), len(rest)))
    return tuple(told)


def _are_enough(reports: Iterable[Report]) -> bool:
    return len(frozenset[int]().union(*(report.people for report in reports))) >= LEAST_GROUP
