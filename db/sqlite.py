"""One SQLite file: a small pool that reads, and one writer that commits waiting writes together.

The writer is a task of its own, so that a cancelled caller never leaves a
transaction open: it alone uses the write connection, runs each unit of work
in a savepoint, commits up to a hundred of them at once, and only then tells
their callers.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from db.database import Database, Work, refuse_closed, refuse_nesting
from db.driver import Connection, InlineConnection
from db.types import Cipher, give_cipher

T = TypeVar("T")
GROUP = 100
READERS = 4
BUSY_MILLISECONDS = 5_000
PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",  # the first, for the next one may have to wait
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
)
READ_PRAGMAS = (PRAGMAS[0], "PRAGMA query_only=ON")


@dataclass(slots=True)
class _Waiting:
    """A unit of work, the caller who waits for its commit, and what the unit came to."""

    work: Work[Any]
    result: asyncio.Future[Any]
    value: Any = None
    error: BaseException | None = None

    def answer(self, failure: BaseException | None) -> None:
        """Tell the caller, unless they gave up; a failed commit fails whoever had succeeded."""
        error = self.error or failure
        if self.result.done():
            return
        if error is None:
            self.result.set_result(self.value)
        else:
            self.result.set_exception(error)


class _InlineSession(AsyncSession):
    """A session on connections that wait for no thread: nothing interrupts its end, which needs no task of its own."""

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class SqliteDatabase(Database):
    """Reads through a pool, writes through the one writer."""

    def __init__(self, readers: AsyncEngine, writer: AsyncEngine, session: type[AsyncSession] = AsyncSession) -> None:
        super().__init__()
        self._readers = readers
        self._session = session
        self._writer = writer
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._serving = asyncio.create_task(self._serve_writes(), name="database-writer")
        self._closed = False

    async def read(self, work: Work[T]) -> T:
        """Run a unit of work that only reads, in a transaction of its own."""
        async with self._session(self._readers, expire_on_commit=False) as session:
            return await work(session)

    async def write(self, work: Work[T]) -> T:
        """Run a unit of work in the writer; return once it is committed, or raise what it raised.

        A caller who is cancelled only stops waiting: what was handed over is
        still written, as a whole or not at all.
        """
        self._require_free()
        waiting = _Waiting(work, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        return await waiting.result

    def _require_free(self) -> None:
        refuse_closed(closed=self._closed)
        refuse_nesting(inside=asyncio.current_task() is self._serving)

    async def claim(self, work: Work[T]) -> T:
        """Write: the writer is alone, so nobody has locked anything."""
        return await self.write(work)

    async def empty_log(self) -> None:
        """Bring the write-ahead log into the database file and empty it, so that nothing erased is left there.

        SQLite waits for readers up to its busy timeout; should one hold on
        longer, the log is emptied by the next call or when it starts anew.
        """
        async with self._writer.connect() as connection:  # nothing is executed on it: no transaction begins
            raw = cast("Connection", (await connection.get_raw_connection()).driver_connection)
            await (await raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")).close()

    async def close(self) -> None:
        """Write what is still waiting, then close every connection."""
        await self._gathering.close()
        self._closed = True
        try:
            await self._queue.join()
        finally:
            self._serving.cancel()
            await asyncio.wait({self._serving})
            await self._readers.dispose()
            await self._writer.dispose()

    async def _serve_writes(self) -> None:
        """Carry out writes for ever, a group at a time."""
        while True:
            group = [await self._queue.get()]
            while len(group) < GROUP and not self._queue.empty():
                group.append(self._queue.get_nowait())
            await _commit_together(self._writer, group)
            for _ in group:
                self._queue.task_done()


async def _commit_together(writer: AsyncEngine, group: list[_Waiting]) -> None:
    """Run each unit of work in a savepoint, commit once, then answer the callers; one alone needs no savepoint."""
    failure: Exception | None = None
    try:
        if len(group) == 1:
            await _run(writer, group[0])
        else:
            async with writer.begin() as connection:
                for waiting in group:
                    await _run(connection, waiting)
    except Exception as error:  # noqa: BLE001 - nothing was committed: every caller must hear of it
        failure = error
    for waiting in group:
        waiting.answer(failure)


async def _run(bind: AsyncConnection | AsyncEngine, waiting: _Waiting) -> None:
    """Run a unit of work in a transaction, or in a savepoint of one, so that a failing one spares its neighbours."""
    session = AsyncSession(bind, expire_on_commit=False, join_transaction_mode="create_savepoint")
    try:
        waiting.value = await waiting.work(session)
        await session.commit()
    except (Exception, asyncio.CancelledError) as error:
        waiting.error = error  # it belongs to the caller, who gets it
        await session.rollback()
        if _is_cancelled():
            raise
    finally:
        await session.close()


def _is_cancelled() -> bool:
    """Tell whether the writer itself is to stop, not just something that a unit of work waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def open_sqlite(path: Path, cipher: Cipher | None, *, in_memory: bool = False) -> SqliteDatabase:
    """Open a migrated SQLite file; one that lies in memory is worked on without threads."""
    kind, session = (InlineConnection, _InlineSession) if in_memory else (Connection, AsyncSession)
    readers = _engine(path, cipher, "BEGIN", READERS, READ_PRAGMAS, kind)
    writer = _engine(path, cipher, "BEGIN IMMEDIATE", 1, PRAGMAS, kind)
    database = SqliteDatabase(readers, writer, session)
    try:
        async with writer.connect():  # the writer comes first: it is the one that turns WAL on
            pass
    except BaseException:
        await database.close()
        raise
    return database


def _engine(
    path: Path,
    cipher: Cipher | None,
    begin: str,
    connections: int,
    pragmas: tuple[str, ...],
    kind: type[Connection],
) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        async_creator=lambda: kind.opened(path, begin, pragmas),
        hide_parameters=True,  # an error that is logged tells nobody's words
        pool_size=connections,
        max_overflow=0,
    )
    if cipher is not None:
        give_cipher(engine.dialect, cipher)
    return engine


def plain_sqlite_engine(path: Path, begin: str, pragmas: tuple[str, ...]) -> Engine:
    """Make an engine for what is done before the bot runs, one plain connection at a time."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"isolation_level": None}, hide_parameters=True)
    prepare_sqlite(engine, begin, pragmas)
    return engine


def prepare_sqlite(engine: Engine, begin: str, pragmas: tuple[str, ...] = PRAGMAS) -> None:
    """Set the pragmas on each new connection, and begin transactions ourselves, with the statement given."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: sqlalchemy.Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)
