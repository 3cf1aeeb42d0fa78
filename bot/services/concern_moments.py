"""What the clock does about concerns: it lets moderators hear of them, and publishes digests."""

from datetime import UTC, datetime

from bot.services import concern_desk, concern_digests
from bot.services.concern_store import HOUR
from bot.services.ports import World
from db.engine import Database


async def see_to(database: Database, world: World, now: datetime) -> None:
    """Let moderators hear of concerns whose moment has come, and publish the digests that wait."""
    if world.surveys is not None and world.share.is_first:
        await concern_desk.ring(database, world.surveys, now)
        await concern_digests.publish_waiting(database, world.surveys, now)


async def find_next(world: World) -> datetime | None:
    """Return when moderators hear of the next concern."""
    hour = await world.surveys.vault.concerns.find_next_bell() if world.surveys else None
    return None if hour is None else datetime.fromtimestamp(hour * HOUR, UTC)
