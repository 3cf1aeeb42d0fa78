"""Messages in threads that may be archived meanwhile."""

from collections.abc import Awaitable, Callable

import discord

from cogs._messenger import Messenger

THREAD_ARCHIVED = 50083


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
