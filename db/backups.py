"""Copies of a database that is in use, and whether a file is sound."""

import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from datetime import datetime
from glob import escape
from pathlib import Path

from bot.errors import OperatorError
from bot.text import text

UNFINISHED = ".unfinished"


def backup(source: Path, target: Path) -> None:
    """Copy a SQLite file in one step while it is in use; the copy is complete and sound, or not there."""
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        _refuse_existing([target])
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, unfinished)
        _refuse_unsound(source, unfinished)
        unfinished.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise OperatorError(text("fault.backup.failed", source=source, target=target, fault=error)) from error
    finally:
        with suppress(OSError):  # where nothing could be written, nothing can be removed
            unfinished.unlink(missing_ok=True)


def backup_together(copies: Mapping[Path, Path]) -> None:
    """Copy several SQLite files, in their order, to the targets given: all of them, or none."""
    made: list[Path] = []
    try:
        _refuse_existing(copies.values())
        for source, target in copies.items():
            backup(source, target)
            made.append(target)
    except OperatorError:
        for target in made:
            target.unlink()
        raise


def keep_backup(source: Path, folder: Path, kept: int, now: datetime) -> Path:
    """Add a copy of a database to a folder, under the moment's name, and keep only the newest so many."""
    for left in folder.glob(f"{escape(source.stem)}-[0-9]*Z.db{UNFINISHED}*"):
        left.unlink()  # by a process that was killed meanwhile
    target = folder / _name(source, now)
    backup(source, target)
    for old in _copies(source, folder)[:-kept]:
        old.unlink()
    return target


def find_newest(source: Path, folder: Path) -> Path | None:
    """Return the newest copy of a database that a folder keeps."""
    return next(reversed(_copies(source, folder)), None)


def is_newer(source: Path, folder: Path, moment: datetime) -> bool:
    """Tell whether the newest copy of a database was made after a moment."""
    newest = find_newest(source, folder)
    return newest is not None and newest.name > _name(source, moment)


def _name(source: Path, moment: datetime) -> str:
    return f"{source.stem}-{moment:%Y%m%dT%H%M%SZ}.db"


def _copies(source: Path, folder: Path) -> list[Path]:
    # A moment begins with a digit: the copies of "circles" are not mixed up with those of "circles-of-last-year".
    return sorted(folder.glob(f"{escape(source.stem)}-[0-9]*Z.db"))


def integrity(path: Path) -> list[str]:
    """Return what SQLite finds wrong with a file: nothing, where all is well."""
    try:
        with closing(_read_only(path)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.Error as error:
        return [str(error)]
    return found + [f"a row of {child} points at nothing in {parent}" for child, _, parent, _ in broken]


def _refuse_existing(targets: Iterable[Path]) -> None:
    for target in targets:
        if os.path.lexists(target):  # unlike Path.exists() it says False of what cannot be looked at
            raise OperatorError(text("fault.backup.exists", target=target))


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with closing(_read_only(source)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)
        # One file is easier to carry away than three, and needs no folder that can be written.
        writer.execute("PRAGMA journal_mode=DELETE")


def _refuse_unsound(source: Path, copy: Path) -> None:
    if found := integrity(copy):
        raise OperatorError(text("fault.backup.damaged", source=source, fault=found[0]))


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
