import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict
from db.engine import Database, For, Place, one_connection, open_database
from db.models import Notice, Schedule
from db.types import Cipher
from tests.conftest import SQLITE_ONLY


@pytest.fixture
def place(place: Place) -> Place:
    """Add a counter, and a table with a row for each time it was counted up."""
    with one_connection(place, For.WRITING) as connection:
        for statement in (
            "CREATE TABLE counter (n INTEGER NOT NULL CHECK (n >= 0))",
            "INSERT INTO counter VALUES (0)",
            "CREATE TABLE counted (n INTEGER NOT NULL UNIQUE)",
            "CREATE TABLE late (n INTEGER REFERENCES counted (n) DEFERRABLE INITIALLY DEFERRED)",
        ):
            connection.exec_driver_sql(statement)
    return place


async def read_count(session: AsyncSession) -> tuple[int, int]:
    counter = await session.scalar(text("SELECT n FROM counter"))
    rows = await session.scalar(text("SELECT count(*) FROM counted"))
    return counter or 0, rows or 0


async def count_up(session: AsyncSession) -> int:
    """Read, think, write: what loses updates when two do it at once."""
    n = (await session.scalar(text("SELECT n FROM counter")) or 0) + 1
    await asyncio.sleep(0)
    await session.execute(text("UPDATE counter SET n = :n"), {"n": n})
    await session.execute(text("INSERT INTO counted (n) VALUES (:n)"), {"n": n})
    return n


async def refuse(session: AsyncSession) -> int:
    """Count up, then decide against it."""
    await count_up(session)
    raise Conflict("already.there")


async def break_the_commit(session: AsyncSession) -> None:
    """Write what only the commit finds out to be wrong."""
    await session.execute(text("INSERT INTO late VALUES (-1)"))


async def test_a_thousand_concurrent_updates_of_a_counter_lose_none(database: Database):
    """FAILURES F40: under load nobody reads "database is locked"."""
    answers = await asyncio.gather(*(database.write(count_up) for _ in range(1000)))
    assert sorted(answers) == list(range(1, 1001))
    assert await database.read(read_count) == (1000, 1000)


async def test_readers_go_on_while_others_write(database: Database):
    """FAILURES F40: reading while others write locks nobody out, and shows no unit of work by half."""
    writers = [database.write(count_up) for _ in range(150)]
    readers = [database.read(read_count) for _ in range(150)]
    answers = await asyncio.gather(*writers, *readers)
    assert all(counter == rows for counter, rows in answers[150:])


async def test_after_a_thousand_random_cancellations_rows_and_counter_agree_and_writing_goes_on(
    database: Database,
):
    chance = Random(40)
    tasks = [
        asyncio.create_task(database.read(read_count) if chance.random() < 0.3 else database.write(count_up))
        for _ in range(1250)
    ]
    doomed = chance.sample(tasks, 1000)
    for task in doomed:
        if chance.random() < 0.2:
            await asyncio.sleep(chance.random() / 200)
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)} == {asyncio.CancelledError}
    newest = await asyncio.wait_for(database.write(count_up), timeout=30)
    assert await database.read(read_count) == (newest, newest)


async def test_what_was_handed_over_is_written_even_if_nobody_waits_for_it(database: Database):
    task = asyncio.create_task(database.write(count_up))
    await asyncio.sleep(0)
    task.cancel()
    await database.write(count_up)
    assert await database.read(read_count) == (2, 2)


async def test_a_failing_unit_of_work_spares_its_neighbours_in_the_same_group(database: Database):
    works = [count_up, refuse, count_up, refuse, count_up]
    outcomes = await asyncio.gather(*map(database.write, works), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, Conflict, int, Conflict, int]
    assert await database.read(read_count) == (3, 3)


async def test_a_broken_constraint_reaches_the_one_who_broke_it(database: Database):
    async def twice(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO counted (n) VALUES (1), (1)"))

    outcomes = await asyncio.gather(database.write(twice), database.write(count_up), return_exceptions=True)
    assert isinstance(outcomes[0], IntegrityError)
    assert outcomes[1] == 1


@SQLITE_ONLY
async def test_a_failed_commit_is_told_to_all_of_its_group(database: Database):
    works = [count_up, break_the_commit, refuse, count_up]
    outcomes = await asyncio.gather(*map(database.write, works), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        IntegrityError,
        IntegrityError,
        Conflict,
        IntegrityError,
    ]
    assert await database.read(read_count) == (0, 0)
    assert await database.write(count_up) == 1


@SQLITE_ONLY
async def test_nobody_hears_of_success_before_the_commit(database: Database, database_file: Path):
    committed: list[int] = []

    def see_commit(_connection: object) -> None:
        committed.append(1)

    event.listen(database._writer.sync_engine, "commit", see_commit)
    await database.write(count_up)
    assert committed == [1]
    with closing(sqlite3.connect(database_file)) as other:
        assert other.execute("SELECT n FROM counter").fetchone() == (1,)


@SQLITE_ONLY
async def test_writes_that_wait_together_are_committed_together(database: Database):
    commits: list[int] = []
    event.listen(database._writer.sync_engine, "commit", lambda _connection: commits.append(1))
    await asyncio.gather(*(database.write(count_up) for _ in range(200)))
    assert len(commits) <= 4


async def test_a_unit_of_work_that_is_cancelled_from_within_does_not_stop_the_writer(database: Database):
    async def wait_for_the_cancelled(_session: AsyncSession) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    with pytest.raises(asyncio.CancelledError):
        await database.write(wait_for_the_cancelled)
    assert await asyncio.wait_for(database.write(count_up), timeout=30) == 1


async def test_a_unit_of_work_that_waits_for_another_is_told_instead_of_waiting_for_ever(database: Database):
    async def nested(_session: AsyncSession) -> int:
        return await database.write(count_up)

    with pytest.raises(RuntimeError, match="wait for itself"):
        await database.write(nested)


async def test_a_unit_of_work_that_only_reads_cannot_write(database: Database):
    with pytest.raises(DatabaseError, match=r"read-?only"):
        await database.read(count_up)


async def test_foreign_keys_hold_on_every_connection(database: Database):
    async def orphan(session: AsyncSession) -> None:
        await session.execute(
            text(
                "INSERT INTO notice (program_id, message, \"values\", created_at) VALUES (404, 'x', '{}', '2026-01-01')"
            )
        )

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        await database.write(orphan)
    assert await database.read(lambda session: session.scalar(select(func.count()).select_from(Notice))) == 0


async def test_an_error_of_the_database_does_not_carry_the_values_into_the_log(database: Database):
    """FAILURES F37: an id or a word in a logged exception would name its writer."""

    async def orphan(session: AsyncSession) -> None:
        session.add(Schedule(zone="Atlantis/Secret"))
        await session.flush()

    with pytest.raises(IntegrityError) as caught:
        await database.write(orphan)
    assert "Secret" not in str(caught.value)


async def test_what_waits_when_the_database_closes_is_still_written(place: Place, cipher: Cipher):
    async with open_database(place, cipher) as database:
        tasks = [asyncio.create_task(database.write(count_up)) for _ in range(120)]
        await asyncio.sleep(0)
    assert sorted(await asyncio.gather(*tasks)) == list(range(1, 121))
    with pytest.raises(RuntimeError, match="closed"):
        await database.write(count_up)


async def test_what_waits_is_written_although_the_block_ends_in_an_error(place: Place, cipher: Cipher):
    async def fail() -> None:
        async with open_database(place, cipher) as database:
            waiting.append(asyncio.create_task(database.write(count_up)))
            await asyncio.sleep(0)
            raise Conflict("on.purpose")

    waiting: list[asyncio.Task[int]] = []
    with pytest.raises(Conflict):
        await fail()
    assert await waiting[0] == 1


async def test_a_file_that_is_no_database_is_found_out_when_it_is_opened(tmp_path: Path, cipher: Cipher):
    path = tmp_path / "peer-circles.db"
    path.write_bytes(b"this is no database, " * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        async with open_database(path, cipher):
            pass


@SQLITE_ONLY
async def test_a_writer_that_fails_to_connect_tells_its_callers(database: Database):
    def refuse_to_connect(*_args: object) -> None:
        raise OSError("no more files may be opened")

    event.listen(database._writer.sync_engine, "connect", refuse_to_connect)
    await database._writer.dispose()
    outcomes = await asyncio.gather(*(database.write(count_up) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OSError] * 3
    event.remove(database._writer.sync_engine, "connect", refuse_to_connect)
    assert await database.write(count_up) == 1


async def test_a_restored_backup_works_in_wal_mode_again(database_file: Path, cipher: Cipher):
    with closing(sqlite3.connect(database_file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    async with open_database(database_file, cipher) as database:
        assert await database.read(lambda session: session.scalar(text("PRAGMA journal_mode"))) == "wal"


@SQLITE_ONLY
async def test_a_file_name_is_taken_as_it_is(tmp_path: Path, place: Path, cipher: Cipher):
    odd = place.rename(tmp_path / "what? 100%20 #1.db")
    async with open_database(odd, cipher) as database:
        assert await database.write(count_up) == 1
