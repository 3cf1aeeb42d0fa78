"""Removes what is on Discord twice, once its delivery is done: an attempt that went silent may have been late.

Whoever died, or gave an answer up, looks on Discord before trying again; but
Discord may do what it was asked for only after that look. So everything that
took more than one attempt is looked at once more, when nothing can be under way.
"""

import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import aiohttp
import discord
from discord.ext import commands

from bot.domain.shards import Share
from bot.domain.states import DeliveryKind
from bot.services import doubles
from bot.services.doubles import Suspect
from cogs._codes import THREAD_ARCHIVED
from cogs._traces import events_of, messages_of, threads_of
from db.engine import Database

log = logging.getLogger(__name__)
NEVER = datetime.max.replace(tzinfo=UTC)
THREADS = frozenset((DeliveryKind.OPEN_THREAD, DeliveryKind.INTRODUCTION_THREAD))
Made = discord.Thread | discord.ScheduledEvent | discord.Message


class Doubles:
    """Looks at one delivery at a time, and only at moments at which one is due."""

    def __init__(self, bot: commands.Bot, database: Database, now: Callable[[], datetime], share: Share) -> None:
        self._bot = bot
        self._database = database
        self._now = now
        self._share = share
        self._due = datetime.min.replace(tzinfo=UTC)  # what the process before left is not known yet

    def expect(self, moment: datetime) -> None:
        """Look at this moment at the latest."""
        self._due = min(self._due, moment)

    async def see_to_one(self) -> bool:
        """Look at what is due, if anything is, and remove what is too much; tell whether something was due."""
        if self._now() < self._due:
            return False
        suspect = await doubles.claim(self._database, self._now(), self._share)
        if suspect is None:
            self._due = NEVER
            self.expect(await doubles.find_next(self._database, self._share) or NEVER)
            return False
        if await self._remove_others(suspect):
            await doubles.clear(self._database, suspect)
        else:
            await doubles.postpone(self._database, suspect, self._now())
        return True

    async def _remove_others(self, suspect: Suspect) -> bool:
        """Remove each one of ours that is not the one we know; tell whether Discord could be asked."""
        try:
            async for made in self._made(suspect):
                if made.id != suspect.known_id and self._is_ours(made):
                    await self._remove(made)
                    log.warning("Delivery %s was on Discord twice", suspect.key, extra={"delivery": suspect.key})
        except discord.NotFound:
            return True  # the place is gone, and with it all that was there
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("Delivery %s could not be looked for: %s", suspect.key, error, extra={"delivery": suspect.key})
            return False
        return True

    async def _made(self, suspect: Suspect) -> AsyncIterator[Made]:
        """Yield what Discord holds of a delivery."""
        if suspect.kind is DeliveryKind.MEETING_EVENT:
            guild = self._bot.get_guild(suspect.guild_id)
            found = events_of(guild, suspect.key) if guild else None
        elif suspect.channel_id is None:
            found = None
        elif suspect.kind in THREADS:
            lobby = self._bot.get_channel(suspect.channel_id) or await self._bot.fetch_channel(suspect.channel_id)
            found = threads_of(lobby, suspect.key) if isinstance(lobby, discord.TextChannel) else None
        else:
            found = messages_of(self._bot.get_partial_messageable(suspect.channel_id), suspect.key)
        if found is not None:
            for made in [each async for each in found]:
                yield made

    def _is_ours(self, made: Made) -> bool:
        """Tell whether the bot made it by itself, rather than in answer to a command or a click."""
        own = self._bot.user.id if self._bot.user else None
        match made:
            case discord.Thread():
                return made.owner_id == own
            case discord.ScheduledEvent():
                return made.creator_id == own
            case _:
                return made.author.id == own and made.interaction_metadata is None

    async def _remove(self, made: Made) -> None:
        """Delete what is too much; a thread that is archived meanwhile is opened for it, and closed again."""
        try:
            await made.delete()
        except discord.HTTPException as refusal:
            if refusal.code != THREAD_ARCHIVED or not isinstance(made, discord.Message):
                raise
            thread = await self._bot.fetch_channel(made.channel.id)
            if isinstance(thread, discord.Thread):
                await thread.edit(archived=False)
                await made.delete()
                await thread.edit(archived=True)
