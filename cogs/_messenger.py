"""Carries deliveries out through Discord, each exactly once in effect.

A claim is committed before Discord is called and its outcome after. What was
tried before is looked for on Discord first: a thread by the key that ends its
name, a message by the key in its own controls.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord
from discord import ui
from discord.ext import commands

from bot.config import DeliverySettings
from bot.domain.pace import Window
from bot.domain.shards import WHOLE, Share
from bot.domain.states import DeliveryKind
from bot.errors import NotFound
from bot.services import deliveries
from bot.services.deliveries import Job, Outcome, Result
from cogs._breaker import TOO_MANY, Breaker
from cogs._doubles import Doubles
from cogs._traces import messages_of, threads_of
from db.engine import Database

log = logging.getLogger(__name__)
Handler = Callable[[Job], Awaitable[Outcome]]
MISSING_ACCESS, MISSING_PERMISSION = 50001, 50013  # a moderator can mend these while we wait
TOO_MANY_THREADS = 160006
PATIENCE = {deliveries.DMS_TOO_FAST: timedelta(minutes=10), TOO_MANY_THREADS: timedelta(minutes=30)}
MENDABLE = frozenset((MISSING_ACCESS, MISSING_PERMISSION, *PATIENCE))
PASSING = frozenset((401, 429))  # a token that was changed, a pace that was too quick: nothing of the delivery's own
# Codes that say "another time": an answer that is not Discord's own (Cloudflare's pages have none), sending or a
# feature switched off for a while, a resource that is overloaded.
PASSING_CODES = frozenset((0, 40004, 40006, 130000))
LONGEST_ATTEMPT = deliveries.LEASE - timedelta(minutes=1)  # nobody else takes up what is still under way
NOTHING_LEFT = 0  # our own code: what the delivery was about is no longer there
GAVE_UP = -1  # our own code: every attempt failed without an answer of Discord's
A_DAY = timedelta(days=1)
A_LOOK = timedelta(minutes=1)  # how often the clock looks at the latest
CROWD = 20  # members who wait for an answer at the same moment
LONGEST_WAY, GLANCE = 5.0, 0.05  # seconds that a delivery gives way to a crowd, and between two looks at it
DM_KINDS = frozenset(
    (
        DeliveryKind.SILENT_QUESTION,
        DeliveryKind.NOT_PLACED,
        DeliveryKind.IMPORT_NOTICE,
        DeliveryKind.INTRODUCTION_OFFER,
        DeliveryKind.INTRODUCTION_MISSED,
        DeliveryKind.FIRST_SESSION,
        DeliveryKind.CONCERN_ANSWER,
        DeliveryKind.LEAD_CARD,
    )
)


class Messenger:
    """Works the outbox with a few workers, each of which takes one delivery at a time."""

    def __init__(
        self,
        bot: commands.Bot,
        database: Database,
        settings: DeliverySettings,
        now: Callable[[], datetime],
        share: Share = WHOLE,
        breaker: Breaker | None = None,
        in_hand: Callable[[], int] = int,
    ) -> None:
        self._bot = bot
        self._breaker = breaker or Breaker(now)
        self._dms = Window(settings.dm_daily, A_DAY)
        self._dms_known = False  # those that the process before sent today
        self._database = database
        self._settings = settings
        self._now = now
        self._share = share
        self._in_hand = in_hand
        self.results: Counter[str] = Counter(dict.fromkeys(Result, 0))  # since the start
        self._doubles = Doubles(bot, database, now, share)
        self._held: set[int] = set()  # a lease that ran out while all stood still frees nothing for ourselves
        self._handlers: dict[DeliveryKind, Handler] = {}
        self._workers: set[asyncio.Task[None]] = set()
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
        self._start_worker()

    async def drain(self, seconds: float) -> None:
        """Claim nothing more and let what is in flight end, for so long; the rest is looked up at the next start."""
        self._stopping = True
        if self._workers:
            await asyncio.wait(self._workers, timeout=seconds)
        await self.stop()

    async def stop(self) -> None:
        """Stop in the middle, as a kill would: what was in flight is looked up at the next start."""
        self._stopping = True
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def _start_worker(self) -> None:
        """Let one more worker look for a delivery, unless there are as many as there may be."""
        if self._stopping or len(self._workers) >= self._settings.lanes:
            return
        worker = asyncio.create_task(self._work(), name="messenger")
        self._workers.add(worker)
        worker.add_done_callback(self._ended)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (error := worker.exception()) is not None:
            log.error("A delivery could not be recorded; it is looked up once its lease is over", exc_info=error)

    async def _work(self) -> None:
        """Take one delivery after the other until none may leave; whoever finds one lets another look too.

        Where nothing is to be sent, what may be on Discord twice is looked at.
        """
        while not (self._stopping or self._bot.is_closed() or self._breaker.wait()):
            self._again = False
            await self._give_way()
            job = await deliveries.claim(self._database, self._now(), self._share, tuple(self._held))
            if job is not None:
                self._start_worker()
                await self._see_through(job)
            elif not self._again and not await self._doubles.see_to_one():
                return

    async def _give_way(self) -> None:
        """Wait while a crowd is answered: they sit before their screens, and a post may come a little later."""
        for _ in range(int(LONGEST_WAY / GLANCE)):
            if self._in_hand() < CROWD or self._stopping:
                return
            await asyncio.sleep(GLANCE)

    async def _see_through(self, job: Job) -> None:
        """Carry a delivery out and record what came of it; meanwhile it is in our hands."""
        self._held.add(job.id)
        try:
            outcome = await self._carry_out(job)
            self.results[outcome.result] += 1
            look_at = await deliveries.finish(self._database, job, outcome, self._now())
        finally:
            self._held.discard(job.id)
        if look_at is not None:
            self._doubles.expect(look_at)
            self._return_after(look_at - self._now())
        if outcome.retry_after is not None:
            self._return_after(outcome.retry_after)

    def _return_after(self, wait: timedelta) -> None:
        """Come back for what is due again within a minute; the clock's next look sees to the rest."""
        if wait <= A_LOOK:
            asyncio.get_running_loop().call_later(wait.total_seconds(), self.kick)

    async def _carry_out(self, job: Job) -> Outcome:
        if job.kind in DM_KINDS and (wait := await self._wait_for_dm()):
            return Outcome(retry_after=wait)
        try:
            if job.kind in DM_KINDS:
                self._dms.add(self._now())
                await asyncio.sleep(self._settings.dm_seconds)  # the lane is held meanwhile, and so the pace kept
            async with asyncio.timeout(LONGEST_ATTEMPT.total_seconds()):
                return await self._handlers[job.kind](job)
        except NotFound:
            return Outcome(error_code=NOTHING_LEFT)
        except discord.HTTPException as error:
            return self._after_refusal(job, error)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return self._later(job, GAVE_UP)
        except Exception:
            if not self._bot.is_closed():  # else the connection went away under it, with the bot's own
                log.exception("Delivery %s (%s) failed", job.key, job.kind, extra={"delivery": job.key})
            return self._later(job, GAVE_UP)

    async def _wait_for_dm(self) -> timedelta:
        """Return how long the day's number of direct messages is used up; a restart is no new day."""
        now = self._now()
        if not self._dms_known:
            for moment in await deliveries.list_finished(self._database, DM_KINDS, now - A_DAY, self._share):
                self._dms.add(moment)
            self._dms_known = True
        return self._dms.wait(now)

    def _after_refusal(self, job: Job, error: discord.HTTPException) -> Outcome:
        """Tell what Discord may do another time from what it never will."""
        told = "Delivery %s (%s): Discord answered %s, code %s"
        log.info(told, job.key, job.kind, error.status, error.code, extra={"delivery": job.key})
        if error.status == TOO_MANY and "Via" not in error.response.headers:  # not waited for by discord.py
            self._breaker.rest(_told_to_wait(error))
        if error.status >= 500 or error.status in PASSING or error.code in MENDABLE | PASSING_CODES:
            return self._later(job, error.code or GAVE_UP)
        return Outcome(error_code=error.code)

    def _later(self, job: Job, code: int) -> Outcome:
        if job.attempts >= self._settings.attempts and not self._bot.is_closed():
            return Outcome(error_code=code)
        return Outcome(error_code=code, retry_after=PATIENCE.get(code, deliveries.wait_before_attempt(job.attempts)))

    async def send(
        self,
        job: Job,
        channel_id: int,
        view: ui.LayoutView,
        mentions: tuple[int, ...] = (),
        file: discord.File | None = None,
    ) -> Outcome:
        """Send a card to a channel or thread once; it must carry a control with the delivery's key."""
        channel = self._bot.get_partial_messageable(channel_id)
        return await self._send(job, channel, view, mentions, file)

    async def send_dm(self, job: Job, user_id: int, view: ui.LayoutView) -> Outcome:
        """Send a card to a person's direct messages once; never anywhere else."""
        return await self._send(job, await self._bot.create_dm(discord.Object(user_id)), view, ())

    async def _send(
        self,
        job: Job,
        channel: discord.abc.Messageable,
        view: ui.LayoutView,
        mentions: tuple[int, ...],
        file: discord.File | None = None,
    ) -> Outcome:
        message = await self.find_sent(channel, job.key) if job.tried_before else None
        if message is None:
            named = discord.AllowedMentions(users=[discord.Object(user) for user in mentions])
            if not mentions:
                named = discord.AllowedMentions.none()
            files: dict[str, Any] = {"file": file} if file else {}
            message = await channel.send(view=view, nonce=job.key, allowed_mentions=named, **files)
        return Outcome(result_id=message.id, channel_id=message.channel.id, sure=not job.tried_before)

    async def find_sent(self, channel: discord.abc.Messageable, key: str) -> discord.Message | None:
        """Look for our message among the channel's last ones by the key in its controls."""
        return await anext(messages_of(channel, key), None)

    async def open_thread(self, job: Job, lobby_channel_id: int, name: str) -> Outcome:
        """Open a private thread once; its name must end in the delivery's key."""
        lobby = self._bot.get_channel(lobby_channel_id) or await self._bot.fetch_channel(lobby_channel_id)
        if not isinstance(lobby, discord.TextChannel):
            raise NotFound("program.lobby-gone")
        thread = await anext(threads_of(lobby, job.key), None) if job.tried_before else None
        if thread is None:
            thread = await lobby.create_thread(
                name=name,
                type=discord.ChannelType.private_thread,
                invitable=False,
                auto_archive_duration=10080,
            )
        return Outcome(result_id=thread.id, channel_id=lobby.id, sure=not job.tried_before)

    async def add_to_thread(self, thread_id: int, user_id: int) -> None:
        """Bring somebody into a thread with the one request that takes; doing it twice changes nothing."""
        await self._bot.http.add_user_to_thread(thread_id, user_id)

    async def remove_from_thread(self, thread_id: int, user_id: int) -> None:
        """Take somebody out of a thread."""
        await self._bot.http.remove_user_from_thread(thread_id, user_id)

    async def get_thread(self, guild_id: int, thread_id: int) -> discord.Thread:
        """Return a thread, from what is known or by asking Discord; raise NotFound where it is no thread."""
        guild = self._bot.get_guild(guild_id)
        found = guild.get_thread(thread_id) if guild else None
        found = found or await self._bot.fetch_channel(thread_id)
        if not isinstance(found, discord.Thread):
            raise NotFound("circle.no-thread")
        return found


def _told_to_wait(refusal: discord.HTTPException) -> timedelta:
    """Return how long Discord's edge wants to be left alone, as far as it says so in seconds."""
    told = refusal.response.headers.get("Retry-After", "")
    return min(deliveries.LONGEST_WAIT, timedelta(seconds=int(told))) if told.isdecimal() else timedelta(0)
