"""CSV files as rows of named cells, and the one line that says what is wrong with them."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain import table
from bot.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Row(table.Row):
    """One row of a file that is read from the disk."""

    file: str

    def fault(self, column: str, expected: str) -> OperatorError:
        """Make the error for this cell."""
        found = self.cell(column)
        shown = f"{found[:40]!r}" if found else "nothing"
        return OperatorError(f"{self.file}, row {self.number}, column {column}: expected {expected}, found {shown}")


def read_table(path: Path, required: Sequence[str]) -> Iterator[Row]:
    """Read the rows of a CSV file whose first row names the columns; empty rows are passed over."""
    text = _read_text(path)
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, list[str]())]
        _check_header(path, header, required)
        for number, cells in enumerate(reader, start=2):
            if any(cell.strip() for cell in cells):
                yield _row(path, number, header, cells)
    except csv.Error as error:
        raise OperatorError(
            f"{path.name}, line {reader.line_num}: expected CSV text, found a fault ({error})"
        ) from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise OperatorError(f"{path.name}, row {row}: expected UTF-8 text, found another encoding") from error
    except OSError as error:
        raise OperatorError(f"{path}: expected a readable CSV file ({error.strerror})") from error


def _check_header(path: Path, header: list[str], required: Sequence[str]) -> None:
    for column in required:
        if column not in header:
            raise OperatorError(f"{path.name}, row 1, column {column}: expected a column of this name, found none")
    for column in header:
        if column and header.count(column) > 1:
            raise OperatorError(
                f"{path.name}, row 1, column {column}: expected once, found {header.count(column)} times"
            )


def _row(path: Path, number: int, header: list[str], cells: list[str]) -> Row:
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    if extra:
        place = f"{path.name}, row {number}, column {len(header) + 1}"
        raise OperatorError(f"{place}: expected {len(header)} cells, found {extra[0][:40]!r}")
    return Row(number, dict(zip(header, cells, strict=False)), path.name)
