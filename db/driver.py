"""aiosqlite with one journey to the connection's thread for each statement, instead of up to five.

SQLAlchemy opens a cursor, executes, fetches and closes, and aiosqlite hands
each step to the thread by itself; the journeys cost more than the statements.
What only opens a transaction, or opens or ends a savepoint, travels with the
statement after it. The connection itself sets its pragmas and begins its
transactions: where nobody listens to an engine's events, SQLAlchemy makes a sixth
fewer calls for each statement.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import aiosqlite

WAITING = ("SAVEPOINT ", "RELEASE ")


class Cursor:
    """What SQLAlchemy asks of a cursor; every row is fetched while the statement is executed."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Execute a statement and fetch its rows; one that only brackets others waits for the next."""
        if sql.startswith(WAITING):
            self._rows, self.description = [], None
            self._connection.waiting.append(sql)
            return
        await self._connection.on_thread(self._execute, sqlite3.Cursor.execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Execute a statement once for each of many parameters."""
        await self._connection.on_thread(self._execute, sqlite3.Cursor.executemany, sql, parameters)

    async def fetchall(self) -> list[Any]:
        """Return the rows of the last statement."""
        return self._rows

    async def close(self) -> None:
        """Close nothing: each statement has closed its cursor itself."""

    def _execute(self, connection: sqlite3.Connection, run: Any, sql: str, parameters: Any) -> None:
        cursor = connection.cursor()
        try:
            if not connection.in_transaction:
                cursor.execute(self._connection.begin)
            waiting, self._connection.waiting = self._connection.waiting, []
            for bracket in waiting:
                cursor.execute(bracket)
            run(cursor, sql, parameters)
            self._rows = cursor.fetchall() if cursor.description else []
            self.description, self.rowcount, self.lastrowid = (
                cursor.description,
                cursor.rowcount,
                cursor.lastrowid,
            )
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    """A connection whose cursors make one journey for each statement; the first one begins a transaction."""

    def __init__(self, path: Path, begin: str) -> None:
        super().__init__(lambda: self._open(path), iter_chunk_size=64)
        self.begin = begin
        self.waiting: list[str] = []
        self._thread.daemon = True  # a thread that waits for work must not keep the process alive

    @classmethod
    async def opened(cls, path: Path, begin: str, pragmas: Sequence[str]) -> Self:
        """Open a file, and set the pragmas."""
        connection = cls(path, begin)
        await connection
        try:
            await connection.on_thread(_execute_each, pragmas)
        except BaseException:
            await connection.close()
            raise
        return connection

    def _open(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None)

    def cursor(self) -> Any:
        """Return a new cursor; it costs nothing."""
        return Cursor(self)

    async def commit(self) -> None:
        """Commit what was executed, which ends its savepoints too; what was only to be opened is never opened."""
        self.waiting.clear()
        await super().commit()

    async def rollback(self) -> None:
        """Roll back what was executed; what was only to be opened is never opened."""
        self.waiting.clear()
        await super().rollback()

    async def on_thread(self, work: Any, *values: Any) -> None:
        """Run work with the plain connection, on the thread that owns it."""
        await self._execute(work, self._conn, *values)  # pyright: ignore[reportUnknownMemberType]


def _execute_each(connection: sqlite3.Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(statement)


class InlineConnection(Connection):
    """A connection that executes where it is called, for a file that lies in memory: nothing there is worth a journey.

    On a disk it would hold the event loop for as long as a commit takes.
    """

    def _open(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    async def commit(self) -> None:
        """Commit what was executed."""
        self.waiting.clear()
        await self.on_thread(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Roll back what was executed."""
        self.waiting.clear()
        await self.on_thread(sqlite3.Connection.rollback)

    async def on_thread(self, work: Any, *values: Any) -> None:
        """Run work with the plain connection at once."""
        work(self._conn, *values)
