"""Tables as people keep them in spreadsheets: CSV text in the encodings and with the separators that these write."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 40  # characters of a cell that a fault quotes
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell; the row as a spreadsheet counts it (the header is 1), 0 for the file as a whole."""

    row: int
    column: str
    expected: str
    found: str


class BadTable(ValueError):  # the name says what is wrong
    """A file is no table of the columns asked for."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it (the header is 1) and its cells by column."""

    number: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """Give the trimmed text of a cell, empty where the column is missing."""
        return self.cells.get(column, "").strip()

    def list(self, column: str) -> list[str]:
        """Split a cell at its semicolons, trimmed, without empty parts."""
        return [part.strip() for part in self.cell(column).split(";") if part.strip()]

    def problem(self, column: str, expected: str) -> Fault:
        """Say what is wrong with a cell."""
        return Fault(self.number, column, expected, self.cell(column)[:SHOWN])


def read_rows(data: bytes, required: Sequence[str], known: Sequence[str] | None, most: int) -> list[Row]:
    """Read CSV whose first row names the columns, with any separator a spreadsheet uses; empty rows are passed over.

    Where no columns are `known`, others beside the required ones are taken and mean nothing.
    """
    text = _decode(data)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator_of(text), strict=True)
    try:
        lines = list(reader)
    except csv.Error as error:
        raise BadTable(Fault(reader.line_num, "", "csv", str(error)[:SHOWN])) from error
    header = [name.strip().lower() for name in (lines[0] if lines else [])]
    _check_header(header, required, known)
    rows = [
        Row(number, dict(zip(header, cells, strict=False)))
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]
    if len(rows) > most:
        raise BadTable(Fault(0, "", "rows", str(len(rows))))
    return rows


def _decode(data: bytes) -> str:
    """Read UTF-8 with or without its mark, UTF-16 with it, or else what Excel writes in western Europe."""
    if data.startswith(UTF16_MARKS):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def separator_of(text: str) -> str:
    """Take the separator that the first line has most of; a comma where it has none."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _check_header(header: Sequence[str], required: Sequence[str], known: Sequence[str] | None) -> None:
    for column in required:
        if column not in header:
            raise BadTable(Fault(1, column, "column", ""))
    for column in header:
        if column and known is not None and column not in known:
            raise BadTable(Fault(1, column, "known-column", column[:SHOWN]))
        if column and header.count(column) > 1:
            raise BadTable(Fault(1, column, "once", column[:SHOWN]))
