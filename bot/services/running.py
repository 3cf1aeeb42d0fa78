"""The rotation that runs as a frozen value: who sits where, who rests, who looks for a circle, and every rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation import Problem
from bot.domain.formation.index import ANY_HOUR
from bot.domain.formation.repair import Running
from bot.domain.states import EnrollmentState, ProgramState
from bot.errors import Conflict, NotFound
from bot.services.problems import build_problem
from db import programs as program_queries
from db import repair as queries
from db.models import Circle, Enrollment, Membership, Rotation


@dataclass(frozen=True, slots=True)
class Standing:
    """A rotation that runs; people by formation's keys, `met` are the pairs who met before or in it."""

    program_id: int
    program: str
    rotation_id: int
    rotation: int
    problem: Problem
    circles: tuple[Running, ...]
    seeking: tuple[str, ...]
    users: dict[str, int]
    met: frozenset[frozenset[str]]

    def have_met(self, one: str, other: str) -> bool:
        """Tell whether two people ever shared a circle."""
        return frozenset((one, other)) in self.met

    def shared_hours(self, keys: Sequence[str]) -> int:
        """Return how many hours a week suit all of these people who told any."""
        told = [person.hours for person in self.problem.people if person.key in keys and person.hours]
        hours = ANY_HOUR if told else 0
        for each in told:
            hours &= each
        return hours.bit_count()


async def read_standing(session: AsyncSession, guild_id: int, program_id: int, now: datetime) -> Standing:
    """Return how a program's running rotation stands; raise NotFound where none runs."""
    program = await program_queries.get_program(session, guild_id, program_id)
    rotation = await queries.find_running(session, program.id)
    if rotation is None:
        raise NotFound("repair.no-rotation")
    if program.state is not ProgramState.ACTIVE:
        raise Conflict("program.not-running", name=program.name)
    enrolled = {each.person_id: each for each in await queries.list_enrolled(session, program.id)}
    circles = tuple(running(circle, enrolled, now) for circle in rotation.circles if circle.closed_at is None)
    seeking = _seeking(rotation, enrolled, circles, now)
    present = [int(key) for circle in circles for key in (*circle.members, *circle.resting)]
    people = [enrolled[each].person for each in sorted((*present, *map(int, seeking)))]
    problem = await build_problem(session, program, people, rotation.number, now, rotation.seed)
    before = tuple(past for past in problem.history if past.rotation < rotation.number)
    return Standing(
        program_id=program.id,
        program=program.name,
        rotation_id=rotation.id,
        rotation=rotation.number,
        problem=replace(problem, history=before),
        circles=circles,
        seeking=seeking,
        users={str(person.id): person.user_id for person in people if person.user_id is not None},
        met=frozenset(frozenset(pair) for past in problem.history for pair in combinations(past.members, 2)),
    )


def running(circle: Circle, enrolled: dict[int, Enrollment], now: datetime) -> Running:
    """Return a circle's seats: of who takes part, and of who rests; whoever left the program has none."""
    seats = [seat for seat in circle.ever if seat.left_at is None]
    members = tuple(str(seat.person_id) for seat in seats if takes_part(enrolled.get(seat.person_id), now))
    return Running(circle.number, members, tuple(str(seat.person_id) for seat in seats if _rests(seat, enrolled, now)))


def takes_part(enrollment: Enrollment | None, now: datetime) -> bool:
    """Tell whether somebody is enrolled and not resting at this moment."""
    if enrollment is None or enrollment.person.user_id is None:
        return False
    over = enrollment.paused_until is not None and enrollment.paused_until <= now
    return enrollment.state is EnrollmentState.ACTIVE or (enrollment.state is EnrollmentState.PAUSED and over)


def _rests(seat: Membership, enrolled: dict[int, Enrollment], now: datetime) -> bool:
    enrollment = enrolled.get(seat.person_id)
    if enrollment is None or enrollment.person.user_id is None:
        return False
    return enrollment.state is EnrollmentState.PAUSED and not takes_part(enrollment, now)


def _seeking(
    rotation: Rotation, enrolled: dict[int, Enrollment], circles: Sequence[Running], now: datetime
) -> tuple[str, ...]:
    """Return who takes part without a circle; whoever sits this rotation or the next one out looks for none."""
    seated = {key for circle in circles for key in (*circle.members, *circle.resting)}
    return tuple(
        str(person_id)
        for person_id, each in sorted(enrolled.items())
        if takes_part(each, now)
        and str(person_id) not in seated
        and not each.skip_next
        and each.skipped != rotation.number
    )
