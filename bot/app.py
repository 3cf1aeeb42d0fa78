"""The composition root: the bot and everything it is made of are wired together here, and only here."""

import asyncio
import gc
import logging
import os
import random
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import discord

from bot.config import Settings
from bot.domain.shards import WHOLE, Share
from bot.errors import OperatorError
from bot.housekeeping import chores, last_backup
from bot.instruments import load_instruments
from bot.keys import open_cipher
from bot.logs import LineCounter
from bot.pulse_keys import open_pulse_keys
from bot.scheduler import Scheduler
from bot.services import deliveries, due
from bot.services.ports import Former, Surveys, World
from bot.text import text
from bot.vitals import Sources, Vitals
from bot.watchdog import watch_loop
from bot.worker import worker_process
from cogs._bot import MentorBot, ShardedBot
from cogs._breaker import Breaker
from cogs._connection import connect, links, turn_to, when_ready
from cogs._context import Context
from cogs._guard import lacking_names
from cogs._limits import Limits
from cogs._messenger import Messenger
from cogs._pace import Pace
from cogs._presence import AskDiscord
from cogs._room import ThreadRoom
from db.engine import Database, open_database
from db.shards import Hold, hold_shards
from db.vault import Vault, open_vault

__all__ = ["EXTENSIONS", "App", "MentorBot", "ShardedBot", "run", "wire"]
log = logging.getLogger(__name__)
TEST_API = "PEER_CIRCLES_TEST_API"  # the tests' own way to a local stand-in for Discord
DRAIN_SECONDS = 10.0  # how long deliveries in flight may take at a stop
EXTENSIONS = (
    "cogs.program",
    "cogs.circle",
    "cogs.rotation",
    "cogs.checkin",
    "cogs.concern",
    "cogs.mentor",
    "cogs.goal",
    "cogs.win",
    "cogs.privacy",
    "cogs.agenda",
    "cogs.pulse",
    "cogs.pulses",
    "cogs.help",
    "cogs.opportunity",
)


class App:
    """A wired bot and what drives it; made by `open_app`."""

    def __init__(self, bot: MentorBot, context: Context, breaker: Breaker) -> None:
        self.bot = bot
        self.breaker = breaker
        self.context = context

    async def recover(self) -> None:
        """Take up what the process before left in flight."""
        left = await deliveries.recover(self.context.database, self.context.now(), self.context.world.share)
        if left:
            log.info("%d deliveries were in flight when the bot stopped; each is looked up first", left)

    async def run_due(self, now: datetime) -> datetime | None:
        """See what is due at this moment, and let the messenger carry out what that wrote."""
        try:
            return await due.run_due(self.context.database, self.context.world, now, self.context.seed)
        finally:
            self.context.messenger.kick()


def wire(
    settings: Settings,
    database: Database,
    former: Former,
    *,
    now: Callable[[], datetime] = discord.utils.utcnow,
    changed: Callable[[], None] | None = None,
    seed: Callable[[], int] | None = None,
    vault: Vault | None = None,
    share: Share = WHOLE,
) -> App:
    """Put a bot together from its parts; nothing is started. Without a vault no pulse runs."""
    intents = discord.Intents(guilds=True)
    limits = Limits(settings.limits, now)
    whole = share.of == 1
    bot = MentorBot(intents, limits, EXTENSIONS) if whole else ShardedBot(intents, limits, EXTENSIONS, share)
    breaker = Breaker(now)
    if bot.http.http_trace:
        bot.http.http_trace.on_request_start.append(Pace(share.part).before_request)
        bot.http.http_trace.on_request_end.append(breaker.after_request)
    delivery = settings.delivery
    of_share = {"dm_seconds": delivery.dm_seconds / share.part, "dm_daily": max(1, int(delivery.dm_daily * share.part))}
    settled = replace(delivery, **of_share)
    messenger = Messenger(bot, database, settled, now, share, breaker, lambda: bot.controls.in_hand)
    bot.context = Context(
        bot=bot,
        settings=settings,
        database=database,
        world=World(
            form=former,
            gone=AskDiscord(bot),
            lacking=lambda guild, lobby: lacking_names(bot.get_guild(guild), lobby),
            surveys=Surveys(vault, load_instruments()) if vault else None,
            share=share,
            room=ThreadRoom(bot),
        ),
        controls=bot.controls,
        messenger=messenger,
        now=now,
        seed=seed or (lambda: random.SystemRandom().getrandbits(31)),
        changed=changed or messenger.kick,
    )
    return App(bot, bot.context, breaker)


def run(settings: Settings, share: Share = WHOLE) -> int:
    """Run the bot until it is told to stop; return the process's exit code."""
    if address := os.environ.get(TEST_API):
        turn_to(address)
    asyncio.run(_serve(settings, share))
    return 0


async def _serve(settings: Settings, share: Share) -> None:
    """Open everything, run the bot, and close it all in the opposite order."""
    cipher = open_cipher(settings)
    async with (
        open_database(settings.database_place, cipher) as database,
        open_vault(settings.pulse_place, open_pulse_keys(settings)) as vault,
        worker_process() as former,
        _held(settings, share, lambda: clock.wake_at(discord.utils.utcnow())) as hold,
    ):

        def changed() -> None:
            clock.wake_at(discord.utils.utcnow())
            if hold and share.is_first:  # direct messages arrive here, from members of every guild
                hold.wake_others()

        app = wire(settings, database, former, changed=changed, vault=vault, share=share)
        if hold and isinstance(app.bot, ShardedBot):
            app.bot.turn = hold.take_turn
        nightly = chores(settings, database, app.context.surveys)
        clock = Scheduler(app.run_due, nightly if share.is_first else {}, discord.utils.utcnow)
        vitals = _vitals(app, clock)
        async with _health(settings, vitals):
            await app.recover()
            gc.freeze()  # what is loaded by now stays, and is not looked through again and again while a crowd waits
            await _live(app, clock, vitals, hold)


async def _live(app: App, clock: Scheduler, vitals: Vitals, hold: Hold | None) -> None:
    """Run the bot until something ends it, and let what is under way end first."""
    watching = asyncio.create_task(watch_loop(observe=vitals.lag.observe), name="watchdog")
    running = asyncio.create_task(connect(app.bot, app.context.settings.discord.token), name="gateway")
    starting = asyncio.create_task(when_ready(app.bot, lambda servers: _begin(clock, servers)), name="clock")
    try:
        refused = asyncio.create_task(app.breaker.token_refused.wait(), name="token")
        ends = (running, refused, _asked_to_stop(), *([hold.lost] if hold else []))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        starting.cancel()
        watching.cancel()
        await clock.stop()
        # Without its connections nothing in flight can end well: it is looked up at the next start.
        await app.context.messenger.drain(0 if app.bot.is_closed() else DRAIN_SECONDS)
        await app.bot.close()
    running.cancel()  # one that is not connected yet would go on trying
    (ended,) = await asyncio.gather(running, return_exceptions=True)
    if app.breaker.token_refused.is_set():
        raise OperatorError(text("fault.token-refused"))
    if isinstance(ended, Exception):
        raise ended
    if hold and hold.lost.done():
        hold.lost.result()


def _begin(clock: Scheduler, servers: int) -> None:
    log.info("The bot is ready in %d servers", servers)
    clock.start()


def _vitals(app: App, clock: Scheduler) -> Vitals:
    """Tell what is measured where its figures are read."""
    context, lines = app.context, LineCounter()
    logging.getLogger().addHandler(lines)
    return Vitals(
        Sources(
            database=context.database,
            messenger=context.messenger,
            breaker=app.breaker,
            share=context.world.share,
            now=context.now,
            links=lambda: links(app.bot, context.world.share),
            clock_runs=lambda: clock.running,
            last_backup=lambda: last_backup(context.settings),
            lines=lines.counts,
        )
    )


@asynccontextmanager
async def _health(settings: Settings, vitals: Vitals) -> AsyncGenerator[None]:
    """Serve health and metrics where a port is set; without one not even the server is loaded, which saves 2 MB."""
    if not settings.metrics.port:
        yield
        return
    from bot.health_server import serve_health  # noqa: PLC0415

    async with serve_health(settings.metrics, vitals):
        yield


@asynccontextmanager
async def _held(settings: Settings, share: Share, woken: Callable[[], None]) -> AsyncGenerator[Hold | None]:
    """Hold this process's shards where other processes could take them: on PostgreSQL."""
    if isinstance(settings.database_place, Path):
        yield None
        return
    async with hold_shards(settings.database_place, share, woken) as hold:
        yield hold


def _asked_to_stop() -> asyncio.Task[bool]:
    """Return a task that ends when the process is asked to end."""
    asked = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, asked.set)
    return asyncio.create_task(asked.wait(), name="stop")
