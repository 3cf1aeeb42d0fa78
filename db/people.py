"""Queries about people, their enrolments and whom they avoid."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from bot.domain.states import EnrollmentState, ProgramState
from bot.errors import NotFound
from db.models import Avoid, Enrollment, Feedback, Person, Program
from db.prepared import prepared


@prepared
def _person(guild_id: int, user_id: int) -> Select[Person]:
    return select(Person).where(Person.guild_id == guild_id, Person.user_id == user_id)


async def find_person(session: AsyncSession, guild_id: int, user_id: int) -> Person | None:
    """Return somebody of a guild, if they ever joined there."""
    return await session.scalar(*_person(guild_id, user_id))


async def get_person(session: AsyncSession, guild_id: int, user_id: int) -> Person:
    """Return somebody of a guild; raise NotFound where they never joined."""
    person = await find_person(session, guild_id, user_id)
    if person is None:
        raise NotFound("person.not-joined")
    return person


@prepared
def _whole(person_id: int) -> Select[Person]:
    return select(Person).where(Person.id == person_id)


async def load_person(session: AsyncSession, person_id: int) -> Person:
    """Return a person with everything that they told, also where only a part of it was loaded before."""
    return (await session.scalars(*_whole(person_id))).one()


async def list_people_of_user(session: AsyncSession, user_id: int) -> Sequence[Person]:
    """Return what a user is in every guild."""
    return (await session.scalars(select(Person).where(Person.user_id == user_id).order_by(Person.id))).all()


@prepared
def _enrollment(program_id: int, person_id: int) -> Select[Enrollment]:
    return select(Enrollment).where(Enrollment.program_id == program_id, Enrollment.person_id == person_id)


async def find_enrollment(session: AsyncSession, program_id: int, person_id: int) -> Enrollment | None:
    """Return one person's enrolment in one program, whatever its state."""
    return await session.scalar(*_enrollment(program_id, person_id))


async def list_enrollments(session: AsyncSession, person_id: int) -> Sequence[Enrollment]:
    """Return a person's enrolments in programs that are not archived, with the programs."""
    query = (
        select(Enrollment)
        .join(Enrollment.program)
        .where(Enrollment.person_id == person_id, Program.state != ProgramState.ARCHIVED)
        .options(contains_eager(Enrollment.program))
        .order_by(Enrollment.id)
    )
    return (await session.scalars(query)).all()


async def list_candidates(session: AsyncSession, program_id: int, now: datetime) -> Sequence[Enrollment]:
    """Return who wants a circle at this moment: enrolled, not paused beyond it, not skipping; with the people."""
    query = (
        select(Enrollment)
        .join(Enrollment.person)
        .where(
            Enrollment.program_id == program_id,
            Enrollment.skip_next.is_(False),
            or_(
                Enrollment.state == EnrollmentState.ACTIVE,
                (Enrollment.state == EnrollmentState.PAUSED) & (Enrollment.paused_until <= now),
            ),
            Person.user_id.is_not(None),
        )
        .options(contains_eager(Enrollment.person))
        .order_by(Enrollment.id)
    )
    return (await session.scalars(query)).all()


async def list_taking_part(session: AsyncSession, program_id: int) -> frozenset[int]:
    """Return the people who take part in a program's next rotation, as far as they said."""
    query = select(Enrollment.person_id).where(
        Enrollment.program_id == program_id,
        Enrollment.state == EnrollmentState.ACTIVE,
        Enrollment.skip_next.is_(False),
    )
    return frozenset((await session.scalars(query)).all())


async def list_over_pauses(session: AsyncSession, now: datetime) -> Sequence[Enrollment]:
    """Return the pauses whose last day is over."""
    query = select(Enrollment).where(Enrollment.state == EnrollmentState.PAUSED, Enrollment.paused_until <= now)
    return (await session.scalars(query)).all()


async def list_skipping(session: AsyncSession, program_id: int) -> Sequence[Enrollment]:
    """Return who asked to sit the next rotation out."""
    query = select(Enrollment).where(Enrollment.program_id == program_id, Enrollment.skip_next)
    return (await session.scalars(query)).all()


async def list_avoids(session: AsyncSession, person_ids: Sequence[int]) -> Sequence[Avoid]:
    """Return whom these people avoid."""
    return (await session.scalars(select(Avoid).where(Avoid.person_id.in_(person_ids)).order_by(Avoid.id))).all()


async def list_facilitators(session: AsyncSession, program_id: int) -> frozenset[int]:
    """Return the people of a program who are ready to facilitate."""
    query = select(Enrollment.person_id).where(Enrollment.program_id == program_id, Enrollment.facilitates)
    return frozenset((await session.scalars(query)).all())


async def list_feedback(session: AsyncSession, person_ids: Collection[int]) -> Sequence[Feedback]:
    """Return what these people said privately of others, the oldest first."""
    return (
        await session.scalars(select(Feedback).where(Feedback.person_id.in_(person_ids)).order_by(Feedback.id))
    ).all()
