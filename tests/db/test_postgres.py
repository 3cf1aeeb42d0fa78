"""What only PostgreSQL can do to us: go away, be shared, and be held by others."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.shards import Share
from bot.errors import Conflict, OperatorError
from db import postgres as ours
from db import shards
from db.engine import Database, For, one_connection, open_database
from db.models import Person
from db.postgres import CommitUnknown
from db.shards import Hold, hold_shards, refuse_running
from db.types import Cipher
from db.vault import AskedSeat, WaveRef, open_vault
from db.vault_keys import create_pulse_keys
from tests.backends import PostgresBackend, PostgresServer

FIRST, SECOND = Share(frozenset({0}), 2), Share(frozenset({1}), 2)


@pytest.fixture
def url(postgres: PostgresBackend, tmp_path: Path) -> str:
    """Make a migrated database with a counter."""
    made = postgres.copy("migrated", tmp_path)
    with one_connection(made, For.WRITING) as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n INTEGER NOT NULL)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")
    return made


@pytest.fixture
async def database(url: str, cipher: Cipher) -> AsyncGenerator[Database]:
    """Open it."""
    async with open_database(url, cipher) as opened:
        yield opened


async def count(session: AsyncSession) -> int:
    return await session.scalar(text("SELECT n FROM counter"))


async def count_up(session: AsyncSession) -> int:
    n = await count(session) + 1
    await session.execute(text("UPDATE counter SET n = :n"), {"n": n})
    return n


def unheard() -> None:
    """Hear nothing."""


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_writes_go_on_over_a_restart_of_the_server(database: Database, postgres_server: PostgresServer, how: str):
    async def restart() -> None:
        await asyncio.sleep(0.05)
        await asyncio.to_thread(postgres_server.stop, how)
        await asyncio.to_thread(postgres_server.start)

    outcomes = await asyncio.gather(
        *(database.write(count_up) for _ in range(60)),
        restart(),
        *(database.read(count) for _ in range(20)),
        return_exceptions=True,
    )
    errors = [each for each in outcomes if isinstance(each, BaseException)]
    assert {type(error) for error in errors} <= {CommitUnknown}
    assert len(errors) <= ours.WRITERS
    assert 60 - len(errors) <= await database.read(count) <= 60


async def test_a_server_that_stays_away_is_an_error_in_the_end(
    database: Database, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ours, "AWAY_SECONDS", (0.01, 0.02))
    postgres_server.stop()
    try:
        with pytest.raises(DBAPIError):
            await database.write(count_up)
    finally:
        postgres_server.start()
    assert await database.write(count_up) == 1


async def test_who_stands_still_in_a_transaction_holds_nobody_up(
    url: str, cipher: Cipher, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ours, "IDLE", "SET idle_in_transaction_session_timeout = '300ms'")
    runs: list[int] = []
    stands = asyncio.Event()

    async def stand_still(session: AsyncSession) -> int:
        runs.append(await count_up(session))
        stands.set()
        if len(runs) == 1:
            await asyncio.sleep(2)
        return runs[-1]

    async with open_database(url, cipher) as still, open_database(url, cipher) as busy:
        standing = asyncio.create_task(still.write(stand_still))
        await stands.wait()
        assert await busy.write(count_up) == 1
        assert await standing == 2
    assert runs == [1, 2]


async def test_two_processes_that_do_the_same_at_once_do_it_one_after_the_other(url: str, cipher: Cipher):
    async with open_database(url, cipher) as one, open_database(url, cipher) as other:
        answers = await asyncio.gather(*(each.write(count_up) for _ in range(20) for each in (one, other)))
    assert sorted(answers) == list(range(1, 41))


async def test_a_unit_that_was_in_the_way_is_run_at_most_twice(database: Database):
    runs: list[str] = []

    async def decide(session: AsyncSession) -> None:
        runs.append("run")
        await count_up(session)
        raise Conflict("already.there")

    with pytest.raises(Conflict):
        await database.write(decide)
    assert runs == ["run"]
    runs.clear()

    async def break_a_rule(session: AsyncSession) -> None:
        runs.append("run")
        await session.execute(text("INSERT INTO counter VALUES (NULL)"))

    with pytest.raises(DBAPIError):
        await database.write(break_a_rule)
    assert runs == ["run", "run"]


async def test_a_shard_is_run_by_one_process(url: str):
    async with hold_shards(url, FIRST, unheard):
        with pytest.raises(OperatorError, match="shard 0 of 2 is run by another process"):
            async with hold_shards(url, FIRST, unheard):
                pass
        with pytest.raises(OperatorError, match="another number of shards than 3"):
            async with hold_shards(url, Share(frozenset({2}), 3), unheard):
                pass
        with pytest.raises(OperatorError, match="the bot runs on it"):
            refuse_running(url)
        async with hold_shards(url, SECOND, unheard):
            pass
    async with hold_shards(url, FIRST, unheard):
        pass
    refuse_running(url)


async def test_shards_are_held_again_after_a_restart_of_the_server(
    url: str, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shards, "AWAY_SECONDS", 0.05)
    async with hold_shards(url, FIRST, unheard) as hold:
        postgres_server.stop()
        await asyncio.sleep(0.2)
        postgres_server.start()
        await _until_held(url)
        assert not hold.lost.done()


async def test_a_process_whose_shard_was_taken_meanwhile_is_told_to_end(
    url: str, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shards, "AWAY_SECONDS", 1.0)
    async with hold_shards(url, FIRST, unheard) as hold:
        postgres_server.stop()
        await asyncio.sleep(0.2)
        postgres_server.start()
        other = await Hold(url, FIRST, unheard).acquire()
        with pytest.raises(OperatorError, match="run by another process"):
            await asyncio.wait_for(hold.lost, timeout=20)
        await other.close()


async def _until_held(url: str) -> None:
    for _ in range(200):
        try:
            refuse_running(url)
        except OperatorError:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody holds the shards")


async def test_others_are_woken_and_oneself_is_not(url: str):
    heard: list[str] = []
    woken = asyncio.Event()

    def hear() -> None:
        heard.append("other")
        woken.set()

    async with (
        hold_shards(url, FIRST, lambda: heard.append("oneself")) as first,
        hold_shards(url, SECOND, hear),
    ):
        await asyncio.sleep(0.3)
        first.wake_others()
        await asyncio.wait_for(woken.wait(), timeout=20)
        await asyncio.sleep(0.1)
    assert heard == ["other"]


async def test_processes_identify_one_after_the_other_in_each_bucket(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shards, "IDENTIFY_SECONDS", 0.4)
    turns: list[tuple[str, float]] = []
    clock = asyncio.get_running_loop().time

    async def identify(hold: Hold, name: str, bucket: int) -> None:
        await hold.take_turn(bucket)
        turns.append((name, clock()))

    async with hold_shards(url, FIRST, unheard) as first, hold_shards(url, SECOND, unheard) as second:
        await asyncio.gather(identify(first, "a", 0), identify(second, "a", 0), identify(second, "b", 1))
    same = [moment for name, moment in turns if name == "a"]
    assert abs(same[1] - same[0]) >= 0.35
    assert [name for name, _ in turns].index("b") < 2


async def test_the_vault_lies_apart_and_forgets_down_to_the_bytes(
    url: str, cipher: Cipher, postgres_server: PostgresServer, tmp_path: Path
):
    """Who withdraws leaves no row behind that the server still keeps in its tables."""
    keys, vault_url = create_pulse_keys(tmp_path / "keys" / "pulse.key"), f"{url}&options=-csearch_path%3Dpulse"
    wave = WaveRef(1, "selfdoubt_6", 11)
    async with open_vault(vault_url, keys) as vault, open_database(url, cipher) as main:
        for user in (5, 6):
            await vault.give_consent(1, user, 1)
            await vault.put_answers(wave, user, b"mine")
        await vault.freeze(wave, [AskedSeat(5, 1, is_moderator=False), AskedSeat(6, 1, is_moderator=False)])
        assert await vault.collect(wave, [5, 6]) == {5: b"mine", 6: b"mine"}
        before = sealed(vault_url)
        postgres_server.execute("CHECKPOINT")
        kept = stored(postgres_server)
        assert all(each in kept for each in before)
        await vault.withdraw(1, 5)
        assert await vault.collect(wave, [5, 6]) == {6: b"mine"}
        gone = before - sealed(vault_url)
        postgres_server.execute("CHECKPOINT")
        assert len(gone) == 2
        kept = stored(postgres_server)
        assert not [each for each in gone if each in kept]
        assert await main.read(lambda session: session.scalar(select(Person))) is None
    async with open_vault(vault_url, keys) as again:
        assert await again.find_answers(wave, 6) == b"mine"


def sealed(vault_url: str) -> set[bytes]:
    """Return what the vault keeps of members and answers."""
    with one_connection(vault_url, For.READING) as connection:
        rows = connection.execute(text("SELECT sealed FROM answer UNION ALL SELECT wrapped FROM member")).scalars()
        return {bytes(each) for each in rows}


def stored(server: PostgresServer) -> bytes:
    """Return every byte in the server's tables."""
    return b"".join(path.read_bytes() for path in (server.folder / "data" / "base").rglob("*") if path.is_file())
