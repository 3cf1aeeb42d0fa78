"""How a programme fares, in figures that may be shown: groups of few people are kept back before anybody sees them.

How many take part, rest or left is told as it is, as moderators read it on the programme's card anyway.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from typing import TypeVar

from bot.domain.survey.trend import Trend
from bot.domain.survival import Stay, Step, kaplan_meier
from bot.domain.withheld import are_few, withheld

K = TypeVar("K", bound=Hashable)
Pair = frozenset[int]


@dataclass(frozen=True, slots=True)
class SeatedCircle:
    """One circle as it is stored: who sits in it, and whether anybody said that it met."""

    id: int
    number: int
    people: frozenset[int]
    met: bool | None


@dataclass(frozen=True, slots=True)
class SeatedRotation:
    """One published rotation as it is stored."""

    number: int
    starts_at: datetime
    ends_at: datetime
    circles: tuple[SeatedCircle, ...]

    @property
    def people(self) -> frozenset[int]:
        """Everybody who sits in one of its circles."""
        return frozenset[int]().union(*(circle.people for circle in self.circles))


@dataclass(frozen=True, slots=True)
class AnsweredCheckIn:
    """One check-in as it is stored: how many answered."""

    circle_id: int
    opened_at: datetime
    answered: int


@dataclass(frozen=True, slots=True)
class PeopleWeek:
    """How many took part, rested and had left at one moment."""

    at: datetime
    active: int
    paused: int
    left: int


@dataclass(frozen=True, slots=True)
class ResponseWeek:
    """The check-ins that opened together: how many people they asked and how many answered, and each circle's share."""

    opened_at: datetime
    asked: int
    answered: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One circle's answers, week by week; None where it had no check-in."""

    number: int
    people: int
    answered: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class CircleGrid:
    """The newest rotation's check-ins, circle by circle; `hidden` circles are kept back."""

    rotation: int
    weeks: tuple[datetime, ...]
    rows: tuple[GridRow, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class RotationHealth:
    """One rotation: its circles, of how many anybody said whether they met, and pairs who met first or again."""

    number: int
    starts_at: datetime
    ends_at: datetime
    people: int
    circles: int
    told: int
    met: int
    first: int
    again: int


@dataclass(frozen=True, slots=True)
class Split:
    """How what was told falls into kinds, the largest first; `rest` is of rare kinds, `until` when it was last told."""

    parts: tuple[tuple[str, int], ...] = ()
    rest: int = 0
    until: datetime | None = None

    @property
    def total(self) -> int:
        """Return how many there are in all."""
        return self.rest + sum(count for _, count in self.parts)


@dataclass(frozen=True, slots=True)
class HelpHealth:
    """What asking and offering came to; whether it helped and what came of it are in the words of those who asked."""

    posts: Split
    introductions: Split
    helped: Split
    came_of: Split


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those who joined in one month (None: everybody): how many, how many are still there, and the share that stays."""

    month: date | None
    people: int
    still: int
    longest_days: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PulseHealth:
    """What a pulse published: the programme's means by wave, and of how many the newest one tells."""

    title: str
    trend: Trend
    waves: int
    asked: int
    answered: str


@dataclass(frozen=True, slots=True)
class Health:
    """Everything on the dashboard; a part that may not be shown, or has nothing yet, is empty or None."""

    program: str
    since: datetime
    until: datetime
    joined: int
    now: PeopleWeek
    people: tuple[PeopleWeek, ...]
    response: tuple[ResponseWeek, ...]
    grid: CircleGrid | None
    rotations: tuple[RotationHealth, ...]
    pulses: tuple[PulseHealth, ...]
    goals_set: Split
    goals_done: Split
    outcomes: Split
    exits: Split
    help: HelpHealth
    cohorts: tuple[Cohort, ...]

    @property
    def is_small(self) -> bool:
        """Whether so few people ever joined that nothing is shown."""
        return are_few(frozenset(range(self.joined)))


def response_by_week(
    rotations: Sequence[SeatedRotation], checkins: Sequence[AnsweredCheckIn]
) -> tuple[ResponseWeek, ...]:
    """Add up the check-ins that opened together, without rotations and circles of few people."""
    circles = {circle.id: circle for each in rotations if not are_few(each.people) for circle in each.circles}
    hidden = frozenset[int]().union(*(_hidden_circles(rotation) for rotation in rotations))
    weeks: dict[datetime, list[AnsweredCheckIn]] = defaultdict(list)
    for checkin in checkins:
        if checkin.circle_id in circles:
            weeks[checkin.opened_at].append(checkin)
    return tuple(
        ResponseWeek(
            opened_at,
            sum(_asked(circles[each.circle_id], each) for each in weeks[opened_at]),
            sum(each.answered for each in weeks[opened_at]),
            tuple(
                each.answered / _asked(circles[each.circle_id], each)
                for each in weeks[opened_at]
                if each.circle_id not in hidden
            ),
        )
        for opened_at in sorted(weeks)
    )


def newest_grid(rotations: Sequence[SeatedRotation], checkins: Sequence[AnsweredCheckIn]) -> CircleGrid | None:
    """Lay the newest rotation's check-ins out by circle and week, those with the fewest answers first."""
    if not rotations or are_few(rotations[-1].people):
        return None
    rotation, hidden = rotations[-1], _hidden_circles(rotations[-1])
    found = {(each.circle_id, each.opened_at): each.answered for each in checkins}
    ids = {circle.id for circle in rotation.circles}
    weeks = tuple(sorted({each.opened_at for each in checkins if each.circle_id in ids}))
    rows = [
        GridRow(circle.number, len(circle.people), tuple(found.get((circle.id, week)) for week in weeks))
        for circle in rotation.circles
        if circle.id not in hidden
    ]
    return CircleGrid(rotation.number, weeks, tuple(sorted(rows, key=_share_of)), len(hidden))


def rotations_health(rotations: Sequence[SeatedRotation], before: Iterable[Pair] = ()) -> tuple[RotationHealth, ...]:
    """Count each rotation's circles and pairs, told apart by whether the two had met, `before` the program or in it."""
    known = set(before)
    found: list[RotationHealth] = []
    for each in rotations:
        pairs = {frozenset(pair) for circle in each.circles for pair in combinations(circle.people, 2)}
        again, words = len(pairs & known), [circle.met for circle in each.circles if circle.met is not None]
        known |= pairs
        if not are_few(each.people):
            sizes = (len(each.people), len(each.circles), len(words), sum(words), len(pairs) - again, again)
            found.append(RotationHealth(each.number, each.starts_at, each.ends_at, *sizes))
    return tuple(found)


def cohorts(joined: Mapping[int, date], stays: Mapping[int, Stay], most: int) -> tuple[Cohort, ...]:
    """Return everybody's curve, then those of the newest months in which enough people joined."""
    if are_few(frozenset(stays)):
        return ()
    months = _people_by((month, person) for person, month in joined.items())
    hidden = withheld(months)
    shown = sorted(month for month in months if month not in hidden)[-most:] if len(months) > 1 else []
    return (
        _cohort(None, stays.values()),
        *(_cohort(month, [stays[person] for person in months[month]]) for month in shown),
    )


def _cohort(month: date | None, stays: Iterable[Stay]) -> Cohort:
    found = list(stays)
    still = sum(not stay.left for stay in found)
    return Cohort(month, len(found), still, max(stay.days for stay in found), kaplan_meier(found))


def _people_by(rows: Iterable[tuple[K, int]]) -> dict[K, frozenset[int]]:
    found: dict[K, set[int]] = defaultdict(set)
    for name, person in rows:
        found[name].add(person)
    return {name: frozenset(people) for name, people in found.items()}


def _hidden_circles(rotation: SeatedRotation) -> frozenset[int]:
    return withheld({circle.id: circle.people for circle in rotation.circles})


def _asked(circle: SeatedCircle, checkin: AnsweredCheckIn) -> int:
    """Return how many were asked: who has moved on since may have answered too."""
    return max(len(circle.people), checkin.answered, 1)


def _share_of(row: GridRow) -> tuple[float, int]:
    given = [answered for answered in row.answered if answered is not None]
    return (sum(given) / len(given) / row.people if given else 0.0, row.number)
