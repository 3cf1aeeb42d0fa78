"""Invalid requests are counted; after too many nothing leaves for a while, and direct messages have a daily number."""

import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.pace import NONE, Window
from bot.domain.states import DeliveryKind, DeliveryState
from cogs._breaker import MOST_INVALID, SPAN, Breaker
from db.models import Delivery
from tests.cogs.test_messenger import NAMES, begin, whole

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Clock:
    """A moment that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return it."""
        return self.now


@pytest.fixture
async def discord_address() -> AsyncGenerator[str]:
    """Serve a place that answers with the status that its address names."""

    async def answer(request: web.Request) -> web.Response:
        scope = {"X-RateLimit-Scope": request.query["scope"]} if "scope" in request.query else {}
        return web.Response(status=int(request.match_info["status"]), headers=scope)

    app = web.Application()
    app.router.add_get("/api/{place}/{status}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/api"))


async def ask(breaker: Breaker, *addresses: str) -> None:
    """Ask for each address as the bot's own session would."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(breaker.after_request)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        for address in addresses:
            async with session.get(address):
                pass


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        ("401", True),
        ("403", True),
        ("429", True),
        ("429?scope=user", True),
        ("429?scope=shared", False),
        ("404", False),
        ("200", False),
    ],
)
async def test_what_discord_counts_as_invalid_is_counted(discord_address, answer, counts):
    """A limit that others used up too is nobody's fault."""
    breaker = Breaker(Clock(), most=2)
    await ask(breaker, *[f"{discord_address}/channels/{answer}"] * 2)
    assert (breaker.wait() > NONE) is counts


async def test_every_answer_is_counted_by_its_status_for_the_metrics(discord_address):
    breaker = Breaker(Clock())
    assert breaker.answers == {403: 0, 429: 0}
    await ask(breaker, *[f"{discord_address}/channels/{answer}" for answer in ("200", "403", "429?scope=shared")])
    assert (breaker.answers, breaker.invalid) == ({200: 1, 403: 1, 429: 1}, 1)


@pytest.mark.parametrize(
    ("place", "status", "refused"),
    [("channels", 401, True), ("webhooks", 401, False), ("interactions", 401, False), ("channels", 403, False)],
)
async def test_only_a_401_to_the_bots_own_token_means_that_the_token_is_refused(
    discord_address, place, status, refused
):
    breaker = Breaker(Clock())
    await ask(breaker, f"{discord_address}/{place}/{status}")
    assert breaker.token_refused.is_set() is refused


def test_a_thousand_within_ten_minutes_open_it_once_and_the_span_closes_it(caplog):
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(MOST_INVALID - 1):
        breaker.count()
    assert breaker.wait() == NONE
    with caplog.at_level(logging.ERROR):
        for _ in range(50):
            breaker.count()
    assert [each.levelname for each in caplog.records] == ["ERROR"]
    assert breaker.wait() == SPAN
    clock.now += SPAN
    assert breaker.wait() == NONE


def test_as_many_over_a_longer_time_leave_it_closed():
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3 * MOST_INVALID):
        breaker.count()
        clock.now += SPAN / (MOST_INVALID - 1)
    assert breaker.wait() == NONE


async def test_while_it_is_open_nothing_leaves_and_afterwards_everything_does(town):
    """FAILURES F13: no burst of refusals that costs the whole community its bot."""
    scene = await begin(town)
    messenger = town.app.context.messenger
    messenger._breaker = breaker = Breaker(lambda: town.now, most=1)
    logging.disable(logging.ERROR)  # the town takes an ERROR for a mistake
    breaker.count()
    logging.disable(logging.NOTSET)
    await town.advance(minutes=9)
    await begin_now(scene)
    assert town.threads() == []
    await town.advance(minutes=1)
    await town.advance(hours=1)
    assert whole(scene)


async def begin_now(scene) -> None:
    """Publish at once, whatever the clock says."""
    await scene.town.moderator.slash(scene.town.lobby, "rotation preview")
    await scene.town.moderator.slash(scene.town.lobby, "rotation publish")


async def test_direct_messages_beyond_the_daily_number_wait_a_day_and_nobody_is_bothered(town):
    """FAILURES F13: the circles are not held up, no attempt is used up and no moderator is told."""
    scene = await begin(town, *NAMES, "rosa", "emmy")
    messenger = town.app.context.messenger
    messenger._dms = Window(1, timedelta(days=1))
    await scene.publish()
    assert whole(scene)
    assert scene.count("POST", "/users/@me/channels") == 1
    for _ in range(5):
        await town.advance(hours=4)
    assert scene.count("POST", "/users/@me/channels") == 1
    (waiting,) = await scene.rows(
        Delivery, Delivery.kind == DeliveryKind.NOT_PLACED, Delivery.state == DeliveryState.PENDING
    )
    assert waiting.attempts == 0
    assert await scene.told() == []
    await town.advance(hours=4)
    assert scene.count("POST", "/users/@me/channels") == 2
