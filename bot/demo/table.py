"""What happened in the season, as tables on the terminal; every number comes from the database or the request log."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from simcord import HttpLogEntry

from bot.domain.states import DeliveryKind, DeliveryState, EnrollmentState
from bot.services.figures import Figures, RotationFigures
from db.figures import DeliveryCount

REASONS: Mapping[int, str] = {
    0: "what it was about is gone",
    -1: "Discord never answered",
    10003: "the thread is gone",
    50007: "direct messages are closed",
}
SHOWN_ROUTES = 5


def show(console: Console, figures: Figures, requests: Sequence[HttpLogEntry]) -> None:
    """Print what happened: the people, each rotation, and what Discord was asked to do."""
    console.print(_people(figures))
    console.print(_rotations(figures))
    console.print(_deeds(figures))
    console.print(_deliveries(figures))
    console.print(_requests(requests))


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    table.add_column(columns[0])
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _people(figures: Figures) -> Table:
    table = _table("People", "", "n")
    rows = {
        "joined": figures.joined,
        "taking part now": figures.enrollments.get(EnrollmentState.ACTIVE, 0),
        "paused now": figures.enrollments.get(EnrollmentState.PAUSED, 0),
        "left": figures.enrollments.get(EnrollmentState.LEFT, 0),
        "of whom erased on request": figures.erased,
        "time zones": figures.zones,
        "pairs who shared a circle": len(figures.encounters),
        "asked privately after three silent check-ins": figures.count(DeliveryKind.SILENT_QUESTION),
    }
    for name, number in rows.items():
        table.add_row(name, str(number))
    return table


def _rotations(figures: Figures) -> Table:
    numbers = [str(each.number) if each.ended else f"{each.number} (runs)" for each in figures.rotations]
    table = _table("Rotations", "", *numbers)
    for name, values in _rotation_rows(figures.rotations).items():
        table.add_row(name, *values)
    return table


def _rotation_rows(rotations: Sequence[RotationFigures]) -> dict[str, list[str]]:
    return {
        "first day": [f"{each.starts_at:%d %b}" for each in rotations],
        "circles": [str(len(each.circles)) for each in rotations],
        "people in circles": [str(each.people) for each in rotations],
        "not placed": [str(each.unplaced) for each in rotations],
        "first encounters": [str(len(each.first)) for each in rotations],
        "repeated encounters": [str(len(each.again)) for each in rotations],
        "shared hours, median": [f"{median(circle.shared_hours for circle in each.circles):g}" for each in rotations],
        "circles with two or more": [
            str(sum(circle.shared_hours >= 2 for circle in each.circles)) for each in rotations
        ],
        "check-ins opened": [str(sum(week.circles for week in each.weeks)) for each in rotations],
        "answers they asked for": [str(each.asked) for each in rotations],
        "answers they got": [_share(each.answered, each.asked) for each in rotations],
        "circles that met": [_said(each) for each in rotations],
    }


def _deeds(figures: Figures) -> Table:
    table = _table("Between the check-ins", "", "n")
    for name, number in figures.deeds.items():
        table.add_row(name, str(number))
    return table


def _deliveries(figures: Figures) -> Table:
    table = _table("What the bot did on Discord", "", "done", "needless by then", "refused", "waiting")
    kinds = [kind for kind in DeliveryKind if any(each.kind is kind for each in figures.deliveries)]
    for kind in kinds:
        table.add_row(_named(kind), *_outcomes(figures, kind))
    table.add_section()
    table.add_row("all", *_outcomes(figures, *kinds))
    refused = [each for each in figures.deliveries if each.state is DeliveryState.DEAD]
    table.caption = "\n".join(f"refused: {_named(each.kind)} ({_why(each)})" for each in refused)
    table.caption_justify = "left"
    return table


def _outcomes(figures: Figures, *kinds: DeliveryKind) -> list[str]:
    """Count the deliveries that were done, turned out to be needless, were refused, and wait."""
    of_these = [each for each in figures.deliveries if each.kind in kinds]
    needless = sum(each.n for each in of_these if each.state is DeliveryState.DONE and not each.sent)
    refused = sum(each.n for each in of_these if each.state is DeliveryState.DEAD)
    waiting = sum(each.n for each in of_these if each.state in (DeliveryState.PENDING, DeliveryState.INFLIGHT))
    return [str(figures.count(*kinds)), str(needless), str(refused), str(waiting)]


def _named(kind: DeliveryKind) -> str:
    return kind.value.replace("-", " ")


def _why(refused: DeliveryCount) -> str:
    code = refused.error_code or 0
    return REASONS.get(code, f"code {code}")


def _requests(requests: Sequence[HttpLogEntry]) -> Table:
    table = _table("Requests sent to Discord", "", "n")
    counted = Counter(f"{each.method} {_route(each.path)}" for each in requests)
    for route, number in counted.most_common(SHOWN_ROUTES):
        table.add_row(route, str(number))
    table.add_row("others", str(len(requests) - sum(number for _, number in counted.most_common(SHOWN_ROUTES))))
    table.add_section()
    table.add_row("all", str(len(requests)))
    return table


def _route(path: str) -> str:
    """Return a path without ids and tokens."""
    parts = path.strip("/").split("/")
    if parts[0] in ("interactions", "webhooks") and len(parts) > 2:
        parts[2] = "…"
    return "/" + "/".join("…" if part.isdecimal() else part for part in parts)


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else "-"


def _said(rotation: RotationFigures) -> str:
    said = [circle.met for circle in rotation.circles if circle.met is not None]
    return f"{sum(said)} of {len(said)}" if said else "-"
