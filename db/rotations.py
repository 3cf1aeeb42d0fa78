"""Queries about rotations, circles and who sits in them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from bot.domain.states import RotationState
from bot.errors import NotFound
from db.models import Circle, Membership, Person, Program, Rotation, Unplaced
from db.prepared import prepared

WITH_PEOPLE = selectinload(Rotation.circles).selectinload(Circle.ever).joinedload(Membership.person, innerjoin=True)


@prepared
def _newest(program_id: int, state: RotationState) -> Select[Rotation]:
    return (
        select(Rotation)
        .where(Rotation.program_id == program_id, Rotation.state == state)
        .order_by(Rotation.number.desc())
        .limit(1)
        .options(WITH_PEOPLE, joinedload(Rotation.program, innerjoin=True))
        .execution_options(populate_existing=True)
    )


async def find_rotation(session: AsyncSession, program_id: int, state: RotationState) -> Rotation | None:
    """Return a program's newest rotation in a state, with its circles and the people in them."""
    return await session.scalar(*_newest(program_id, state))


async def get_rotation(session: AsyncSession, guild_id: int, rotation_id: int) -> Rotation:
    """Return one rotation of a guild with its circles, people and program; raise NotFound for any other."""
    query = (
        select(Rotation)
        .join(Rotation.program)
        .where(Rotation.id == rotation_id, Program.guild_id == guild_id)
        .options(WITH_PEOPLE, joinedload(Rotation.program, innerjoin=True))
        .execution_options(populate_existing=True)
    )
    rotation = await session.scalar(query)
    if rotation is None:
        raise NotFound("rotation.not-found")
    return rotation


async def list_rotations(session: AsyncSession, program_id: int) -> Sequence[Rotation]:
    """Return every rotation of a program that was published, the newest first, with circles and people."""
    query = (
        select(Rotation)
        .where(Rotation.program_id == program_id, Rotation.state != RotationState.DRAFT)
        .order_by(Rotation.number.desc())
        .options(WITH_PEOPLE)
    )
    return (await session.scalars(query)).all()


async def count_published(session: AsyncSession, program_id: int) -> int:
    """Return how many rotations of a program were published."""
    query = select(func.count()).where(Rotation.program_id == program_id, Rotation.state != RotationState.DRAFT)
    return await session.scalar(query) or 0


async def list_past_circles(session: AsyncSession, program_id: int) -> Sequence[tuple[int, int, Membership]]:
    """Return (rotation number, circle id, membership) for everybody who ever sat in a circle of the program."""
    query = (
        select(Rotation.number, Circle.id, Membership)
        .join(Circle, Circle.rotation_id == Rotation.id)
        .join(Membership, Membership.circle_id == Circle.id)
        .where(Rotation.program_id == program_id, Rotation.state != RotationState.DRAFT)
        .order_by(Rotation.number, Circle.id, Membership.id)
    )
    return [(number, circle_id, seat) for number, circle_id, seat in await session.execute(query)]


async def list_unplaced(session: AsyncSession, rotation_id: int) -> Sequence[Unplaced]:
    """Return whom a rotation has no circle for, with the people."""
    query = (
        select(Unplaced)
        .where(Unplaced.rotation_id == rotation_id)
        .options(joinedload(Unplaced.person, innerjoin=True))
        .order_by(Unplaced.id)
    )
    return (await session.scalars(query)).all()


async def delete_drafts(session: AsyncSession, program_id: int) -> None:
    """Remove a program's draft, circles and all; what was published stays. What was loaded of rotations is let go."""
    await session.execute(
        delete(Rotation).where(Rotation.program_id == program_id, Rotation.state == RotationState.DRAFT)
    )
    for row in [each for each in session if isinstance(each, Rotation | Circle | Membership | Unplaced)]:
        session.expunge(row)  # SQLite may give its id to a new one


@prepared
def _circle(circle_id: int) -> Select[Circle]:
    return (
        select(Circle)
        .where(Circle.id == circle_id)
        .options(
            selectinload(Circle.ever).joinedload(Membership.person, innerjoin=True),
            joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True),
        )
        .execution_options(populate_existing=True)
    )


async def get_circle(session: AsyncSession, circle_id: int) -> Circle:
    """Return a circle with its people, rotation and program; raise NotFound where there is none."""
    circle = await session.scalar(*_circle(circle_id))
    if circle is None:
        raise NotFound("circle.not-found")
    return circle


@prepared
def _entry(circle_id: int, person_id: int) -> Select[Circle, int, int | None]:
    return (
        select(Circle, Person.guild_id, Person.user_id)
        .join(Circle.ever)
        .join(Membership.person)
        .where(Circle.id == circle_id, Person.id == person_id, Membership.left_at.is_(None))
    )


async def get_entry(session: AsyncSession, circle_id: int, person_id: int) -> tuple[Circle, int, int | None]:
    """Return a circle, its guild, and the user who a person in it is; raise NotFound where there is no such seat."""
    found = (await session.execute(*_entry(circle_id, person_id))).first()
    if found is None:
        raise NotFound("circle.not-found")
    return found[0], found[1], found[2]


async def list_threads(session: AsyncSession, guild_id: int) -> Sequence[tuple[int, datetime | None, int]]:
    """Return (thread, when its circle was closed, program) for every circle of a guild that has one, oldest first."""
    query = (
        select(Circle.thread_id, Circle.closed_at, Rotation.program_id)
        .join(Circle.rotation)
        .join(Rotation.program)
        .where(Program.guild_id == guild_id, Circle.thread_id.is_not(None))
        .order_by(Circle.id)
    )
    found = await session.execute(query)
    return [(thread_id, closed_at, program_id) for thread_id, closed_at, program_id in found if thread_id is not None]


async def list_open_circles(session: AsyncSession, program_id: int) -> Sequence[Circle]:
    """Return the circles of the program's published rotation that are not closed."""
    query = (
        select(Circle)
        .join(Circle.rotation)
        .where(
            Rotation.program_id == program_id,
            Rotation.state == RotationState.PUBLISHED,
            Circle.closed_at.is_(None),
        )
        .options(selectinload(Circle.ever))
        .order_by(Circle.number)
    )
    return (await session.scalars(query)).all()


async def list_circles_of(session: AsyncSession, person_id: int) -> Sequence[Circle]:
    """Return every published circle a person ever sat in, the newest first, with people, rotation and program."""
    query = (
        select(Circle)
        .join(Circle.ever)
        .join(Circle.rotation)
        .where(Membership.person_id == person_id, Rotation.state != RotationState.DRAFT)
        .options(
            selectinload(Circle.ever).joinedload(Membership.person, innerjoin=True),
            joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True),
        )
        .order_by(Circle.id.desc())
    )
    return (await session.scalars(query)).all()


async def find_membership(session: AsyncSession, circle_id: int, user_id: int) -> Membership | None:
    """Return a user's seat in a circle, with the person."""
    query = (
        select(Membership)
        .join(Membership.person)
        .where(Membership.circle_id == circle_id, Person.user_id == user_id)
        .options(joinedload(Membership.person, innerjoin=True))
    )
    return await session.scalar(query)
