"""Forms circles in a process of its own, so that the event loop answers meanwhile."""

import asyncio
import logging
import multiprocessing
import os
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import Protocol

from bot.domain.formation import Assignment, Problem, form
from bot.services.ports import Progress

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0  # how often progress is passed on
IDLE_SECONDS = 60.0  # how long the process waits for more work: it takes as much memory as the bot is allowed
NEVER = 0  # no problem has this number, so that nothing is cancelled before anything was


class WorkerProcess:
    """One worker process, started when it is needed and ended when it is not; made by `worker_process`."""

    def __init__(self, idle_seconds: float | None) -> None:
        self._context = multiprocessing.get_context("spawn")
        # Without locks, which would start a process that looks after them: one side writes what the other reads.
        self._share: _Share = self._context.RawValue("d", 0.0)
        self._cancelled: _Number = self._context.RawValue("q", NEVER)
        self._number = NEVER
        self._turn = asyncio.Lock()
        self._idle_seconds = idle_seconds
        self._executor: ProcessPoolExecutor | None = None
        self._ending: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        """Tell whether there is a process now."""
        return self._executor is not None

    async def __call__(self, problem: Problem, progress: Progress | None = None) -> Assignment:
        """Return the assignment for a problem, telling progress meanwhile; a cancelled wait ends the search too."""
        async with self._turn:
            try:
                return await self._let_form(problem, progress)
            except BrokenExecutor:  # the process was killed, mostly for want of memory: a new one may have better luck
                log.warning("The process that forms circles was killed; a new one begins its work again")
                return await self._let_form(problem, progress)

    async def _let_form(self, problem: Problem, progress: Progress | None) -> Assignment:
        self._number += 1
        self._share.value = 0.0
        loop = asyncio.get_running_loop()
        try:
            forming = loop.run_in_executor(self._wake(), _form, problem, self._number)
            await self._watch(forming, progress)
            return await forming
        except asyncio.CancelledError:
            self._cancelled.value = self._number
            raise
        except BrokenExecutor:
            self._end()
            raise
        finally:
            if self._idle_seconds is not None:
                self._ending = loop.call_later(self._idle_seconds, self._end)

    def _wake(self) -> ProcessPoolExecutor:
        """Return the process to work in, which is started unless it still waits."""
        if self._ending is not None:
            self._ending.cancel()
        if self._executor is None:
            self._executor = ProcessPoolExecutor(1, self._context, _take_over, (self._share, self._cancelled))
        return self._executor

    def _end(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = None

    async def _watch(self, forming: asyncio.Future[Assignment], progress: Progress | None) -> None:
        """Pass progress on until the circles are formed; without anybody to tell, there is nothing to watch."""
        while progress is not None and not forming.done():
            await asyncio.wait((forming,), timeout=LOOK_SECONDS)
            if not forming.done():
                await progress(self._share.value)

    def close(self) -> None:
        """End the process; what it was forming is given up."""
        self._cancelled.value = self._number
        if self._ending is not None:
            self._ending.cancel()
        self._end()


@asynccontextmanager
async def worker_process(idle_seconds: float | None = IDLE_SECONDS) -> AsyncGenerator[WorkerProcess]:
    """Offer one worker process for as long as the block lasts; without a time to idle it is kept once it runs."""
    worker = WorkerProcess(idle_seconds)
    try:
        yield worker
    finally:
        worker.close()


class _Share(Protocol):
    value: float


class _Number(Protocol):
    value: int


# In the worker process: what it shares with the bot, put there as the process starts.
_shared: list[tuple[_Share, _Number]] = []


def _take_over(share: _Share, cancelled: _Number) -> None:
    _shared.append((share, cancelled))
    threading.Thread(target=_end_with_the_bot, daemon=True).start()


def _end_with_the_bot() -> None:
    """End when the bot does, however it ends: a worker whose bot was killed would wait for ever."""
    bot = multiprocessing.parent_process()
    if bot is not None:
        bot.join()
        os._exit(1)


def _form(problem: Problem, number: int) -> Assignment:
    ((share, cancelled),) = _shared

    def tell(done: float) -> None:
        share.value = done

    return form(problem, tell, lambda: cancelled.value == number)
