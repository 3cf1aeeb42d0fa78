"""Whether Discord has room for the threads of a rotation's circles."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict
from bot.services.ports import World
from bot.services.work import reads
from db import rotations as queries
from db.engine import Database


@dataclass(frozen=True, slots=True)
class Threads:
    """The threads of a guild's circles: of those that are over, and of those that end with the next rotation."""

    over: tuple[int, ...]
    ending: frozenset[int]


async def make_room(database: Database, world: World, guild_id: int, program_id: int, wanted: int) -> None:
    """See that there is room for so many threads, archiving those of circles that are over; raise Conflict if not."""
    threads = await list_threads(database, guild_id, program_id)
    if missing := await world.room(guild_id, wanted, threads.over, threads.ending):
        raise Conflict("rotation.no-room", n=missing, wanted=wanted)


@reads
async def list_threads(session: AsyncSession, guild_id: int, program_id: int) -> Threads:
    """Return the threads of a guild's circles that are over, the oldest first, and those a new rotation ends."""
    found = await queries.list_threads(session, guild_id)
    over = tuple(thread_id for thread_id, closed_at, _ in found if closed_at is not None)
    ending = (thread_id for thread_id, closed_at, program in found if closed_at is None and program == program_id)
    return Threads(over, frozenset(ending))
