"""Circles' threads, which a moderator may have deleted, and messages in those that may be archived meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import discord

from bot.errors import NotFound
from cogs._codes import THREAD_ARCHIVED
from cogs._messenger import Messenger


class InThread(Protocol):
    """Whatever knows the thread of its circle, if that has one."""

    @property
    def thread_id(self) -> int | None:
        """The thread."""
        ...


def thread_of(found: InThread) -> int:
    """Return the thread of a circle; raise NotFound where it has none, or none any longer."""
    if found.thread_id is None:
        raise NotFound("circle.no-thread")
    return found.thread_id


async def reach_into(
    messenger: Messenger, guild_id: int, thread_id: int, act: Callable[[], Awaitable[object]], *, stays_archived: bool
) -> None:
    """Change a message in a thread; an archived thread is opened for it and, where it is to stay so, closed again."""
    try:
        await act()
    except discord.HTTPException as refusal:
        if refusal.code != THREAD_ARCHIVED:
            raise
        await (await messenger.get_thread(guild_id, thread_id)).edit(archived=False)
        await act()
    if stays_archived:
        await archive(messenger, guild_id, thread_id)


async def archive(messenger: Messenger, guild_id: int, thread_id: int) -> None:
    """Archive a thread without locking it; one that is archived already stays so."""
    thread = await messenger.get_thread(guild_id, thread_id)
    try:
        await thread.edit(archived=True)
    except discord.HTTPException as refusal:
        if refusal.code != THREAD_ARCHIVED:
            raise
