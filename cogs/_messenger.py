"""Carries deliveries out through Discord, each exactly once in effect.

A claim is committed before Discord is called and its outcome after. What was
tried before is looked for on Discord first: a thread by the key that ends its
name, a message by the key in its own controls.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord
from discord import ui
from discord.ext import commands

from bot.config import DeliverySettings
from bot.errors import NotFound
from bot.services import deliveries
from bot.services.deliveries import Job, Outcome
from db.engine import Database
from db.models import DeliveryKind

log = logging.getLogger(__name__)
Handler = Callable[[Job], Awaitable[Outcome]]
MISSING_ACCESS, MISSING_PERMISSION = 50001, 50013  # a moderator can mend these while we wait
DMS_TOO_FAST = 40003
TOO_MANY_THREADS = 160006
PATIENCE = {DMS_TOO_FAST: timedelta(minutes=10), TOO_MANY_THREADS: timedelta(minutes=30)}
MENDABLE = frozenset((MISSING_ACCESS, MISSING_PERMISSION, *PATIENCE))
NOTHING_LEFT = 0  # our own code: what the delivery was about is no longer there
GAVE_UP = -1  # our own code: every attempt failed without an answer of Discord's
LOOK_BACK = 100
DM_KINDS = frozenset((DeliveryKind.SILENT_QUESTION, DeliveryKind.NOT_PLACED))


class Messenger:
    """Works the outbox with a few workers, each of which takes one delivery at a time."""

    def __init__(
        self, bot: commands.Bot, database: Database, settings: DeliverySettings, now: Callable[[], datetime]
    ) -> None:
        self._bot = bot
        self._database = database
        self._settings = settings
        self._now = now
        self._handlers: dict[DeliveryKind, Handler] = {}
        self._working: asyncio.Task[None] | None = None
        self._again = False
        self._stopping = False

    def register(self, kind: DeliveryKind, handler: Handler) -> None:
        """Let a handler carry out a kind of delivery; each kind has exactly one."""
        if kind in self._handlers:
            raise ValueError(f"two handlers for {kind}")
        self._handlers[kind] = handler

    def kick(self) -> None:
        """See to the outbox now; calling it while it is seen to costs nothing."""
        self._again = True
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), name="messenger")

    async def drain(self, seconds: float) -> None:
        """Claim nothing more and let what is in flight end, for so long; the rest is looked up at the next start."""
        self._stopping = True
        if self._working is not None:
            await asyncio.wait((self._working,), timeout=seconds)
        await self.stop()

    async def stop(self) -> None:
        """Stop in the middle, as a kill would: what was in flight is looked up at the next start."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def _work(self) -> None:
        while self._again:
            self._again = False
            await asyncio.gather(*(self._worker() for _ in range(self._settings.lanes)))

    async def _worker(self) -> None:
        while not self._stopping and (job := await deliveries.claim(self._database, self._now())) is not None:
            outcome = await self._carry_out(job)
            await deliveries.finish(self._database, job, outcome, self._now())
            if job.kind in DM_KINDS and self._settings.dm_seconds:
                await asyncio.sleep(self._settings.dm_seconds)

    async def _carry_out(self, job: Job) -> Outcome:
        try:
            return await self._handlers[job.kind](job)
        except NotFound:
            return Outcome(error_code=NOTHING_LEFT)
        except discord.HTTPException as error:
            return self._after_refusal(job, error)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return self._later(job, GAVE_UP)
        except Exception:
            log.exception("Delivery %s (%s) failed", job.key, job.kind)
            return self._later(job, GAVE_UP)

    def _after_refusal(self, job: Job, error: discord.HTTPException) -> Outcome:
        """Tell what Discord may do another time from what it never will."""
        log.info("Delivery %s (%s): Discord answered %s, code %s", job.key, job.kind, error.status, error.code)
        if error.status >= 500 or error.status == 429 or error.code in MENDABLE:
            return self._later(job, error.code)
        return Outcome(error_code=error.code)

    def _later(self, job: Job, code: int) -> Outcome:
        if job.attempts >= self._settings.attempts:
            return Outcome(error_code=code)
        return Outcome(error_code=code, retry_after=PATIENCE.get(code, deliveries.wait_before_attempt(job.attempts)))

    async def send(self, job: Job, channel_id: int, view: ui.LayoutView, mentions: tuple[int, ...] = ()) -> Outcome:
        """Send a card to a channel or thread once; it must carry a control with the delivery's key."""
        channel = self._bot.get_partial_messageable(channel_id)
        return await self._send(job, channel, view, mentions)

    async def send_dm(self, job: Job, user_id: int, view: ui.LayoutView) -> Outcome:
        """Send a card to a person's direct messages once; never anywhere else."""
        return await self._send(job, await self._bot.create_dm(discord.Object(user_id)), view, ())

    async def _send(
        self, job: Job, channel: discord.abc.Messageable, view: ui.LayoutView, mentions: tuple[int, ...]
    ) -> Outcome:
        message = await self.find_sent(channel, job.key) if job.tried_before else None
        if message is None:
            named = discord.AllowedMentions(users=[discord.Object(user) for user in mentions])
            if not mentions:
                named = discord.AllowedMentions.none()
            message = await channel.send(view=view, nonce=job.key, allowed_mentions=named)
        return Outcome(result_id=message.id, channel_id=message.channel.id)

    async def find_sent(self, channel: discord.abc.Messageable, key: str) -> discord.Message | None:
        """Look for our message among the channel's last ones by the key in its controls."""
        async for message in channel.history(limit=LOOK_BACK):
            if any(each.endswith(f":{key}") for each in _custom_ids(message.components)):
                return message
        return None

    async def open_thread(self, job: Job, lobby_channel_id: int, name: str) -> Outcome:
        """Open a private thread once; its name must end in the delivery's key."""
        lobby = self._bot.get_channel(lobby_channel_id) or await self._bot.fetch_channel(lobby_channel_id)
        if not isinstance(lobby, discord.TextChannel):
            raise NotFound("program.lobby-gone")
        thread = await _find_thread(lobby, job.key) if job.tried_before else None
        if thread is None:
            thread = await lobby.create_thread(
                name=name,
                type=discord.ChannelType.private_thread,
                invitable=False,
                auto_archive_duration=10080,
            )
        return Outcome(result_id=thread.id, channel_id=lobby.id)

    async def get_thread(self, guild_id: int, thread_id: int) -> discord.Thread:
        """Return a thread, from what is known or by asking Discord; raise NotFound where it is no thread."""
        guild = self._bot.get_guild(guild_id)
        found = guild.get_thread(thread_id) if guild else None
        found = found or await self._bot.fetch_channel(thread_id)
        if not isinstance(found, discord.Thread):
            raise NotFound("circle.no-thread")
        return found


async def _find_thread(lobby: discord.TextChannel, key: str) -> discord.Thread | None:
    for thread in await lobby.guild.active_threads():
        if thread.parent_id == lobby.id and thread.name.endswith(key):
            return thread
    with suppress(discord.Forbidden):
        async for thread in lobby.archived_threads(private=True, limit=LOOK_BACK):
            if thread.name.endswith(key):
                return thread
    return None


def _custom_ids(components: Any) -> Iterator[str]:
    """Walk a message's components for every custom_id."""
    for component in components or ():
        if made := getattr(component, "custom_id", None):
            yield made
        yield from _custom_ids(getattr(component, "children", None))
        if accessory := getattr(component, "accessory", None):
            yield from _custom_ids([accessory])
