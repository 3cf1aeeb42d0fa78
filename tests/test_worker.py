import asyncio
import multiprocessing
from concurrent.futures import BrokenExecutor
from multiprocessing.process import BaseProcess
from random import Random

import pytest

from bot.domain.formation import Budget, Person, Problem, form
from bot.worker import worker_process

SMALL = Problem(people=tuple(Person(str(n)) for n in range(12)), budget=Budget(iterations=200))


def endless() -> Problem:
    """Make a problem whose search lasts longer than any test."""
    rng = Random(1)
    people = tuple(
        Person(str(n), hours=rng.getrandbits(168), wants=frozenset((str(rng.random()),))) for n in range(200)
    )
    return Problem(people=people, budget=Budget(seconds=600.0, iterations=None))


class Killer:
    """Kills the one worker process that was not there before, as the system does where memory runs out."""

    def __init__(self) -> None:
        self._others = set(multiprocessing.active_children())

    def find(self) -> BaseProcess:
        """Return the process; those of other workers may be about to end."""
        (process,) = set(multiprocessing.active_children()) - self._others
        return process

    def strike(self) -> BaseProcess:
        """Kill it, and return what is left of it."""
        process = self.find()
        process.kill()
        process.join()
        return process


async def test_the_worker_forms_what_this_process_would():
    async with worker_process() as worker:
        assert await worker(SMALL) == form(SMALL)


async def test_the_bot_hears_how_far_it_is_and_answers_meanwhile():
    heard: list[float] = []
    enough = asyncio.Event()

    async def progress(share: float) -> None:
        heard.append(share)
        enough.set()

    async with worker_process() as worker:
        forming = asyncio.create_task(worker(endless(), progress))
        await enough.wait()  # this loop runs on while the circles are formed
        forming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await forming
    assert 0.0 <= heard[0] < 1.0


async def test_a_cancelled_search_leaves_the_worker_free_for_the_next():
    async with worker_process() as worker:
        forming = asyncio.create_task(worker(endless()))
        await asyncio.sleep(0)
        forming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await forming
        assert (await worker(SMALL)).circles


async def test_the_process_ends_when_nothing_is_asked_of_it_and_starts_again_when_something_is():
    async with worker_process(idle_seconds=0.0) as worker:
        assert not worker.runs
        for _ in range(2):
            assert (await worker(SMALL)).circles
            while worker.runs:  # noqa: ASYNC110 - it ends by a timer, and tells nobody
                await asyncio.sleep(0)


async def test_a_process_that_is_killed_while_it_waits_is_replaced():
    killer = Killer()
    async with worker_process() as worker:
        await worker(SMALL)
        killed = killer.strike()
        assert await worker(SMALL) == form(SMALL)
        assert killer.find() is not killed


async def test_circles_are_formed_again_where_the_process_is_killed_and_later_ones_too_where_it_always_is():
    killer, killed = Killer(), list[BaseProcess]()

    async def progress(_share: float) -> None:
        killed.append(await asyncio.to_thread(killer.strike))

    async with worker_process() as worker:
        with pytest.raises(BrokenExecutor):
            await worker(endless(), progress)
        assert len(set(killed)) == 2
        assert await worker(SMALL) == form(SMALL)
