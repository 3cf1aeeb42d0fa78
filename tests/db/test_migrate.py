import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from bot.errors import SchemaError
from db import migrate
from db.engine import PRAGMAS, For, one_connection
from db.migrate import autogenerate, check_schema, find_revision, known_revisions, make_if_new, upgrade
from db.models import Base

KILLED_MIDWAY = """
import os, signal
import sqlalchemy as sa
from alembic import op

revision = "killed"
down_revision = {before!r}
rebuilds = dict(sqlite="always", postgresql="never")

def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute(sa.text("UPDATE keyring SET proof = :other").bindparams(sa.bindparam("other", b"0", sa.LargeBinary())))
    with op.batch_alter_table("program", recreate=rebuilds[op.get_bind().dialect.name]) as batch:
        batch.add_column(sa.Column("half", sa.Integer()))
    {deed}
"""
UPGRADE = """
import sys
from pathlib import Path
from db import migrate
migrate.MIGRATIONS = Path(sys.argv[1])
migrate.upgrade(Path(sys.argv[2]))
"""


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture
def filled_file(database_file: Path) -> Path:
    """Add a program with a person enrolled, and a key's proof."""
    with closing(sqlite3.connect(database_file)) as connection, connection:
        insert_required(connection, "keyring", id=1, proof=b"\xff")
        insert_required(connection, "program", id=1)
        insert_required(connection, "person", id=1)
        insert_required(connection, "enrollment", id=1, program_id=1, person_id=1)
    return database_file


def insert_required(connection: sqlite3.Connection, table: str, **values: object) -> None:
    """Insert a row with something in every column that needs it, whatever the schema is by now."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    row = {name: "1" for _, name, _, required, default, _ in columns if required and default is None} | values
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


@pytest.fixture
def next_migrations(tmp_path: Path, database_file: Path) -> Path:
    """Copy the migrations, with one more to come."""
    return Path(shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations"))


def add_migration(folder: Path, before: str | None, deed: str) -> None:
    (folder / "versions" / "9999_killed.py").write_text(KILLED_MIDWAY.format(before=before, deed=deed))


def test_an_upgrade_from_nothing_makes_every_table(tmp_path: Path):
    upgrade(tmp_path / "new" / "peer-circles.db")
    with one_connection(tmp_path / "new" / "peer-circles.db", For.READING) as connection:
        tables = set(inspect(connection).get_table_names())
    assert tables == {*Base.metadata.tables, "alembic_version"}


def test_a_new_database_is_for_its_owner_alone(tmp_path: Path):
    upgrade(tmp_path / "peer-circles.db")
    assert (tmp_path / "peer-circles.db").stat().st_mode & 0o777 == 0o600


def test_after_an_upgrade_the_models_ask_for_nothing_more(database_file: Path):
    with one_connection(database_file, For.WRITING) as connection:
        command.check(migrate._config(connection))


def test_a_second_upgrade_changes_nothing(filled_file: Path):
    before = dump(filled_file)
    upgrade(filled_file)
    assert dump(filled_file) == before


def test_the_files_of_the_migrations_are_named_after_their_revisions():
    script = ScriptDirectory(str(migrate.MIGRATIONS))
    assert {each.revision for each in script.walk_revisions()} == set(known_revisions())
    assert script.get_current_head() == known_revisions()[-1]


def test_the_newest_schema_passes_the_check(database_file: Path):
    check_schema(database_file)


def test_a_missing_database_is_told_and_not_made(tmp_path: Path):
    with pytest.raises(SchemaError, match="no database yet; make it with: peer-circles db upgrade"):
        check_schema(tmp_path / "peer-circles.db")
    assert not (tmp_path / "peer-circles.db").exists()


@pytest.mark.parametrize("empty", [True, False])
def test_an_older_schema_names_the_upgrade_and_advises_a_backup(
    database_file: Path, next_migrations: Path, monkeypatch: pytest.MonkeyPatch, *, empty: bool
):
    add_migration(next_migrations, find_revision(database_file), "pass")
    monkeypatch.setattr(migrate, "MIGRATIONS", next_migrations)
    if empty:
        database_file.write_bytes(b"")
    with pytest.raises(SchemaError, match=r"db backup FILE, then: peer-circles db upgrade") as caught:
        check_schema(database_file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("attempt", [check_schema, upgrade])
def test_a_schema_of_a_newer_version_is_left_alone(attempt, database_file: Path):
    with closing(sqlite3.connect(database_file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00d'")
    with pytest.raises(SchemaError, match="f00d, made by a newer version"):
        attempt(database_file)


@pytest.mark.parametrize("attempt", [check_schema, upgrade])
def test_a_file_that_is_no_database_is_told_in_one_line(attempt, tmp_path: Path):
    path = tmp_path / "peer-circles.db"
    path.write_text("this is no database\n" * 100)
    with pytest.raises(SchemaError, match=r"peer-circles\.db: file is not a database"):
        attempt(path)


def test_a_migration_killed_in_the_middle_leaves_the_old_schema(filled_file: Path, next_migrations: Path):
    before, revision = dump(filled_file), find_revision(filled_file)
    add_migration(next_migrations, revision, "os.kill(os.getpid(), signal.SIGKILL)")
    killed = subprocess.run(
        [sys.executable, "-c", UPGRADE, str(next_migrations), str(filled_file)], check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL
    check_schema(filled_file)
    assert dump(filled_file) == before


def test_a_migration_that_fails_in_the_middle_leaves_the_old_schema(
    filled_file: Path, next_migrations: Path, monkeypatch: pytest.MonkeyPatch
):
    before = dump(filled_file)
    add_migration(next_migrations, find_revision(filled_file), "raise RuntimeError('on purpose')")
    monkeypatch.setattr(migrate, "MIGRATIONS", next_migrations)
    with pytest.raises(RuntimeError, match="on purpose"):
        upgrade(filled_file)
    assert dump(filled_file) == before


def test_rebuilding_a_table_keeps_the_rows_that_hang_on_it(
    filled_file: Path, next_migrations: Path, monkeypatch: pytest.MonkeyPatch
):
    add_migration(next_migrations, find_revision(filled_file), "pass")
    monkeypatch.setattr(migrate, "MIGRATIONS", next_migrations)
    upgrade(filled_file)
    with closing(sqlite3.connect(filled_file)) as connection:
        assert connection.execute("SELECT count(*) FROM enrollment").fetchone() == (1,)
        assert connection.execute("SELECT half FROM program").fetchall() == [(None,)]


def test_a_migration_that_would_orphan_rows_is_undone(
    filled_file: Path, next_migrations: Path, monkeypatch: pytest.MonkeyPatch
):
    before = dump(filled_file)
    add_migration(next_migrations, find_revision(filled_file), "op.execute('DELETE FROM person')")
    monkeypatch.setattr(migrate, "MIGRATIONS", next_migrations)
    with pytest.raises(SchemaError, match="1 rows would point at nothing"):
        upgrade(filled_file)
    assert dump(filled_file) == before


def test_a_difference_from_the_models_becomes_a_migration(
    database_file: Path, next_migrations: Path, monkeypatch: pytest.MonkeyPatch
):
    with closing(sqlite3.connect(database_file)) as connection, connection:
        connection.execute("DROP TABLE keyring")
    monkeypatch.setattr(migrate, "MIGRATIONS", next_migrations)
    autogenerate(database_file, "the keyring comes back")
    (written,) = (next_migrations / "versions").glob("*_the_keyring_comes_back.py")
    assert written.name.partition("_")[0] == f"{len(list(written.parent.glob('*.py'))):04}"
    upgrade(database_file)
    assert "LargeBinary" in written.read_text()
    with closing(sqlite3.connect(database_file)) as connection:
        assert connection.execute("SELECT count(*) FROM keyring").fetchone() == (0,)


def test_a_first_start_that_was_killed_is_begun_anew(tmp_path: Path):
    """SQLite has written an empty page by then, for its log, and nothing else."""
    path = tmp_path / "peer-circles.db"
    with closing(sqlite3.connect(path)) as connection:
        for pragma in PRAGMAS:
            connection.execute(pragma)
    assert path.stat().st_size > 0
    make_if_new(path)
    check_schema(path)
