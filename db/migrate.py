"""The schema: upgraded through the migrations only, and checked at each start."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, inspect, select

from bot.errors import SchemaError
from bot.text import text
from db.engine import For, Place, named, one_connection

# Alembic is imported by what changes a schema; the check at each start does without, for the bot would carry it along.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent.parent / "migrations"
UPGRADE_LOCK = 733_001  # PostgreSQL's advisory lock: of several processes that upgrade, one does and the others wait


def upgrade(place: Place) -> None:
    """Bring a database to the newest schema, in one transaction; make a SQLite file when it is missing."""
    from alembic import command

    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(mode=0o600)
    with one_connection(place, For.UPGRADING) as connection:
        if not isinstance(place, Path):
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        found = _revision(connection)
        if found is not None and found not in known_revisions():
            raise SchemaError(_newer(place, found))
        command.upgrade(_config(connection), "head")
        if isinstance(place, Path) and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            raise SchemaError(text("fault.schema.undone", place=place, rows=len(broken)))


def make_if_new(place: Place) -> None:
    """Make a database that was never there, or whose making was cut short, and leave any other alone."""
    if isinstance(place, Path) and not place.exists():
        upgrade(place)
        return
    with one_connection(place, For.READING) as connection:
        is_new = not inspect(connection).get_table_names()  # WAL alone makes a file of one empty page
    if is_new:
        upgrade(place)


def autogenerate(path: Path, message: str) -> None:
    """Write a new migration, with the next number, from the difference between a SQLite file and the models."""
    from alembic import command

    number = 1 + len(known_revisions())
    with one_connection(path, For.UPGRADING) as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04}")


def check_schema(place: Place) -> None:
    """Raise SchemaError unless a database has exactly the newest schema."""
    if isinstance(place, Path) and not place.exists():
        raise SchemaError(text("fault.schema.nothing", place=place))
    found, newest = find_revision(place), known_revisions()[-1]
    if found == newest:
        return
    if found is not None and found not in known_revisions():
        raise SchemaError(_newer(place, found))
    raise SchemaError(text("fault.schema.older", place=named(place), found=found or "empty", newest=newest))


def find_revision(place: Place) -> str | None:
    """Return the revision of a database's schema, or None for one without."""
    with one_connection(place, For.READING) as connection:
        return _revision(connection)


def known_revisions() -> tuple[str, ...]:
    """Return the revisions of all migrations from first to newest: the numbers that their files begin with."""
    files = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _newer(place: Place, found: str) -> str:
    return text("fault.schema.newer", place=named(place), found=found)


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config(stdout=sys.stdout)  # its own default is whatever that was when Alembic was first imported
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
