"""A simulated Discord server with the real bot in it, on a database and a key of its own."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, cast

import discord
import simcord
from simcord import ChannelHandle, MemberActor

from bot.app import App, wire
from bot.config import MOST_DMS_A_DAY, MOST_USES, DeliverySettings, LimitSettings, Settings
from bot.demo.env import SeasonEnv
from bot.domain.formation import Problem
from bot.errors import OperatorError, UserError
from bot.keys import open_cipher
from bot.pulse_keys import open_pulse_keys
from bot.text import text
from bot.worker import worker_process
from db.engine import Database, open_database
from db.migrate import upgrade
from db.vault import open_vault

SETTLE_SECONDS = 120.0  # the worker process starts within it, on a slow machine too
CANNOT_SEND_TO_THIS_USER = 50007


class Clock:
    """Tells the bot to see what is due, in a task of the bot's own, so that the simulation waits for what follows."""

    def __init__(self, env: simcord.Env, app: App) -> None:
        self._env = env
        self._app = app
        self._rings: asyncio.Queue[datetime] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self.following: datetime | None = None
        app.bot.add_listener(self._start, "on_ready")

    async def ring(self) -> datetime | None:
        """See what is due now with everything that follows from it; return when the next thing comes due."""
        self._rings.put_nowait(self._env.now())
        await self._env.settle()
        return self.following

    async def _start(self) -> None:
        self._tasks.add(asyncio.create_task(self._look_at_each_ring(), name="demo-clock"))

    async def _look_at_each_ring(self) -> None:
        while True:
            now = await self._env.external_wait(self._rings.get(), reason="the next moment at which something is due")
            self.following = await self._app.run_due(now)


class Mistakes(logging.Handler):
    """Keeps the first thing that the bot logged as its own mistake."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.first: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, unless there is one."""
        self.first = self.first or record.getMessage()


class Guild:
    """The server: a lobby, a channel and a role for moderators, the bot, and whoever is added."""

    def __init__(self, env: simcord.Env, app: App, clock: Clock, database: Database) -> None:
        self.env = env
        self.app = app
        self.clock = clock
        self.database = database
        self.server = env.create_guild("Women in STEM")
        self.role = self.server.create_role(
            "Circle moderators", permissions=discord.Permissions(manage_guild=True, manage_threads=True)
        )
        self.lobby = self.server.create_text_channel("peer-circles", topic="Type /circle join to take part")
        self.moderators_channel = self.server.create_text_channel("circle-moderators")
        self.people: dict[int, MemberActor] = {}
        self.mistakes = Mistakes()
        self.moderator = self.server.add_member(env.create_user("Morgan"), roles=[self.role])

    @property
    def now(self) -> datetime:
        """The simulated moment."""
        return self.env.now()

    def add_member(self, name: str, *, dms_closed: bool) -> MemberActor:
        """Let somebody come to the server; to closed direct messages Discord answers as it does."""
        member = self.server.add_member(self.env.create_user(name))
        self.people[member.id] = member
        if dms_closed:
            self.env.inject_error(
                "POST",
                f"/channels/{member.user.dm_channel.id}/messages",
                status=403,
                code=CANNOT_SEND_TO_THIS_USER,
                message="Cannot send messages to this user",
                times=None,
            )
        return member

    def find_thread(self, thread_id: int) -> ChannelHandle | None:
        """Return a thread of the lobby."""
        return next((thread for thread in self.lobby.threads if thread.id == thread_id), None)

    def sits_in(self, member: MemberActor, thread: ChannelHandle) -> bool:
        """Tell whether somebody is in a private thread."""
        return member.id in self.env.backend.get_channel(thread.id).thread_members

    async def advance_to(self, moment: datetime) -> None:
        """Let simulated time pass."""
        wait = (moment - self.now).total_seconds()
        if wait > 0:
            await self.env.advance_time(wait)

    def raise_mistakes(self) -> None:
        """Raise OperatorError if anything went wrong in the bot but what it told a user."""
        mistakes = [error for error in self.env.errors if not isinstance(_cause(error), UserError)]
        if mistakes:
            raise OperatorError(text("fault.demo.mistake", mistake=repr(mistakes[0])), exit_code=1) from mistakes[0]
        if self.mistakes.first:
            raise OperatorError(text("fault.demo.mistake", mistake=self.mistakes.first), exit_code=1)


@asynccontextmanager
async def open_guild(seed: int, folder: Path, *, in_memory: bool = False) -> AsyncGenerator[Guild]:
    """Open a server with the bot in it for as long as the block lasts; the folder receives the database and its key.

    `in_memory` tells that the folder lies in memory.
    """
    settings = Settings(
        folder=folder,
        delivery=DeliverySettings(lanes=1, dm_seconds=0.0, dm_daily=MOST_DMS_A_DAY),
        limits=LimitSettings(MOST_USES, MOST_USES),
    )
    upgrade(settings.database_file)
    seeds = Random(seed)
    async with (
        open_database(settings.database_file, open_cipher(settings), in_memory=in_memory) as database,
        open_vault(settings.pulse_file, open_pulse_keys(settings), in_memory=in_memory) as vault,
        worker_process(idle_seconds=None) as former,  # SimCord would wait for the timer that ends it
    ):
        app = wire(settings, database, former, seed=lambda: seeds.getrandbits(31), vault=vault)
        env = SeasonEnv(app.bot, settle_timeout=SETTLE_SECONDS)
        guild = Guild(env, app, Clock(env, app), database)
        warming = asyncio.create_task(former(Problem(people=())))  # the worker process starts while people join
        logging.getLogger().addHandler(guild.mistakes)
        await env.start()
        try:
            await cast("discord.ClientUser", app.bot.user).edit(username="Peer Circles")
            yield guild
        finally:
            logging.getLogger().removeHandler(guild.mistakes)
            await app.context.messenger.stop()
            await env.shutdown()
            await warming


def _cause(error: BaseException) -> Any:
    return getattr(error, "original", error)
