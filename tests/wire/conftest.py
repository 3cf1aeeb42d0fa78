"""A small Discord for each test, and one of these tests at a time: each runs whole processes."""

import fcntl
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.wire.client import Wire, open_wire

TURN = Path(tempfile.gettempdir()) / "peer-circles-wire.lock"


@pytest.fixture
def turn() -> Generator[None]:
    """Wait until no other worker runs such a test."""
    with TURN.open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture
def wire(turn: None, tmp_path: Path) -> Generator[Wire]:
    """Run a small Discord."""
    with open_wire(tmp_path / "wire") as opened:
        yield opened
