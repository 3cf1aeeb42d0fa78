"""How many threads may be active in a guild, and room made among them."""

from collections.abc import Collection, Sequence

import aiohttp
import discord

MOST_ACTIVE = 1_000


class ThreadRoom:
    """Asks Discord which threads are active; where it does not say, each thread waits by itself until it may open."""

    def __init__(self, client: discord.Client, most: int = MOST_ACTIVE) -> None:
        self._client = client
        self.most = most

    async def __call__(self, guild_id: int, wanted: int, over: Sequence[int], ending: Collection[int]) -> int:
        """Archive threads that are over while there are too many; return for how many there is still no room."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return 0
        try:
            active = {thread.id: thread for thread in await guild.active_threads()}
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            return 0
        missing = sum(thread_id not in ending for thread_id in active) + wanted - self.most
        for thread in (active[thread_id] for thread_id in over if thread_id in active):
            if missing <= 0:
                break
            missing -= await _is_archived(thread)
        return max(0, missing)


async def _is_archived(thread: discord.Thread) -> bool:
    """Archive a thread; tell whether Discord did it."""
    try:
        await thread.edit(archived=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
        return False
    return True
