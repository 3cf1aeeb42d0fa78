"""The database, whichever it is: a SQLite file with one writer, or PostgreSQL with a pool of connections."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from enum import Enum
from pathlib import Path

import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from bot.errors import SchemaError
from db.database import Database, Work
from db.places import Place, named
from db.postgres import Ways, open_postgres, plain_postgres_engine
from db.sqlite import PRAGMAS, READ_PRAGMAS, open_sqlite, plain_sqlite_engine
from db.types import Cipher

__all__ = ["Database", "For", "Place", "Ways", "Work", "named", "one_connection", "open_database"]
MAIN = Ways()


class For(Enum):
    """What one plain connection is opened for: how SQLite begins its transaction, and with which pragmas."""

    READING = ("BEGIN", READ_PRAGMAS)
    WRITING = ("BEGIN IMMEDIATE", PRAGMAS)
    # A table that a migration rebuilds is dropped first: with foreign keys on, what hangs on it would go too.
    UPGRADING = ("BEGIN IMMEDIATE", (*PRAGMAS, "PRAGMA foreign_keys=OFF"))


@asynccontextmanager
async def open_database(
    place: Place, cipher: Cipher | None, ways: Ways = MAIN, *, in_memory: bool = False
) -> AsyncGenerator[Database]:
    """Open a migrated database for as long as the block lasts; encrypted columns need a cipher.

    `ways` are those of PostgreSQL, the main database's if nothing else is said. `in_memory` tells that a SQLite
    file lies in memory, where threads would only cost time.
    """
    if isinstance(place, Path):
        database: Database = await open_sqlite(place, cipher, in_memory=in_memory)
    else:
        database = await open_postgres(place, cipher, ways)
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def one_connection(place: Place, purpose: For) -> Generator[sqlalchemy.Connection]:
    """Open one plain connection in a transaction, for what is done before the bot runs."""
    engine = _plain_engine(place, purpose)
    try:
        with engine.begin() as connection:
            yield connection
    except DatabaseError as error:
        reason = str(error.orig).partition("\n")[0]
        passing = isinstance(error, OperationalError)  # such as a server that is not up yet
        raise SchemaError(f"{named(place)}: {reason}", exit_code=1 if passing else 2) from error
    finally:
        engine.dispose()


def _plain_engine(place: Place, purpose: For) -> Engine:
    return plain_sqlite_engine(place, *purpose.value) if isinstance(place, Path) else plain_postgres_engine(place)
