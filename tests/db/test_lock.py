import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import OperatorError
from db.lock import only_process

HOLD = """
import sys
from pathlib import Path
from db.lock import only_process
with only_process(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a database would be."""
    return tmp_path / "peer-circles.db"


def hold_elsewhere(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_by_the_pid_of_the_first(path: Path):
    with hold_elsewhere(path) as other:
        held = rf"peer-circles\.db: is open in another process \(pid {other.pid}\)"
        with pytest.raises(OperatorError, match=held), only_process(path):
            pass
        other.kill()


def test_a_killed_process_leaves_no_lock_behind(path: Path):
    with hold_elsewhere(path) as other:
        other.kill()
        other.wait()
    with only_process(path):
        assert (path.parent / "peer-circles.db.lock.pid").read_text() == f"{os.getpid()}\n"


def test_the_lock_is_free_again_after_the_block(path: Path):
    with only_process(path):
        pass
    with hold_elsewhere(path) as other:
        other.kill()


def test_two_databases_are_held_apart(tmp_path: Path):
    with only_process(tmp_path / "a.db"), only_process(tmp_path / "b.db"):
        pass


def test_a_lock_that_cannot_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(OperatorError, match="cannot be opened"), only_process(tmp_path / "file" / "a.db"):
        pass
