"""A season that has begun, made once and copied for each test that starts from there; on both kinds of database."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from db.engine import Database, open_database
from db.types import Cipher
from tests.backends import Backend
from tests.conftest import BOTH
from tests.services.season import START, Season, keep_silent, start_season

MEMBERS = 4
USERS = tuple(range(1, MEMBERS + 1))


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> Generator[Backend]:
    """Run on both kinds of database."""
    found: Backend = request.getfixturevalue(request.param)
    yield found
    found.clear()


@pytest.fixture
def begun(backend: Backend) -> str:
    """Make a template with one circle of four whose first check-in is open."""

    async def begin(database: Database) -> None:
        await (await start_season(database, MEMBERS)).happen(START)

    return backend.extend("migrated", "begun", begin)


@pytest.fixture
def was_asked(backend: Backend, begun: str) -> str:
    """Make a template in which user 1 was silent until asked about it."""

    async def ask(database: Database) -> None:
        await keep_silent(Season(database, 1, USERS), *USERS[1:])

    return backend.extend(begun, "asked", ask)


@pytest.fixture
async def season(backend: Backend, begun: str, tmp_path: Path, cipher: Cipher) -> AsyncGenerator[Season]:
    """Open a season of its own for each test: one circle of four, its first check-in open."""
    async with open_database(backend.copy(begun, tmp_path), cipher) as database:
        yield Season(database, 1, USERS)


@pytest.fixture
async def asked(backend: Backend, was_asked: str, tmp_path: Path, cipher: Cipher) -> AsyncGenerator[Season]:
    """Open a season of its own for each test, in which user 1 was just asked why they are silent."""
    async with open_database(backend.copy(was_asked, tmp_path), cipher) as database:
        yield Season(database, 1, USERS)
