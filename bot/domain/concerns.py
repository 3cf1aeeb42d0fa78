"""A concern: about a person or about an institution's barriers, with what was written back and forth.

Its times are the Mondays of weeks: which day somebody wrote on might tell who they are.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

MOST_LINES = 40


class ConcernKind(StrEnum):
    """What a concern is about."""

    BARRIER = "barrier"
    PERSON = "person"


class Theme(StrEnum):
    """What stands in the way, in one word."""

    PAY = "pay"
    PROMOTION = "promotion"
    HARASSMENT = "harassment"
    CARE = "care"
    VISIBILITY = "visibility"
    EVALUATION = "evaluation"
    TASKS = "tasks"
    ACCESS = "access"
    WORKLOAD = "workload"
    OTHER = "other"


class Voice(StrEnum):
    """Who wrote a line of a concern."""

    REPORTER = "reporter"
    MODERATORS = "moderators"


@dataclass(frozen=True, slots=True)
class Line:
    """What one side wrote, in which week."""

    voice: Voice
    week: date
    words: str


@dataclass(frozen=True, slots=True)
class Concern:
    """One concern; `by` is its author's user id where they gave their name.

    `about` are the users it is about, `apart` the pseudonyms of those who must never be shown it. `counts` means
    that its theme is in the digest of its quarter. `told` is how many lines reached a reporter with a name.
    """

    program_id: int
    guild_id: int
    kind: ConcernKind
    theme: Theme
    week: date
    quarter: str
    counts: bool
    admins_only: bool
    by: int | None = None
    about: tuple[int, ...] = ()
    apart: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    closed_on: date | None = None
    told: int = 0

    @property
    def last_week(self) -> date:
        """The week of the newest line."""
        return self.lines[-1].week if self.lines else self.week

    def with_line(self, line: Line) -> "Concern":
        """Return the concern with one more line; the reporter's opens it again."""
        closed_on = None if line.voice is Voice.REPORTER else self.closed_on
        return replace(self, lines=(*self.lines, line), closed_on=closed_on)

    def without(self, user_id: int) -> "Concern":
        """Return the concern without the user id of somebody it is about; their pseudonym stays."""
        return replace(self, about=tuple(user for user in self.about if user != user_id))

    def emptied(self) -> "Concern":
        """Return what a digest still needs to count: no words, nobody's id."""
        return replace(self, by=None, about=(), apart=(), lines=())


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def quarter_of(day: date) -> str:
    """Return the calendar quarter of a day, written 2026-Q4."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_before(quarter: str) -> str:
    """Return the quarter before one."""
    return quarter_of(first_day_of(quarter) - timedelta(days=1))


def first_day_after(quarter: str) -> date:
    """Return the first day that a quarter does not hold."""
    start = first_day_of(quarter)
    return date(start.year + (start.month > 9), (start.month + 2) % 12 + 1, 1)


def first_day_of(quarter: str) -> date:
    """Return the first day of a quarter."""
    year, number = quarter.split("-Q")
    return date(int(year), 3 * int(number) - 2, 1)


def dump_concern(concern: Concern) -> bytes:
    """Write a concern as it is sealed."""
    return json.dumps(asdict(concern), default=date.isoformat, ensure_ascii=False).encode()


def load_concern(payload: bytes) -> Concern:
    """Return the concern that was written."""
    found: dict[str, Any] = json.loads(payload)
    read: dict[str, Any] = {
        "kind": ConcernKind(found["kind"]),
        "theme": Theme(found["theme"]),
        "week": _day(found["week"]),
        "about": tuple(found["about"]),
        "apart": tuple(found["apart"]),
        "lines": tuple(Line(Voice(one["voice"]), _day(one["week"]), one["words"]) for one in found["lines"]),
        "closed_on": _day(found["closed_on"]) if found["closed_on"] else None,
    }
    return Concern(**(found | read))


def _day(written: str) -> date:
    return date.fromisoformat(written)
