"""The last look at what was tried more than once: Discord may have done an attempt that was not heard of any more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.shards import WHOLE, Share
from bot.domain.states import DeliveryKind
from bot.services.deliveries import A_DAY, LEASE
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

    def is_hopeless(self, now: datetime) -> bool:
        """Tell whether looking has failed for so long that it is given up."""
        return now - self.done_at > A_DAY


@claims
async def claim(session: AsyncSession, now: datetime, share: Share = WHOLE) -> Suspect | None:
    """Take the next delivery of the share whose last look is due; it is due again unless it is cleared."""
    found = await queries.claim_suspect(session, now, now + LEASE, share)
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


@reads
async def find_next(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return when the next last look is due."""
    return await queries.find_next_look(session, share)
