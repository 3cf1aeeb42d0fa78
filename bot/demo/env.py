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

    def leave_to_simulated_time(self, beyond: float) -> None:
        """Let no real time reach the bot's timers that are further away than so many seconds.

        SimCord keeps a real timer beside each simulated one: it waits for those
        that come within its patience, and leaves one behind for each modal that
        is submitted.
        """
        loop = asyncio.get_running_loop()
        call_at = loop.call_at

        def call_unless_distant(
            when: float, callback: Callable[..., Any], *values: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            handle = call_at(when, callback, *values, context=context)
            if callback.__module__ == simcord.env.__name__ and when - monotonic() > beyond:
                handle.cancel()
            return handle

        loop.call_at = call_unless_distant


class SeasonEnv(Env):
    """One for thousands of messages and timers."""

    async def start(self) -> None:
        """Start the bot; from then on only simulated time reaches its distant timers, and no poll is looked for.

        SimCord looks through all messages for polls that end each time that the clock is moved, and before it.
        """
        self.backend.expire_due_polls = _expire_nothing
        self.backend.next_poll_deadline = _never
        self.leave_to_simulated_time(self.settle_timeout)
        await super().start()


def _expire_nothing() -> None:
    """Nobody holds polls here."""


def _never() -> None:
    """No poll ends."""
