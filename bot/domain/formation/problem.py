"""What formation is asked and what it answers: frozen values that travel to a worker process and back."""

from dataclasses import dataclass, field
from enum import StrEnum

HOURS_A_WEEK = 168


class Role(StrEnum):
    """What a person may be in a circle."""

    MEMBER = "member"
    FACILITATOR = "facilitator"
    MENTOR = "mentor"


class Reason(StrEnum):
    """The rule that kept a person out of every circle."""

    TOO_FEW_PEOPLE = "too-few-people"
    SIZES_DO_NOT_ADD_UP = "sizes-do-not-add-up"
    AVOID = "avoid"
    NO_COMMON_LANGUAGE = "no-common-language"
    NO_FACILITATOR = "no-facilitator"
    NO_MENTOR = "no-mentor"
    MENTOR_CAPACITY = "mentor-capacity"


@dataclass(frozen=True, slots=True)
class Person:
    """One person to place; `hours` has bit h set where hour h of the week (Monday 00:00 UTC is 0) is free."""

    key: str
    hours: int = 0
    offers: frozenset[str] = frozenset()
    wants: frozenset[str] = frozenset()
    experience: int | None = None
    languages: frozenset[str] = frozenset()
    cohort: str | None = None
    role: Role = Role.MEMBER
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """The size band of a circle, people counted, facilitator or mentor included; least <= wanted <= most."""

    least: int = 3
    wanted: int = 5
    most: int = 6


@dataclass(frozen=True, slots=True)
class PastCircle:
    """People who shared a circle in an earlier rotation; rotation numbers grow with time, `lead` led it."""

    rotation: int
    members: frozenset[str]
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The hard rules that a program may switch on beside sizes and avoid pairs.

    Around mentors each circle has one mentor, and everybody who is none is a mentee.
    """

    facilitator_in_each: bool = False
    common_language: bool = False
    around_mentors: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """How heavily each soft wish weighs; all are >= 0, and a repeat always costs on top of its own weight."""

    repeats: float = 100.0
    hours: float = 10.0
    topics: float = 3.0
    experience: float = 1.0
    cohorts: float = 1.0
    feedback: float = 2.0
    sizes: float = 1.0  # for each circle, times the square of its distance from the wanted size


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's private wish about another: above 0 is "together again", below 0 "rather not"."""

    person: str
    about: str
    wish: float


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds of wall time, or iterations (reproducible to the letter from the seed); exactly one is given."""

    seconds: float | None = None
    iterations: int | None = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything formation may know about one rotation."""

    people: tuple[Person, ...]
    sizes: Sizes = field(default_factory=Sizes)
    rotation: int = 1
    history: tuple[PastCircle, ...] = ()
    avoid: frozenset[frozenset[str]] = frozenset()
    feedback: tuple[Feedback, ...] = ()
    rules: Rules = field(default_factory=Rules)
    weights: Weights = field(default_factory=Weights)
    budget: Budget = field(default_factory=Budget)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Circle:
    """One formed circle; keys are sorted, `lead` is who facilitates or mentors it."""

    members: tuple[str, ...]
    lead: str
    shared_hours: int
    new_pairs: int
    repeated_pairs: int
    topic_matches: tuple[tuple[str, str, str], ...] = ()  # (who offers, who wants, topic)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A person left out and the rule that stood in the way."""

    key: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Quality:
    """How good an assignment is, beside the least number of repeats that any assignment could have."""

    pairs: int = 0
    new_pairs: int = 0
    repeated_pairs: int = 0
    least_repeats: int = 0
    circles: int = 0
    circles_sharing_two_hours: int = 0
    topic_matches: int = 0
    new_people_least: int = 0
    new_people_most: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """What formation returns: every person of the problem is in one circle or in `unplaced`, never both."""

    circles: tuple[Circle, ...]
    unplaced: tuple[Unplaced, ...]
    quality: Quality
    seed: int
    relax: Reason | None = None  # the rule to relax so that more people could be placed
