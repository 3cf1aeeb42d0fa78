"""A database on PostgreSQL where its driver is not installed."""

import sys

import pytest

from bot.__main__ import main
from bot.errors import OperatorError
from db.engine import open_database

URL = "postgresql+psycopg://circles:s3cret@nowhere.invalid/circles"


@pytest.fixture(autouse=True)
def no_driver(monkeypatch: pytest.MonkeyPatch):
    """Let there be no psycopg."""
    monkeypatch.setitem(sys.modules, "psycopg", None)


@pytest.mark.parametrize("command", [["run"], ["db", "upgrade"], ["db", "check"]])
def test_each_command_says_in_one_line_what_to_install(
    command, tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.logs.set_up_logging", lambda *_values, **_named: None)
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("DISCORD_TOKEN", "a token")
    assert main(command) == 2
    said = capsys.readouterr().err
    assert said == 'peer-circles: a PostgreSQL database needs its driver: pip install "peer-circles[postgres]"\n'


async def test_so_does_the_bots_own_pool():
    with pytest.raises(OperatorError, match="needs its driver"):
        async with open_database(URL, None):
            pass
