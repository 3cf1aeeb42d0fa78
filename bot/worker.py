"""Forms circles in a process of its own, so that the event loop answers meanwhile."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from typing import Protocol

from bot.domain.formation import Assignment, Problem, form
from bot.services.ports import Progress

LOOK_SECONDS = 1.0  # how often progress is passed on
NEVER = 0  # no problem has this number, so that nothing is cancelled before anything was


class WorkerProcess:
    """One worker process, started when it is first needed; made by `worker_process`."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._share = context.Value("d", 0.0)
        self._cancelled = context.Value("q", NEVER)
        self._number = NEVER
        self._turn = asyncio.Lock()
        self._executor = ProcessPoolExecutor(1, context, _take_over, (self._share, self._cancelled))

    async def __call__(self, problem: Problem, progress: Progress | None = None) -> Assignment:
        """Return the assignment for a problem, telling progress meanwhile; a cancelled wait ends the search too."""
        async with self._turn:
            self._number += 1
            self._share.value = 0.0
            forming = asyncio.get_running_loop().run_in_executor(self._executor, _form, problem, self._number)
            try:
                await self._watch(forming, progress)
                return await forming
            except asyncio.CancelledError:
                self._cancelled.value = self._number
                raise

    async def _watch(self, forming: asyncio.Future[Assignment], progress: Progress | None) -> None:
        """Pass progress on until the circles are formed; without anybody to tell, there is nothing to watch."""
        while progress is not None and not forming.done():
            await asyncio.wait((forming,), timeout=LOOK_SECONDS)
            if not forming.done():
                await progress(self._share.value)

    def close(self) -> None:
        """End the process; what it was forming is given up."""
        self._cancelled.value = self._number
        self._executor.shutdown(wait=False, cancel_futures=True)


@asynccontextmanager
async def worker_process() -> AsyncGenerator[WorkerProcess]:
    """Keep one worker process for as long as the block lasts."""
    worker = WorkerProcess()
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
