"""The pages of figures and of health: what they answer, and that nothing else is served."""

import socket
import sys
from collections.abc import Mapping

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

import bot.app
from bot.config import MetricsSettings, Settings
from bot.errors import OperatorError
from bot.health_server import pages, serve_health


class Told:
    """Tells what a test wants."""

    def __init__(self, *, well: bool) -> None:
        self.well = well

    async def metrics(self) -> str:
        """Return a figure."""
        return "circles 3\n"

    async def health(self) -> Mapping[str, bool]:
        """Tell whether it is well."""
        return {"database": self.well}

    async def readiness(self) -> Mapping[str, bool]:
        """Tell whether it is ready."""
        return {"database": True, "discord": self.well, "clock": True}


async def ask(path: str, *, well: bool = True, method: str = "GET") -> tuple[int, str, str]:
    async with (
        TestClient(TestServer(pages(Told(well=well)))) as client,
        client.request(method, path) as answer,
    ):
        return answer.status, answer.headers["Content-Type"], await answer.text()


@pytest.mark.parametrize(
    ("path", "well", "status", "body"),
    [
        ("/healthz", True, 200, '{"status": "ok", "database": true}'),
        ("/healthz", False, 503, '{"status": "failing", "database": false}'),
        ("/readyz", True, 200, '{"status": "ok", "database": true, "discord": true, "clock": true}'),
        ("/readyz", False, 503, '{"status": "failing", "database": true, "discord": false, "clock": true}'),
    ],
)
async def test_health_is_told_by_the_status_and_by_which_part_fails(path, well, status, body):
    assert await ask(path, well=well) == (status, "application/json; charset=utf-8", body)


async def test_figures_say_in_which_form_they_are_written():
    assert await ask("/metrics") == (200, "text/plain; version=0.0.4; charset=utf-8", "circles 3\n")


@pytest.mark.parametrize(("path", "method"), [("/", "GET"), ("/metrics/x", "GET"), ("/metrics", "POST")])
async def test_nothing_else_is_served(path, method):
    assert (await ask(path, method=method))[0] in {404, 405}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


async def test_the_pages_are_served_at_the_port_that_is_set_and_gone_afterwards():
    port = free_port()
    async with (
        ClientSession() as session,
        serve_health(MetricsSettings(port=port), Told(well=True)),
        session.get(f"http://127.0.0.1:{port}/healthz") as answer,
    ):
        assert answer.status == 200
    with socket.create_server(("127.0.0.1", port)):
        pass


async def test_without_a_port_there_is_no_server_to_listen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "bot.health_server", None)  # whoever loads it fails
    async with bot.app._health(Settings(), Told(well=True)):
        pass
    with pytest.raises(ImportError):
        async with bot.app._health(Settings(metrics=MetricsSettings(port=1)), Told(well=True)):
            pass


async def test_a_port_that_is_taken_is_one_line_and_may_be_tried_again():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OperatorError, match=f"metrics.port: 127.0.0.1 port {port} cannot be listened on") as caught:
            async with serve_health(MetricsSettings(port=port), Told(well=True)):
                pass
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1
