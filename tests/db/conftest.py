"""The tests of the database run on both kinds of it."""

from collections.abc import Generator

import pytest

from tests.backends import Backend
from tests.conftest import BOTH


@pytest.fixture(params=BOTH)
def backend(request: pytest.FixtureRequest) -> Generator[Backend]:
    """Run on both kinds of database."""
    found: Backend = request.getfixturevalue(request.param)
    yield found
    found.clear()
