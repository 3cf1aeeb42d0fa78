"""How much memory the bot takes beside one that does nothing, in a guild of many members."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.wire.answers import FILL, arrange, wait_ready
from tests.wire.client import Wire, running, wait_until
from tests.wire.place import GUILD, LOBBY, Place, guild

SETTLING = 3.0


@dataclass(frozen=True)
class Weighed:
    """Megabytes of the processes of both bots; what several processes share counts once."""

    members: int
    bot: float
    noop: float
    libraries: float  # a bot that does nothing, with the libraries in memory that the bot needs

    @property
    def more(self) -> float:
        """How much more the bot takes."""
        return self.bot - self.noop


def weigh(wire: Wire, template: Place, folder: Path, members: int) -> Weighed:
    """Let both bots answer the same people in a guild of so many, and weigh them."""
    place = arrange(wire, template, folder, "memory.jsonl")
    bot, noop, libraries = (_weigh(wire, place, members, kind) for kind in ((), ("twice",), ("libraries",)))
    return Weighed(members, bot, noop, libraries)


def _weigh(wire: Wire, place: Place, members: int, noop: tuple[str, ...]) -> float:
    seats = place.seats()
    threads = sorted({seat.thread for seat in seats})
    wire.reset([guild([LOBBY, *threads], members)], ledger=f"memory-{len(noop)}.jsonl")
    command = (sys.executable, "-m", "tests.wire.noop", *noop) if noop else ()
    with running(wire, place.folder, command=command) as bot:
        wire.wait_connected()
        if noop:
            time.sleep(SETTLING)
        else:
            wait_ready(wire, bot)
        crowd = wire.control(
            "crowd",
            users=[seat.user for seat in seats],
            guild=GUILD,
            channels=[seat.thread for seat in seats],
            submit=[f"pc:checkin-given:{seat.checkin}" for seat in seats],
            fill=FILL,
            per_second=50,
        )["crowd"]
        wait_until(lambda: wire.control("crowd_results", crowd=crowd)["ended"] is not None, "all have answered", 300)
        wait_until(lambda: noop != () or not place.unfinished(), "every answer is posted", 300)
        time.sleep(SETTLING)
        return sum(proportional(pid) for pid in family(bot.pid))


def family(pid: int) -> list[int]:
    """Return a process and everything that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in children for each in family(int(child)))]


def proportional(pid: int) -> float:
    """Return a process's own megabytes and its part of what it shares."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    line = next(each for each in rollup.splitlines() if each.startswith("Pss:"))
    return int(line.split()[1]) / 1024
