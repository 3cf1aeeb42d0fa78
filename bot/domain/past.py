"""The circles that people sat in before a program, out of a spreadsheet: each problem by row and column."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from bot.domain.roster import user_of
from bot.domain.table import BadTable, Fault, Row, read_rows

COLUMNS = ("rotation", "circle", "member_id")
MOST_ROWS = 20_000
MOST_DIGITS = 9
LARGEST = 30  # people in one circle; more would be a whole group, whose pairs say nothing
Encounter = tuple[int, int, int]  # rotation, and the two users, the smaller id first


class BadHistory(BadTable):
    """A file is no history of circles."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One row: somebody in a circle of an earlier rotation."""

    row: int
    rotation: int
    circle: str
    user_id: int


@dataclass(frozen=True, slots=True)
class History:
    """What a file holds: the rows that can be read, and every problem of the others."""

    seats: tuple[Seat, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_history(data: bytes) -> History:
    """Read past circles; a row said twice counts once. Raise BadHistory where the file is none."""
    try:
        rows = read_rows(data, COLUMNS, None, MOST_ROWS)
    except BadTable as error:
        raise BadHistory(error.fault) from error
    people: dict[tuple[int, str], set[int]] = defaultdict(set)
    seats: list[Seat] = []
    faults: list[Fault] = []
    for row in rows:
        found, user = list(_faults_of(row)), user_of(row.cell("member_id"))
        if not found and user is not None:
            seat = Seat(row.number, int(row.cell("rotation")), row.cell("circle"), user)
            circle = people[seat.rotation, seat.circle]
            circle.add(user)
            if len(circle) > LARGEST:
                found.append(row.problem("circle", "circle-size"))
            else:
                seats.append(seat)
        faults += found
    return History(tuple(seats), tuple(faults))


def encounters_of(seats: Iterable[Seat]) -> set[Encounter]:
    """Return every two who shared a circle, once a rotation."""
    circles: dict[tuple[int, str], set[int]] = defaultdict(set)
    for seat in seats:
        circles[seat.rotation, seat.circle].add(seat.user_id)
    return {
        (rotation, one, other)
        for (rotation, _), people in circles.items()
        for one, other in combinations(sorted(people), 2)
    }


def _faults_of(row: Row) -> Iterator[Fault]:
    number = row.cell("rotation")
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        yield row.problem("rotation", "number")
    if not row.cell("circle"):
        yield row.problem("circle", "circle")
    if user_of(row.cell("member_id")) is None:
        yield row.problem("member_id", "user-id")
