"""The last look at what was tried more than once: Discord may have done an attempt that was not heard of any more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.shards import WHOLE, Share
from bot.domain.states import DeliveryKind
from bot.services.deliveries import A_DAY, LOOK_AFTER
from bot.services.work import claims, reads, writes
from db import deliveries as queries


@dataclass(frozen=True, slots=True)
class Suspect:
    """A delivery that is done, and of which Discord may hold more than the one that we know."""

    id: int
    key: str
    kind: DeliveryKind
    guild_id: int
    channel_id: int | None
    known_id: int | None
    done_at: datetime


@claims
async def claim(session: AsyncSession, now: datetime, share: Share = WHOLE) -> Suspect | None:
    """Take the next delivery of the share whose last look is due; it is due again soon unless it is cleared."""
    found = await queries.claim_suspect(session, now, now + LOOK_AFTER, share)
    if found is None:
        return None
    row, guild_id = found
    return Suspect(
        row["id"],
        row["key"],
        row["kind"],
        guild_id,
        row["result_channel_id"],
        row["result_id"],
        row["finished_at"],
    )


@writes
async def clear(session: AsyncSession, suspect: Suspect) -> None:
    """Record that a delivery need not be looked for any more."""
    await queries.look_again(session, suspect.id, None)


@writes
async def postpone(session: AsyncSession, suspect: Suspect, now: datetime) -> None:
    """Record that Discord could not be asked: it is after as long again as that was tried, and after a day no more."""
    tried = now - suspect.done_at
    await queries.look_again(session, suspect.id, None if tried > A_DAY else now + max(tried, LOOK_AFTER))


@reads
async def find_next(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return when the next last look is due."""
    return await queries.find_next_look(session, share)
