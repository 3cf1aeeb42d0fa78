"""Typed values out of a TOML table, each fault with its line and what is expected there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NoReturn, cast

from bot.errors import InvalidInput, Phrase

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_-]+)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_TRIPLES = ('"""', "'''")


class InstrumentError(InvalidInput):
    """An instrument file does not fit: the line, and what is expected there."""

    def __init__(self, line: int, expected: Phrase, name: str = "") -> None:
        super().__init__("instrument-fault", name=name, line=line, expected=expected)
        self.line = line
        self.expected = expected


def locate(text: str) -> dict[Path, int]:
    """Map each table and key of a TOML text to its line, counting from 1; tables in an array are numbered."""
    lines: dict[Path, int] = {(): 1}
    here: Path = ()
    inside: str | None = None  # the triple quote of a string that is still open
    for number, line in enumerate(text.split("\n"), 1):
        if inside is None:
            here = _note_line(lines, here, line, number)
        inside = _still_open(line, inside)
    return lines


def _note_line(lines: dict[Path, int], here: Path, line: str, number: int) -> Path:
    if header := _HEADER.match(line):
        name = header[2]
        lines.setdefault((name,), number)
        index = sum(path[:1] == (name,) and len(path) == 2 and isinstance(path[1], int) for path in lines)
        here = (name, index) if header[1] == "[[" else (name,)
        lines[here] = number
    elif key := _KEY.match(line):
        lines[*here, key[1]] = number
    return here


def _still_open(line: str, inside: str | None) -> str | None:
    for mark in _TRIPLES:
        if inside in {None, mark} and line.count(mark) % 2:
            return None if inside else mark
    return inside


@dataclass(slots=True)
class Table:
    """One TOML table that hands out checked values and knows the line of each."""

    values: Mapping[str, object]
    path: Path
    lines: Mapping[Path, int]
    read: set[str] = field(default_factory=set[str])

    def fail(self, key: str, expected: str, index: int = 0, **values: object) -> NoReturn:
        """Refuse a key, or one table of its array, on its own line or on its table's where it is missing."""
        path: Path = (*self.path, key, index)
        while path not in self.lines:
            path = path[:-1]
        raise InstrumentError(self.lines[path], Phrase(expected, {"key": key, **values}))

    def refuse_the_rest(self) -> None:
        """Refuse keys that nobody asked for, such as misspelt ones."""
        for key in self.values:
            if key not in self.read:
                self.fail(key, "instrument.expected.known-key", known=", ".join(sorted(self.read)))

    def text(self, key: str, most: int) -> str:
        """Return a text of 1 to `most` characters without control characters."""
        value = self._take(key)
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= most or not value.isprintable():
            self.fail(key, "instrument.expected.text", most=most)
        return value.strip()

    def optional_text(self, key: str, most: int) -> str | None:
        """Return a text, or None where the key is missing."""
        return self.text(key, most) if self._take(key) is not None else None

    def matching(self, key: str, pattern: str, meaning: str) -> str:
        """Return a text of a given form; `meaning` is the message id that tells of it."""
        value = self._take(key)
        if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
            self.fail(key, meaning)
        return value

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """Return one of a few words."""
        value = self._take(key)
        if not isinstance(value, str) or value not in choices:
            self.fail(key, "instrument.expected.choice", choices=", ".join(choices))
        return value

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from low to high."""
        value = self._take(key)
        value = default if value is None else value
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            only = "instrument.expected.one-integer"
            self.fail(key, only if low == high else "instrument.expected.integer", low=low, high=high)
        return value

    def optional_number(self, key: str, low: float, high: float) -> float | None:
        """Return a number from low to high, or None where the key is missing."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            self.fail(key, "instrument.expected.number", low=f"{low:g}", high=f"{high:g}")
        return float(value)

    def number(self, key: str, low: float, high: float, default: float) -> float:
        """Return a number from low to high."""
        value = self.optional_number(key, low, high)
        return default if value is None else value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key)
        value = default if value is None else value
        if not isinstance(value, bool):
            self.fail(key, "instrument.expected.flag")
        return value

    def day(self, key: str) -> date:
        """Return a calendar day."""
        value = self._take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            self.fail(key, "instrument.expected.day")
        return value

    def optional_table(self, key: str) -> "Table | None":
        """Return a table, or None where it is missing."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fail(key, "instrument.expected.table")
        return Table(cast("dict[str, object]", value), (*self.path, key), self.lines)

    def tables(self, key: str, least: int, most: int) -> "list[Table]":
        """Return the tables of an array of `least` to `most`."""
        value = self._take(key)
        entries = cast("list[object]", value) if isinstance(value, list) else []
        if not least <= len(entries) <= most or not all(isinstance(entry, dict) for entry in entries):
            self.fail(key, "instrument.expected.tables", least=least, most=most)
        return [
            Table(cast("dict[str, object]", entry), (*self.path, key, index), self.lines)
            for index, entry in enumerate(entries)
        ]

    def _take(self, key: str) -> object:
        self.read.add(key)
        return self.values.get(key)
