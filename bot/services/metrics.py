"""What can be told of the work that waits, without naming anybody: how much of it there is, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.shards import WHOLE, Share
from bot.domain.states import DeliveryState
from bot.services import due
from bot.services.work import reads, writes
from db import deliveries, probe, programs

NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Backlog:
    """How late what is due is, and how much has still to leave; nothing waiting is no time at all."""

    overdue: timedelta
    outbox: Mapping[DeliveryState, int]
    outbox_late: timedelta
    outbox_oldest: timedelta


@reads
async def measure(session: AsyncSession, now: datetime, share: Share = WHOLE) -> Backlog:
    """Return what waits in a share of the guilds at this moment."""
    claimed = await programs.find_oldest_claimed(session, share)
    coming = await due.find_next_due(session, share)
    return Backlog(
        overdue=max(_since(claimed, now), _since(coming, now)),
        outbox=await deliveries.count_by_state(session, share),
        outbox_late=_since(await deliveries.find_longest_ready(session, now, share), now),
        outbox_oldest=_since(await deliveries.find_oldest(session, share), now),
    )


@reads
async def see_that_it_answers(session: AsyncSession) -> bool:
    """Return True once the database has answered."""
    await probe.ask(session)
    return True


@writes
async def see_that_it_writes(session: AsyncSession) -> bool:
    """Return True once the database has committed."""
    await probe.touch(session)
    return True


def _since(moment: datetime | None, now: datetime) -> timedelta:
    return NONE if moment is None else max(NONE, now - moment)
