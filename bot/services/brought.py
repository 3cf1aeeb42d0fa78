"""What somebody is told whom a moderator brought along, and their way out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, EnrollmentState
from bot.errors import NotFound
from bot.services import people
from bot.services.private_questions import asked_of
from bot.services.work import reads, writes
from db import people as people_queries
from db.models import Enrollment, Person, Program


@dataclass(frozen=True, slots=True)
class Welcome:
    """What somebody is told whom a moderator brought along."""

    user_id: int
    program: str
    locale: str


@reads
async def get_welcome(session: AsyncSession, program_id: int, person_id: int) -> Welcome:
    """Return what to tell somebody who was brought along; raise NotFound where they take no part any more."""
    person = await session.get_one(Person, person_id)
    enrollment = await people_queries.find_enrollment(session, program_id, person_id)
    if person.user_id is None or enrollment is None or enrollment.state is EnrollmentState.LEFT:
        raise NotFound("person.not-joined")
    program = await session.get_one(Program, program_id)
    return Welcome(person.user_id, program.name, program.locale)


@writes
async def leave(session: AsyncSession, key: str, user_id: int, now: datetime) -> str:
    """Take somebody out again who was brought along and does not want it; return the program's name."""
    program, enrollment = await _noticed(session, key, user_id)
    people.end(enrollment, now)
    return program.name


@reads
async def stay(session: AsyncSession, key: str, user_id: int) -> str:
    """Return the name of the program in which somebody who was brought along stays."""
    return (await _noticed(session, key, user_id))[0].name


async def _noticed(session: AsyncSession, key: str, user_id: int) -> tuple[Program, Enrollment]:
    return await asked_of(session, key, DeliveryKind.IMPORT_NOTICE, user_id, "import.not-yours")
