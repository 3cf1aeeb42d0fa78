"""The migrations on PostgreSQL: what SQLite's own tests show of files, shown of a server."""

import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from bot.errors import SchemaError
from db import migrate
from db.engine import For, one_connection
from db.migrate import check_schema, find_revision, known_revisions, make_if_new
from db.models import Base
from tests.backends import PostgresBackend
from tests.db.test_migrate import add_migration

UPGRADE = """
import sys
from pathlib import Path
from db import migrate
migrate.MIGRATIONS = Path(sys.argv[1])
migrate.upgrade(sys.argv[2])
"""


@pytest.fixture
def url(postgres: PostgresBackend, tmp_path: Path) -> str:
    """Make a migrated database of its own."""
    return postgres.copy("migrated", tmp_path)


@pytest.fixture
def empty(postgres: PostgresBackend, tmp_path: Path) -> str:
    """Make a database without anything in it."""
    return postgres.copy("template0", tmp_path)


@pytest.fixture
def next_migrations(tmp_path: Path) -> Path:
    """Copy the migrations, with one more to come."""
    return Path(shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations"))


def columns(url: str) -> list[tuple[str, ...]]:
    """Describe every column, in order."""
    query = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
    with one_connection(url, For.READING) as connection:
        return sorted(tuple(row) for row in connection.execute(text(query)))


def test_an_upgrade_from_nothing_makes_every_table(empty: str):
    make_if_new(empty)
    with one_connection(empty, For.READING) as connection:
        assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    check_schema(empty)


def test_after_an_upgrade_the_models_ask_for_nothing_more(url: str):
    with one_connection(url, For.WRITING) as connection:
        command.check(migrate._config(connection))


def test_several_processes_that_start_on_an_empty_database_make_it_once(empty: str):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(make_if_new, [empty] * 3))
    check_schema(empty)


def test_a_migration_killed_in_the_middle_leaves_the_old_schema(url: str, next_migrations: Path):
    before, revision = columns(url), find_revision(url)
    add_migration(next_migrations, revision, "os.kill(os.getpid(), signal.SIGKILL)")
    script = [sys.executable, "-c", UPGRADE, str(next_migrations), url]
    killed = subprocess.run(script, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert columns(url) == before
    check_schema(url)
    add_migration(next_migrations, revision, "pass")
    subprocess.run(script, check=True, capture_output=True)
    assert find_revision(url) == "killed"
    assert columns(url) != before


def test_an_older_schema_names_the_upgrade_without_the_password(url: str, monkeypatch: pytest.MonkeyPatch):
    known = known_revisions()
    monkeypatch.setattr("db.migrate.known_revisions", lambda: (*known, "9999"))
    with pytest.raises(SchemaError, match=r"needs 9999; run: peer-circles db backup FILE") as caught:
        check_schema(url.replace("postgres@", "postgres:hush@"))
    assert "hush" not in str(caught.value)


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path):
    with pytest.raises(SchemaError, match="connection") as caught:
        check_schema(f"postgresql+psycopg://bot:hush@/none?host={tmp_path}")
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)
