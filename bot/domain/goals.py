"""What a goal is about, how far it has come, and what can come of it."""

from datetime import date
from enum import StrEnum

MOST_GOALS = 3  # in one rotation of one program


class GoalState(StrEnum):
    """A goal is open until it is reached or let go."""

    OPEN = "open"
    DONE = "done"
    LET_GO = "let-go"


class GoalPath(StrEnum):
    """Where a goal leads."""

    SKILL = "skill"
    VISIBILITY = "visibility"
    PROMOTION = "promotion"
    NEGOTIATION = "negotiation"
    JOB_CHANGE = "job-change"
    VENTURE = "venture"
    PUBLICATION = "publication"
    LEADING = "leading"


class Outcome(StrEnum):
    """What came of a goal that was reached."""

    PROMOTION = "promotion"
    RAISE = "raise"
    JOB = "job"
    TALK = "talk"
    PATENT = "patent"
    VENTURE = "venture"
    OTHER = "other"


class WinKind(StrEnum):
    """How an entry came into somebody's evidence file."""

    OWN = "own"
    CHECKIN = "checkin"
    KUDOS = "kudos"


def has_room(open_goals: int, done_in_rotation: int) -> bool:
    """Tell whether another goal fits the rotation: open ones count, and those that were reached in it."""
    return open_goals + done_in_rotation < MOST_GOALS


def is_late(by: date, today: date) -> bool:
    """Tell whether the day on which a goal was to be reached is over."""
    return today > by
