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
from bot.text import text
from db.figures import DeliveryCount

REASONS: Mapping[int, str] = {0: "gone", -1: "no-answer", 10003: "no-thread", 50007: "dms-closed"}
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
    table = _table(text("demo.people"), "", "n")
    rows = {
        "joined": figures.joined,
        "active": figures.enrollments.get(EnrollmentState.ACTIVE, 0),
        "paused": figures.enrollments.get(EnrollmentState.PAUSED, 0),
        "left": figures.enrollments.get(EnrollmentState.LEFT, 0),
        "erased": figures.erased,
        "zones": figures.zones,
        "pairs": len(figures.encounters),
        "asked": figures.count(DeliveryKind.SILENT_QUESTION),
    }
    for name, number in rows.items():
        table.add_row(text(f"demo.people.{name}"), str(number))
    return table


def _rotations(figures: Figures) -> Table:
    numbers = [
        str(each.number) if each.ended else text("demo.rotation.runs", number=each.number) for each in figures.rotations
    ]
    table = _table(text("demo.rotations"), "", *numbers)
    for name, values in _rotation_rows(figures.rotations).items():
        table.add_row(text(f"demo.rotation.{name}"), *values)
    return table


def _rotation_rows(rotations: Sequence[RotationFigures]) -> dict[str, list[str]]:
    return {
        "first-day": [f"{each.starts_at:%d %b}" for each in rotations],
        "circles": [str(len(each.circles)) for each in rotations],
        "people": [str(each.people) for each in rotations],
        "unplaced": [str(each.unplaced) for each in rotations],
        "first": [str(len(each.first)) for each in rotations],
        "again": [str(len(each.again)) for each in rotations],
        "shared-hours": [f"{median(circle.shared_hours for circle in each.circles):g}" for each in rotations],
        "two-hours": [str(sum(circle.shared_hours >= 2 for circle in each.circles)) for each in rotations],
        "checkins": [str(sum(week.circles for week in each.weeks)) for each in rotations],
        "asked": [str(each.asked) for each in rotations],
        "answered": [_share(each.answered, each.asked) for each in rotations],
        "met": [_said(each) for each in rotations],
    }


def _deeds(figures: Figures) -> Table:
    table = _table(text("demo.deeds"), "", "n")
    for name, number in figures.deeds.items():
        table.add_row(text(f"demo.deed.{name}"), str(number))
    return table


def _deliveries(figures: Figures) -> Table:
    outcomes = ("done", "needless", "refused", "waiting")
    table = _table(text("demo.deliveries"), "", *(text(f"demo.delivery.{each}") for each in outcomes))
    kinds = [kind for kind in DeliveryKind if any(each.kind is kind for each in figures.deliveries)]
    for kind in kinds:
        table.add_row(_named(kind), *_outcomes(figures, kind))
    table.add_section()
    table.add_row(text("demo.all"), *_outcomes(figures, *kinds))
    refused = [each for each in figures.deliveries if each.state is DeliveryState.DEAD]
    table.caption = "\n".join(text("demo.delivery.why", kind=_named(each.kind), why=_why(each)) for each in refused)
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
    return text(f"demo.refused.{REASONS[code]}") if code in REASONS else text("demo.refused.code", code=code)


def _requests(requests: Sequence[HttpLogEntry]) -> Table:
    table = _table(text("demo.requests"), "", "n")
    counted = Counter(f"{each.method} {_route(each.path)}" for each in requests)
    for route, number in counted.most_common(SHOWN_ROUTES):
        table.add_row(route, str(number))
    table.add_row(
        text("demo.others"), str(len(requests) - sum(number for _, number in counted.most_common(SHOWN_ROUTES)))
    )
    table.add_section()
    table.add_row(text("demo.all"), str(len(requests)))
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
    return text("demo.part", part=sum(said), whole=len(said)) if said else "-"
