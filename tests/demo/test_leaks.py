"""What a whole season leaves on the disk and the terminal, searched byte by byte for what members said and felt."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from rich.console import Console
from sqlalchemy import select

from bot.demo import program, words
from bot.demo.guild import Guild, open_guild
from bot.demo.season import Plan, Season
from bot.logs import set_up_logging
from db.backups import backup
from db.models import Base
from db.types import EncryptedText
from tests.traces import traces_of

BANKS: dict[str, tuple[str, ...]] = {
    "wins": words.WINS,
    "challenges": words.CHALLENGES,
    "asks": words.ASKS,
    "progress": words.PROGRESS,
    "aims": tuple(aim for _, aim in words.AIMS),
    "barriers": tuple(barrier for _, barrier in words.BARRIERS),
}
TELLING = 8  # letters; what is shorter stands in many files by chance
ABOUT_PULSES = ("pulse", "consent", "wave", "confidence", "selfdoubt", "self-doubt")
ANSWERS = (b'{"a":{"', b'},"p":[')  # how answers look before they are sealed
BACK_UP_EVERY = 8  # days


@dataclass(frozen=True, slots=True)
class Left:
    """What a season left: the bytes of each file and of the terminal, and what nobody may read in them."""

    files: dict[str, bytes]
    guild: int
    users: frozenset[int]
    said: frozenset[str]
    answered: int
    concerns: int


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    """Give the test run its own logging back."""
    root = logging.getLogger()
    handlers, levels = list(root.handlers), {root: root.level}
    levels |= {each: each.level for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger)}
    yield
    root.handlers[:] = handlers
    for logger, level in levels.items():
        logger.setLevel(level)


async def play(folder: Path) -> Left:
    """Play a short season with everything logged; the files are read while the databases are open, logs and all."""
    terminal = StringIO()
    with (folder / "demo.log").open("w", encoding="utf-8") as log:
        set_up_logging("DEBUG", log)
        async with open_guild(3, folder) as guild:
            season = Season(guild, Plan(members=12, weeks=2, seed=3), lambda now, _words: _back_up(guild, folder, now))
            await season.play()
            await program._tell(guild, season, folder, Console(file=terminal, width=200))
            said = await _said(guild)
            files = {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}
    files["terminal"] = terminal.getvalue().encode()
    files |= {f"{name} when closed": (folder / name).read_bytes() for name in ("peer-circles.db", "pulse.db")}
    files["demo.log"] = (folder / "demo.log").read_bytes()
    with closing(sqlite3.connect(folder / "pulse.db")) as vault:
        ((concerns,),) = vault.execute("SELECT count(*) FROM concern").fetchall()
    answered = sum(len(truth) for truth in season.feelings.truth.values())
    return Left(files, guild.server.id, frozenset(season.members), frozenset(said), answered, concerns)


def _back_up(guild: Guild, folder: Path, now: datetime) -> None:
    """Copy both databases while they are in use, every some days."""
    target = folder / f"circles-{now:%j}.db"
    if now.day % BACK_UP_EVERY or target.exists():
        return
    settings = guild.app.context.settings
    backup(settings.database_file, target)
    backup(settings.pulse_file, folder / f"pulse-{now:%j}.db")


async def _said(guild: Guild) -> set[str]:
    """Return all that members wrote and the database still holds, as it was written."""
    columns = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    ]

    async def load(session: Any) -> set[str]:
        return {value for column in columns for value in (await session.scalars(select(column))).all() if value}

    return await guild.database.read(load) - available_timezones()


def spellings(said: str) -> set[bytes]:
    """Return the ways in which words can stand in a file."""
    return {said.encode(), said.encode("utf-16-le"), json.dumps(said)[1:-1].encode()}


def find_words(files: dict[str, bytes], said: frozenset[str]) -> set[tuple[str, str]]:
    """Return each file with the words that stand in it."""
    needles = {spelt: each for each in said if len(each) >= TELLING for spelt in spellings(each)}
    return {(name, each) for name, content in files.items() for spelt, each in needles.items() if spelt in content}


def find_participation(log: str, users: frozenset[int]) -> list[str]:
    """List the lines of a log that name a person beside a pulse."""
    about = [line for line in log.splitlines() if any(word in line.casefold() for word in ABOUT_PULSES)]
    return [line for line in about if any(str(user) in line for user in users)]


def test_p8_a_whole_season_leaves_no_members_word_and_nobodys_pulse_in_any_file(
    tmp_path: Path, untouched_logging: None
):
    """At DEBUG, with write-ahead logs, backups, charts and tables; the same searches find what is put there."""
    left = asyncio.run(play(tmp_path))
    _shows_that_something_could_leak(left)
    everything = left.said.union(*BANKS.values())
    assert find_words(left.files, everything) == set()
    careless = {"note": b"..." + words.WINS[0].encode("utf-16-le")}
    assert find_words(left.files | careless, everything) == {("note", words.WINS[0])}

    traces = set[bytes]().union(*(traces_of(left.guild, user) for user in left.users))
    vaults = {name: content for name, content in left.files.items() if name.startswith("pulse.db") or "pulse-0" in name}
    for name, content in vaults.items():
        assert [each for each in (*traces, *ANSWERS) if each in content or each in content.lower()] == [], name
    assert any(each in left.files["peer-circles.db"] for each in traces)

    log = left.files["demo.log"].decode()
    assert find_participation(log, left.users) == []
    assert find_participation(f"{log}\nThe pulse of {min(left.users)} is kept", left.users) != []


def _shows_that_something_could_leak(left: Left) -> None:
    """Hold that everything searched for was said in this season, and that the files are what they are called."""
    for name, bank in BANKS.items():
        assert name == "barriers" or left.said & set(bank), name
    assert left.concerns > 0
    assert left.answered >= 5
    assert {"peer-circles.db-wal", "pulse.db-wal", "pulse-results.csv", "who-met-whom.png"} <= left.files.keys()
    assert len([name for name in left.files if name.startswith("pulse-0")]) > 2
    assert "DEBUG" in left.files["demo.log"].decode()
    assert "People" in left.files["terminal"].decode()
