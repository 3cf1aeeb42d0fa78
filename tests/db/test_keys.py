from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import Settings
from bot.errors import KeyFileError, SchemaError
from bot.keys import open_cipher
from db.types import create_key_file


@pytest.fixture
def settings(database_file: Path) -> Settings:
    """Make settings of a migrated database that no key was used on yet."""
    return Settings(folder=database_file.parent)


@pytest.fixture
def key_file(settings: Settings) -> Path:
    """Return where the key file is to be."""
    return settings.path(settings.database.key_file)


def test_a_new_database_gets_a_key_that_opens_at_every_later_start(settings: Settings, key_file: Path):
    sealed = open_cipher(settings).seal("words", "a.b")
    key = key_file.read_bytes()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert open_cipher(settings).open(sealed, "a.b") == "words"
    assert key_file.read_bytes() == key


def test_a_new_database_takes_the_key_that_lies_there(settings: Settings, key_file: Path):
    create_key_file(key_file)
    key = key_file.read_bytes()
    open_cipher(settings)
    assert key_file.read_bytes() == key
    open_cipher(settings)


def test_a_missing_key_is_an_error_and_no_new_one_is_made(settings: Settings, key_file: Path):
    open_cipher(settings)
    key_file.unlink()
    with pytest.raises(KeyFileError, match=r"peer-circles\.key: the key file is missing"):
        open_cipher(settings)
    assert not key_file.exists()


def test_another_key_is_an_error_and_nothing_is_overwritten(settings: Settings, key_file: Path):
    open_cipher(settings)
    right = key_file.read_bytes()
    key_file.unlink()
    create_key_file(key_file)
    wrong = key_file.read_bytes()
    with pytest.raises(KeyFileError, match="not the key") as caught:
        open_cipher(settings)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert key_file.read_bytes() == wrong
    key_file.write_bytes(right)
    open_cipher(settings)


def test_a_database_without_a_schema_is_told_so_before_any_key_is_made(tmp_path: Path):
    settings = Settings(folder=tmp_path)
    with pytest.raises(SchemaError):
        open_cipher(settings)
    assert not settings.path(settings.database.key_file).exists()


def test_a_key_folder_that_cannot_be_made_is_one_line(settings: Settings, tmp_path: Path):
    (tmp_path / "in-the-way").touch()
    database = replace(settings.database, key_file="in-the-way/peer-circles.key")
    with pytest.raises(KeyFileError, match="cannot be made"):
        open_cipher(replace(settings, database=database))
