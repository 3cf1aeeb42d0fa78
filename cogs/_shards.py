"""Sessions of several shards begin one after the other, also those of other processes."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

Turn = Callable[[int], Awaitable[None]]


async def wait_to_identify(client: Any, shard_id: int | None, turn: Turn) -> None:
    """Wait for a shard's turn; Discord says how many buckets may begin side by side."""
    limits: discord.SessionStartLimits = await client.fetch_session_start_limits()
    await turn((shard_id or 0) % limits.max_concurrency)
