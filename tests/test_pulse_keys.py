"""The vault's key file over its life: made, proven, rotated, and every crash in between."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.config import Settings
from bot.errors import KeyFileError, OperatorError, SchemaError, VaultError
from bot.pulse_keys import check_pulse_keys, open_pulse_keys, rotate
from db.backups import backup, backup_together
from db.lock import only_process
from db.vault import AskedSeat, WaveRef, open_vault
from db.vault_keys import PulseKeys, read_pulse_keys
from db.vault_rotation import rewrap
from db.vault_seals import MasterSeals

GUILD = 77
WAVES = [WaveRef(GUILD, "ipip_c1_4", number) for number in (1, 2, 3)]
USERS = [10**18 + number for number in range(6)]
OUR_FILES = ("pulse_keys.py", "vault_keys.py", "vault_rotation.py", "vault_schema.py", "types.py")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Make settings of a folder without a vault."""
    return Settings(folder=tmp_path / "bot")


@pytest.fixture
def key_file(settings: Settings) -> Path:
    """Return where the key file is to be."""
    return settings.path(settings.pulse.key_file)


def answers(wave: WaveRef, user: int) -> bytes:
    return json.dumps({"a": {str(item): (user + wave.wave_id + item) % 5 for item in range(4)}}).encode()


async def fill(settings: Settings) -> None:
    """Let a few people consent, be asked and answer."""
    async with open_vault(settings.pulse_file, open_pulse_keys(settings)) as vault:
        for wave in WAVES:
            await vault.freeze(wave, [AskedSeat(user, 5, is_moderator=False) for user in USERS])
            await vault.put_ledger(wave, json.dumps({"a ledger of wave": wave.wave_id}))
        for user in USERS[:4]:
            await vault.give_consent(GUILD, user, 2)
            for wave in WAVES:
                await vault.put_answers(wave, user, answers(wave, user))


async def everything(path: Path, keys: PulseKeys) -> list[object]:
    """Read all that a vault can tell."""
    async with open_vault(path, keys) as vault:
        told: list[object] = [await vault.find_consent(GUILD, user) for user in USERS]
        told += [vault.person_key(GUILD, user) for user in USERS]
        for wave in WAVES:
            told += [await vault.load_asked(wave), await vault.collect(wave, USERS)]
        return [*told, await vault.list_ledgers(GUILD, "ipip_c1_4")]


async def test_a_new_vault_gets_keys_for_its_owner_alone_that_open_it_at_every_later_start(
    settings: Settings, key_file: Path
):
    await fill(settings)
    content = key_file.read_bytes()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert key_file.parent.stat().st_mode & 0o777 == 0o700
    assert settings.pulse_file.stat().st_mode & 0o777 == 0o600
    told = await everything(settings.pulse_file, open_pulse_keys(settings))
    assert answers(WAVES[0], USERS[0]) in told[-6].values()
    assert key_file.read_bytes() == content


def test_a_new_vault_takes_the_keys_that_lie_there(settings: Settings):
    """A start that ended between the two files goes on with the first."""
    keys = open_pulse_keys(settings)
    assert open_pulse_keys(settings) == keys


async def test_missing_keys_are_an_error_and_no_new_ones_are_made(settings: Settings, key_file: Path):
    await fill(settings)
    key_file.unlink()
    with pytest.raises(KeyFileError, match=r"pulse\.key: the key file is missing"):
        open_pulse_keys(settings)
    assert not key_file.exists()


async def test_the_keys_of_another_vault_are_an_error_and_stay_as_they_are(settings: Settings, tmp_path: Path):
    await fill(settings)
    other = Settings(folder=tmp_path / "other")
    await fill(other)
    content = settings.path(settings.pulse.key_file).read_bytes()
    shutil.copy(other.pulse_file, settings.pulse_file)
    for opening in (open_pulse_keys, check_pulse_keys, rotate):
        with pytest.raises(KeyFileError, match="is not the one that this vault is sealed with") as caught:
            opening(settings)
        assert "\n" not in str(caught.value)
    assert settings.path(settings.pulse.key_file).read_bytes() == content


async def test_a_key_under_the_right_id_is_not_taken_on_trust(settings: Settings, key_file: Path):
    await fill(settings)
    fields = json.loads(key_file.read_text())
    fields["masters"][0]["key"] = "00" * 32
    key_file.write_text(json.dumps(fields))
    with pytest.raises(KeyFileError, match="is not the one"):
        open_pulse_keys(settings)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "00" * 32,
        "[]",
        "{}",
        '{"pseudonym": "00", "masters": []}',
        json.dumps({"pseudonym": "00" * 32, "masters": []}),
    ],
)
def test_a_file_that_holds_no_keys_is_one_line(settings: Settings, key_file: Path, content: str):
    key_file.parent.mkdir(parents=True)
    key_file.write_text(content)
    with pytest.raises(KeyFileError, match="this is not a key file of the pulses"):
        open_pulse_keys(settings)
    assert key_file.read_text() == content


def test_keys_are_not_shown_where_they_are_printed(settings: Settings):
    keys = open_pulse_keys(settings)
    for secret in (keys.pseudonym, keys.masters[0].key):
        assert secret.hex() not in repr(keys)
        assert repr(secret) not in repr(keys)


async def test_p11_a_rotation_changes_no_score_no_consent_and_no_pseudonym(settings: Settings, key_file: Path):
    await fill(settings)
    old = open_pulse_keys(settings)
    before = await everything(settings.pulse_file, old)
    assert rotate(settings) == 4
    assert old.masters[0].key.hex() not in key_file.read_text()
    new = open_pulse_keys(settings)
    assert await everything(settings.pulse_file, new) == before
    assert len(new.masters) == 1
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]


async def test_p11_an_old_backup_stays_closed_to_the_new_keys_and_the_new_vault_to_the_old(
    settings: Settings, tmp_path: Path
):
    await fill(settings)
    backup(settings.pulse_file, tmp_path / "old.db")
    old = open_pulse_keys(settings)
    rotate(settings)
    new = open_pulse_keys(settings)
    for path, keys in ((tmp_path / "old.db", new), (settings.pulse_file, old)):
        with pytest.raises(KeyFileError, match="is not the one that this vault is sealed with"):
            await everything(path, keys)


async def test_p11_nothing_that_the_old_key_opens_is_left_in_the_file(settings: Settings):
    """Every wrapped key and record of before is looked for in the raw bytes, also those in free pages."""
    await fill(settings)
    connection = sqlite3.connect(settings.pulse_file)
    sealed = [row[0] for row in connection.execute("SELECT wrapped FROM member UNION SELECT sealed FROM record")]
    row_keys = [row[0] for row in connection.execute("SELECT row_key FROM member")]
    connection.close()
    rotate(settings)
    files = [path.read_bytes() for path in settings.folder.glob("pulse.db*")]
    assert len(sealed) == 10
    assert not [each for each in sealed + row_keys if any(each[:16] in content for content in files)]


async def test_p11_the_old_keys_do_not_even_tell_who_consented(settings: Settings):
    await fill(settings)
    old = open_pulse_keys(settings)
    rotate(settings)
    async with open_vault(settings.pulse_file, open_pulse_keys(settings)) as vault:
        pseudonym = vault.person_key(GUILD, USERS[0])
    row_key = MasterSeals(old.masters[0]).row_key(pseudonym)
    assert all(row_key not in path.read_bytes() for path in settings.folder.glob("pulse.db*"))


@contextmanager
def copies_at_every_line(folder: Path, target: Path) -> Iterator[list[Path]]:
    """Copy a folder as it lies on the disk before each line of ours is carried out, once for each state."""
    states: dict[tuple[tuple[str, bytes], ...], Path] = {}

    def copy() -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
        state = tuple((str(path.relative_to(folder)), path.read_bytes()) for path in files)
        if state not in states:
            states[state] = target / str(len(states))
            for name, content in state:
                (states[state] / name).parent.mkdir(parents=True, exist_ok=True)
                (states[state] / name).write_bytes(content)

    def trace(frame, event, _argument):
        if not frame.f_code.co_filename.endswith(OUR_FILES):
            return None
        copy()
        return trace

    found: list[Path] = []
    sys.settrace(trace)
    try:
        yield found
    finally:
        sys.settrace(None)
    copy()
    found.extend(states.values())


async def test_p11_a_crash_at_any_line_of_a_rotation_leaves_keys_that_open_the_vault(
    settings: Settings, tmp_path: Path
):
    await fill(settings)
    before = await everything(settings.pulse_file, open_pulse_keys(settings))
    with copies_at_every_line(settings.folder, tmp_path / "crashes") as crashes:
        rotate(settings)
    masters = set()
    for crash in crashes:
        left = Settings(folder=crash)
        keys = open_pulse_keys(left)
        assert await everything(left.pulse_file, keys) == before
        assert len(keys.masters) == 1
        assert read_pulse_keys(left.path(left.pulse.key_file)) == keys
        assert [path.name for path in (crash / "keys").iterdir()] == ["pulse.key"]
        masters |= {keys.masters[0].id}
    rotate(left)  # and the next one goes well
    assert await everything(left.pulse_file, open_pulse_keys(left)) == before
    assert len(crashes) >= 6
    assert len(masters) == 2


async def test_p11_a_rotation_that_finds_a_moved_row_changes_nothing(settings: Settings):

    await fill(settings)
    keys = open_pulse_keys(settings)
    connection = sqlite3.connect(settings.pulse_file)
    with connection:
        connection.execute("UPDATE record SET wave_id = 9 WHERE wave_id = 1 AND kind = 'roster'")
    connection.close()
    with pytest.raises(VaultError):
        rotate(settings)
    async with open_vault(settings.pulse_file, open_pulse_keys(settings)) as vault:
        assert await vault.collect(WAVES[0], USERS) == {user: answers(WAVES[0], user) for user in USERS[:4]}
    assert open_pulse_keys(settings) == keys


def test_there_is_nothing_to_rotate_before_the_first_start(settings: Settings, key_file: Path):
    with pytest.raises(OperatorError, match="no vault yet"):
        rotate(settings)
    assert not key_file.exists()


async def test_another_database_is_not_taken_for_a_vault(database_file: Path, settings: Settings):
    keys = open_pulse_keys(settings)
    before = database_file.read_bytes()
    with pytest.raises(SchemaError, match="another database"):
        await everything(database_file, keys)
    assert database_file.read_bytes() == before


async def test_a_vault_of_a_later_version_is_refused(settings: Settings):

    await fill(settings)
    connection = sqlite3.connect(settings.pulse_file)
    with connection:
        connection.execute("UPDATE lock SET version = 9")
    connection.close()
    with pytest.raises(SchemaError, match="the vault's schema is 9, this version of Peer Circles knows 2"):
        open_pulse_keys(settings)


@pytest.fixture
def at_home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Run commands in the settings' folder, without any settings from outside."""
    settings.folder.mkdir()
    monkeypatch.chdir(settings.folder)
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return settings


async def test_keys_rotate_says_what_it_did(at_home: Settings, capsys: pytest.CaptureFixture[str]):
    await fill(at_home)
    before = await everything(at_home.pulse_file, open_pulse_keys(at_home))
    assert main(["keys", "rotate"]) == 0
    said = capsys.readouterr().out
    assert "sealed with a new master key, 4 members' keys with it; no answer changed" in said
    assert "back up both anew" in said
    assert await everything(at_home.pulse_file, open_pulse_keys(at_home)) == before


async def test_keys_rotate_refuses_while_the_bot_runs(at_home: Settings, capsys: pytest.CaptureFixture[str]):
    await fill(at_home)
    content = at_home.path(at_home.pulse.key_file).read_bytes()
    with only_process(at_home.database_file):
        assert main(["keys", "rotate"]) == 1
    assert "is open in another process" in capsys.readouterr().err
    assert at_home.path(at_home.pulse.key_file).read_bytes() == content


async def test_db_backup_and_db_check_cover_the_vault(at_home: Settings, capsys: pytest.CaptureFixture[str]):
    main(["db", "upgrade"])
    await fill(at_home)
    assert main(["db", "backup", "copies/before.db"]) == 0
    copies = at_home.folder / "copies"
    assert sorted(path.name for path in copies.iterdir()) == ["before.db", "before.pulse.db"]
    keys = open_pulse_keys(at_home)
    assert await everything(copies / "before.pulse.db", keys) == await everything(at_home.pulse_file, keys)
    assert main(["db", "check"]) == 0
    assert "pulse.db: the file is sound, the key is the right one" in capsys.readouterr().out
    at_home.path(at_home.pulse.key_file).unlink()
    assert main(["db", "check"]) == 2
    assert "pulse.key: the key file is missing" in capsys.readouterr().err


@pytest.mark.parametrize("taken", ["before.db", "before.pulse.db"])
async def test_db_backup_makes_both_copies_or_none(at_home: Settings, taken: str):
    main(["db", "upgrade"])
    await fill(at_home)
    (at_home.folder / taken).write_text("precious")
    assert main(["db", "backup", "before.db"]) == 2
    assert [path.name for path in at_home.folder.glob("before*")] == [taken]
    assert (at_home.folder / taken).read_text() == "precious"


def test_copies_made_together_go_together(database_file: Path, tmp_path: Path):
    (tmp_path / "torn.db").write_bytes(b"no database at all")
    with pytest.raises(OperatorError, match="torn"):
        backup_together({database_file: tmp_path / "a.db", tmp_path / "torn.db": tmp_path / "b.db"})
    assert not (tmp_path / "a.db").exists()
    assert not (tmp_path / "b.db").exists()


async def test_rewrapping_an_empty_vault_only_changes_its_lock(settings: Settings):
    keys = open_pulse_keys(settings)
    async with open_vault(settings.pulse_file, keys):
        pass
    other = open_pulse_keys(Settings(folder=settings.folder / "other")).masters[0]
    assert rewrap(settings.pulse_file, keys.masters[0], other) == 0
    async with open_vault(settings.pulse_file, keys.only(other)) as vault:
        assert await vault.find_consent(GUILD, USERS[0]) is None
