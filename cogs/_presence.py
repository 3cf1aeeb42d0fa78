"""Who is still in a guild: asked of Discord one by one, since the bot keeps no list of members."""

import asyncio
from collections.abc import Sequence

import aiohttp
import discord

from cogs._codes import UNKNOWN_MEMBER

UNKNOWN_USER = 10013
AT_ONCE = 10


class AskDiscord:
    """Knows who is gone from a guild; only Discord's "unknown member" counts, never a failed request."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def __call__(self, guild_id: int, user_ids: Sequence[int]) -> frozenset[int]:
        """Return which of these users are no longer in the guild."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return frozenset()
        gate = asyncio.Semaphore(AT_ONCE)
        answers = await asyncio.gather(*(_is_gone(guild, user_id, gate) for user_id in user_ids))
        return frozenset(user_id for user_id, gone in zip(user_ids, answers, strict=True) if gone)


async def _is_gone(guild: discord.Guild, user_id: int, gate: asyncio.Semaphore) -> bool:
    async with gate:
        try:
            member = await guild.fetch_member(user_id)
        except discord.NotFound as answer:
            return answer.code in {UNKNOWN_MEMBER, UNKNOWN_USER}
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
            return False
        return member.bot
