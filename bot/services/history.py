"""What a member looks back on: their circles, their companions and their own answers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation.problem import Role
from bot.domain.states import Met
from bot.services.work import reads
from db import history as queries
from db import people as people_queries
from db import rotations as rotation_queries
from db.models import CheckInAnswer, Circle


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """One of a person's own check-in answers; `week` runs from 1 (very hard) to 5 (very good)."""

    number: int
    opened_at: datetime
    week: int
    win: str
    challenge: str
    ask: str
    progress: str


@dataclass(frozen=True, slots=True)
class PastCircle:
    """One circle that a person sat in; a companion who asked to be forgotten is None."""

    program: str
    rotation: int
    number: int
    thread_id: int | None
    starts_at: datetime
    ends_at: datetime
    role: Role
    met: Met | None
    companions: tuple[int | None, ...]
    answers: tuple[OwnAnswer, ...]


@reads
async def list_history(session: AsyncSession, guild_id: int, user_id: int) -> tuple[PastCircle, ...]:
    """Return every circle that somebody sat in, the newest first, with their own answers."""
    person = await people_queries.get_person(session, guild_id, user_id)
    return await read_history(session, person.id)


async def read_history(session: AsyncSession, person_id: int) -> tuple[PastCircle, ...]:
    """Return a person's circles, the newest first, with their own answers."""
    answers: dict[int, list[OwnAnswer]] = {}
    for answer in await queries.list_answers_of(session, person_id):
        answers.setdefault(answer.checkin.circle_id, []).append(_answer(answer))
    circles = await rotation_queries.list_circles_of(session, person_id)
    return tuple(_past(circle, person_id, tuple(answers.get(circle.id, ()))) for circle in circles)


def _past(circle: Circle, person_id: int, answers: tuple[OwnAnswer, ...]) -> PastCircle:
    rotation = circle.rotation
    own = next(seat for seat in circle.ever if seat.person_id == person_id)
    return PastCircle(
        program=rotation.program.name,
        rotation=rotation.number,
        number=circle.number,
        thread_id=circle.thread_id,
        starts_at=rotation.starts_at,
        ends_at=rotation.ends_at,
        role=own.role,
        met=own.met,
        companions=tuple(seat.person.user_id for seat in circle.ever if seat is not own),
        answers=answers,
    )


def _answer(answer: CheckInAnswer) -> OwnAnswer:
    return OwnAnswer(
        number=answer.checkin.number,
        opened_at=answer.checkin.opened_at,
        week=answer.week,
        win=answer.win,
        challenge=answer.challenge,
        ask=answer.ask,
        progress=answer.progress,
    )
