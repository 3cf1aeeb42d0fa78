"""Requests of one kind that are carried out together: while some are written, the next ones gather."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

MOST = 100  # requests in one transaction
Together = Callable[[AsyncSession, Sequence[Any]], Awaitable[Sequence[Any]]]
Write = Callable[[Callable[[AsyncSession], Awaitable[Any]]], Coroutine[Any, Any, Any]]


@dataclass(slots=True)
class _Waiting:
    """One request, and the caller who waits for what becomes of it."""

    request: Any
    result: asyncio.Future[Any]

    def answer(self, outcome: Any) -> None:
        """Tell the caller, unless they gave up; an exception is raised where they wait."""
        if self.result.done():
            return
        if isinstance(outcome, BaseException):
            self.result.set_exception(outcome)
        else:
            self.result.set_result(outcome)


class Gathering:
    """Collects requests for each way of carrying them out, and hands them over up to a hundred at a time."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: dict[Together, list[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, carry_out: Together, request: Any) -> Any:
        """Let a request be carried out with those that wait beside it; return or raise what it came to.

        `carry_out` gives an outcome for each request, in their order: a value, or the exception that its caller is to
        see. A caller who is cancelled only stops waiting.
        """
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        if carry_out in self._waiting:
            self._waiting[carry_out].append(waiting)
        else:
            self._waiting[carry_out] = [waiting]
            task = asyncio.create_task(self._serve(carry_out), name="gathered-writes")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await waiting.result

    async def close(self) -> None:
        """Wait until nothing waits."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _serve(self, carry_out: Together) -> None:
        while waiting := self._waiting[carry_out]:
            self._waiting[carry_out] = waiting[MOST:]
            await self._carry_out(carry_out, waiting[:MOST])
        del self._waiting[carry_out]

    async def _carry_out(self, carry_out: Together, waiting: Sequence[_Waiting]) -> None:
        """Carry requests out in one transaction; where that fails as a whole, each of them in one of its own."""
        try:
            outcomes = await self._write(lambda session: carry_out(session, [each.request for each in waiting]))
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, or to one of several
            if len(waiting) == 1:
                waiting[0].answer(error)
                return
            for each in waiting:
                await self._carry_out(carry_out, [each])
            return
        for each, outcome in zip(waiting, outcomes, strict=True):
            each.answer(outcome)
