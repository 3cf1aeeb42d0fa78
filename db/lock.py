"""One process at a time opens a SQLite file: its writer and its schedules believe themselves alone."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import OperatorError
from bot.text import text


@contextmanager
def only_process(path: Path) -> Generator[None]:
    """Hold a database file for this process, or raise OperatorError naming the one that holds it.

    The lock ends with the process, however that ends; the file beside the
    database stays, for removing it would let two processes hold two locks.
    """
    lock = path.with_name(path.name + ".lock.pid")
    with os.fdopen(_open(lock), "r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = file.read().strip() or "unknown"
            told = text("fault.database.in-use", path=path, holder=holder)
            raise OperatorError(told, exit_code=1) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _open(lock: Path) -> int:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise OperatorError(text("fault.file.unopened", path=lock, fault=error.strerror)) from error
