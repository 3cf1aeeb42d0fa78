"""What all tests share: a database made by the migrations, and the cipher of its key."""

import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from hypothesis import settings

from db.engine import Database, Place, open_database
from db.types import Cipher
from tests.backends import (
    CIPHER,
    Backend,
    PostgresBackend,
    PostgresServer,
    SqliteBackend,
    find_room,
    start_server,
)
from tests.statements import share_statements

share_statements()
if room := find_room():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", room)  # no test waits for a disk
settings.register_profile("peer-circles", deadline=None)
settings.load_profile("peer-circles")
BOTH = ("sqlite", "postgres")
LONG = tuple(str(Path(__file__).parent / name) for name in ("wire", "demo", "cogs/test_crash.py"))
SQLITE_ONLY = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.hookimpl(trylast=True)  # once their order is random
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, path in enumerate(LONG) if str(item.path).startswith(path)), len(LONG))


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteBackend:
    """Make an empty SQLite file with the newest schema, to be copied."""
    return SqliteBackend(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def migrated_file(sqlite: SqliteBackend) -> Path:
    """Return the file that is copied, which is never opened itself."""
    return sqlite.template("migrated")


@pytest.fixture(scope="session")
def postgres_server() -> Generator[PostgresServer]:
    """Start a PostgreSQL server for as long as the tests last."""
    server = start_server()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres(postgres_server: PostgresServer) -> PostgresBackend:
    """Make an empty database with the newest schema on PostgreSQL, to be copied."""
    return PostgresBackend(postgres_server)


@pytest.fixture
def backend(sqlite: SqliteBackend) -> Backend:
    """Run on SQLite; the folders whose tests run on both say so in a conftest of theirs."""
    return sqlite


@pytest.fixture
def database_file(sqlite: SqliteBackend, tmp_path: Path) -> Path:
    """Copy the migrated SQLite file afresh."""
    return sqlite.copy("migrated", tmp_path)


@pytest.fixture
def place(request: pytest.FixtureRequest, backend: Backend, tmp_path: Path) -> Place:
    """Make a migrated database of its own for each test."""
    if isinstance(backend, SqliteBackend):
        return request.getfixturevalue("database_file")
    return backend.copy("migrated", tmp_path)


@pytest.fixture
def cipher() -> Cipher:
    """Return the cipher under a known key."""
    return CIPHER


@pytest.fixture
async def database(place: Place, cipher: Cipher) -> AsyncGenerator[Database]:
    """Open a database of its own for each test."""
    async with open_database(place, cipher) as opened:
        yield opened
