"""One process's share of the requests that Discord allows a bot in a second."""

import asyncio
from types import SimpleNamespace

import aiohttp

REQUESTS_A_SECOND = 50
AT_ONCE = 0.1  # how much of a second's requests may leave together, within the 50
APART = ("/interactions/", "/webhooks/", "/gateway")  # answers to interactions are not counted


class Pace:
    """Lets requests wait so that no second has more of them than the share allows."""

    def __init__(self, part: float) -> None:
        whole = REQUESTS_A_SECOND * part
        self._gap = 1 / (whole * (1 - AT_ONCE))
        self._slack = self._gap * max(0.0, whole * AT_ONCE - 1)
        self._next = 0.0

    def take_turn(self, now: float) -> float:
        """Take the next turn, and return for how many seconds it has to be waited for."""
        turn = max(self._next, now)
        self._next = turn + self._gap
        return max(0.0, turn - now - self._slack)

    async def before_request(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, start: aiohttp.TraceRequestStartParams
    ) -> None:
        """Hold a request back, as a hook of aiohttp's, unless it is not counted."""
        if not any(part in start.url.path for part in APART):
            await asyncio.sleep(self.take_turn(asyncio.get_running_loop().time()))
