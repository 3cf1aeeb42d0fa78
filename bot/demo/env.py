"""SimCord as a season of many moments needs it: without the waits and looks that only cost time there."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from time import monotonic  # SimCord puts its own clock into the module, not here
from typing import Any

import simcord

LOOK_AGAIN_SECONDS = 0.002


class Env(simcord.Env):
    """A simulated Discord that goes on as soon as the bot has done what follows from an act."""

    async def _settle_internal(self, **options: Any) -> None:
        """Look again soon: where a task has only just ended, SimCord would wait for fifty milliseconds."""
        await super()._settle_internal(**{"idle": LOOK_AGAIN_SECONDS, **options})  # pyright: ignore[reportArgumentType]


class SeasonEnv(Env):
    """One for thousands of messages and timers."""

    async def start(self) -> None:
        """Start the bot; from then on only simulated time reaches its distant timers, and no poll is looked for.

        SimCord keeps a real timer beside each simulated one and leaves it behind
        when a modal is submitted, and it looks through all messages for polls
        that end each time that the clock is moved.
        """
        self.backend.expire_due_polls = _expire_nothing
        loop = asyncio.get_running_loop()
        call_at = loop.call_at

        def call_unless_distant(
            when: float, callback: Callable[..., Any], *values: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            handle = call_at(when, callback, *values, context=context)
            if callback.__module__ == simcord.env.__name__ and when - monotonic() > self.settle_timeout:
                handle.cancel()
            return handle

        loop.call_at = call_unless_distant
        await super().start()


def _expire_nothing() -> None:
    """Nobody holds polls here."""
