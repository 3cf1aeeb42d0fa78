"""What somebody who holds the vault's file without its keys can learn, move about, or bring back: nothing."""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncGenerator, Iterable
from contextlib import closing
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.survey.publication import Ledger
from bot.domain.survey.snapshot import dump_ledger, load_ledger
from bot.errors import NotConsented, VaultError
from db.backups import backup, integrity
from db.vault import AskedSeat, Vault, WaveRef, open_vault
from db.vault_keys import PulseKeys, create_pulse_keys
from db.vault_models import VaultBase
from db.vault_seals import ANSWER_BYTES, MasterSeals, new_member
from tests.traces import traces_of

GUILD = 733_000_111_222_333_444
INSTRUMENT = "selfdoubt_6"
WAVES = [WaveRef(GUILD, INSTRUMENT, number) for number in (11, 12, 13)]
USERS = [1_122_334_455_667_788_000 + number for number in range(12)]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> PulseKeys:
    """Make keys in a folder of their own."""
    return create_pulse_keys(tmp_path_factory.mktemp("keys") / "pulse.key")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the vault is to be."""
    return tmp_path / "pulse.db"


@pytest.fixture
async def vault(path: Path, keys: PulseKeys) -> AsyncGenerator[Vault]:
    """Open an empty vault."""
    async with open_vault(path, keys) as opened:
        yield opened


def payload(wave: WaveRef, user: int) -> bytes:
    """Write answers that nobody else has."""
    return json.dumps({"a": {"0": 4, "1": 5}, "mark": f"answers of {user} in {wave.wave_id}"}).encode()


async def fill(vault: Vault, users: Iterable[int] = USERS, waves: Iterable[WaveRef] = WAVES) -> None:
    """Let people consent, be asked and answer, in waves whose figures are published."""
    people = list(users)
    for user in people:
        await vault.give_consent(GUILD, user, 1)
    for wave in waves:
        await vault.freeze(wave, [AskedSeat(user, 9, is_moderator=user == people[0]) for user in people])
        await asyncio.gather(*(vault.put_answers(wave, user, payload(wave, user)) for user in people))
        names = frozenset(vault.person_key(GUILD, user) for user in people)
        await vault.put_ledger(wave, dump_ledger(Ledger(names, (names,), names, "11", frozenset())))


def rows(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def change(path: Path, *statements: tuple[str, tuple]) -> None:
    """Do what somebody does who can write the file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement, values in statements:
            connection.execute(statement, values)


def raw(folder: Path) -> bytes:
    """Return every byte of every file in a folder."""
    return b"\n".join(each.read_bytes() for each in sorted(folder.iterdir()) if each.is_file())


def find_traces(content: bytes) -> list[bytes]:
    """List what content tells about participation or answers."""
    words = [b'"a"', b"answers of", b"mark", b"is_moderator"]
    traces = set().union(*(traces_of(GUILD, user) for user in USERS))
    lower = content.lower()
    return [trace for trace in (*words, *traces) if trace in content or trace in lower]


async def test_p8_neither_the_file_nor_its_log_nor_a_backup_names_a_person_or_an_answer(
    vault: Vault, path: Path, tmp_path: Path
):
    await fill(vault)
    backup(path, tmp_path / "copy.db")
    assert (tmp_path / "pulse.db-wal").stat().st_size > 0
    assert find_traces(raw(tmp_path)) == []
    assert vault.person_key(GUILD, USERS[0]).encode() not in raw(tmp_path)
    assert bytes.fromhex(vault.person_key(GUILD, USERS[0])) not in raw(tmp_path)


@pytest.mark.parametrize(
    "kept",
    [
        str(USERS[3]).encode(),
        USERS[3].to_bytes(8, "big"),
        hashlib.md5(str(USERS[3]).encode()).digest(),
        hashlib.sha1(f"{GUILD}:{USERS[3]}".encode()).hexdigest().encode(),
        hashlib.sha256(USERS[3].to_bytes(8, "big")).hexdigest().upper().encode(),
        payload(WAVES[0], USERS[3]),
    ],
)
def test_p8_the_search_finds_what_a_careless_store_would_keep(kept: bytes, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "careless.db")) as connection, connection:
        connection.execute("CREATE TABLE answer (who BLOB)")
        connection.execute("INSERT INTO answer VALUES (?)", (kept,))
    assert find_traces(raw(tmp_path)) != []


async def test_p8_pseudonyms_depend_on_the_key_the_guild_and_the_person(vault: Vault, tmp_path: Path):
    other = create_pulse_keys(tmp_path / "other.key")
    async with open_vault(tmp_path / "other.db", other) as elsewhere:
        names = {each.person_key(guild, user) for each in (vault, elsewhere) for guild in (1, 2) for user in (1, 2, 11)}
    assert len(names) == 12
    assert all(len(bytes.fromhex(name)) == 32 for name in names)


async def test_p9_an_answer_is_a_random_looking_key_a_wave_and_bytes_of_one_length(vault: Vault, path: Path):
    await fill(vault)
    await vault.put_answers(WAVES[0], USERS[0], b"")
    await vault.put_answers(WAVES[0], USERS[1], b"x" * (ANSWER_BYTES - 4))
    found = rows(path, "SELECT * FROM answer")
    assert [each.name for each in VaultBase.metadata.tables["answer"].columns] == ["row_key", "wave_id", "sealed"]
    assert len({len(sealed) for _, _, sealed in found}) == 1
    assert {len(row_key) for row_key, _, _ in found} == {16}
    assert len({row_key for row_key, _, _ in found}) == len(found) == len(USERS) * len(WAVES)
    assert len({sealed for _, _, sealed in found}) == len(found)
    assert {wave_id for _, wave_id, _ in found} == {11, 12, 13}


async def test_p9_members_keys_are_of_one_length_whatever_they_consented_to(vault: Vault, path: Path):
    for number, user in enumerate(USERS):
        await vault.give_consent(GUILD, user, 10**number % 2**31)
    assert {(len(key), len(wrapped)) for key, wrapped in rows(path, "SELECT * FROM member")} == {(16, 96)}


async def test_p9_no_table_knows_a_time_or_in_which_order_its_rows_came(vault: Vault, path: Path):
    await fill(vault)
    assert {row[0] for row in rows(path, "SELECT typeof(wave_id) || typeof(sealed) FROM answer")} == {"integerblob"}
    named = {name: without for _, name, _, _, without, _ in rows(path, "PRAGMA main.table_list")}
    assert {name for name, without in named.items() if without} == set(VaultBase.metadata.tables) - {"lock"}
    lying = [row[0] for row in rows(path, "SELECT row_key, sealed FROM answer")]
    assert lying == sorted(lying)


async def test_p9_the_same_answers_kept_again_look_different(vault: Vault, path: Path):
    await fill(vault, USERS[:1], WAVES[:1])
    (before,) = rows(path, "SELECT * FROM answer")
    await vault.put_answers(WAVES[0], USERS[0], payload(WAVES[0], USERS[0]))
    (after,) = rows(path, "SELECT * FROM answer")
    assert before[:2] == after[:2]
    assert before[2] != after[2]


async def read_all(vault: Vault) -> list[str]:
    """Read each answer by itself and all of each wave together; return how each attempt failed."""
    failed: list[str] = []
    for wave in WAVES[:2]:
        for reading in (vault.collect(wave, USERS), *(vault.find_answers(wave, user) for user in USERS[:3])):
            try:
                await reading
            except VaultError as error:
                failed.append(str(error))
    return failed


async def test_p10_swapping_any_two_answers_fails_loudly(vault: Vault, path: Path):
    """Between members and between waves, ciphertexts alone and with their wave's number."""
    await fill(vault, USERS[:3], WAVES[:2])
    found = rows(path, "SELECT row_key, wave_id, sealed FROM answer")
    assert await read_all(vault) == []
    swap = "UPDATE answer SET wave_id = ?, sealed = ? WHERE row_key = ?"
    for (key_a, wave_a, sealed_a), (key_b, wave_b, sealed_b) in combinations(found, 2):
        change(path, (swap, (wave_a, sealed_b, key_a)), (swap, (wave_b, sealed_a, key_b)))
        assert len(await read_all(vault)) >= 3
        change(path, (swap, (wave_b, sealed_b, key_a)), (swap, (wave_a, sealed_a, key_b)))
        assert len(await read_all(vault)) >= 3
        change(path, (swap, (wave_a, sealed_a, key_a)), (swap, (wave_b, sealed_b, key_b)))
    assert await read_all(vault) == []


async def test_p10_an_answer_under_another_waves_number_fails_loudly(vault: Vault, path: Path):
    """Otherwise it would be left out without a word, and deleted with the wrong wave."""
    await fill(vault, USERS[:2], WAVES[:1])
    change(path, ("UPDATE answer SET wave_id = ?", (12,)))
    assert len(await read_all(vault)) == 3


@pytest.mark.parametrize(
    "other",
    [WaveRef(GUILD + 1, INSTRUMENT, 11), WaveRef(GUILD, "rses_10", 11), WaveRef(GUILD, INSTRUMENT, 12)],
)
async def test_p10_an_answer_is_bound_to_its_guild_instrument_and_wave(keys: PulseKeys, other: WaveRef):
    member = new_member("00" * 32, 1)
    sealed = member.seal(WAVES[0], b"answers")
    assert member.open(WAVES[0], sealed) == b"answers"
    with pytest.raises(VaultError):
        member.open(other, sealed)


async def test_p10_a_changed_byte_fails_loudly_and_names_nobody(vault: Vault, path: Path):
    await fill(vault, USERS[:1], WAVES[:1])
    ((row_key, sealed),) = rows(path, "SELECT row_key, sealed FROM answer")
    for position in (0, 11, 12, 500, len(sealed) - 1):
        altered = bytearray(sealed)
        altered[position] ^= 1
        change(path, ("UPDATE answer SET sealed = ?", (bytes(altered),)))
        with pytest.raises(VaultError) as caught:
            await vault.find_answers(WAVES[0], USERS[0])
        for secret in (str(USERS[0]), row_key.hex(), vault.person_key(GUILD, USERS[0])):
            assert secret not in str(caught.value)
    change(path, ("UPDATE answer SET sealed = ?", (sealed[:5],)))
    with pytest.raises(VaultError):
        await vault.find_answers(WAVES[0], USERS[0])


async def test_p10_swapped_members_keys_fail_loudly(vault: Vault, path: Path):
    await fill(vault, USERS[:2], WAVES[:1])
    (key_a, wrapped_a), (key_b, wrapped_b) = rows(path, "SELECT * FROM member")
    swap = "UPDATE member SET wrapped = ? WHERE row_key = ?"
    change(path, (swap, (wrapped_b, key_a)), (swap, (wrapped_a, key_b)))
    for user in USERS[:2]:
        with pytest.raises(VaultError):
            await vault.find_consent(GUILD, user)
        with pytest.raises(VaultError):
            await vault.put_answers(WAVES[0], user, b"")


async def test_p10_swapped_lists_and_ledgers_fail_loudly(vault: Vault, path: Path):
    await fill(vault)
    found = rows(path, "SELECT wave_id, kind, sealed FROM record")
    swap = "UPDATE record SET sealed = ? WHERE wave_id = ? AND kind = ?"
    for (*a, sealed_a), (*b, sealed_b) in combinations(found, 2):
        change(path, (swap, (sealed_b, *a)), (swap, (sealed_a, *b)))
        with pytest.raises(VaultError):
            await read_records(vault)
        change(path, (swap, (sealed_a, *a)), (swap, (sealed_b, *b)))
    await read_records(vault)


async def read_records(vault: Vault) -> None:
    for wave in WAVES:
        await vault.load_asked(wave)
    await vault.list_ledgers(GUILD, INSTRUMENT)


async def test_p11_each_member_has_a_key_of_their_own(vault: Vault, path: Path, keys: PulseKeys):
    await fill(vault, USERS, WAVES[:1])
    seals = MasterSeals(keys.masters[0])
    members = [seals.unwrap(row_key, wrapped) for row_key, wrapped in rows(path, "SELECT * FROM member")]
    assert len({member.key for member in members}) == len(USERS)
    assert {member.pseudonym for member in members} == {vault.person_key(GUILD, user) for user in USERS}


def everything_of(path: Path, seals: MasterSeals, pseudonym: str) -> list[bytes]:
    """List all row keys and sealed bytes of one person, as whoever holds every key could find them."""
    at = seals.row_key(pseudonym)
    member = next(
        seals.unwrap(row_key, wrapped) for row_key, wrapped in rows(path, "SELECT * FROM member") if row_key == at
    )
    row_keys = {member.row_key(wave.wave_id) for wave in WAVES}
    answers = [row for row in rows(path, "SELECT row_key, sealed FROM answer") if row[0] in row_keys]
    wrapped = [row[1] for row in rows(path, "SELECT * FROM member") if row[0] == at]
    return [at, *wrapped, *(each for row in answers for each in row)]


def pieces(things: Iterable[bytes]) -> list[bytes]:
    """Take a piece of 16 bytes out of every 32, each of which would show that something is left."""
    return [each[start : start + 16] for each in things for start in range(0, len(each) - 15, 32)]


async def test_p12_erasing_leaves_no_byte_of_key_or_answers_in_the_file_or_its_log(
    vault: Vault, path: Path, keys: PulseKeys, tmp_path: Path
):
    """Among enough people that pages split, merge and fall free."""
    crowd = [*USERS, *range(10**17, 10**17 + 50)]
    await fill(vault, crowd)
    seals = MasterSeals(keys.masters[0])
    for user in (USERS[5], crowd[40], crowd[-1]):
        of_person = pieces(everything_of(path, seals, vault.person_key(GUILD, user)))
        assert len(of_person) > 3 * 30
        assert all(piece in raw(tmp_path) for piece in of_person[::20])
        assert await vault.withdraw(GUILD, user)
        left = raw(tmp_path)
        assert not [piece for piece in of_person if piece in left]
    assert integrity(path) == []
    assert len(await vault.collect(WAVES[2], crowd)) == len(crowd) - 3


async def test_p12_half_of_a_crowd_can_be_erased_and_nothing_of_them_is_left(
    vault: Vault, path: Path, keys: PulseKeys, tmp_path: Path
):
    crowd = list(range(10**17, 10**17 + 30))
    await fill(vault, crowd, WAVES[:2])
    seals = MasterSeals(keys.masters[0])
    gone = crowd[::2]
    things = [each for user in gone for each in everything_of(path, seals, vault.person_key(GUILD, user))]
    await asyncio.gather(*(vault.withdraw(GUILD, user) for user in gone))
    left = raw(tmp_path)
    assert not [piece for piece in pieces(things) if piece in left]
    assert set(await vault.collect(WAVES[1], crowd)) == set(crowd[1::2])


async def test_p12_who_comes_back_starts_anew(vault: Vault):
    await fill(vault, USERS[:2], WAVES[:1])
    await vault.withdraw(GUILD, USERS[0])
    assert await vault.find_consent(GUILD, USERS[0]) is None
    await vault.give_consent(GUILD, USERS[0], 1)
    assert await vault.find_answers(WAVES[0], USERS[0]) is None
    assert await vault.find_answers(WAVES[0], USERS[1]) == payload(WAVES[0], USERS[1])


async def test_p12_an_erased_person_is_an_empty_seat_in_each_list_and_one_random_name_in_the_ledgers(vault: Vault):
    await fill(vault)
    erased = vault.person_key(GUILD, USERS[1])
    others = {vault.person_key(GUILD, user) for user in USERS} - {erased}
    await vault.withdraw(GUILD, USERS[1])
    for wave in WAVES:
        seats = await vault.load_asked(wave)
        assert seats[1] == AskedSeat(None, 9, is_moderator=False)
        assert [seat.user_id for seat in seats if seat.user_id] == [USERS[0], *USERS[2:]]
    ledgers = [load_ledger(text) for text in (await vault.list_ledgers(GUILD, INSTRUMENT)).values()]
    strangers = {name for each in ledgers for people in (each.everyone, *each.circles) for name in people - others}
    assert len(strangers) == 1
    assert strangers != {erased}
    assert all(len(each.everyone) == len(each.paired) == len(USERS) for each in ledgers)


async def test_p12_erasing_reaches_one_guild_alone(vault: Vault):
    there = WaveRef(GUILD + 1, INSTRUMENT, 99)
    await fill(vault, USERS[:2], WAVES[:1])
    await vault.give_consent(there.guild_id, USERS[0], 1)
    await vault.freeze(there, [AskedSeat(USERS[0], 1, is_moderator=False)])
    await vault.put_answers(there, USERS[0], b"there")
    await vault.withdraw(GUILD, USERS[0])
    assert await vault.find_answers(there, USERS[0]) == b"there"
    assert (await vault.load_asked(there))[0].user_id == USERS[0]


async def test_p12_somebody_who_never_consented_is_taken_out_of_the_lists_too(vault: Vault):
    await vault.freeze(WAVES[0], [AskedSeat(USERS[0], 1, is_moderator=False)])
    assert not await vault.withdraw(GUILD, USERS[0])
    assert (await vault.load_asked(WAVES[0]))[0].user_id is None


async def test_p13_without_consent_nothing_is_written(vault: Vault, path: Path):
    for user in USERS:
        with pytest.raises(NotConsented):
            await vault.put_answers(WAVES[0], user, payload(WAVES[0], user))
    assert rows(path, "SELECT * FROM answer") == rows(path, "SELECT * FROM member") == []
    assert await vault.find_answers(WAVES[0], USERS[0]) is None


async def test_p13_after_a_withdrawal_and_in_another_guild_nothing_is_written(vault: Vault, path: Path):
    await vault.give_consent(GUILD, USERS[0], 1)
    await vault.withdraw(GUILD, USERS[0])
    await vault.give_consent(GUILD + 1, USERS[0], 1)
    with pytest.raises(NotConsented):
        await vault.put_answers(WAVES[0], USERS[0], b"")
    assert rows(path, "SELECT * FROM answer") == []


async def test_p13_a_consent_has_a_version_and_a_later_one_keeps_what_was_answered(vault: Vault):
    await fill(vault, USERS[:1], WAVES[:1])
    assert await vault.find_consent(GUILD, USERS[0]) == 1
    assert await vault.find_consent(GUILD, USERS[1]) is None
    assert await vault.find_consent(GUILD + 1, USERS[0]) is None
    await vault.give_consent(GUILD, USERS[0], 2)
    assert await vault.find_consent(GUILD, USERS[0]) == 2
    assert await vault.find_answers(WAVES[0], USERS[0]) == payload(WAVES[0], USERS[0])


async def test_p15_answers_of_an_age_go_with_the_list_of_those_asked_and_leave_no_byte(
    vault: Vault, path: Path, tmp_path: Path
):
    await fill(vault)
    old = rows(path, "SELECT row_key, sealed FROM answer WHERE wave_id IN (11, 12)")
    lists = rows(path, "SELECT sealed FROM record WHERE wave_id IN (11, 12) AND kind = 'roster'")
    assert await vault.delete_older([11, 12, 404]) == 2 * len(USERS)
    left = raw(tmp_path)
    assert not [piece for piece in pieces(each for row in old + lists for each in row) if piece in left]
    assert await vault.collect(WAVES[0], USERS) == {}
    assert await vault.load_asked(WAVES[1]) == ()
    assert await vault.collect(WAVES[2], USERS) == {user: payload(WAVES[2], user) for user in USERS}
    assert len(await vault.load_asked(WAVES[2])) == len(USERS)
    assert set(await vault.list_ledgers(GUILD, INSTRUMENT)) == {11, 12, 13}


async def test_p7_the_list_of_those_asked_is_frozen_once(vault: Vault):
    first = (AskedSeat(USERS[0], 1, is_moderator=False), AskedSeat(USERS[1], 2, is_moderator=True))
    await vault.freeze(WAVES[0], first)
    await vault.freeze(WAVES[0], [AskedSeat(USERS[2], 1, is_moderator=False)])
    assert await vault.load_asked(WAVES[0]) == first
    assert await vault.load_asked(WAVES[1]) == ()


async def test_ledgers_are_listed_by_guild_and_instrument(vault: Vault):
    for guild, instrument, wave_id in ((1, "a", 1), (1, "b", 2), (2, "a", 3), (1, "a", 4)):
        await vault.put_ledger(WaveRef(guild, instrument, wave_id), f"ledger {wave_id}")
    await vault.put_ledger(WaveRef(1, "a", 4), "ledger 4, closed again")
    assert await vault.list_ledgers(1, "a") == {1: "ledger 1", 4: "ledger 4, closed again"}
    assert await vault.list_ledgers(2, "b") == {}


async def test_many_who_answer_at_once_lose_nothing(vault: Vault):
    users = range(10**17, 10**17 + 60)
    await asyncio.gather(*(vault.give_consent(GUILD, user, 1) for user in users))
    puts = [vault.put_answers(wave, user, payload(wave, user)) for user in users for wave in WAVES]
    await asyncio.gather(*puts)
    for wave in WAVES:
        assert await vault.collect(wave, users) == {user: payload(wave, user) for user in users}


async def test_answers_that_race_a_withdrawal_are_refused_or_erased(vault: Vault, path: Path):
    await fill(vault, USERS[:2], WAVES[:1])
    puts = [vault.put_answers(WAVES[number % 3], USERS[0], b"late") for number in range(30)]
    outcomes = await asyncio.gather(*puts[:10], vault.withdraw(GUILD, USERS[0]), *puts[10:], return_exceptions=True)
    assert any(isinstance(each, NotConsented) for each in outcomes)
    assert len(rows(path, "SELECT * FROM answer")) == 1


async def test_answers_that_are_too_long_are_refused_and_the_earlier_ones_stay(vault: Vault):
    await fill(vault, USERS[:1], WAVES[:1])
    with pytest.raises(ValueError, match="at most"):
        await vault.put_answers(WAVES[0], USERS[0], b"x" * (ANSWER_BYTES - 3))
    assert await vault.find_answers(WAVES[0], USERS[0]) == payload(WAVES[0], USERS[0])


async def test_the_longest_questionnaire_fits(vault: Vault):
    answers = {"a": {str(item): 10 for item in range(50)}, "page": 99, "done": False}
    await vault.give_consent(GUILD, USERS[0], 1)
    await vault.put_answers(WAVES[0], USERS[0], json.dumps(answers).encode())


deeds = st.lists(
    st.tuples(
        st.sampled_from(["consent", "withdraw", "put", "put", "put", "delete"]),
        st.integers(0, 3),
        st.integers(0, 2),
        st.binary(max_size=30),
    ),
    max_size=30,
)


@settings(max_examples=12)
@given(deeds=deeds)
def test_whatever_happens_the_vault_holds_what_was_last_said_and_not_taken_back(deeds, keys: PulseKeys):
    with TemporaryDirectory() as folder:
        asyncio.run(live(Path(folder) / "pulse.db", keys, deeds))


async def live(path: Path, keys: PulseKeys, deeds) -> None:
    consented: set[int] = set()
    kept: dict[tuple[int, int], bytes] = {}
    async with open_vault(path, keys) as vault:
        for deed, person, number, content in deeds:
            user, wave = USERS[person], WAVES[number]
            if deed == "consent":
                await vault.give_consent(GUILD, user, number)
                consented.add(user)
            elif deed == "withdraw":
                assert await vault.withdraw(GUILD, user) == (user in consented)
                consented.discard(user)
                kept = {place: said for place, said in kept.items() if place[0] != user}
            elif deed == "delete":
                await vault.delete_older([wave.wave_id])
                kept = {place: said for place, said in kept.items() if place[1] != wave.wave_id}
            elif user in consented:
                await vault.put_answers(wave, user, content)
                kept[user, wave.wave_id] = content
            else:
                with pytest.raises(NotConsented):
                    await vault.put_answers(wave, user, content)
        await compare(vault, kept)
    assert rows(path, "SELECT count(*) FROM answer") == [(len(kept),)]
    assert rows(path, "SELECT count(*) FROM member") == [(len(consented),)]


async def compare(vault: Vault, kept: dict[tuple[int, int], bytes]) -> None:
    for wave in WAVES:
        expected = {user: said for (user, wave_id), said in kept.items() if wave_id == wave.wave_id}
        assert await vault.collect(wave, USERS) == expected
