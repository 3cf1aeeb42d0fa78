"""Waiting for work that is done soon, as most is, without first telling that the bot thinks."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, TypeVar

import discord

T = TypeVar("T")
SOON = 0.25  # seconds until a person is told that the bot thinks; Discord gives three for a first response


async def soon(interaction: discord.Interaction, work: Awaitable[T]) -> T:
    """Return or raise what work comes to; what is done soon needs one response to its user, the rest a second.

    Whoever can no longer be told is answered too late; what they asked for is carried out nevertheless.
    """
    doing = asyncio.ensure_future(work)
    try:
        if not await is_done_soon(doing):
            with suppress(discord.HTTPException):
                await interaction.response.defer(ephemeral=True, thinking=True)
        return await doing
    finally:
        doing.cancel()


async def is_done_soon(doing: asyncio.Future[Any]) -> bool:
    """Wait a moment for work that is under way; tell whether it is done."""
    await asyncio.wait((doing,), timeout=SOON)
    return doing.done()
