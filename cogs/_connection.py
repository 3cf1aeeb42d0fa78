"""The connection to Discord: kept, told of, and ended with one line where only whoever runs the bot can help."""

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import discord
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.domain.shards import Share
from bot.errors import OperatorError
from bot.text import text

AUTHENTICATION_FAILED = 4004  # the gateway's way to refuse it
SHARDING = frozenset((4010, 4011))  # a shard that there is none of; more servers than one shard may have


@dataclass(frozen=True, slots=True)
class Link:
    """One shard's connection: whether it stands, and the seconds that Discord last took to answer on it."""

    is_open: bool
    latency: float


def turn_to(address: str) -> None:
    """Let everything that would go to Discord go to another address."""
    Route.BASE = f"{address}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = URL(address.replace("http", "ws", 1)) / "gateway"


async def connect(bot: commands.Bot, token: str) -> None:
    """Stay connected to Discord; what whoever runs the bot can mend is told in one line."""
    try:
        await bot.start(token)
    except discord.LoginFailure as error:
        raise OperatorError(text("fault.token-refused")) from error
    except discord.ConnectionClosed as error:
        if error.code in SHARDING:
            raise OperatorError(text("fault.shards.more")) from error
        if error.code != AUTHENTICATION_FAILED:
            raise
        raise OperatorError(text("fault.token-refused")) from error
    except (aiohttp.ClientError, TimeoutError, discord.DiscordServerError) as error:
        raise OperatorError(text("fault.discord-away", fault=_in_short(error)), exit_code=1) from error


def _in_short(error: Exception) -> str:
    """Name what happened in a few words; Discord's edge would answer with a page."""
    if isinstance(error, discord.HTTPException):
        return f"HTTP {error.status}"
    return str(error).partition("\n")[0] or type(error).__name__


async def when_ready(bot: commands.Bot, then: Callable[[int], None]) -> None:
    """Begin something, given the number of servers, once they are known; a reconnect does not begin it again."""
    await bot.wait_until_ready()
    then(len(bot.guilds))


def links(bot: commands.Bot, share: Share) -> dict[int, Link]:
    """Return how each shard of this process is connected."""
    if isinstance(bot, commands.AutoShardedBot):
        found = bot.shards
        return {shard: _link(found.get(shard)) for shard in sorted(share.shards)}
    socket: DiscordWebSocket | None = bot.ws  # before the first connection there is none
    return dict.fromkeys(share.shards, Link(socket.open, socket.latency) if socket else _link(None))


def _link(shard: discord.ShardInfo | None) -> Link:
    return Link(not shard.is_closed(), shard.latency) if shard else Link(is_open=False, latency=float("inf"))
