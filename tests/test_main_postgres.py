"""The commands on a PostgreSQL database, and what is refused of several processes."""

from pathlib import Path

import pytest

import bot.app
from bot.__main__ import main
from bot.config import Settings, load_settings
from bot.domain.shards import Share
from bot.errors import ConfigError
from tests.backends import PostgresBackend


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with a token."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("PULSE_DATABASE_URL", raising=False)
    monkeypatch.setenv("DISCORD_TOKEN", "a token")
    monkeypatch.setattr("bot.logs.set_up_logging", lambda *_values, **_named: None)
    return tmp_path


@pytest.fixture
def url(postgres: PostgresBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name an empty database in the environment, as hosts do, without the driver."""
    made = postgres.copy("template0", tmp_path)
    monkeypatch.setenv("DATABASE_URL", made.replace("+psycopg", ""))
    return made


@pytest.fixture
def shares(monkeypatch: pytest.MonkeyPatch) -> list[Share]:
    """Note which shards are run, instead of reaching for Discord."""
    seen: list[Share] = []

    def run(_settings: Settings, share: Share) -> int:
        seen.append(share)
        return 0

    monkeypatch.setattr(bot.app, "run", run)
    return seen


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(argv) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_the_first_run_makes_the_tables_and_the_next_one_finds_them(url: str, shares: list[Share], folder: Path):
    assert main(["run", "--shards", "0,2", "--of", "3"]) == 0
    assert main(["run", "--shards", "1", "--of", "3"]) == 0
    assert shares == [Share(frozenset({0, 2}), 3), Share(frozenset({1}), 3)]
    assert not list(folder.glob("*.db*"))


def test_upgrade_and_check_work_and_show_no_password(url: str, capsys: pytest.CaptureFixture[str]):
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "check"]) == 0
    assert "the schema is the newest, no key was used yet" in capsys.readouterr().out


def test_a_copy_is_left_to_pg_dump(url: str, capsys: pytest.CaptureFixture[str]):
    assert "copy it with: pg_dump --format=custom --file=copy.dump" in refusal(capsys, "db", "backup", "copy.dump")


def test_several_processes_cannot_share_a_file_but_one_may_run_all_shards(
    shares: list[Share], capsys: pytest.CaptureFixture[str]
):
    assert "several processes need a database that they can share" in refusal(
        capsys, "run", "--shards", "0", "--of", "2"
    )
    assert main(["run", "--of", "2"]) == 0
    assert shares == [Share(frozenset({0, 1}), 2)]


@pytest.mark.parametrize(
    "words", ["--shards=1", "--of=0", "--shards=0,x --of=2", "--shards=2 --of=2", "--shards=-1 --of=2"]
)
def test_shards_that_are_none_are_one_line(words: str, capsys: pytest.CaptureFixture[str]):
    assert "--shards must be numbers from 0 that are below --of" in refusal(capsys, "run", *words.split())


def test_the_vault_lies_beside_the_database_unless_told_otherwise(tmp_path: Path):
    where = {"DATABASE_URL": "postgres://a:b@host/circles?sslmode=require"}
    settings = load_settings(tmp_path / "config.toml", where)
    assert settings.database_place == "postgresql+psycopg://a:b@host/circles?sslmode=require"
    assert settings.pulse_place == f"{settings.database_place}&options=-csearch_path%3Dpulse"
    apart = load_settings(tmp_path / "config.toml", where | {"PULSE_DATABASE_URL": "postgresql://c@host/pulse"})
    assert apart.pulse_place == "postgresql+psycopg://c@host/pulse?options=-csearch_path%3Dpulse"
    with pytest.raises(ConfigError, match=r"pulse\.database must be a file"):
        load_settings(tmp_path / "config.toml", {"PULSE_DATABASE_URL": "postgresql://c@host/pulse"})
