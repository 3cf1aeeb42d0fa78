"""Queries about check-ins, their answers, and who stayed silent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from bot.domain.states import DeliveryKind, DeliveryState, EnrollmentState
from bot.errors import NotFound
from db.models import CheckIn, CheckInAnswer, Circle, Delivery, Enrollment, Membership, Person, Program, Rotation
from db.prepared import prepared


def _whole() -> Select[CheckIn]:
    """Select check-ins with their answers, circle, people, rotation and program, as they are now."""
    return (
        select(CheckIn)
        .options(
            selectinload(CheckIn.answers),
            joinedload(CheckIn.circle, innerjoin=True).options(
                selectinload(Circle.ever).joinedload(Membership.person, innerjoin=True).load_only(Person.user_id),
                joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True),
            ),
        )
        .execution_options(populate_existing=True)
    )


@prepared
def _checkin(checkin_id: int) -> Select[CheckIn]:
    return _whole().where(CheckIn.id == checkin_id)


async def get_checkin(session: AsyncSession, checkin_id: int) -> CheckIn:
    """Return a check-in with everything around it; raise NotFound where there is none."""
    checkin = await session.scalar(*_checkin(checkin_id))
    if checkin is None:
        raise NotFound("checkin.not-found")
    return checkin


class Own(NamedTuple):
    """A check-in with its circle, rotation and program, as one person in it sees it: seat, enrolment and answer."""

    checkin: CheckIn
    seat: Membership
    enrollment: Enrollment | None
    answer: CheckInAnswer | None


def _own() -> Select[CheckIn, Membership, Enrollment, CheckInAnswer]:
    """Select check-ins with what they know of one person each."""
    enrolled = and_(Enrollment.program_id == Rotation.program_id, Enrollment.person_id == Membership.person_id)
    answered = and_(CheckInAnswer.checkin_id == CheckIn.id, CheckInAnswer.person_id == Membership.person_id)
    rotation = contains_eager(CheckIn.circle).contains_eager(Circle.rotation)
    return (
        select(CheckIn, Membership, Enrollment, CheckInAnswer)
        .join(CheckIn.circle)
        .join(Circle.rotation)
        .join(Rotation.program)
        .join(Circle.ever)
        .join(Membership.person)
        .outerjoin(Enrollment, enrolled)
        .outerjoin(CheckInAnswer, answered)
        .options(rotation.contains_eager(Rotation.program), contains_eager(Membership.person))
        .execution_options(populate_existing=True)
    )


@prepared
def _own_of(checkin_id: int, user_id: int) -> Select[CheckIn, Membership, Enrollment, CheckInAnswer]:
    return _own().where(CheckIn.id == checkin_id, Person.user_id == user_id)


async def find_own(session: AsyncSession, checkin_id: int, user_id: int) -> Own | None:
    """Return a check-in to a user who sits in its circle, or who went to another one; nothing to anybody else."""
    found = (await session.execute(*_own_of(checkin_id, user_id))).first()
    return Own(*found) if found else None


@prepared
def _own_among(checkin_ids: list[int], user_ids: list[int]) -> Select[CheckIn, Membership, Enrollment, CheckInAnswer]:
    return _own().where(CheckIn.id.in_(checkin_ids), Person.user_id.in_(user_ids))


async def list_own_among(
    session: AsyncSession, checkin_ids: Sequence[int], user_ids: Sequence[int]
) -> dict[tuple[int, int], Own]:
    """Return some check-ins as some users in their circles see them, by check-in and user."""
    found = [Own(*row) for row in await session.execute(*_own_among(list(checkin_ids), list(user_ids)))]
    return {(own.checkin.id, own.seat.person.user_id or 0): own for own in found}


@prepared
def _own_open(guild_id: int, user_id: int, now: datetime) -> Select[CheckIn, Membership, Enrollment, CheckInAnswer]:
    return (
        _own()
        .where(
            Person.guild_id == guild_id,
            Person.user_id == user_id,
            CheckIn.closed_at.is_(None),
            CheckIn.closes_at > now,
        )
        .order_by(CheckIn.id)
    )


async def list_own_open(session: AsyncSession, guild_id: int, user_id: int, now: datetime) -> Sequence[Own]:
    """Return the check-ins of a guild that are open at this moment in circles of a user, also in those they left."""
    return [Own(*row) for row in await session.execute(*_own_open(guild_id, user_id, now))]


@prepared
def _ids_of(checkin_ids: list[int], person_ids: list[int]) -> Select[int, int, int]:
    query = select(CheckInAnswer.checkin_id, CheckInAnswer.person_id, CheckInAnswer.id)
    return query.where(CheckInAnswer.checkin_id.in_(checkin_ids), CheckInAnswer.person_id.in_(person_ids))


async def add_answers(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> dict[tuple[int, int], int]:
    """Write many first answers at once, each given by its values; return their ids by check-in and person.

    The ids are asked for afterwards: SQLite would give them back in order only for one row at a time.
    """
    if not rows:
        return {}
    await session.execute(insert(CheckInAnswer), rows)
    places = _ids_of([row["checkin_id"] for row in rows], [row["person_id"] for row in rows])
    return {(checkin_id, person_id): id_ for checkin_id, person_id, id_ in await session.execute(*places)}


async def load_answer(session: AsyncSession, answer_id: int) -> CheckInAnswer:
    """Return an answer that is known to be there."""
    return await session.get_one(CheckInAnswer, answer_id)


@prepared
def _post(checkin_id: int, person_id: int) -> Select[CheckInAnswer, int | None, str, int | None]:
    return (
        select(CheckInAnswer, Person.user_id, Program.locale, Circle.thread_id)
        .join(CheckInAnswer.checkin)
        .join(CheckIn.circle)
        .join(Circle.rotation)
        .join(Rotation.program)
        .join(CheckInAnswer.person)
        .where(CheckInAnswer.checkin_id == checkin_id, CheckInAnswer.person_id == person_id)
    )


async def find_post(
    session: AsyncSession, checkin_id: int, person_id: int
) -> tuple[CheckInAnswer, int | None, str, int | None] | None:
    """Return a person's answer to a check-in, their user, the program's language, and the circle's thread."""
    return (await session.execute(*_post(checkin_id, person_id))).first()


async def list_open(session: AsyncSession, program_id: int) -> Sequence[CheckIn]:
    """Return the open check-ins of a program, in whichever rotation."""
    query = (
        _whole()
        .join(CheckIn.circle)
        .join(Circle.rotation)
        .where(Rotation.program_id == program_id, CheckIn.closed_at.is_(None))
        .order_by(CheckIn.id)
    )
    return (await session.scalars(query)).all()


async def count_checkins(session: AsyncSession, program_id: int) -> dict[int, int]:
    """Return the number of the last check-in of each circle of a program that had one."""
    query = (
        select(CheckIn.circle_id, func.max(CheckIn.number))
        .join(CheckIn.circle)
        .join(Circle.rotation)
        .where(Rotation.program_id == program_id)
        .group_by(CheckIn.circle_id)
    )
    return {circle_id: number for circle_id, number in await session.execute(query)}  # noqa: C416 - rows are no pairs to dict


async def list_posts(session: AsyncSession, checkin_id: int) -> Sequence[Delivery]:
    """Return every delivery of a check-in's answers and of changes to them, the oldest first."""
    kinds = (DeliveryKind.CHECKIN_ANSWER, DeliveryKind.CHECKIN_ANSWER_EDIT)
    query = select(Delivery).where(Delivery.checkin_id == checkin_id, Delivery.kind.in_(kinds)).order_by(Delivery.id)
    return (await session.scalars(query)).all()


async def list_arrived_cards(session: AsyncSession, checkin_ids: Sequence[int]) -> Sequence[int]:
    """Return which of these check-ins have a card that Discord took."""
    query = select(Delivery.checkin_id).where(
        Delivery.kind == DeliveryKind.CHECKIN_CARD,
        Delivery.checkin_id.in_(checkin_ids),
        Delivery.state == DeliveryState.DONE,
        Delivery.result_id.is_not(None),
    )
    return [each for each in await session.scalars(query) if each is not None]


async def list_active(session: AsyncSession, program_id: int) -> Sequence[Enrollment]:
    """Return who takes part in a program and is not paused."""
    query = select(Enrollment).where(Enrollment.program_id == program_id, Enrollment.state == EnrollmentState.ACTIVE)
    return (await session.scalars(query)).all()


@prepared
def _active_among(program_id: int, people: list[int]) -> Select[int]:
    return select(Enrollment.person_id).where(
        Enrollment.program_id == program_id,
        Enrollment.state == EnrollmentState.ACTIVE,
        Enrollment.person_id.in_(people),
    )


async def list_active_among(session: AsyncSession, program_id: int, seats: Sequence[Membership]) -> frozenset[int]:
    """Return which of the people in some seats take part in a program and are not paused."""
    return frozenset(await session.scalars(*_active_among(program_id, [seat.person_id for seat in seats])))


async def list_unanswered(session: AsyncSession, program_id: int, before: datetime) -> Sequence[Enrollment]:
    """Return who takes part and did not answer the private question that left before a moment."""
    question = (
        select(Delivery.id)
        .where(
            Delivery.kind == DeliveryKind.SILENT_QUESTION,
            Delivery.program_id == Enrollment.program_id,
            Delivery.person_id == Enrollment.person_id,
            Delivery.created_at >= Enrollment.silent_asked_at,
            Delivery.finished_at <= before,
        )
        .exists()
    )
    query = select(Enrollment).where(
        Enrollment.program_id == program_id, Enrollment.state == EnrollmentState.ACTIVE, question
    )
    return (await session.scalars(query)).all()
