"""What a program came to, in figures: read from the database, counted anew, without anybody's words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, DeliveryState, EnrollmentState, Met, RotationState
from bot.services.work import reads
from db import figures as queries
from db import programs as program_queries
from db import rotations as rotation_queries
from db.figures import CheckInCount, DeliveryCount
from db.models import Rotation

Pair = frozenset[int]


@dataclass(frozen=True, slots=True)
class CircleFigures:
    """One circle: who sat in it by person id, how many hours a week suited them all, whether anybody says they met."""

    people: tuple[int, ...]
    shared_hours: int
    met: bool | None


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """The check-ins that opened together: in how many circles, how many people they asked, how many answered."""

    opened_at: datetime
    circles: int
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class RotationFigures:
    """One rotation; `first` and `again` are its pairs who had never shared a circle before, and who had."""

    number: int
    ended: bool
    starts_at: datetime
    ends_at: datetime
    circles: tuple[CircleFigures, ...]
    unplaced: int
    first: frozenset[Pair]
    again: frozenset[Pair]
    weeks: tuple[WeekFigures, ...]

    @property
    def people(self) -> int:
        """Return how many people sat in a circle."""
        return sum(len(circle.people) for circle in self.circles)

    @property
    def asked(self) -> int:
        """Return how many answers its check-ins asked for."""
        return sum(week.asked for week in self.weeks)

    @property
    def answered(self) -> int:
        """Return how many answers its check-ins got."""
        return sum(week.answered for week in self.weeks)


@dataclass(frozen=True, slots=True)
class Figures:
    """A whole program in figures."""

    program: str
    enrollments: dict[EnrollmentState, int]
    zones: int
    erased: int
    rotations: tuple[RotationFigures, ...]
    deliveries: tuple[DeliveryCount, ...]
    deeds: dict[str, int]

    @property
    def joined(self) -> int:
        """Return how many people ever joined."""
        return sum(self.enrollments.values())

    @property
    def encounters(self) -> frozenset[Pair]:
        """Return every pair of people who ever shared a circle."""
        return frozenset[Pair]().union(*(rotation.first for rotation in self.rotations))

    def count(self, *kinds: DeliveryKind) -> int:
        """Return how many deliveries of these kinds were carried out."""
        done = [each for each in self.deliveries if each.state is DeliveryState.DONE and each.sent]
        return sum(each.n for each in done if each.kind in kinds)


@reads
async def get_figures(session: AsyncSession, guild_id: int, program_id: int) -> Figures:
    """Return what a program came to so far."""
    program = await program_queries.get_program(session, guild_id, program_id)
    rotations = sorted(await rotation_queries.list_rotations(session, program_id), key=lambda each: each.number)
    checkins = await queries.list_checkin_counts(session, program_id)
    known: set[Pair] = set()
    found: list[RotationFigures] = []
    for rotation in rotations:
        unplaced = len(await rotation_queries.list_unplaced(session, rotation.id))
        found.append(
            _rotation(rotation, unplaced, [each for each in checkins if each.rotation == rotation.number], known)
        )
        known |= found[-1].first
    return Figures(
        program=program.name,
        enrollments=await program_queries.count_enrollments(session, program_id),
        zones=await queries.count_zones(session, program_id),
        erased=await queries.count_erased(session, program_id),
        rotations=tuple(found),
        deliveries=tuple(await queries.count_deliveries(session, program_id)),
        deeds=await queries.count_deeds(session, program_id),
    )


def _rotation(rotation: Rotation, unplaced: int, checkins: Sequence[CheckInCount], known: set[Pair]) -> RotationFigures:
    circles = tuple(
        CircleFigures(
            tuple(seat.person_id for seat in circle.memberships),
            circle.facts["shared_hours"],
            _met([seat.met for seat in circle.memberships if seat.met is not None]),
        )
        for circle in rotation.circles
    )
    seats = {circle.id: len(circle.memberships) for circle in rotation.circles}
    pairs = frozenset(frozenset(pair) for circle in circles for pair in combinations(circle.people, 2))
    return RotationFigures(
        number=rotation.number,
        ended=rotation.state is RotationState.ENDED,
        starts_at=rotation.published_at or rotation.starts_at,
        ends_at=rotation.ends_at,
        circles=circles,
        unplaced=unplaced,
        first=pairs - known,
        again=pairs & known,
        weeks=_weeks(checkins, seats),
    )


def _weeks(checkins: Sequence[CheckInCount], seats: dict[int, int]) -> tuple[WeekFigures, ...]:
    """Add up the check-ins that opened at one moment."""
    circles, asked, answered = Counter[datetime](), Counter[datetime](), Counter[datetime]()
    for checkin in checkins:
        circles[checkin.opened_at] += 1
        asked[checkin.opened_at] += seats[checkin.circle_id]
        answered[checkin.opened_at] += checkin.answered
    return tuple(WeekFigures(moment, circles[moment], asked[moment], answered[moment]) for moment in sorted(asked))


def _met(words: Sequence[Met]) -> bool | None:
    """Return whether anybody says that the circle met; None where nobody said anything."""
    return any(word is not Met.NO for word in words) if words else None
