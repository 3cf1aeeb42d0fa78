"""One PostgreSQL database: an ordinary pool, and units of work that behave as if each were alone.

The use cases read, think and write, as they may with SQLite's single writer.
So a unit of work that writes is SERIALIZABLE: PostgreSQL then lets through only
what could have happened one after the other, and refuses the rest, which is run
anew. Row locks instead would have to be thought of in every use case, and a
forgotten one would be found by nobody.

- What was refused (another one was in the way, or a constraint broke: two clicks
  at once may both have seen nothing there) is run once more, alone: every unit
  takes a shared lock on one table, the gate, and that one takes it for itself.
  So nothing is run more than twice, and what fails alone fails for good.
- A connection that broke before the commit was sent is taken up again a bounded
  number of times, so a restart of PostgreSQL passes unnoticed. When it breaks
  while the commit is under way nobody knows what came of it, and the caller gets
  the error: what is claimed or due is looked at again, and a member was not told
  "saved". A process that was stopped in mid-transaction loses its connection
  after ten seconds, so that it holds nobody up.
- Claims (`FOR UPDATE SKIP LOCKED`) are READ COMMITTED, for they look over the
  whole outbox, and would get in the way of all that is written to it.
- Reads are REPEATABLE READ: all of one read shows the same moment, as in SQLite.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bot.errors import OperatorError
from bot.text import text as said
from db.database import Database, Work, refuse_closed, refuse_nesting
from db.places import named
from db.types import Cipher, give_cipher

T = TypeVar("T")
WRITERS = 6
READERS = 4
AWAY_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)  # the waits until PostgreSQL is back
CONFLICTS = frozenset(("40001", "40P01"))  # it could not have been alone; each waited for the other
STOOD_STILL = "25P03"  # we did, and PostgreSQL ended the transaction before it heard of any commit
AWAY = ("08", "57P", STOOD_STILL)  # the connection broke; PostgreSQL stops or starts
BROKEN = "transaction status UNKNOWN"  # how psycopg names a connection that broke while nobody used it
IDLE = "SET idle_in_transaction_session_timeout = '10s'"
_inside: ContextVar[bool] = ContextVar("inside a unit of work that writes", default=False)


@dataclass(frozen=True, slots=True)
class Ways:
    """What differs between databases: the table that is the gate, and how what was erased is cleared away."""

    gate: str = "alembic_version"
    clearing: str = "VACUUM"


class CommitUnknown(OperatorError):
    """The connection broke while a commit was under way: it may have happened or not."""


class PostgresDatabase(Database):
    """A pool of connections, shared by those who read and those who write."""

    def __init__(self, engine: AsyncEngine, ways: Ways) -> None:
        super().__init__()
        self._engine = engine
        self._reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writing = engine.execution_options(isolation_level="SERIALIZABLE")
        self._claiming = engine.execution_options(isolation_level="READ COMMITTED")
        self._ways = ways
        self._readers = asyncio.Semaphore(READERS)
        self._writers = asyncio.Semaphore(WRITERS)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def read(self, work: Work[T]) -> T:
        """Run a unit of work that only reads, all of it at one moment of the database."""

        async def once(*, alone: bool) -> T:  # noqa: ARG001 - a reader is in nobody's way
            async with self._readers, AsyncSession(self._reading, expire_on_commit=False) as session:
                return await work(session)

        return await self._shielded(self._repeat(once))

    async def write(self, work: Work[T]) -> T:
        """Run a unit of work as if it were alone, in a task that no caller's cancellation reaches."""
        return await self._change(self._writing, work)

    async def claim(self, work: Work[T]) -> T:
        """Run a unit of work that takes a row which it locks."""
        return await self._change(self._claiming, work)

    async def empty_log(self) -> None:
        """Take out of the tables what was erased in them; the server's own log keeps it until it goes round."""
        async with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text(self._ways.clearing))

    async def close(self) -> None:
        """Let what was handed over be written, then close every connection."""
        await self._gathering.close()
        self._closed = True
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._engine.dispose()

    def _require_free(self) -> None:
        refuse_closed(closed=self._closed)
        refuse_nesting(inside=_inside.get())

    async def _change(self, engine: AsyncEngine, work: Work[T]) -> T:
        self._require_free()

        async def once(*, alone: bool) -> T:
            async with self._writers:
                return await self._commit(engine, work, alone=alone)

        async def inside() -> T:
            _inside.set(True)
            return await self._repeat(once)

        return await self._shielded(inside())

    async def _shielded(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for work in a task of its own: a caller who is cancelled only stops waiting."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _repeat(self, once: Callable[..., Coroutine[Any, Any, T]]) -> T:
        """Run something anew: alone where something was in its way, later where PostgreSQL was away."""
        alone, waits = False, iter(AWAY_SECONDS)
        while True:
            try:
                return await once(alone=alone)
            except DBAPIError as error:
                wait = next(waits, None) if _is_away(error) else 0
                if wait is None or (wait == 0 and (alone or not _was_in_the_way(error))):
                    raise
            alone = alone or wait == 0
            await asyncio.sleep(wait)

    async def _commit(self, engine: AsyncEngine, work: Work[T], *, alone: bool) -> T:
        mode = "EXCLUSIVE" if alone else "ROW SHARE"
        async with AsyncSession(engine, expire_on_commit=False) as session:
            # The transaction's view of the database begins after this statement, which itself looks at nothing.
            await session.execute(text(f"LOCK TABLE {self._ways.gate} IN {mode} MODE"))
            value = await work(session)
            await session.flush()
            try:
                await session.commit()
            except DBAPIError as error:
                if _is_away(error) and _state(error) != STOOD_STILL:
                    raise CommitUnknown("the database went away during a commit", exit_code=1) from error
                raise
            return value


def _was_in_the_way(error: DBAPIError) -> bool:
    """Tell whether the same may succeed alone."""
    return isinstance(error, IntegrityError) or _state(error) in CONFLICTS


def _is_away(error: DBAPIError) -> bool:
    """Tell whether PostgreSQL was not to be reached, or no longer."""
    state = _state(error)
    return state.startswith(AWAY) if state else error.connection_invalidated or _cannot_connect(error)


def _cannot_connect(error: DBAPIError) -> bool:
    """Tell whether psycopg itself found no connection, or one that broke before it was put to use."""
    kind = type(error.orig).__name__
    return kind == "OperationalError" or (kind == "ProgrammingError" and BROKEN in str(error.orig))


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


async def open_postgres(url: str, cipher: Cipher | None, ways: Ways) -> PostgresDatabase:
    """Open a migrated database on PostgreSQL; raise OperatorError where there is none to be reached."""
    with _driver_needed():
        engine = create_async_engine(url, hide_parameters=True, pool_size=READERS + WRITERS, max_overflow=0)
    if cipher is not None:
        give_cipher(engine.dialect, cipher)
    _tell_no_values(engine.sync_engine)
    _hold_nobody_up(engine.sync_engine)
    try:
        async with engine.connect():
            return PostgresDatabase(engine, ways)
    except DBAPIError as error:
        await engine.dispose()
        raise OperatorError(f"{named(url)}: {_first_line(error.orig)}", exit_code=1) from error


def plain_postgres_engine(url: str) -> Engine:
    """Make an engine for what is done before the bot runs, one plain connection at a time."""
    with _driver_needed():
        engine = create_engine(url, hide_parameters=True)
    _tell_no_values(engine)
    return engine


@contextmanager
def _driver_needed() -> Generator[None]:
    """Say in one line that psycopg is missing, or that what it is made of is."""
    try:
        yield
    except ImportError as error:
        raise OperatorError(said("fault.postgres.no-driver")) from error


def _tell_no_values(engine: Engine) -> None:
    """Cut an error's details off: PostgreSQL shows there the row that was refused, words and ids and all."""

    @event.listens_for(engine, "handle_error")
    def _cut(context: ExceptionContext) -> None:  # pyright: ignore[reportUnusedFunction]
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error is not None and error.args:
                error.args = (_first_line(error.args[0]), *error.args[1:])


def _hold_nobody_up(engine: Engine) -> None:
    """Let PostgreSQL end a transaction of ours that stands still, locks and all."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        cursor = connection.cursor()
        cursor.execute(IDLE)
        cursor.close()
        connection.commit()


def _first_line(words: object) -> str:
    return str(words).partition("\n")[0]
