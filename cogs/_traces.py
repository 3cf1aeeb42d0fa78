"""What of a delivery is on Discord already, known by its key: in a message's controls, or at the end of a name."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import discord

LOOK_BACK = 100


async def messages_of(channel: discord.abc.Messageable, key: str) -> AsyncIterator[discord.Message]:
    """Yield the messages among a channel's last ones that carry a key in their controls."""
    async for message in channel.history(limit=LOOK_BACK):
        if any(each.endswith(f":{key}") for each in _custom_ids(message.components)):
            yield message


async def threads_of(lobby: discord.TextChannel, key: str) -> AsyncIterator[discord.Thread]:
    """Yield a channel's threads whose name ends in a key: the active ones, then those that are archived."""
    for thread in await lobby.guild.active_threads():
        if thread.parent_id == lobby.id and thread.name.endswith(key):
            yield thread
    with suppress(discord.Forbidden):
        async for thread in lobby.archived_threads(private=True, limit=LOOK_BACK):
            if thread.name.endswith(key):
                yield thread


async def events_of(guild: discord.Guild, key: str) -> AsyncIterator[discord.ScheduledEvent]:
    """Yield a guild's scheduled events whose description ends in a key."""
    for event in await guild.fetch_scheduled_events(with_counts=False):
        if (event.description or "").endswith(key):
            yield event


def _custom_ids(components: Any) -> Iterator[str]:
    """Walk a message's components for every custom_id."""
    for component in components or ():
        if made := getattr(component, "custom_id", None):
            yield made
        yield from _custom_ids(getattr(component, "children", None))
        if accessory := getattr(component, "accessory", None):
            yield from _custom_ids([accessory])
