"""CSV files as rows of named cells, and the one line that says what is wrong with them."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain import table
from bot.errors import OperatorError
from bot.text import text


@dataclass(frozen=True, slots=True)
class Row(table.Row):
    """One row of a file that is read from the disk."""

    file: str

    def fault(self, column: str, expected: str) -> OperatorError:
        """Make the error for this cell."""
        found = self.cell(column)
        shown = repr(found[:40]) if found else text("form.nothing")
        values = {"file": self.file, "row": self.number, "column": column}
        return OperatorError(text("form.fault.cell", **values, expected=expected, found=shown))


def read_table(path: Path, required: Sequence[str]) -> Iterator[Row]:
    """Read the rows of a CSV file whose first row names the columns; empty rows are passed over."""
    found = _read_text(path)
    reader = csv.reader(found.splitlines(keepends=True), delimiter=table.separator_of(found), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, list[str]())]
        _check_header(path, header, required)
        for number, cells in enumerate(reader, start=2):
            if any(cell.strip() for cell in cells):
                yield _row(path, number, header, cells)
    except csv.Error as error:
        fault = text("form.fault.csv", file=path.name, line=reader.line_num, fault=error)
        raise OperatorError(fault) from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise OperatorError(text("form.fault.encoding", file=path.name, row=row)) from error
    except OSError as error:
        raise OperatorError(text("form.fault.unreadable", file=path, fault=error.strerror)) from error


def _check_header(path: Path, header: list[str], required: Sequence[str]) -> None:
    for column in required:
        if column not in header:
            raise OperatorError(text("form.fault.no-column", file=path.name, column=column))
    for column in header:
        if column and header.count(column) > 1:
            values = {"file": path.name, "column": column, "times": header.count(column)}
            raise OperatorError(text("form.fault.columns", **values))


def _row(path: Path, number: int, header: list[str], cells: list[str]) -> Row:
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    if extra:
        values = {"file": path.name, "row": number, "column": len(header) + 1, "cells": len(header)}
        raise OperatorError(text("form.fault.cells", **values, found=repr(extra[0][:40])))
    return Row(number, dict(zip(header, cells, strict=False)), path.name)
