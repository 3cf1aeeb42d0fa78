"""Callers give up in the middle of a transaction: the next write comes soon, and rows and counter agree."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import open_database
from db.migrate import upgrade


@dataclass(frozen=True)
class Cancelled:
    """What came of a storm of cancellations."""

    cancelled: int
    written: int
    counter: int
    rows: int
    next_write: float  # seconds
    longest_write: float  # the slowest of all the writes that came between

    @property
    def well(self) -> bool:
        """Whether rows and counter agree and writing goes on."""
        return self.counter == self.rows and max(self.next_write, self.longest_write) < 1.0


async def _count_up(session: AsyncSession) -> int:
    n = (await session.scalar(text("SELECT n FROM counter")) or 0) + 1
    await asyncio.sleep(0)
    await session.execute(text("UPDATE counter SET n = :n"), {"n": n})
    await session.execute(text("INSERT INTO counted (n) VALUES (:n)"), {"n": n})
    return n


async def _make_tables(session: AsyncSession) -> None:
    await session.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
    await session.execute(text("INSERT INTO counter VALUES (0)"))
    await session.execute(text("CREATE TABLE counted (n INTEGER NOT NULL UNIQUE)"))


async def _read(session: AsyncSession) -> tuple[int, int]:
    rows = await session.scalar(text("SELECT count(*) FROM counted"))
    return await session.scalar(text("SELECT n FROM counter")) or 0, rows or 0


def cancel_at_random(folder: Path, cancellations: int, seed: int = 41) -> Cancelled:
    """Cancel so many writers, each at a random moment of its work, and write in between."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "cancelled.db"
    upgrade(file)
    return asyncio.run(_cancel(file, cancellations, Random(seed)))


async def _cancel(file: Path, cancellations: int, chance: Random) -> Cancelled:
    async with open_database(file, None) as database:
        await database.write(_make_tables)
        cancelled, longest = 0, 0.0
        while cancelled < cancellations:
            tasks = [asyncio.create_task(database.write(_count_up)) for _ in range(chance.randint(1, 20))]
            await asyncio.sleep(chance.uniform(0, 0.01))
            cancelled += sum(task.cancel() for task in tasks)
            began = time.monotonic()
            await database.write(_count_up)
            longest = max(longest, time.monotonic() - began)
            await asyncio.gather(*tasks, return_exceptions=True)
        began = time.monotonic()
        written = await database.write(_count_up)
        soon = time.monotonic() - began
        return Cancelled(cancelled, written, *await database.read(_read), soon, longest)
