"""A town for each test of the cogs."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from db.engine import Database
from tests.cogs.town import Town, open_town


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> AsyncGenerator[Town]:
    """Open a simulated guild with the real bot in it."""
    async with open_town(database, tmp_path) as made:
        yield made
