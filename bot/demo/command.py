"""`peer-circles demo`: a whole season on a simulated Discord, then a look at it in the browser."""

import argparse
import asyncio
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import OperatorError
from bot.logs import set_up_logging
from bot.text import text

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

FEWEST_MEMBERS, MOST_MEMBERS, MOST_WEEKS = 8, 500, 104
LOG = "demo.log"
COLLECTING = (1_000_000, 20, 50)  # seldom enough to save a twentieth of the time
INTERRUPTED = 130  # what a shell reports after Ctrl+C


def add_parser(subparsers: "Subparsers") -> None:
    """Add `demo` and its options to the command line."""
    parser = subparsers.add_parser("demo", help=text("cli.demo.help"), description=text("cli.demo.description"))
    parser.add_argument("--members", type=_members, default=60, metavar="N", help=text("cli.demo.members"))
    parser.add_argument("--weeks", type=_weeks, default=12, metavar="W", help=text("cli.demo.weeks"))
    parser.add_argument("--seed", type=int, default=1, metavar="S", help=text("cli.demo.seed"))
    parser.add_argument(
        "--output", type=Path, default=Path("demo-output"), metavar="FOLDER", help=text("cli.demo.output")
    )
    parser.add_argument("--no-serve", action="store_true", help=text("cli.demo.no-serve"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return its exit code."""
    gc.set_threshold(*COLLECTING)  # loading makes much that stays, a season much that goes, and both little in rings
    try:
        from rich.console import Console  # noqa: PLC0415 - other commands describe this one too, and need no colours

        from bot.demo.program import play  # noqa: PLC0415 - SimCord is an extra, and only this command needs it
        from bot.demo.season import Plan  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "simcord":
            raise
        raise OperatorError(text("fault.demo.extra")) from error
    plan = Plan(arguments.members, arguments.weeks, arguments.seed)
    try:
        arguments.output.mkdir(parents=True, exist_ok=True)
        gc.freeze()  # what is loaded by now stays
        with (arguments.output / LOG).open("w", encoding="utf-8") as log:
            set_up_logging("INFO", log)
            asyncio.run(play(plan, arguments.output, Console(), serves=not arguments.no_serve))
    except OSError as error:
        raise OperatorError(f"{arguments.output}: {error.strerror}") from error
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _members(written: str) -> int:
    return _between(written, FEWEST_MEMBERS, MOST_MEMBERS)


def _weeks(written: str) -> int:
    return _between(written, 1, MOST_WEEKS)


def _between(written: str, least: int, most: int) -> int:
    if not written.isdecimal() or not least <= int(written) <= most:
        raise argparse.ArgumentTypeError(text("fault.demo.number", written=repr(written), least=least, most=most))
    return int(written)
