"""The clock that says "now": APScheduler rings, and what is due is read from the database."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)
T = TypeVar("T")
RunDue = Callable[[datetime], Awaitable[datetime | None]]
Chore = Callable[[datetime], Awaitable[object]]
SWEEP = timedelta(minutes=1)
BREATH = timedelta(seconds=1)  # between two looks, even if what is due stays due
SETTLED = timedelta(minutes=5)  # after a start; a bot that ends again and again does none of its chores
NIGHT = time(3, 17, tzinfo=UTC)
# A late ring is as good as one in time, and several missed ones are as good as one: each only says "look".
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


class Scheduler:
    """Looks at what is due at the earliest known moment and at each sweep, and does the chores each night.

    Looks never overlap: a ring during one leads to one more after it.
    """

    def __init__(
        self,
        run_due: RunDue,
        housekeeping: Mapping[str, Chore],
        now: Callable[[], datetime],
        *,
        sweep: timedelta = SWEEP,
    ) -> None:
        self._run_due = run_due
        self._housekeeping = housekeeping
        self._now = now
        self._sweep = sweep
        self._clock: Any = AsyncIOScheduler(timezone=UTC, job_defaults=JOB_DEFAULTS)
        self._bell = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Look at once, and from then on whenever something may be due."""
        self._clock.add_job(self._ring, "interval", seconds=self._sweep.total_seconds(), id="sweep")
        for name in self._housekeeping:
            night = {"hour": NIGHT.hour, "minute": NIGHT.minute}
            self._clock.add_job(self._do_chore, "cron", args=[name], id=f"chore {name}", **night)
            # The machine may be off each night: what was not done then is done once the bot has come to rest.
            late = datetime.now(UTC) + SETTLED
            self._clock.add_job(self._do_chore, "date", args=[name], id=f"late {name}", run_date=late)
        self._clock.start()
        self._tasks.add(asyncio.create_task(self._look_at_each_ring(), name="scheduler"))
        self._bell.set()

    @property
    def running(self) -> bool:
        """Whether it rings."""
        return bool(self._clock.running)

    async def stop(self) -> None:
        """Ring no more, and end what is running."""
        if self._clock.running:
            self._clock.shutdown(wait=False)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await asyncio.sleep(0)  # the clock stops itself on the loop's next round

    def wake_at(self, moment: datetime) -> None:
        """Look at this moment at the latest; one that has passed means at once."""
        if not self._clock.running:
            return  # the start looks at once
        wait = moment - self._now()
        if wait <= timedelta(0):
            self._bell.set()
            return
        run_date = datetime.now(UTC) + wait
        planned = self._clock.get_job("due")
        if planned is None or planned.next_run_time > run_date:
            self._clock.add_job(self._ring, "date", run_date=run_date, id="due", replace_existing=True)

    async def _ring(self) -> None:
        self._bell.set()

    async def _look_at_each_ring(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            following = await _outcome(self._run_due(self._now()), "What is due")
            if following is not None:
                self.wake_at(max(following, self._now() + BREATH))

    async def _do_chore(self, name: str) -> None:
        chore = asyncio.create_task(_outcome(self._housekeeping[name](self._now()), name))
        self._tasks.add(chore)
        chore.add_done_callback(self._tasks.discard)
        await chore


async def _outcome(work: Awaitable[T], name: str) -> T | None:
    """Return what came of work, or None once its failure is logged; it is tried again at its next turn."""
    (outcome,) = await asyncio.gather(work, return_exceptions=True)
    if isinstance(outcome, BaseException):
        log.error("%s failed; it is tried again at its next turn", name, exc_info=outcome)
        return None
    return outcome
