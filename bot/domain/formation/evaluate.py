"""Judging circles that a moderator changed by hand."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from bot.domain.formation.index import Index
from bot.domain.formation.judge import judge
from bot.domain.formation.problem import Assignment, Problem
from bot.domain.formation.rest import within_capacity
from bot.domain.formation.seating import Seating


class HardRule(StrEnum):
    """A rule that circles made by hand may not break."""

    UNKNOWN_PERSON = "unknown-person"
    SEATED_TWICE = "seated-twice"
    SIZE = "size"
    AVOID = "avoid"
    COMMON_LANGUAGE = "common-language"
    FACILITATOR = "facilitator"
    MENTOR_CAPACITY = "mentor-capacity"


class HardRuleBroken(ValueError):  # the name says what happened
    """Circles made by hand break a hard rule.

    `people` are those concerned, empty for AVOID: who avoids whom is for nobody else to learn.
    """

    def __init__(self, rule: HardRule, people: Sequence[str] = ()) -> None:
        super().__init__(rule, tuple(people))
        self.rule = rule
        self.people = tuple(people)


def evaluate(problem: Problem, circles: Sequence[Sequence[str]]) -> Assignment:
    """Give the Assignment for these circles; whoever sits in none is unplaced with a reason."""
    index = Index(problem)
    counted = Counter(key for circle in circles for key in circle)
    _demand(HardRule.UNKNOWN_PERSON, [key for key in counted if key not in index.number])
    _demand(HardRule.SEATED_TWICE, [key for key, count in counted.items() if count > 1])
    for circle in circles:
        _check(index, circle)
    return judge(Seating(index, [[index.number[key] for key in circle] for circle in circles]))


def _check(index: Index, circle: Sequence[str]) -> None:
    """Raise for the first hard rule that a circle breaks."""
    members = [index.number[key] for key in circle]
    sizes = index.problem.sizes
    if not sizes.least <= len(members) <= sizes.most:
        raise HardRuleBroken(HardRule.SIZE, circle)
    if any(not index.avoid[i].isdisjoint(members) for i in members):
        raise HardRuleBroken(HardRule.AVOID)
    common = -1
    for i in members:
        common &= index.speaks[i]
    if not common:
        raise HardRuleBroken(HardRule.COMMON_LANGUAGE, circle)
    if index.ask_lead and not any(index.leads[i] for i in members):
        raise HardRuleBroken(HardRule.FACILITATOR, circle)
    if not within_capacity(index, members):
        raise HardRuleBroken(HardRule.MENTOR_CAPACITY, circle)


def _demand(rule: HardRule, offenders: list[str]) -> None:
    if offenders:
        raise HardRuleBroken(rule, sorted(offenders))
