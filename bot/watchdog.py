"""Tells when something held the event loop, for nobody is answered meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.05  # how exactly a hold is measured
HELD_SECONDS = 0.1


async def watch_loop(
    clock: Callable[[], float] = monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    observe: Callable[[float], None] = lambda _held: None,
) -> None:
    """Tell how late each look is, until cancelled; log it where the loop was held for over a tenth of a second."""
    before = clock()
    while True:
        await sleep(LOOK_SECONDS)
        now = clock()
        held = max(0.0, now - before - LOOK_SECONDS)
        observe(held)
        if held > HELD_SECONDS:
            log.warning("The event loop was held for %d ms", round(held * 1000))
        before = now
