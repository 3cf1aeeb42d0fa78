"""The page of figures and the two of health, served by the bot itself."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from bot.config import MetricsSettings
from bot.errors import OperatorError
from bot.metrics import CONTENT_TYPE
from bot.text import text

log = logging.getLogger(__name__)
LEAVE_SECONDS = 1.0  # how long whoever still reads may take at a stop


class Telling(Protocol):
    """Whatever the pages show."""

    async def metrics(self) -> str:
        """Return every figure, as Prometheus reads it."""
        ...

    async def health(self) -> Mapping[str, bool]:
        """Tell whether the process and its database answer."""
        ...

    async def readiness(self) -> Mapping[str, bool]:
        """Tell whether the bot can do its work."""
        ...


@asynccontextmanager
async def serve_health(settings: MetricsSettings, telling: Telling) -> AsyncGenerator[None]:
    """Serve the pages for as long as the block lasts."""
    runner = web.AppRunner(pages(telling), access_log=None, shutdown_timeout=LEAVE_SECONDS)
    await runner.setup()
    try:
        await _listen(runner, settings)
        yield
    finally:
        await runner.cleanup()


def pages(telling: Telling) -> web.Application:
    """Return the pages; anything else is not found."""

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=(await telling.metrics()).encode(), headers={"Content-Type": CONTENT_TYPE})

    async def health(_request: web.Request) -> web.Response:
        return _verdict(await telling.health())

    async def readiness(_request: web.Request) -> web.Response:
        return _verdict(await telling.readiness())

    application = web.Application()
    application.router.add_get("/metrics", metrics)
    application.router.add_get("/healthz", health)
    application.router.add_get("/readyz", readiness)
    return application


def _verdict(parts: Mapping[str, bool]) -> web.Response:
    well = all(parts.values())
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return web.json_response({"status": "ok" if well else "failing", **parts}, status=status)


async def _listen(runner: web.AppRunner, settings: MetricsSettings) -> None:
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        reason = error.strerror or error
        where = f"{settings.host} port {settings.port}"
        raise OperatorError(text("fault.metrics.port", where=where, reason=reason), exit_code=1) from error
    log.info("Health and metrics are served at %s port %d", settings.host, settings.port)
