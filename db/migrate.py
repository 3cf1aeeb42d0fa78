"""The schema: upgraded through the migrations only, and checked at each start."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.errors import SchemaError
from db.engine import PRAGMAS, READ_PRAGMAS, one_connection

MIGRATIONS = Path(__file__).parent.parent / "migrations"
# A table that a migration rebuilds is dropped first: with foreign keys on, what hangs on it would go too.
UPGRADE_PRAGMAS = (*PRAGMAS, "PRAGMA foreign_keys=OFF")


def upgrade(path: Path) -> None:
    """Bring a SQLite file to the newest schema, in one transaction; make it when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with one_connection(path, "BEGIN IMMEDIATE", UPGRADE_PRAGMAS) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        if found is not None and not _is_known(found):
            raise SchemaError(_newer(path, found))
        command.upgrade(_config(connection), "head")
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
            raise SchemaError(f"{path}: the upgrade was undone, {len(broken)} rows would point at nothing")


def autogenerate(path: Path, message: str) -> None:
    """Write a new migration, with the next number, from the difference between a SQLite file and the models."""
    number = 1 + sum(1 for _ in ScriptDirectory(str(MIGRATIONS)).walk_revisions())
    with one_connection(path, "BEGIN IMMEDIATE", UPGRADE_PRAGMAS) as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04}")


def check_schema(path: Path) -> None:
    """Raise SchemaError unless a SQLite file has exactly the newest schema."""
    if not path.exists():
        raise SchemaError(f"{path}: there is no database yet; make it with: peer-circles db upgrade")
    found, newest = find_revision(path), ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if found == newest:
        return
    if found is not None and not _is_known(found):
        raise SchemaError(_newer(path, found))
    raise SchemaError(
        f"{path}: the schema is {found or 'empty'}, this version needs {newest}; "
        "run: peer-circles db backup FILE, then: peer-circles db upgrade"
    )


def find_revision(path: Path) -> str | None:
    """Return the revision of a file's schema, or None for a file without one."""
    with one_connection(path, "BEGIN", READ_PRAGMAS) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _is_known(revision: str) -> bool:
    script = ScriptDirectory(str(MIGRATIONS))
    return any(known.revision == revision for known in script.walk_revisions())


def _newer(path: Path, found: str) -> str:
    return f"{path}: the schema is {found}, made by a newer version of Peer Circles; install that version"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
