from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import KeyFileError
from db.engine import Database, For, Place, one_connection, open_database
from db.models import Base, Person
from db.types import Cipher, EncryptedText, create_key_file, read_key_file
from tests.backends import Backend
from tests.conftest import SQLITE_ONLY

NOW = datetime(2026, 3, 6, 9, 30, 15, 250, tzinfo=UTC)
WORDS = "I feel like a fraud among geologists"


def person(**columns: object) -> Person:
    return Person(guild_id=1, user_id=2, created_at=NOW, **columns)


def add(row: Base):
    async def work(session: AsyncSession) -> None:
        session.add(row)

    return work


@given(st.text())
def test_whatever_is_sealed_opens_to_the_same_words(words: str):
    cipher = Cipher(b"k" * 32)
    assert cipher.open(cipher.seal(words, "person.helps_with"), "person.helps_with") == words


def test_the_same_words_never_look_the_same_twice(cipher: Cipher):
    assert len({cipher.seal(WORDS, "a.b") for _ in range(100)}) == 100


def test_a_sealed_text_is_bound_to_its_column(cipher: Cipher):
    with pytest.raises(KeyFileError, match=r"checkin_answer\.win cannot be decrypted"):
        cipher.open(cipher.seal(WORDS, "checkin_answer.ask"), "checkin_answer.win")


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 27, b"x" * 28, b"x" * 200])
def test_bytes_that_were_never_sealed_are_a_key_file_error(cipher: Cipher, sealed: bytes):
    with pytest.raises(KeyFileError):
        cipher.open(sealed, "person.helps_with")


def test_one_changed_bit_is_found(cipher: Cipher):
    sealed = bytearray(cipher.seal(WORDS, "a.b"))
    sealed[-20] ^= 1
    with pytest.raises(KeyFileError):
        cipher.open(bytes(sealed), "a.b")


def test_every_encrypted_column_is_bound_to_its_own_name():
    bound = {
        f"{table.name}.{column.name}": column.type.column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    }
    assert bound
    assert all(name == column for name, column in bound.items())


async def test_words_moved_to_another_column_in_the_file_do_not_open(database: Database, place: Place):
    await database.write(add(person(helps_with=WORDS)))
    with one_connection(place, For.WRITING) as thief:
        thief.exec_driver_sql("UPDATE person SET languages = helps_with")
    with pytest.raises(KeyFileError, match=r"person\.languages"):
        await database.read(lambda session: session.scalar(select(Person)))


async def test_another_key_is_a_key_file_error(place: Place, cipher: Cipher):
    async with open_database(place, cipher) as database:
        await database.write(add(person(helps_with=WORDS)))
    async with open_database(place, Cipher(b"another key, also of 32 bytes...")) as database:
        with pytest.raises(KeyFileError):
            await database.read(lambda session: session.scalar(select(Person)))


async def test_two_databases_with_two_keys_live_side_by_side(database: Database, backend: Backend, tmp_path: Path):
    (tmp_path / "other").mkdir()
    async with open_database(
        backend.copy("migrated", tmp_path / "other"), Cipher(b"another key, also of 32 bytes...")
    ) as other:
        for each in (database, other):
            await each.write(add(person(helps_with=WORDS)))
        for each in (database, other):
            assert await each.read(lambda session: session.scalar(select(Person.helps_with))) == WORDS


@SQLITE_ONLY
async def test_no_plain_word_lies_in_any_file_of_the_database(database: Database, database_file: Path, tmp_path: Path):
    """FAILURES F37: who takes the files learns nobody's words."""
    await database.write(add(person(helps_with=WORDS, wants_help_with="a word before", experience="zircon")))
    files = sorted(tmp_path.glob(f"{database_file.name}*"))
    assert tmp_path / f"{database_file.name}-wal" in files
    contents = b"".join(path.read_bytes() for path in files)
    assert b"created_at" in contents
    for word in (b"fraud", b"geologists", b"before", b"zircon"):
        assert word not in contents


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "keys" / "peer-circles.key"
    create_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_key_file_reads_back_as_the_key_that_was_made(tmp_path: Path):
    key = create_key_file(tmp_path / "a.key")
    assert read_key_file(tmp_path / "a.key") == key
    assert create_key_file(tmp_path / "b.key") != key


def test_a_key_file_is_never_overwritten(tmp_path: Path):
    path = tmp_path / "a.key"
    key = create_key_file(path)
    with pytest.raises(KeyFileError, match="File exists"):
        create_key_file(path)
    assert read_key_file(path) == key


@pytest.mark.parametrize("content", [b"", b"abc", b"zz" * 32, b"00" * 31, b"00" * 33, b"\xff\xfe" * 32])
def test_a_file_that_is_no_key_is_told_in_one_line(tmp_path: Path, content: bytes):
    path = tmp_path / "a.key"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"a\.key: the key file must hold 64 hexadecimal digits") as caught:
        read_key_file(path)
    assert "\n" not in str(caught.value)


def test_a_missing_key_file_says_what_it_means(tmp_path: Path):
    with pytest.raises(KeyFileError, match="missing"):
        read_key_file(tmp_path / "a.key")


async def test_a_naive_moment_is_refused_and_nothing_is_written(database: Database):
    """FAILURES F25: a moment without a zone never gets in, so none is compared later."""
    naive = person()
    naive.created_at = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="needs a time zone"):
        await database.write(add(naive))
    assert await database.read(lambda session: session.scalar(select(Person))) is None


async def test_a_moment_comes_back_aware_and_the_same_from_any_zone(database: Database):
    """FAILURES F25: what is read can be compared with any aware moment."""
    there = person()
    there.created_at = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    await database.write(add(there))
    back = await database.read(lambda session: session.scalar(select(Person.created_at)))
    assert back == NOW
    assert back.tzinfo is UTC


async def test_moments_compare_in_the_database_as_they_do_outside(database: Database):
    """FAILURES F25: zones and fractions of a second do not upset the order."""
    moments = [NOW + timedelta(microseconds=n) for n in (-1_000_000, -250, -1, 0, 1, 999_750)]
    for number, moment in enumerate(moments):
        row = person()
        row.user_id, row.created_at = number, moment.astimezone(timezone(timedelta(hours=number - 3)))
        await database.write(add(row))
    earlier = select(Person.user_id).where(Person.created_at < NOW).order_by(Person.created_at)
    assert (await database.read(lambda session: session.scalars(earlier))).all() == [0, 1, 2]
