"""The composition root: the bot and everything it is made of are wired together here, and only here."""

import asyncio
import logging
import os
import random
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.config import Settings
from bot.domain.shards import WHOLE, Share
from bot.errors import OperatorError
from bot.housekeeping import nightly_backup
from bot.instruments import load_instruments
from bot.keys import open_cipher
from bot.pulse_keys import open_pulse_keys
from bot.scheduler import Scheduler
from bot.services import (
    audit,
    concern_privacy,
    deliveries,
    due,
    help_privacy,
    imports,
    opportunity_privacy,
    pulse_privacy,
)
from bot.services.ports import Former, Surveys, World
from bot.watchdog import watch_loop
from bot.worker import worker_process
from cogs._breaker import Breaker
from cogs._context import Context
from cogs._errors import ReportingTree, report
from cogs._guard import lacking_names
from cogs._limits import Limits
from cogs._messenger import Messenger
from cogs._pace import Pace
from cogs._presence import AskDiscord
from cogs._repeats import without_repeats
from cogs._room import ThreadRoom
from cogs._shards import Turn, wait_to_identify
from cogs._ui.controls import Control, Controls
from cogs._ui.words import CatalogueTranslator
from db.engine import Database, open_database
from db.shards import Hold, hold_shards
from db.vault import Vault, open_vault

log = logging.getLogger(__name__)
TEST_API = "PEER_CIRCLES_TEST_API"  # the tests' own way to a local stand-in for Discord
DRAIN_SECONDS = 10.0  # how long deliveries in flight may take at a stop
REFUSED = "Discord refuses the token; take a new one from the Developer Portal"
AUTHENTICATION_FAILED = 4004  # the gateway's way to refuse it
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


class MentorBot(commands.Bot):
    """The bot: only the intent `guilds`, no member cache, everything answered from slash commands and controls."""

    context: Context

    def __init__(self, intents: discord.Intents, limits: Limits, **options: Any) -> None:
        super().__init__(
            **options,
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=ReportingTree,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=without_repeats(),
        )
        self.limits = limits
        self.controls = Controls(report, limits.count)

    async def setup_hook(self) -> None:
        """Load every cog (one that fails ends the start), tell Discord the commands, take up what was left."""
        self.add_dynamic_items(Control)
        await self.tree.set_translator(CatalogueTranslator())
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        if self.context.world.share.is_first:
            await self.tree.sync()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer submitted modals, also those that were opened before a restart."""
        await self.controls.dispatch_modal(interaction)


class ShardedBot(MentorBot, commands.AutoShardedBot):
    """The bot where its guilds are dealt out to shards: here it runs some of them, or all."""

    def __init__(self, intents: discord.Intents, limits: Limits, share: Share) -> None:
        super().__init__(intents, limits, shard_ids=sorted(share.shards), shard_count=share.of)
        self.turn: Turn | None = None

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Begin no session while another process begins one."""
        if self.turn is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await wait_to_identify(self, shard_id, self.turn)


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

    async def forget_old_actions(self, now: datetime) -> None:
        """Delete what the audit need not keep any longer."""
        deleted = await audit.delete_old(self.context.database, self.context.settings.retention.audit_days, now)
        log.info("%d entries of the audit had reached their age and are deleted", deleted)

    async def forget_old_words(self, now: datetime) -> None:
        """Delete the words of asks, offers and opportunities long over, and files of members that wait in vain."""
        posts = await help_privacy.forget_old_words(self.context.database, now)
        shared = await opportunity_privacy.forget_old_words(self.context.database, now)
        await imports.forget_old_files(self.context.database, now)
        log.info("The words of %d asks and offers and of %d opportunities were over and are deleted", posts, shared)

    async def forget_old_answers(self, now: datetime) -> None:
        """Delete the pulse answers that have reached the age at which they go."""
        months = self.context.settings.pulse.answers_kept_months
        surveys = self.context.surveys
        waves = await pulse_privacy.delete_old_answers(self.context.database, surveys, months, now)
        log.info("%d pulses are older than %d months; whatever was answered there is deleted", waves, months)

    async def forget_concerns(self, now: datetime) -> None:
        """Erase the words of concerns that were closed long enough ago."""
        await concern_privacy.forget(self.context.database, self.context.surveys, now)


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
    bot = MentorBot(intents, limits) if share.of == 1 else ShardedBot(intents, limits, share)
    breaker = Breaker(now)
    if bot.http.http_trace:
        bot.http.http_trace.on_request_start.append(Pace(share.part).before_request)
        bot.http.http_trace.on_request_end.append(breaker.after_request)
    delivery = settings.delivery
    of_share = {"dm_seconds": delivery.dm_seconds / share.part, "dm_daily": max(1, int(delivery.dm_daily * share.part))}
    messenger = Messenger(bot, database, replace(delivery, **of_share), now, share, breaker)
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
        _turn_to(address)
    asyncio.run(_serve(settings, share))
    return 0


def _turn_to(address: str) -> None:
    """Let everything that would go to Discord go to another address."""
    Route.BASE = f"{address}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = URL(address.replace("http", "ws", 1)) / "gateway"


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
        chores = {
            "backup": nightly_backup(settings),
            "concerns": app.forget_concerns,
            "pulse answers": app.forget_old_answers,
            "audit": app.forget_old_actions,
            "words that are over": app.forget_old_words,
        }
        clock = Scheduler(app.run_due, chores if share.is_first else {}, discord.utils.utcnow)
        await app.recover()
        watching = asyncio.create_task(watch_loop(), name="watchdog")
        running = asyncio.create_task(_connect(app.bot, settings.discord.token), name="gateway")
        starting = asyncio.create_task(_start_when_ready(app.bot, clock), name="clock")
        try:
            refused = asyncio.create_task(app.breaker.token_refused.wait(), name="token")
            ends = (running, refused, _asked_to_stop(), *([hold.lost] if hold else []))
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            starting.cancel()
            watching.cancel()
            await clock.stop()
            await app.context.messenger.drain(DRAIN_SECONDS)
            await app.bot.close()
        if app.breaker.token_refused.is_set():
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            raise OperatorError(REFUSED)
        await running
        if hold and hold.lost.done():
            hold.lost.result()


@asynccontextmanager
async def _held(settings: Settings, share: Share, woken: Callable[[], None]) -> AsyncGenerator[Hold | None]:
    """Hold this process's shards where other processes could take them: on PostgreSQL."""
    if isinstance(settings.database_place, Path):
        yield None
        return
    async with hold_shards(settings.database_place, share, woken) as hold:
        yield hold


async def _connect(bot: MentorBot, token: str) -> None:
    """Stay connected to Discord; what whoever runs the bot can mend is told in one line."""
    try:
        await bot.start(token)
    except discord.LoginFailure as error:
        raise OperatorError(REFUSED) from error
    except discord.ConnectionClosed as error:
        if error.code != AUTHENTICATION_FAILED:
            raise
        raise OperatorError(REFUSED) from error
    except aiohttp.ClientError as error:
        raise OperatorError(f"Discord cannot be reached: {error}", exit_code=1) from error


async def _start_when_ready(bot: MentorBot, clock: Scheduler) -> None:
    """Let the clock start once the guilds are known; a reconnect does not start it again."""
    await bot.wait_until_ready()
    log.info("The bot is ready in %d servers", len(bot.guilds))
    clock.start()


def _asked_to_stop() -> asyncio.Task[bool]:
    """Return a task that ends when the process is asked to end."""
    asked = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, asked.set)
    return asyncio.create_task(asked.wait(), name="stop")
