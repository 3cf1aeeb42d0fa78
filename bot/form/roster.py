"""ROSTER.csv and HISTORY.csv as the people and past circles that formation knows."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.availability import BadHours, parse_ranges, week_mask
from bot.domain.formation import PastCircle, Person, Role
from bot.form.table import Row, read_table
from bot.text import text

MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a file, their names where given, and the pairs who are not to meet."""

    people: tuple[Person, ...]
    names: dict[str, str]
    avoid: frozenset[frozenset[str]]


def read_roster(path: Path, week: date) -> Roster:
    """Read a roster; hours are moved to UTC by each zone's offset at noon of the given date."""
    rows = list(read_table(path, ["member_id"]))
    _check_ids(rows)
    levels = _levels(rows)
    zones: dict[str, ZoneInfo] = {}
    known = {row.cell("member_id") for row in rows}
    people = tuple(_person(row, levels, zones, week) for row in rows)
    names = {row.cell("member_id"): row.cell("name") for row in rows if row.cell("name")}
    avoid = frozenset(pair for row in rows for pair in _avoided(row, known))
    return Roster(people, names, avoid)


def _check_ids(rows: list[Row]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        key = row.cell("member_id")
        if not key:
            raise row.fault("member_id", text("form.expected.id"))
        if key in seen:
            raise row.fault("member_id", text("form.expected.new-id", row=seen[key]))
        seen[key] = row.number


def _levels(rows: list[Row]) -> dict[str, int]:
    """Give each experience told a number: its own where all are whole numbers, else one for each wording."""
    told = sorted({row.cell("experience").casefold() for row in rows} - {""})
    if all(_is_number(each) for each in told):
        return {each: int(each) for each in told}
    return {each: number for number, each in enumerate(told)}


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) <= MOST_DIGITS


def _person(row: Row, levels: dict[str, int], zones: dict[str, ZoneInfo], week: date) -> Person:
    experience = row.cell("experience").casefold()
    return Person(
        key=row.cell("member_id"),
        hours=_hours(row, zones, week),
        offers=_words(row, "helps_with"),
        wants=_words(row, "wants_help_with"),
        experience=levels[experience] if experience else None,
        languages=_words(row, "languages"),
        cohort=row.cell("cohort") or None,
        role=_role(row),
        capacity=_capacity(row),
    )


def _words(row: Row, column: str) -> frozenset[str]:
    """Read a list whose parts are equal whatever their capitals."""
    return frozenset(part.casefold() for part in row.list(column))


def _hours(row: Row, zones: dict[str, ZoneInfo], week: date) -> int:
    name = row.cell("timezone") or "UTC"
    if name not in zones:
        if name not in available_timezones():
            raise row.fault("timezone", text("form.expected.zone"))
        zones[name] = ZoneInfo(name)
    try:
        ranges = parse_ranges(row.cell("availability"))
    except BadHours as error:
        raise row.fault("availability", text("form.expected.hours")) from error
    return week_mask(ranges, zones[name], week) if ranges else 0


def _role(row: Row) -> Role:
    try:
        return Role(row.cell("role").lower() or "member")
    except ValueError as error:
        raise row.fault("role", text("form.expected.role")) from error


def _capacity(row: Row) -> int | None:
    cell = row.cell("capacity")
    if cell and not _is_number(cell):
        raise row.fault("capacity", text("form.expected.number"))
    return int(cell) if cell else None


def _avoided(row: Row, known: set[str]) -> list[frozenset[str]]:
    own = row.cell("member_id")
    for key in row.list("avoid"):
        if key == own or key not in known:
            raise row.fault("avoid", text("form.expected.others"))
    return [frozenset({own, key}) for key in row.list("avoid")]


def read_history(path: Path) -> tuple[PastCircle, ...]:
    """Read past circles; repeats, people who have left and circles of one are taken as they are."""
    circles: dict[tuple[int, str], set[str]] = {}
    for row in read_table(path, ["rotation", "circle", "member_id"]):
        number = row.cell("rotation")
        if not _is_number(number):
            raise row.fault("rotation", text("form.expected.number"))
        for column in ("circle", "member_id"):
            if not row.cell(column):
                raise row.fault(column, text("form.expected.id"))
        circles.setdefault((int(number), row.cell("circle")), set()).add(row.cell("member_id"))
    return tuple(PastCircle(rotation, frozenset(members)) for (rotation, _), members in circles.items())
