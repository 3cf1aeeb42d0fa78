"""Queries about deliveries: the order in lanes, what may leave now, and what became of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.shards import WHOLE, Share
from bot.domain.states import DeliveryKind, DeliveryState
from db.models import Delivery, Notice, Program
from db.prepared import prepared
from db.shares import ours

TABLE = cast("Table", Delivery.__table__)
DM_LANE = "dm"
DMS_TOO_FAST = 40003  # Discord's word about all direct messages, not about one
UNFINISHED = (DeliveryState.PENDING, DeliveryState.INFLIGHT)


async def add_deliveries(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write many deliveries at once, each given by its values."""
    if rows:
        await session.execute(insert(Delivery), rows)


def _heads(share: Share) -> Select[int]:
    unfinished = (TABLE.c.state.in_(UNFINISHED), ours(share, TABLE.c.program_id), not_(_steps_aside()))
    return select(func.min(TABLE.c.id)).where(*unfinished).group_by(TABLE.c.lane)


def _steps_aside() -> ColumnElement[bool]:
    """Tell which direct messages wait to be tried again: they are for different people, so the next ones go first."""
    waits = and_(TABLE.c.state == DeliveryState.PENDING, TABLE.c.due_at > bindparam("now"))
    failed = and_(TABLE.c.error_code.is_not(None), TABLE.c.error_code != DMS_TOO_FAST)
    return and_(TABLE.c.lane == DM_LANE, waits, failed)


def _no_other_under_way(share: Share) -> ColumnElement[bool]:
    """Let one direct message leave at a time, also where one that had stepped aside is due again."""
    other = TABLE.alias("other")
    under_way = (other.c.lane == DM_LANE, other.c.state == DeliveryState.INFLIGHT)
    held = (other.c.lease_until > bindparam("now"), ours(share, other.c.program_id))
    return or_(TABLE.c.lane != DM_LANE, not_(exists().where(*under_way, *held)))


def _may_leave() -> ColumnElement[bool]:
    return or_(
        and_(TABLE.c.state == DeliveryState.PENDING, TABLE.c.due_at <= bindparam("now")),
        and_(TABLE.c.state == DeliveryState.INFLIGHT, TABLE.c.lease_until <= bindparam("now")),
    )


@cache
def _claim(share: Share) -> ReturningUpdate[*tuple[Any, ...]]:
    """Take the oldest delivery that heads its lane and may leave, in one statement.

    Those that another transaction has locked are passed over, and so are those in the caller's own hands.
    Of the table alone: a statement that names a mapped class is taken apart anew each time it is executed.
    """
    ready = select(TABLE.c.id).where(TABLE.c.id.in_(_heads(share)), _may_leave(), _no_other_under_way(share))
    ready = ready.where(TABLE.c.id.not_in(bindparam("held"))).order_by(TABLE.c.id).limit(1)
    return (
        update(TABLE)
        .where(TABLE.c.id == ready.with_for_update(skip_locked=True).scalar_subquery())
        .values(
            state=DeliveryState.INFLIGHT,
            attempts=TABLE.c.attempts + 1,
            fence=TABLE.c.fence + 1,
            lease_until=bindparam("lease"),
        )
        .returning(*TABLE.c)
    )


async def claim(
    session: AsyncSession, now: datetime, lease: datetime, share: Share = WHOLE, held: Collection[int] = ()
) -> RowMapping | None:
    """Take the next delivery that may leave, due or abandoned in flight, and return it as it stands now."""
    values = {"now": now, "held": list(held), "lease": lease}
    return (await session.execute(_claim(share), values)).mappings().first()


async def settle(session: AsyncSession, delivery_id: int, fence: int, values: dict[str, Any]) -> bool:
    """Write what became of a claim; return whether it still held the delivery."""
    held = {"held_id": delivery_id, "held_fence": fence}
    return (await session.execute(_settle(tuple(values)), values | held)).first() is not None


@cache
def _settle(names: tuple[str, ...]) -> ReturningUpdate[*tuple[Any, ...]]:
    """Write some columns of a delivery, for whoever still holds it."""
    held = (TABLE.c.id == bindparam("held_id"), TABLE.c.fence == bindparam("held_fence"))
    return update(TABLE).where(*held).values({name: bindparam(name) for name in names}).returning(TABLE.c.id)


@cache
def _claim_suspect(share: Share) -> ReturningUpdate[*tuple[Any, ...]]:
    """Take the one whose last look has been due the longest, and let it be due again later."""
    due = (TABLE.c.look_at <= bindparam("now"), TABLE.c.state == DeliveryState.DONE, ours(share, TABLE.c.program_id))
    first = select(TABLE.c.id).where(*due).order_by(TABLE.c.look_at, TABLE.c.id).limit(1)
    return (
        update(TABLE)
        .where(TABLE.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(look_at=bindparam("again"))
        .returning(*TABLE.c)
    )


async def claim_suspect(
    session: AsyncSession, now: datetime, again: datetime, share: Share = WHOLE
) -> tuple[RowMapping, int] | None:
    """Take a delivery that is done and is to be looked for once more, and return it with its guild."""
    row = (await session.execute(_claim_suspect(share), {"now": now, "again": again})).mappings().first()
    return None if row is None else (row, (await session.get_one(Program, row["program_id"])).guild_id)


async def look_again(session: AsyncSession, delivery_id: int, moment: datetime | None) -> None:
    """Let a delivery be looked for at a moment, or no more."""
    await session.execute(update(TABLE).where(TABLE.c.id == delivery_id).values(look_at=moment))


async def find_next_look(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return when the next delivery of a share is to be looked for once more."""
    done = (TABLE.c.look_at.is_not(None), TABLE.c.state == DeliveryState.DONE, ours(share, TABLE.c.program_id))
    return await session.scalar(select(func.min(TABLE.c.look_at)).where(*done))


async def abandon_inflight(session: AsyncSession, now: datetime, share: Share = WHOLE) -> int:
    """Let everything that was in flight when the process ended be taken up at once; return how much that is."""
    inflight = (Delivery.state == DeliveryState.INFLIGHT, ours(share, Delivery.program_id))
    ids = (await session.scalars(select(Delivery.id).where(*inflight))).all()
    await session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(lease_until=now))
    return len(ids)


@prepared
def _by_key(key: str) -> Select[Delivery]:
    return select(Delivery).where(Delivery.key == key)


async def find_by_key(session: AsyncSession, key: str) -> Delivery | None:
    """Return the delivery that a control on Discord carries the key of."""
    return await session.scalar(*_by_key(key))


async def find_answer_post(session: AsyncSession, checkin_id: int, person_id: int) -> Delivery | None:
    """Return the delivery that posts a person's check-in answer in the circle."""
    return await session.scalar(
        select(Delivery).where(
            Delivery.kind == DeliveryKind.CHECKIN_ANSWER,
            Delivery.checkin_id == checkin_id,
            Delivery.person_id == person_id,
        )
    )


async def count_unfinished(session: AsyncSession) -> int:
    """Return how many deliveries have still to leave."""
    return await session.scalar(select(func.count()).where(Delivery.state.in_(UNFINISHED))) or 0


async def count_by_state(session: AsyncSession, share: Share = WHOLE) -> dict[DeliveryState, int]:
    """Return how many deliveries of a share wait, and how many are under way."""
    unfinished = (Delivery.state.in_(UNFINISHED), ours(share, Delivery.program_id))
    query = select(Delivery.state, func.count()).where(*unfinished).group_by(Delivery.state)
    return dict.fromkeys(UNFINISHED, 0) | {row[0]: row[1] for row in await session.execute(query)}


async def find_oldest(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return when the oldest delivery of a share was decided that has still to leave."""
    unfinished = (Delivery.state.in_(UNFINISHED), ours(share, Delivery.program_id))
    return await session.scalar(select(func.min(Delivery.created_at)).where(*unfinished))


async def find_longest_ready(session: AsyncSession, now: datetime, share: Share = WHOLE) -> datetime | None:
    """Return since when the one that waits longest might have been taken: it heads its lane and is due."""
    since = func.min(func.coalesce(TABLE.c.lease_until, TABLE.c.due_at))
    return await session.scalar(select(since).where(TABLE.c.id.in_(_heads(share)), _may_leave()), {"now": now})


async def list_finished(
    session: AsyncSession, kinds: Collection[DeliveryKind], after: datetime, share: Share = WHOLE
) -> Sequence[datetime]:
    """Return when each delivery of some kinds that was tried ended after a moment, the first one first."""
    tried = (Delivery.kind.in_(kinds), Delivery.attempts > 0, Delivery.finished_at > after)
    query = select(Delivery.finished_at).where(*tried, ours(share, Delivery.program_id)).order_by(Delivery.finished_at)
    return [moment for moment in await session.scalars(query) if moment is not None]


async def find_notice(session: AsyncSession, program_id: int, message: str, after: datetime) -> Notice | None:
    """Return a line that a program's moderators were told after a moment."""
    query = select(Notice).where(Notice.program_id == program_id, Notice.message == message, Notice.created_at > after)
    return await session.scalar(query.limit(1))
