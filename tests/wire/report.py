"""docs/reliability.md: the figures of the last run, a section for each campaign, written by the run itself."""

import fcntl
import os
import platform
import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.wire.client import ROOT

FILE = ROOT / "docs" / "reliability.md"
LOCK = Path(tempfile.gettempdir()) / "peer-circles-reliability.lock"
HEAD = """\
# What holds when things go wrong

The figures of the last run of `make faults`, with the machine they were measured on; each section is written by the run
of its campaign. The bot is an unmodified `peer-circles run` in a process of its own, Discord a small local server in
another one that outlives it, so that a kill is a kill. What is lost or doubled is counted on the server's ledger, once
the bot has looked a last time at what took more than one attempt: three seconds later here, a minute in earnest.
"""


def write_section(name: str, title: str, told: str, figures: Sequence[tuple[str, object]], file: Path = FILE) -> None:
    """Put a campaign's section in the place of its last one; others may write theirs at the same time."""
    section = "\n".join([f"## {title}", "", told, "", *_table(figures), "", f"{_machine()}.", ""])
    framed = f"<!-- {name} -->\n{section}<!-- end of {name} -->\n"
    with LOCK.open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = file.read_text(encoding="utf-8") if file.exists() else HEAD
        old = re.compile(rf"<!-- {re.escape(name)} -->\n.*?<!-- end of {re.escape(name)} -->\n", re.DOTALL)
        after = old.sub(lambda _: framed, before) if old.search(before) else f"{before.rstrip()}\n\n{framed}"
        unfinished = file.with_suffix(".unfinished")
        unfinished.write_text(after, encoding="utf-8")
        unfinished.replace(file)


def _table(figures: Sequence[tuple[str, object]]) -> list[str]:
    rows = [f"| {name} | {_shown(value)} |" for name, value in figures]
    return ["| figure | value |", "|---|---:|", *rows]


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if value >= 0.1 else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _machine() -> str:
    """Say when and on what it ran, and how busy that was."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores of {model}, {memory / 1024**2:.0f} GiB,"
        f" Python {platform.python_version()}, load {load:.1f}"
    )


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
