"""From SQLite to PostgreSQL: every row arrives, sealed as it was, and life goes on there."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.__main__ import main
from bot.config import Settings, load_settings
from bot.keys import open_cipher
from bot.pulse_keys import open_pulse_keys
from bot.services import answers, checkins, goals
from bot.services.posts import Reflection
from db.engine import Database, open_database
from db.migrate import upgrade
from db.models import Base, CheckIn, CheckInAnswer, Goal
from db.vault import open_vault
from tests.backends import PostgresBackend
from tests.services.season import GUILD, START, Season, start_season

ADA = 1
WORDS = "Held my first talk; 'quoted', ünïcode and a nul-free end"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with no address in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "PULSE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def url(postgres: PostgresBackend, tmp_path: Path) -> str:
    """Return the address of an empty database."""
    return postgres.copy("template0", tmp_path)


def live(settings: Settings) -> None:
    """Let a week pass in the SQLite files, with an answer, a goal that is gone, and a consent."""

    async def happen() -> None:
        async with (
            open_database(settings.database_place, open_cipher(settings)) as database,
            open_vault(settings.pulse_place, open_pulse_keys(settings)) as vault,
        ):
            season = await start_season(database, members=8)
            await season.happen(START)
            checkin = (await season.rows(CheckIn))[0]
            await answers.save(database, checkin.id, await someone_in(season, checkin), said(), START)
            await vault.give_consent(GUILD, ADA, 1)

    upgrade(settings.database_place)
    asyncio.run(happen())
    with closing(sqlite3.connect(settings.database_file)) as connection, connection:
        connection.execute("UPDATE sqlite_sequence SET seq = 4711 WHERE name = 'goal'")
        connection.execute("INSERT INTO sqlite_sequence SELECT 'goal', 4711 WHERE changes() = 0")


async def someone_in(season: Season, checkin: CheckIn) -> int:
    forms = {user: await answers.list_forms(season.database, GUILD, user, START) for user in season.users}
    return next(user for user, found in forms.items() if checkin.id in {form.checkin_id for form in found})


def said() -> Reflection:
    return Reflection(4, win=WORDS)


def counts_here(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as connection:
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in Base.metadata.tables
        }


def counts_there(url: str) -> dict[str, int]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = {}
        for name in Base.metadata.tables:
            row = connection.execute(f'SELECT count(*) FROM "{name}"'.encode()).fetchone()
            found[name] = row[0] if row else -1
        return found


def test_everything_moves_and_goes_on_there(url, capsys, monkeypatch):
    here = load_settings(Path("config.toml"), {})
    live(here)
    before = counts_here(here.database_file)
    assert before["checkin_answer"] == 1
    assert main(("db", "move", url)) == 0
    assert "rows are there now" in capsys.readouterr().out
    assert counts_there(url) == before == counts_here(here.database_file)
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(("db", "check")) == 0
    there = load_settings(Path("config.toml"), {"DATABASE_URL": url})
    asyncio.run(go_on(there))


async def go_on(settings: Settings) -> None:
    """Read what was sealed, and write what comes next: its ids follow the last one ever given."""
    async with (
        open_database(settings.database_place, open_cipher(settings)) as database,
        open_vault(settings.pulse_place, open_pulse_keys(settings)) as vault,
    ):
        season = Season(database, 1, tuple(range(1, 9)))
        (answer,) = await season.rows(CheckInAnswer)
        assert answer.win == WORDS
        assert await vault.find_consent(GUILD, ADA) == 1
        await set_goal(database)
        assert [goal.id for goal in await season.rows(Goal)] == [4712]
        assert await checkins.get_card(database, answer.checkin_id, START + timedelta(hours=1))


async def set_goal(database: Database) -> None:
    said_goal = goals.Wording(goals.GoalPath.SKILL, "A talk", "An abstract", (START + timedelta(days=9)).date())
    await goals.add(database, GUILD, 1, ADA, said_goal, START + timedelta(hours=1))


def test_a_database_that_holds_something_is_left_alone(url, capsys):
    live(load_settings(Path("config.toml"), {}))
    assert main(("db", "move", url)) == 0
    before = counts_there(url)
    capsys.readouterr()
    assert main(("db", "move", url)) == 2
    assert "is not empty" in capsys.readouterr().err
    assert counts_there(url) == before


@pytest.mark.parametrize("address", ["sqlite+aiosqlite:///other.db", "nowhere"])
def test_only_postgresql_is_moved_to(address, capsys):
    assert main(("db", "move", address)) == 2
    assert "postgresql" in capsys.readouterr().err


def test_a_vault_of_an_earlier_version_moves_too(url):
    """`db upgrade` sees to the main database only; the vault is brought up when it is opened."""
    here = load_settings(Path("config.toml"), {})
    live(here)
    with closing(sqlite3.connect(here.pulse_file)) as connection, connection:
        for table in ("concern", "turn", "bell"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE lock SET version = 1")
    assert main(("db", "move", url)) == 0
