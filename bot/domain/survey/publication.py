"""What a closed wave publishes: figures for the moderators, and the ledger of whom each figure covers.

The figures may be shown and exported. The ledger names respondents, so it is kept as safely as answers are.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Generic, TypeVar

F = TypeVar("F")


class Decision(StrEnum):
    """What becomes of one figure."""

    PUBLISH = "publish"
    MERGE = "merge"  # a circle that counts in the programme's figure only
    WITHHOLD = "withhold"


class Rule(StrEnum):
    """The rule that kept a figure back."""

    TOO_FEW = "P1"  # fewer than five answered
    DIFFERENCE = "P3"  # fewer than five would stand out against a figure of the same wave
    REST = "P4"  # fewer than five would be left in the circles without a figure of their own
    CHANGE = "P5"  # fewer than five would stand out against figures of earlier waves
    ALIKE = "P6"  # all answered nearly alike, or nearly at an end of the scale
    GONE = "P15"  # the earlier answers are no longer kept
    ALL_KNOWN = "P16"  # so few were asked that a figure tells that each of them answered
    RELIABILITY = "N30"  # alpha needs thirty people and three items


@dataclass(frozen=True, slots=True)
class Disclosed(Generic[F]):
    """One figure with its decision; without figures the rule says why.

    A circle's rule is for the record: shown beside its name, P6 would tell how its people answered, so a
    circle that is not published is worded alike under every rule.
    """

    decision: Decision
    figures: F | None = None
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people that may be told only as a range."""

    least: int
    most: int

    @property
    def exact(self) -> int | None:
        """The number where it may be told, otherwise None."""
        return self.least if self.least == self.most else None


@dataclass(frozen=True, slots=True)
class Average:
    """A group's mean and its 95 % interval, rounded to 0.1."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Consistency:
    """Cronbach's alpha and its 95 % interval, rounded to 0.01."""

    alpha: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Movement:
    """The paired change since an earlier wave with Hedges' g, rounded to 0.1.

    `stayed` and `left` are the earlier means of those who answered again and of those who did not.
    """

    since: str
    pairs: Count
    difference: float
    low: float
    high: float
    g: float
    g_low: float
    g_high: float
    stayed: float | None = None
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Whom the published figures of one wave cover; empty sets where nothing was published.

    `paired` answered in this wave and in `since`; `readers` could read results when the wave closed.
    """

    everyone: frozenset[str] = frozenset()
    circles: tuple[frozenset[str], ...] = ()
    paired: frozenset[str] = frozenset()
    since: str | None = None
    readers: frozenset[str] = frozenset()

    def renamed(self, person: str, token: str) -> "Ledger":
        """Return the ledger with one person under another name, so that sizes still hold after an erasure."""

        def rename(people: frozenset[str]) -> frozenset[str]:
            return people - {person} | {token} if person in people else people

        circles = tuple(rename(people) for people in self.circles)
        return Ledger(rename(self.everyone), circles, rename(self.paired), self.since, rename(self.readers))


@dataclass(frozen=True, slots=True)
class Publication:
    """The snapshot of one closed wave, never computed again."""

    wave: str
    number: int
    instrument: str
    turnout: Count
    asked: int
    programme: Disclosed[Average]
    circles: tuple[tuple[str, Disclosed[Average]], ...] = ()
    change: Disclosed[Movement] | None = None  # None where there is no earlier wave to compare with
    reliability: Disclosed[Consistency] | None = None  # None where single answers were not given
    ledger: Ledger = field(default_factory=Ledger)

    def without(self, person: str, token: str) -> "Publication":
        """Return the same figures with an erased person under a random token in the ledger.

        The token must be the same in all publications; the figures stay (P2) and so does the size of each
        set.
        """
        return replace(self, ledger=self.ledger.renamed(person, token))
