"""The session guides for a circle's meetings, what each takes, and which suits a circle."""

from collections import Counter
from collections.abc import Collection, Iterable
from enum import StrEnum

from bot.domain.goals import GoalPath


class Guide(StrEnum):
    """What a session can be about."""

    NEGOTIATION = "negotiation"
    VISIBILITY = "visibility"
    FEEDBACK = "feedback"
    WORK_AND_LIFE = "work-and-life"
    POLITICS = "politics"
    SAYING_NO = "saying-no"
    IMPOSTOR = "impostor"
    CAREER_PATHS = "career-paths"
    LEADING = "leading"
    BIAS = "bias"


# The minutes of each part; together an hour.
MINUTES: dict[Guide, tuple[int, ...]] = {
    Guide.NEGOTIATION: (5, 10, 15, 25, 5),
    Guide.VISIBILITY: (5, 15, 15, 20, 5),
    Guide.FEEDBACK: (5, 10, 15, 25, 5),
    Guide.WORK_AND_LIFE: (10, 15, 20, 10, 5),
    Guide.POLITICS: (5, 15, 20, 15, 5),
    Guide.SAYING_NO: (5, 15, 15, 20, 5),
    Guide.IMPOSTOR: (10, 15, 15, 15, 5),
    Guide.CAREER_PATHS: (5, 20, 20, 10, 5),
    Guide.LEADING: (5, 15, 25, 10, 5),
    Guide.BIAS: (5, 15, 20, 15, 5),
}
# The minutes of each part of a circle's first session, for whoever leads one for the first time.
FIRST_SESSION_MINUTES = (5, 15, 15, 20, 5)
SUITS: dict[GoalPath, tuple[Guide, ...]] = {
    GoalPath.SKILL: (Guide.FEEDBACK, Guide.IMPOSTOR),
    GoalPath.VISIBILITY: (Guide.VISIBILITY, Guide.IMPOSTOR),
    GoalPath.PROMOTION: (Guide.CAREER_PATHS, Guide.POLITICS, Guide.BIAS),
    GoalPath.NEGOTIATION: (Guide.NEGOTIATION, Guide.SAYING_NO),
    GoalPath.JOB_CHANGE: (Guide.CAREER_PATHS, Guide.NEGOTIATION),
    GoalPath.VENTURE: (Guide.NEGOTIATION, Guide.WORK_AND_LIFE),
    GoalPath.PUBLICATION: (Guide.VISIBILITY, Guide.FEEDBACK),
    GoalPath.LEADING: (Guide.LEADING, Guide.FEEDBACK),
}
# Beginnings of words in what members want help with, as far as they name a guide's subject.
NAMED: dict[Guide, tuple[str, ...]] = {
    Guide.NEGOTIATION: ("negotiat", "salary", "raise", "pay"),
    Guide.VISIBILITY: ("visib", "speak", "present", "network", "public"),
    Guide.FEEDBACK: ("feedback", "critici", "review"),
    Guide.WORK_AND_LIFE: ("balance", "family", "parent", "burnout", "life"),
    Guide.POLITICS: ("politic", "stakeholder", "influence"),
    Guide.SAYING_NO: ("boundar", "saying no", "workload", "time management", "priorit"),
    Guide.IMPOSTOR: ("impost", "confiden", "self-doubt", "doubt"),
    Guide.CAREER_PATHS: ("career", "promot", "job", "interview", "path"),
    Guide.LEADING: ("lead", "manag", "delegat", "team"),
    Guide.BIAS: ("bias", "evaluat", "fair", "discriminat"),
}
PATH_WEIGHT = 2  # a goal says more than a topic


def suggest(paths: Iterable[GoalPath], topics: Iterable[str], used: Collection[Guide]) -> Guide | None:
    """Return the guide that suits most goals and topics of a circle and that it has not had; None where none does.

    A goal counts twice as much as a topic, its first guide more than the others; equals come in the guides' order.
    """
    weights = Counter[Guide]()
    for path in paths:
        for place, guide in enumerate(SUITS[path]):
            weights[guide] += 2 * PATH_WEIGHT if place == 0 else PATH_WEIGHT
    for topic in topics:
        weights.update(guide for guide in Guide if any(_begins(topic, start) for start in NAMED[guide]))
    left = [guide for guide in Guide if weights[guide] and guide not in used]
    return max(left, key=lambda guide: weights[guide], default=None)


def _begins(topic: str, start: str) -> bool:
    """Tell whether a word of a topic, or the topic itself, begins so."""
    found = topic.casefold().find(start)
    return found == 0 or (found > 0 and topic[found - 1] in " -/")
