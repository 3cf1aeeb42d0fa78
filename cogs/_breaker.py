"""What Discord refuses is watched: many invalid requests stop the messenger for a while, a refused token the bot."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import aiohttp

from bot.domain.pace import NONE, Window

log = logging.getLogger(__name__)
UNAUTHORIZED, TOO_MANY = 401, 429
INVALID = frozenset((UNAUTHORIZED, 403, TOO_MANY))
MOST_INVALID = 1_000  # Discord bars an address for an hour at 10,000 within ten minutes
SPAN = timedelta(minutes=10)
OWN_TOKENS = ("/interactions/", "/webhooks/")  # a 401 there is about an interaction that is over


class Breaker:
    """Counts invalid requests; after too many nothing is delivered until the span is past."""

    def __init__(self, now: Callable[[], datetime], most: int = MOST_INVALID) -> None:
        self._now = now
        self._most = most
        self._window = Window(most, SPAN)
        self._open_until: datetime | None = None
        self.token_refused = asyncio.Event()
        self.answers: Counter[int] = Counter({403: 0, TOO_MANY: 0})  # by status, since the start
        self.invalid = 0

    async def after_request(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        """Look at an answer of Discord's, as a hook of aiohttp's."""
        status = end.response.status
        self.answers[status] += 1
        if status in INVALID and end.response.headers.get("X-RateLimit-Scope") != "shared":
            self.count()
        if status == UNAUTHORIZED and not any(part in end.url.path for part in OWN_TOKENS):
            self.token_refused.set()

    def count(self) -> None:
        """Count an invalid request."""
        self.invalid += 1
        now = self._now()
        if self.wait():
            return
        self._window.add(now)
        if self._window.wait(now):
            self._window.clear()
            self._open_until = now + SPAN
            log.error("Discord refused %d requests within %s; nothing is delivered for as long", self._most, SPAN)

    def rest(self, span: timedelta) -> None:
        """Let nothing be delivered for a while, as Discord's edge asked for."""
        if span > self.wait():
            self._open_until = self._now() + span
            log.warning("Discord wants to be left alone for %s; nothing is delivered for as long", span)

    def wait(self) -> timedelta:
        """Return for how long nothing may be delivered."""
        return max(NONE, self._open_until - self._now()) if self._open_until else NONE
