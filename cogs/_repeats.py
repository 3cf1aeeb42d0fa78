"""Requests that discord.py must not repeat by itself."""

from typing import Any

import aiohttp

MAYBE_DONE = frozenset((500, 502, 504, 524))  # discord.py repeats whatever was answered with one of these
ONE_EACH = ("/threads", "/scheduled-events")  # a second request makes a second one: there is no nonce for these


class MaybeDone(aiohttp.ClientError):
    """Discord failed, but may have done what must not be asked for twice."""


def without_repeats() -> aiohttp.TraceConfig:
    """Return what ends such a request at its first failure, so that the next attempt looks first what is there."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_refuse_repeat)
    return trace


async def _refuse_repeat(_session: aiohttp.ClientSession, _context: Any, end: aiohttp.TraceRequestEndParams) -> None:
    if end.method == "POST" and end.url.path.endswith(ONE_EACH) and end.response.status in MAYBE_DONE:
        end.response.close()
        raise MaybeDone(f"{end.url.path} was answered with {end.response.status}")
