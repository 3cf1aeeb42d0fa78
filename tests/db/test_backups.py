import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import OperatorError
from db.backups import backup, integrity, keep_backup
from db.engine import Database, open_database
from db.migrate import check_schema
from db.models import Keyring, Person
from db.types import Cipher
from tests.conftest import SQLITE_ONLY

NOW = datetime(2026, 3, 6, 3, 17, tzinfo=UTC)


async def add_people(session: AsyncSession) -> None:
    session.add_all([Person(guild_id=1, created_at=NOW, helps_with="words") for _ in range(20)])


@SQLITE_ONLY
async def test_a_database_in_use_is_copied_whole(
    database: Database, database_file: Path, tmp_path: Path, cipher: Cipher
):
    writing = [asyncio.create_task(database.write(add_people)) for _ in range(30)]
    await writing[5]
    await asyncio.to_thread(backup, database_file, tmp_path / "copies" / "copy.db")
    await asyncio.gather(*writing)
    copy = tmp_path / "copies" / "copy.db"
    assert integrity(copy) == []
    check_schema(copy)
    async with open_database(copy, cipher) as opened:
        people = (await opened.read(lambda session: session.scalars(select(Person.helps_with)))).all()
    assert len(people) >= 120
    assert len(people) % 20 == 0
    assert set(people) == {"words"}


@SQLITE_ONLY
async def test_a_copy_is_one_file_for_its_owner_alone(database: Database, database_file: Path, tmp_path: Path):
    await database.write(add_people)
    copy = tmp_path / "copies" / "copy.db"
    backup(database_file, copy)
    assert list(copy.parent.iterdir()) == [copy]
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_copy_never_overwrites_a_file(database_file: Path, tmp_path: Path):
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(OperatorError, match="not overwritten"):
        backup(database_file, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_a_missing_database_leaves_no_copy(tmp_path: Path):
    with pytest.raises(OperatorError, match="cannot be copied"):
        backup(tmp_path / "none.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def break_a_reference(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO avoid VALUES (1, 404, x'00')")


def test_a_damaged_database_is_found_out_and_not_kept_as_a_copy(database_file: Path, tmp_path: Path):
    break_a_reference(database_file)
    assert integrity(database_file) == ["a row of avoid points at nothing in person"]
    with pytest.raises(OperatorError, match="damaged: a row of avoid"):
        backup(database_file, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_torn_pages_are_found_out(database_file: Path):
    content = bytearray(database_file.read_bytes())
    content[4096 * 2 : 4096 * 4] = b"\xab" * 8192
    database_file.write_bytes(content)
    assert integrity(database_file) != []


def test_only_the_newest_copies_are_kept_and_other_files_are_left_alone(database_file: Path, tmp_path: Path):
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "by-hand.db").write_text("precious")
    made = [keep_backup(database_file, folder, 3, NOW + timedelta(days=day)) for day in range(5)]
    assert sorted(folder.iterdir()) == sorted([folder / "by-hand.db", *made[-3:]])
    assert made[0].name == "peer-circles-20260306T031700Z.db"


@SQLITE_ONLY
async def test_the_copy_holds_the_keys_proof(database: Database, database_file: Path, tmp_path: Path):
    """Without it a restored copy would take any key."""

    async def prove(session: AsyncSession) -> None:
        session.add(Keyring(proof="sealed"))

    await database.write(prove)
    backup(database_file, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("SELECT count(*) FROM keyring").fetchone() == (1,)


def test_what_cannot_be_written_is_one_line(database_file: Path, tmp_path: Path):
    (tmp_path / "file").touch()
    for target in (tmp_path / "file" / "copy.db", tmp_path / ("a" * 300)):
        with pytest.raises(OperatorError):
            backup(database_file, target)


def test_what_a_killed_process_left_goes_with_the_next_night(database_file: Path, tmp_path: Path):
    left = tmp_path / "peer-circles-20260101T031700Z.db.unfinished"
    left.touch()
    keep_backup(database_file, tmp_path, 3, NOW)
    assert not left.exists()
