"""The instances as CSV files, and what `peer-circles form` makes of them, reading and writing included."""

import csv
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.__main__ import main
from bot.domain.formation import Person, Problem

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COLUMNS = (
    *("member_id", "timezone", "availability", "helps_with", "wants_help_with"),
    *("experience", "languages", "cohort", "role", "capacity", "avoid"),
)


def write_roster(path: Path, problem: Problem) -> None:
    """Write the people of a problem as ROSTER.csv, their hours in UTC."""
    avoided: dict[str, list[str]] = {}
    for one, other in map(sorted, problem.avoid):
        avoided.setdefault(one, []).append(other)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_row(person, avoided.get(person.key, [])) for person in problem.people)


def form_season(problem: Problem, size: str, rotations: int, *options: str) -> list[list[list[int]]]:
    """Let the command form a season from a file; return its circles by the numbers of the people."""
    number = {person.key: i for i, person in enumerate(problem.people)}
    with TemporaryDirectory() as folder, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        roster, formed = Path(folder) / "roster.csv", Path(folder) / "formed.json"
        write_roster(roster, problem)
        command = ["form", str(roster), "--size", size, "--rotations", str(rotations), "--output", str(formed)]
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            code = main([*command, *options])
        if code:
            raise SystemExit(code)
        document = json.loads(formed.read_text("utf-8"))
    return [[[number[key] for key in circle] for circle in each["circles"]] for each in document["rotations"]]


def _row(person: Person, avoided: list[str]) -> tuple[object, ...]:
    return (
        person.key,
        "UTC",
        "; ".join(_ranges(person.hours)),
        ";".join(sorted(person.offers)),
        ";".join(sorted(person.wants)),
        "" if person.experience is None else person.experience,
        ";".join(sorted(person.languages)),
        person.cohort or "",
        person.role.value,
        "" if person.capacity is None else person.capacity,
        ";".join(avoided),
    )


def _ranges(hours: int) -> list[str]:
    """Write a week's hours as runs within a day."""
    runs: list[str] = []
    for day, name in enumerate(DAYS):
        free = [hour for hour in range(24) if hours >> (day * 24 + hour) & 1]
        starts = [hour for hour in free if hour - 1 not in free]
        ends = [hour + 1 for hour in free if hour + 1 not in free]
        runs += [f"{name} {start}-{end}" for start, end in zip(starts, ends, strict=True)]
    return runs
