"""`peer-circles form`: circles for a spreadsheet, without Discord."""

import argparse
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.formation import PRESETS, Assignment, Budget, Problem, Rules, Sizes
from bot.errors import OperatorError
from bot.form.roster import read_history, read_roster
from bot.form.season import form_mentor_rotations, form_rotations
from bot.text import text

# What draws on a terminal is imported when there is something to draw: other commands describe this one too.
# ruff: noqa: PLC0415

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

STEPS = 20_000  # iterations a rotation without a time limit
STEPS_A_PERSON = 20


def add_parser(subparsers: "Subparsers") -> None:
    """Add `form` and its options to the command line."""
    parser = subparsers.add_parser("form", help=text("form.help.command"), description=text("form.help.description"))
    parser.add_argument("roster", type=Path, metavar="ROSTER.csv", help=text("form.help.roster"))
    parser.add_argument("--history", type=Path, metavar="HISTORY.csv", help=text("form.help.history"))
    parser.add_argument("--size", required=True, type=parse_sizes, metavar="MIN..MAX", help=text("form.help.size"))
    parser.add_argument("--rotations", type=_positive, default=1, metavar="N", help=text("form.help.rotations"))
    parser.add_argument("--seed", type=int, default=0, metavar="S", help=text("form.help.seed"))
    parser.add_argument(
        "--time-limit",
        type=_seconds,
        metavar="SECONDS",
        help=text("form.help.time-limit"),
    )
    parser.add_argument("--output", type=Path, metavar="FILE.json", help=text("form.help.output"))
    parser.add_argument("--preset", choices=sorted(PRESETS), default="new-people", help=text("form.help.preset"))
    parser.add_argument("--facilitator-in-each", action="store_true", help=text("form.help.facilitator"))
    parser.add_argument("--mentors", action="store_true", help=text("form.help.mentors"))
    parser.add_argument("--common-language", action="store_true", help=text("form.help.language"))
    parser.add_argument("--week", type=date.fromisoformat, metavar="DATE", help=text("form.help.week"))
    parser.set_defaults(run=run)


def parse_sizes(written: str) -> Sizes:
    """Read `4..6`: the wanted size is the middle, rounded down."""
    match = re.fullmatch(r"(\d{1,4})\.\.(\d{1,4})", written.strip())
    if match is None or not 2 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(text("form.expected.sizes", found=repr(written)))
    least, most = int(match[1]), int(match[2])
    return Sizes(least, (least + most) // 2, most)


def _positive(written: str) -> int:
    if not written.isdigit() or int(written) < 1:
        raise argparse.ArgumentTypeError(text("form.expected.rotations", found=repr(written)))
    return int(written)


def _seconds(written: str) -> float:
    try:
        seconds = float(written)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(text("form.expected.seconds", found=repr(written)))
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Read the files, form the rotations, write and show them; 0 when done."""
    from rich.console import Console

    from bot.form.report import show_summary, to_document

    week = arguments.week or datetime.now(UTC).date()
    roster = read_roster(arguments.roster, week)
    history = read_history(arguments.history) if arguments.history else ()
    problem = Problem(
        people=roster.people,
        sizes=arguments.size,
        rotation=max((past.rotation for past in history), default=0) + 1,
        history=history,
        avoid=roster.avoid,
        rules=Rules(arguments.facilitator_in_each, arguments.common_language),
        weights=PRESETS[arguments.preset],
        budget=_budget(arguments, len(roster.people)),
        seed=arguments.seed,
    )
    make = form_mentor_rotations if arguments.mentors else form_rotations
    formed = _with_bar(lambda progress: make(problem, arguments.rotations, progress))
    to_console = arguments.output is not None and str(arguments.output) == "-"
    show_summary(Console(stderr=to_console), formed, roster.names)
    if arguments.output is not None:
        _write(arguments.output, json.dumps(to_document(formed, arguments.seed), ensure_ascii=False) + "\n")
    return 0


def _budget(arguments: argparse.Namespace, people: int) -> Budget:
    if arguments.time_limit is None:
        return Budget(iterations=max(STEPS, STEPS_A_PERSON * people))
    return Budget(seconds=arguments.time_limit / arguments.rotations, iterations=None)


def _with_bar(work: Callable[[Callable[[float], None]], tuple[Assignment, ...]]) -> tuple[Assignment, ...]:
    """Do the work under a progress bar on standard error, which goes away at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(text("form.working")), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("form", total=1.0)
        return work(lambda share: bar.update(task, completed=share))


def _write(path: Path, document: str) -> None:
    if str(path) == "-":
        from rich.console import Console

        Console(soft_wrap=True, markup=False, highlight=False).out(document, end="", highlight=False)
        return
    try:
        path.write_text(document, encoding="utf-8")
    except OSError as error:
        raise OperatorError(text("form.fault.unwritable", file=path, fault=error.strerror)) from error
