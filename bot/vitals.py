"""What one process can tell of itself: how it is, in figures, and whether it is well; never of whom."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from bot import families
from bot.domain.shards import Share
from bot.metrics import LAG_BOUNDS, Family, Histogram, render
from bot.services import metrics
from bot.services.metrics import Backlog
from cogs._breaker import Breaker
from cogs._connection import Link
from cogs._messenger import Messenger
from db.engine import Database

log = logging.getLogger(__name__)
T = TypeVar("T")
PATIENCE_SECONDS = 2.0  # after as long without an answer the database does not answer
OWN = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a process's figures are read."""

    database: Database
    messenger: Messenger
    breaker: Breaker
    share: Share
    now: Callable[[], datetime]
    links: Callable[[], Mapping[int, Link]]
    clock_runs: Callable[[], bool]
    last_backup: Callable[[], float | None]
    lines: Mapping[str, int]


class Vitals:
    """Reads the figures anew each time they are asked for; what the database does not tell in time is left out."""

    def __init__(self, sources: Sources) -> None:
        self.lag = Histogram(LAG_BOUNDS)
        self._sources = sources
        self._started = sources.now().timestamp()
        database = sources.database
        self._backlog = _Question(lambda: metrics.measure(database, sources.now(), sources.share))
        self._answers = _Question(lambda: metrics.see_that_it_answers(database))
        self._writes = _Question(lambda: metrics.see_that_it_writes(database))

    async def metrics(self) -> str:
        """Return every figure, as Prometheus reads it."""
        backlog = await self._backlog.ask()
        return render((*self._of_discord(), *_of_backlog(backlog), *self._of_process()))

    async def health(self) -> Mapping[str, bool]:
        """Tell whether the process and its database answer."""
        return {"database": bool(await self._answers.ask())}

    async def readiness(self) -> Mapping[str, bool]:
        """Tell whether the bot can do its work: connected on every shard, looking at what is due, able to write."""
        links = self._sources.links()
        return {
            "database": bool(await self._writes.ask()),
            "discord": bool(links) and all(link.is_open for link in links.values()),
            "clock": self._sources.clock_runs(),
        }

    def _of_discord(self) -> Iterator[Family]:
        links, breaker = self._sources.links(), self._sources.breaker
        yield families.CONNECTED.by("shard", {str(shard): link.is_open for shard, link in links.items()})
        beats = {str(shard): link.latency for shard, link in links.items() if link.is_open}
        yield families.LATENCY.by("shard", {shard: beat for shard, beat in beats.items() if beat < float("inf")})
        yield families.ANSWERS.by("status", {str(status): count for status, count in sorted(breaker.answers.items())})
        yield families.INVALID.of(breaker.invalid)
        yield families.STOPPED.of(bool(breaker.wait()))
        yield families.ATTEMPTS.by("result", self._sources.messenger.results)

    def _of_process(self) -> Iterator[Family]:
        yield families.LAG.spread(self.lag)
        yield families.CLOCK.of(self._sources.clock_runs())
        if (last := self._sources.last_backup()) is not None:
            yield families.BACKUP.of(last)
        yield families.LINES.by("level", self._sources.lines)
        yield families.STARTED.of(self._started)
        yield families.CPU.of(time.process_time())
        if OWN.exists():  # on Linux
            pages = int((OWN / "statm").read_text(encoding="ascii").split()[1])
            yield families.MEMORY.of(pages * os.sysconf("SC_PAGE_SIZE"))
            yield families.FILES.of(sum(1 for _ in (OWN / "fd").iterdir()))


def _of_backlog(backlog: Backlog | None) -> Iterator[Family]:
    yield families.DATABASE_UP.of(backlog is not None)
    if backlog is not None:
        yield families.OVERDUE.of(backlog.overdue.total_seconds())
        yield families.OUTBOX.by("state", {str(state): count for state, count in backlog.outbox.items()})
        yield families.LATE.of(backlog.outbox_late.total_seconds())
        yield families.OLDEST.of(backlog.outbox_oldest.total_seconds())


class _Question(Generic[T]):
    """Asks one thing of the database at a time; whoever asks meanwhile waits for the same answer, and none for ever."""

    def __init__(self, question: Callable[[], Awaitable[T]]) -> None:
        self._question = question
        self._asked: asyncio.Task[T] | None = None

    async def ask(self) -> T | None:
        """Return the answer, or None where there is none in time; the question is never cancelled."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._put(), name="vitals")
        asked = self._asked
        await asyncio.wait((asked,), timeout=PATIENCE_SECONDS)
        if not asked.done() or asked.cancelled():
            return None
        if (error := asked.exception()) is not None:
            log.warning("The database does not answer: %s", type(error).__name__)
            return None
        return asked.result()

    async def _put(self) -> T:
        return await self._question()
