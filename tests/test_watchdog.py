import asyncio
import logging
from itertools import accumulate

import pytest

from bot.watchdog import watch_loop


async def watch(*looks: float, **options) -> None:
    """Let the watchdog look as many times, each so many seconds after the one before."""
    moments = iter((0.0, *accumulate(looks)))
    left = iter(looks)

    async def sleep(_seconds: float) -> None:
        if next(left, None) is None:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await watch_loop(lambda: next(moments), sleep, **options)


async def test_a_loop_that_was_held_is_told_with_for_how_long(caplog: pytest.LogCaptureFixture):
    await watch(0.05, 0.45, 0.05)
    (line,) = caplog.records
    assert (line.levelno, line.getMessage()) == (logging.WARNING, "The event loop was held for 400 ms")


async def test_a_loop_that_answers_in_time_is_not_worth_a_word(caplog: pytest.LogCaptureFixture):
    await watch(0.05, 0.06, 0.149)
    assert not caplog.records


async def test_every_look_is_told_with_how_late_it_is():
    told: list[float] = []
    await watch(0.05, 0.45, 0.04, observe=told.append)
    assert told == pytest.approx([0.0, 0.4, 0.0])
