"""Queries about evidence files, and about who ever shared a circle with whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from bot.domain.goals import WinKind
from bot.domain.states import DeliveryKind, RotationState
from bot.errors import NotFound
from db.models import Circle, Delivery, Membership, Rotation, Win
from db.prepared import prepared

WHOLE = (
    joinedload(Win.person, innerjoin=True),
    joinedload(Win.giver),
    joinedload(Win.circle).joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True),
)


async def get_win(session: AsyncSession, win_id: int) -> Win:
    """Return an entry with its people and circle; raise NotFound where it was removed."""
    query = select(Win).where(Win.id == win_id, Win.removed_at.is_(None)).options(*WHOLE)
    win = await session.scalar(query.execution_options(populate_existing=True))
    if win is None:
        raise NotFound("win.not-found")
    return win


async def add_wins(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write many entries at once, each given by its values."""
    if rows:
        await session.execute(insert(Win), rows)


async def list_wins(session: AsyncSession, person_id: int) -> Sequence[Win]:
    """Return the entries of a person's file, the newest day first."""
    query = (
        select(Win)
        .where(Win.person_id == person_id, Win.removed_at.is_(None))
        .options(*WHOLE)
        .order_by(Win.day.desc(), Win.id.desc())
    )
    return (await session.scalars(query)).all()


async def list_known(session: AsyncSession, person_id: int) -> Sequence[Win]:
    """Return every entry that a person has or gave, emptied ones too, with the people."""
    query = select(Win).where(or_(Win.person_id == person_id, Win.giver_id == person_id)).options(*WHOLE)
    return (await session.scalars(query.order_by(Win.id))).all()


@prepared
def _of_answer(answer_id: int) -> Select[Win]:
    return select(Win).where(Win.answer_id == answer_id)


async def find_of_answer(session: AsyncSession, answer_id: int) -> Win | None:
    """Return the entry that came out of a check-in answer."""
    return await session.scalar(*_of_answer(answer_id))


async def count_kudos(session: AsyncSession, giver_id: int, person_id: int, after: datetime) -> int:
    """Return how many kudos one person gave another after a moment, those that were removed too."""
    query = (
        select(func.count())
        .select_from(Win)
        .where(
            Win.kind == WinKind.KUDOS,
            Win.giver_id == giver_id,
            Win.person_id == person_id,
            Win.created_at > after,
        )
    )
    return await session.scalar(query) or 0


async def find_shared_circle(session: AsyncSession, one_person: int, other_person: int) -> Circle | None:
    """Return the newest circle of a published rotation that two people shared, with rotation and program.

    Who went before the other came shared no circle with them.
    """
    one, other = aliased(Membership), aliased(Membership)
    query = (
        select(Circle)
        .join(Circle.rotation)
        .join(one, one.circle_id == Circle.id)
        .join(other, other.circle_id == Circle.id)
        .where(
            one.person_id == one_person,
            other.person_id == other_person,
            or_(one.left_at.is_(None), other.joined_at.is_(None), other.joined_at < one.left_at),
            or_(other.left_at.is_(None), one.joined_at.is_(None), one.joined_at < other.left_at),
            Rotation.state != RotationState.DRAFT,
        )
        .options(joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True))
        .order_by(Circle.closed_at.is_not(None), Circle.id.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def get_circle(session: AsyncSession, circle_id: int) -> Circle:
    """Return a circle with its rotation and program."""
    query = select(Circle).where(Circle.id == circle_id)
    whole = joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True)
    return (await session.scalars(query.options(whole))).one()


async def find_open_circle(session: AsyncSession, program_id: int, person_id: int) -> Circle | None:
    """Return the open circle of a program in which a person sits."""
    query = (
        select(Circle)
        .join(Circle.rotation)
        .join(Circle.ever)
        .where(
            Rotation.program_id == program_id,
            Rotation.state == RotationState.PUBLISHED,
            Circle.closed_at.is_(None),
            Membership.left_at.is_(None),
            Membership.person_id == person_id,
        )
        .order_by(Circle.id.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def list_sent(session: AsyncSession, win_id: int) -> Sequence[Delivery]:
    """Return what was or will be sent about kudos, the oldest first."""
    kinds = (DeliveryKind.KUDOS_NOTE, DeliveryKind.KUDOS)
    query = select(Delivery).where(Delivery.win_id == win_id, Delivery.kind.in_(kinds)).order_by(Delivery.id)
    return (await session.scalars(query)).all()


async def delete_own(session: AsyncSession, person_id: int) -> None:
    """Remove every entry of a person's file apart from kudos, which are taken back one by one."""
    await session.execute(delete(Win).where(Win.person_id == person_id, Win.kind != WinKind.KUDOS))
