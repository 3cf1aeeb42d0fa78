"""Forming circles: a frozen problem in, an Assignment out, with no I/O."""

from bot.domain.formation.describe import CircleReasons, Reasons, describe, describe_circle
from bot.domain.formation.evaluate import HardRule, HardRuleBroken, evaluate
from bot.domain.formation.form import form
from bot.domain.formation.meter import FormationCancelled
from bot.domain.formation.presets import PRESETS
from bot.domain.formation.problem import (
    HOURS_A_WEEK,
    Assignment,
    Budget,
    Circle,
    Feedback,
    PastCircle,
    Person,
    Problem,
    Quality,
    Reason,
    Role,
    Rules,
    Sizes,
    Unplaced,
    Weights,
)
from bot.domain.formation.shared_hours import best_hours

__all__ = [
    "HOURS_A_WEEK",
    "PRESETS",
    "Assignment",
    "Budget",
    "Circle",
    "CircleReasons",
    "Feedback",
    "FormationCancelled",
    "HardRule",
    "HardRuleBroken",
    "PastCircle",
    "Person",
    "Problem",
    "Quality",
    "Reason",
    "Reasons",
    "Role",
    "Rules",
    "Sizes",
    "Unplaced",
    "Weights",
    "best_hours",
    "describe",
    "describe_circle",
    "evaluate",
    "form",
]
