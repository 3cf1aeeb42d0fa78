"""One SQLite database: a small pool that reads, and one writer that commits waiting writes together.

The writer is a task of its own, so that a cancelled caller never leaves a
transaction open: it holds the only write connection, runs each unit of work
in a savepoint, commits up to a hundred of them at once, and only then tells
their callers.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from db.types import Cipher

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]
GROUP = 100
BUSY_MILLISECONDS = 5_000
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA secure_delete=ON",
)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A unit of work and the caller who waits for its commit."""

    work: Work[Any]
    result: asyncio.Future[Any]


class Database:
    """Reads through a pool, writes through the one writer; made by `open_database`."""

    def __init__(self, readers: AsyncEngine, writer: AsyncEngine) -> None:
        self._readers = readers
        self._writer = writer
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()

    async def read(self, work: Work[T]) -> T:
        """Run a unit of work that only reads, in a transaction of its own."""
        async with AsyncSession(self._readers, expire_on_commit=False) as session:
            return await work(session)

    async def write(self, work: Work[T]) -> T:
        """Run a unit of work in the writer; return once it is committed, or raise what it raised."""
        waiting = _Waiting(work, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        return await waiting.result

    async def serve_writes(self) -> None:
        """Carry out writes for ever; the one task that ever holds the write connection."""
        async with self._writer.connect() as connection:
            while True:
                group = [await self._queue.get()]
                while len(group) < GROUP and not self._queue.empty():
                    group.append(self._queue.get_nowait())
                await _commit_together(connection, group)

    async def dispose(self) -> None:
        """Close every connection at once."""
        await self._readers.dispose()
        await self._writer.dispose()


async def _nothing(session: AsyncSession) -> None:
    """Write nothing: whoever waits for it has waited for all that was queued before."""


async def _commit_together(connection: AsyncConnection, group: list[_Waiting]) -> None:
    """Run each unit of work in a savepoint, commit once, then answer the callers."""
    answers: list[tuple[_Waiting, Any, BaseException | None]] = []
    try:
        async with connection.begin():
            for waiting in group:
                answers.append((waiting, *await _run(connection, waiting.work)))
    except Exception as error:  # noqa: BLE001 - the commit failed: every caller must hear of it
        answers = [(waiting, None, error) for waiting in group]
    for waiting, value, error in answers:
        if waiting.result.cancelled():
            continue
        if error is None:
            waiting.result.set_result(value)
        else:
            waiting.result.set_exception(error)


async def _run(connection: AsyncConnection, work: Work[Any]) -> tuple[Any, BaseException | None]:
    savepoint = await connection.begin_nested()
    session = AsyncSession(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
    try:
        value = await work(session)
        await session.commit()
        await savepoint.commit()
    except Exception as error:  # noqa: BLE001 - it belongs to the caller, who gets it
        await savepoint.rollback()
        return None, error
    else:
        return value, None
    finally:
        await session.close()


@asynccontextmanager
async def open_database(path: Path, cipher: Cipher) -> AsyncIterator[Database]:
    """Open a migrated SQLite file for as long as the block lasts."""
    database = Database(_engine(path, cipher, "BEGIN", 4), _engine(path, cipher, "BEGIN IMMEDIATE", 1))
    writer = asyncio.create_task(database.serve_writes(), name="database-writer")
    try:
        yield database
        await database.write(_nothing)
    finally:
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        await database.dispose()


def _engine(path: Path, cipher: Cipher, begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        connect_args={"isolation_level": None},
        pool_size=connections,
        max_overflow=0,
    )
    engine.sync_engine.dialect.peer_circles_cipher = cipher  # pyright: ignore[reportAttributeAccessIssue]
    prepare_sqlite(engine, begin)
    return engine


def prepare_sqlite(engine: AsyncEngine, begin: str) -> None:
    """Set the pragmas on each new connection, and begin transactions ourselves, with the statement given."""

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)
