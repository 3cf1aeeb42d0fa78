"""Requests that gather: written in few transactions, each with an outcome of its own."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict
from db.engine import Database, For, Place, one_connection


@pytest.fixture
def place(place: Place) -> Place:
    """Add a table of numbers that refuses what is below zero."""
    with one_connection(place, For.WRITING) as connection:
        connection.exec_driver_sql("CREATE TABLE kept (n INTEGER NOT NULL CHECK (n >= 0))")
    return place


class Keeper:
    """Keeps numbers, and how many came together; refuses odd ones by itself, the database those below zero."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def keep(self, session: AsyncSession, numbers: Sequence[int]) -> list[int | Exception]:
        """Keep what may be kept, and answer each request."""
        self.sizes.append(len(numbers))
        outcomes: list[int | Exception] = []
        for n in numbers:
            if n % 2:
                outcomes.append(Conflict("already.there"))
            else:
                await session.execute(text("INSERT INTO kept VALUES (:n)"), {"n": n})
                outcomes.append(n * 10)
        return outcomes


async def kept(database: Database) -> list[int]:
    async def read(session: AsyncSession) -> list[int]:
        return list(await session.scalars(text("SELECT n FROM kept ORDER BY n")))

    return await database.read(read)


async def join(database: Database, keeper: Keeper, *numbers: int) -> list[object]:
    together = keeper.keep
    waiting = [database.write_together(together, n) for n in numbers]
    return list(await asyncio.gather(*waiting, return_exceptions=True))


async def test_a_crowd_of_requests_is_written_in_a_few_transactions(database):
    keeper = Keeper()
    assert await join(database, keeper, *range(0, 1000, 2)) == list(range(0, 10_000, 20))
    assert await kept(database) == list(range(0, 1000, 2))
    assert max(keeper.sizes) == 100
    assert len(keeper.sizes) < 10


async def test_a_request_that_is_refused_keeps_nobody_else_from_theirs(database):
    outcomes = await join(database, Keeper(), 2, 3, 4)
    assert (outcomes[0], outcomes[2]) == (20, 40)
    assert isinstance(outcomes[1], Conflict)
    assert await kept(database) == [2, 4]


async def test_what_fails_as_a_whole_is_written_one_by_one_and_fails_only_where_it_must(database):
    outcomes = await join(database, Keeper(), 0, 2, -2, 4)
    assert [each for each in outcomes if isinstance(each, int)] == [0, 20, 40]
    assert isinstance(outcomes[2], Exception)
    assert await kept(database) == [0, 2, 4]


async def test_whoever_gives_up_leaves_the_others_their_outcome(database):
    keeper = Keeper()
    together = keeper.keep
    tasks = [asyncio.create_task(database.write_together(together, n)) for n in (2, 4, 6)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert (outcomes[0], outcomes[2]) == (20, 60)
    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert {2, 6} <= set(await kept(database))


async def test_closing_writes_what_still_waits(database):
    keeper = Keeper()
    together = keeper.keep
    tasks = [asyncio.create_task(database.write_together(together, n)) for n in range(0, 20, 2)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*tasks) == list(range(0, 200, 20))


async def test_a_unit_of_work_cannot_wait_for_a_gathering(database):
    async def wait_inside(_session: AsyncSession) -> None:
        await database.write_together(Keeper().keep, 2)

    with pytest.raises(RuntimeError, match="cannot wait for another"):
        await database.write(wait_inside)
