"""What all tests share: a database made by the migrations, and the cipher of its key."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import settings

from db.engine import Database, open_database
from db.migrate import upgrade
from db.types import Cipher

settings.register_profile("peer-circles", deadline=None)
settings.load_profile("peer-circles")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty database with the newest schema, to be copied and never opened."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    upgrade(path)
    return path


@pytest.fixture
def database_file(migrated_file: Path, tmp_path: Path) -> Path:
    """Copy the migrated database afresh."""
    return Path(shutil.copy(migrated_file, tmp_path / "peer-circles.db"))


@pytest.fixture
def cipher() -> Cipher:
    """Make a cipher under a known key."""
    return Cipher(bytes(range(32)))


@pytest.fixture
async def database(database_file: Path, cipher: Cipher) -> AsyncGenerator[Database]:
    """Open a database of its own for each test."""
    async with open_database(database_file, cipher) as opened:
        yield opened
