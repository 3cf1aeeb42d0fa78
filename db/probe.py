"""Whether the database answers, and whether it can still be written."""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession


async def ask(session: AsyncSession) -> None:
    """Let the database answer something that costs nothing."""
    await session.execute(select(1))


async def touch(session: AsyncSession) -> None:
    """Let the database commit something that changes nothing, with all that a commit takes."""
    if session.get_bind().dialect.name == "sqlite":
        await session.execute(text("PRAGMA user_version = 0"))  # nobody reads it, and it always writes a page
    else:
        await session.execute(select(func.pg_current_xact_id()))  # what has a number of its own is logged
