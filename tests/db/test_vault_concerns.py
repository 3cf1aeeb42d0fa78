"""What somebody who holds the vault's file learns of concerns without a name: that there are some."""

import os
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.domain.concerns import Concern, ConcernKind, Line, Theme, Voice, dump_concern, load_concern
from bot.errors import KeyFileError, VaultError
from db.backups import backup
from db.vault import AskedSeat, Vault, WaveRef, open_vault
from db.vault_keys import MasterKey, PulseKeys, create_pulse_keys, new_master
from db.vault_rotation import rewrap

GUILD, PROGRAM = 733_000_111_222_333_444, 5
USER = 1_122_334_455_667_788_990
MONDAY = date(2026, 11, 16)
NEXT = MONDAY + timedelta(days=7)
SECRET = "my lead pays the men in the team more"
CONCERN_TABLES = ("concern", "turn", "bell")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> PulseKeys:
    return create_pulse_keys(tmp_path_factory.mktemp("keys") / "pulse.key")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pulse.db"


@pytest.fixture
async def vault(path: Path, keys: PulseKeys) -> AsyncGenerator[Vault]:
    async with open_vault(path, keys) as opened:
        yield opened


def written(words: str = SECRET, **changes) -> bytes:
    line = Line(Voice.REPORTER, MONDAY, words)
    plain = {"kind": ConcernKind.BARRIER, "theme": Theme.PAY, "week": MONDAY, "quarter": "2026-Q4", "counts": True}
    concern = Concern(PROGRAM, GUILD, admins_only=False, lines=(line,), **(plain | changes))
    return dump_concern(concern)


def rows(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def raw(folder: Path) -> bytes:
    return b"\n".join(each.read_bytes() for each in sorted(folder.iterdir()) if each.is_file())


async def turn(vault: Vault, user: int = USER, period: str = "2026-11-16", today: date = MONDAY, most: int = 2) -> bool:
    return await vault.concerns.take_turn("week", period, (GUILD, user), most, today + timedelta(days=7), today)


async def test_p8_neither_the_file_nor_its_log_nor_a_backup_tells_who_wrote_what(
    vault: Vault, path: Path, tmp_path: Path
):
    """FAILURES F37: no id, no word, no theme and no code of a concern without a name lies anywhere."""
    await turn(vault)
    await vault.concerns.keep(PROGRAM, vault.concerns.key_of("k7fm2x"), written(about=(USER,)), 500)
    backup(path, tmp_path / "copy.db")
    content = raw(tmp_path)
    ids = {str(number).encode() for number in (USER, GUILD)} | {USER.to_bytes(8, "big"), USER.to_bytes(8, "little")}
    assert not [each for each in (*ids, SECRET.encode(), b"barrier", b"k7fm2x", b"2026-1") if each in content]
    assert load_concern(written(about=(USER,))).lines[0].words.encode() == SECRET.encode()


async def test_rows_lie_in_the_order_of_random_looking_keys_and_the_log_is_emptied_after_each(vault: Vault, path: Path):
    codes = [f"code {number}" for number in range(12)]
    for code in codes:
        await vault.concerns.keep(PROGRAM, vault.concerns.key_of(code), written(code), 500)
        assert path.with_name(path.name + "-wal").stat().st_size == 0
    lying = [row[0] for row in rows(path, "SELECT row_key, sealed FROM concern")]
    assert lying == sorted(lying) != [vault.concerns.key_of(code) for code in codes]
    assert len({len(sealed) for (sealed,) in rows(path, "SELECT sealed FROM concern")}) == 1


async def test_no_table_of_concerns_has_a_column_for_a_person_or_an_exact_time(vault: Vault, path: Path):
    await vault.concerns.find_next_bell()
    columns = {table: [row[1] for row in rows(path, f"PRAGMA table_info({table})")] for table in CONCERN_TABLES}
    assert columns == {
        "concern": ["row_key", "program_tag", "sealed"],
        "turn": ["row_key", "until"],
        "bell": ["program_id", "hour"],
    }


async def test_only_the_code_leads_to_a_concern(vault: Vault):
    await vault.concerns.keep(PROGRAM, vault.concerns.key_of("right"), written(), 500)
    assert await vault.concerns.find(vault.concerns.key_of("right")) == written()
    assert await vault.concerns.find(vault.concerns.key_of("wrong")) is None


async def test_a_concern_is_listed_for_its_own_program_only(vault: Vault):
    await vault.concerns.keep(PROGRAM, b"a" * 16, written("ours"), 500)
    await vault.concerns.keep(PROGRAM + 1, b"b" * 16, written("theirs"), 500)
    assert await vault.concerns.list_of(PROGRAM) == {b"a" * 16: written("ours")}


@pytest.mark.parametrize(
    "moving",
    [
        "UPDATE concern SET sealed = (SELECT max(sealed) FROM concern)",
        "UPDATE concern SET program_tag = x'00112233445566778899aabbccddeeff'",
        "UPDATE concern SET sealed = zeroblob(length(sealed))",
    ],
)
async def test_p10_a_concern_that_was_moved_or_altered_is_not_opened(vault: Vault, path: Path, moving: str):
    keys_ = [b"a" * 16, b"b" * 16]
    for key in keys_:
        await vault.concerns.keep(PROGRAM, key, written(key.decode()), 500)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(moving)
    refused = 0
    for key in keys_:
        try:
            await vault.concerns.find(key)
        except VaultError:
            refused += 1
    assert refused == (1 if "max(sealed)" in moving else 2)


async def test_turns_are_counted_for_each_person_and_forgotten_with_their_period(vault: Vault, path: Path):
    assert [await turn(vault) for _ in range(3)] == [True, True, False]
    assert await turn(vault, USER + 1)
    assert len(rows(path, "SELECT * FROM turn")) == 3
    assert await turn(vault, period=NEXT.isoformat(), today=NEXT)
    assert [until for _, until in rows(path, "SELECT * FROM turn")] == [(NEXT + timedelta(days=7)).toordinal()]
    await vault.concerns.forget_turns(NEXT + timedelta(days=7))
    assert rows(path, "SELECT * FROM turn") == []


async def test_a_turn_of_one_period_cannot_be_linked_with_the_next_one(vault: Vault, path: Path):
    await turn(vault)
    (first,) = rows(path, "SELECT row_key FROM turn")
    await turn(vault, period=NEXT.isoformat(), today=NEXT)
    (second,) = rows(path, "SELECT row_key FROM turn")
    assert first != second


async def test_what_is_erased_leaves_no_byte(vault: Vault, path: Path, tmp_path: Path):
    await vault.concerns.keep(PROGRAM, b"a" * 16, written(), 500)
    (sealed,) = rows(path, "SELECT sealed FROM concern")[0]
    assert sealed[:32] in raw(tmp_path)
    assert await vault.concerns.change(b"a" * 16, lambda _: None) is None
    assert await vault.concerns.find(b"a" * 16) is None
    assert sealed[:32] not in raw(tmp_path)


async def test_a_bell_rings_once_at_the_earliest_of_its_hours(vault: Vault):
    for hour in (12, 10, 11):
        await vault.concerns.keep(PROGRAM, os.urandom(16), written(), hour)
    assert await vault.concerns.find_next_bell() == 10
    assert await vault.concerns.list_bells(9) == []
    assert await vault.concerns.list_bells(10) == [PROGRAM]
    await vault.concerns.silence(PROGRAM, 10)
    assert await vault.concerns.find_next_bell() is None


async def test_p11_rotating_the_master_key_keeps_every_concern_and_its_code(path: Path, keys: PulseKeys):
    async with open_vault(path, keys) as vault:
        await vault.concerns.keep(PROGRAM, vault.concerns.key_of("code"), written(), 500)
    new = new_master()
    rewrap(path, keys.masters[0], new)
    async with open_vault(path, keys.only(new)) as vault:
        assert await vault.concerns.find(vault.concerns.key_of("code")) == written()


def as_version_one(path: Path) -> None:
    """Make of a vault what the version before concerns left."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in CONCERN_TABLES:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE lock SET version = 1")


async def fill(path: Path, keys: PulseKeys) -> WaveRef:
    """Keep what the version before concerns keeps."""
    wave = WaveRef(GUILD, "ipip_c1_4", 11)
    async with open_vault(path, keys) as vault:
        await vault.give_consent(GUILD, USER, 1)
        await vault.freeze(wave, [AskedSeat(USER, 9, is_moderator=False)])
        await vault.put_answers(wave, USER, b"answers")
    as_version_one(path)
    return wave


async def test_an_earlier_vault_is_brought_up_with_all_that_it_holds(path: Path, keys: PulseKeys):
    wave = await fill(path, keys)
    async with open_vault(path, keys) as vault:
        assert await vault.find_answers(wave, USER) == b"answers"
        assert await vault.find_consent(GUILD, USER) == 1
        await vault.concerns.keep(PROGRAM, b"a" * 16, written(), 500)
        assert await vault.concerns.list_of(PROGRAM) == {b"a" * 16: written()}
    assert rows(path, "SELECT version FROM lock") == [(2,)]
    async with open_vault(path, keys) as vault:
        assert await vault.concerns.find(b"a" * 16) == written()


async def test_an_earlier_vault_stays_as_it_is_where_the_keys_are_not_its_own(
    path: Path, keys: PulseKeys, tmp_path: Path
):
    await fill(path, keys)
    other = create_pulse_keys(tmp_path / "other" / "pulse.key")
    with pytest.raises(KeyFileError):
        async with open_vault(path, other):
            pass
    assert rows(path, "SELECT version FROM lock") == [(1,)]
    assert {name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}.isdisjoint(
        CONCERN_TABLES
    )


async def test_a_master_key_is_rotated_in_an_earlier_vault_too(path: Path, keys: PulseKeys):
    wave = await fill(path, keys)
    new: MasterKey = new_master()
    assert rewrap(path, keys.masters[0], new) == 1
    async with open_vault(path, keys.only(new)) as vault:
        assert await vault.find_answers(wave, USER) == b"answers"
        assert await vault.concerns.list_of(PROGRAM) == {}
