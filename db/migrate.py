"""The schema: upgraded through the migrations only, and checked at each start."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event

from bot.errors import SchemaError
from db.engine import PRAGMAS

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def upgrade(path: Path) -> None:
    """Bring a SQLite file to the newest schema, in one transaction; make it when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _connected(path) as connection:
        command.upgrade(_config(connection), "head")


def autogenerate(path: Path, message: str) -> None:
    """Write a new migration from the difference between a SQLite file and the models."""
    with _connected(path) as connection:
        command.revision(_config(connection), message, autogenerate=True)


def check_schema(path: Path) -> None:
    """Raise SchemaError unless a SQLite file has exactly the newest schema."""
    if not path.exists():
        raise SchemaError(f"{path}: there is no database yet; make it with: peer-circles db upgrade")
    with _connected(path) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if found != newest:
        raise SchemaError(f"{path}: the schema is {found}, this version needs {newest}; run: peer-circles db upgrade")


def integrity(path: Path) -> list[str]:
    """Return what SQLite finds wrong with a file: nothing, where all is well."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        return found + [f"foreign key broken: {row}" for row in connection.execute("PRAGMA foreign_key_check")]


def backup(source: Path, target: Path) -> None:
    """Copy a SQLite file in one step while it is in use; the copy is complete or not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reader:
        with closing(sqlite3.connect(unfinished)) as writer:
            reader.backup(writer)
    unfinished.replace(target)


@contextmanager
def _connected(path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        for pragma in PRAGMAS:
            connection.execute(pragma)
        # A table that a migration rebuilds is dropped first: with foreign keys on, that would delete what hangs on it.
        connection.execute("PRAGMA foreign_keys=OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
