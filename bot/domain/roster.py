"""The people of a spreadsheet who are to join a program: each row read in full, each problem by row and column."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.availability import BadHours, WeekRange, parse_ranges
from bot.domain.formation.problem import Role
from bot.domain.table import Fault, Row, read_rows
from bot.domain.zones import known_zones

COLUMNS = (
    "member_id",
    "name",
    "timezone",
    "availability",
    "helps_with",
    "wants_help_with",
    "languages",
    "experience",
    "cohort",
    "role",
    "capacity",
    "avoid",
)
MOST_ROWS = 2_000
LONGEST_LIST = 300
MOST_MENTEES = 11
MINUTES = 60
HOURS_A_WEEK = 168
_USER = re.compile(r"(?:<@!?)?([1-9]\d{16,19})>?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row; None and empty where it says nothing. `hours` are 168 bits in the person's own zone."""

    row: int
    user_id: int
    zone: str | None
    hours: int | None
    helps_with: str
    wants_help_with: str
    languages: str
    experience: str | None
    role: Role | None
    capacity: int | None
    avoid: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """What a file holds: the rows that can be read, and every problem of the others."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]


def read_roster(data: bytes, experiences: Sequence[str]) -> Roster:
    """Read a roster; a row with any fault is left out. Raise BadTable where the file is none."""
    entries: dict[int, Entry] = {}
    faults: list[Fault] = []
    for row in read_rows(data, ("member_id",), COLUMNS, MOST_ROWS):
        found = list(_faults_of(row, experiences))
        user = user_of(row.cell("member_id"))
        if user is not None and user in entries:
            found.append(row.problem("member_id", "once"))
        faults += found
        if not found and user is not None:
            entries[user] = _entry(row, user)
    return Roster(tuple(entries.values()), tuple(faults))


def user_of(written: str) -> int | None:
    """Read a user id, or a mention of one; None where it is neither."""
    match = _USER.fullmatch(written.strip())
    return int(match[1]) if match else None


def _faults_of(row: Row, experiences: Sequence[str]) -> Iterator[Fault]:
    if user_of(row.cell("member_id")) is None:
        yield row.problem("member_id", "user-id")
    if row.cell("timezone") and row.cell("timezone") not in known_zones():
        yield row.problem("timezone", "zone")
    if _hours(row) is None:
        yield row.problem("availability", "hours")
    for column in ("helps_with", "wants_help_with", "languages"):
        if len(row.cell(column)) > LONGEST_LIST:
            yield row.problem(column, "length")
    if row.cell("experience") and row.cell("experience").lower() not in experiences:
        yield row.problem("experience", "experience")
    if row.cell("role").lower() not in ("", *Role):
        yield row.problem("role", "role")
    if row.cell("capacity") and _capacity(row) is None:
        yield row.problem("capacity", "capacity")
    if any(user_of(each) in (None, user_of(row.cell("member_id"))) for each in row.list("avoid")):
        yield row.problem("avoid", "avoid")


def _hours(row: Row) -> int | None:
    """Read weekly hours as a mask; None where they cannot be read."""
    try:
        ranges = parse_ranges(row.cell("availability"))
    except BadHours:
        return None
    return sum({1 << hour for each in ranges for hour in _whole_hours(each)})


def _whole_hours(stretch: WeekRange) -> Iterator[int]:
    """Give the hours of the week that lie within a stretch as a whole."""
    for hour in range(-(-stretch.start // MINUTES), stretch.end // MINUTES):
        yield hour % HOURS_A_WEEK


def _capacity(row: Row) -> int | None:
    text = row.cell("capacity")
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MENTEES else None


def _entry(row: Row, user_id: int) -> Entry:
    role = row.cell("role").lower()
    return Entry(
        row=row.number,
        user_id=user_id,
        zone=row.cell("timezone") or None,
        hours=_hours(row) or None,
        helps_with=row.cell("helps_with"),
        wants_help_with=row.cell("wants_help_with"),
        languages=row.cell("languages"),
        experience=row.cell("experience").lower() or None,
        role=Role(role) if role else None,
        capacity=_capacity(row),
        avoid=tuple(user for each in row.list("avoid") if (user := user_of(each)) is not None),
    )
