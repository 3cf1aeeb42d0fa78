"""A season that has begun, made once and copied for each test that starts from there."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path

import pytest

from db.engine import Database, open_database
from db.types import Cipher
from tests.services.season import START, Season, keep_silent, start_season

MEMBERS = 4
USERS = tuple(range(1, MEMBERS + 1))


@pytest.fixture(scope="session")
def begun_file(migrated_file: Path) -> Path:
    """Make a database with one circle of four whose first check-in is open, to be copied and never opened."""

    async def begin(database: Database) -> None:
        await (await start_season(database, MEMBERS)).happen(START)

    return _continued(migrated_file, "begun.db", begin)


@pytest.fixture(scope="session")
def asked_file(begun_file: Path) -> Path:
    """Make a database in which user 1 was silent until asked about it, to be copied and never opened."""

    async def ask(database: Database) -> None:
        await keep_silent(Season(database, 1, USERS), *USERS[1:])

    return _continued(begun_file, "asked.db", ask)


def _continued(template: Path, name: str, happen: Callable[[Database], Coroutine[None, None, None]]) -> Path:
    """Copy a database and let something happen in the copy."""
    path = Path(shutil.copy(template, template.with_name(name)))

    async def run() -> None:
        async with open_database(path, Cipher(bytes(range(32)))) as database:
            await happen(database)

    asyncio.run(run())
    return path


@pytest.fixture
async def season(begun_file: Path, tmp_path: Path, cipher: Cipher) -> AsyncGenerator[Season]:
    """Open a season of its own for each test: one circle of four, its first check-in open."""
    path = Path(shutil.copy(begun_file, tmp_path / "season.db"))
    async with open_database(path, cipher) as database:
        yield Season(database, 1, USERS)


@pytest.fixture
async def asked(asked_file: Path, tmp_path: Path, cipher: Cipher) -> AsyncGenerator[Season]:
    """Open a season of its own for each test, in which user 1 was just asked why they are silent."""
    path = Path(shutil.copy(asked_file, tmp_path / "asked.db"))
    async with open_database(path, cipher) as database:
        yield Season(database, 1, USERS)
