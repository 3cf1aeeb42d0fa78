"""What ends the connection to Discord: one line, and the exit code that says whether trying again may help."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.errors import OperatorError
from cogs._connection import connect


class Refused:
    """A bot whose start fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def start(self, _token: str) -> None:
        """Fail."""
        raise self.error


def closed(code: int) -> discord.ConnectionClosed:
    """Return how the gateway closes a connection with a code."""
    socket: Any = SimpleNamespace(close_code=code)
    return discord.ConnectionClosed(socket, shard_id=0)


def down(status: int) -> discord.DiscordServerError:
    """Return Discord's answer where it is down."""
    answer: Any = SimpleNamespace(status=status, reason="")
    return discord.DiscordServerError(answer, "<html>\nno server is available\n</html>")


@pytest.mark.parametrize(
    ("error", "exit_code", "words"),
    [
        (discord.LoginFailure("no"), 2, "refuses the token"),
        (closed(4004), 2, "refuses the token"),
        (closed(4010), 2, "--of"),
        (closed(4011), 2, "--of"),
        (down(503), 1, "cannot be reached: HTTP 503"),
        (aiohttp.ClientConnectionError("no route"), 1, "cannot be reached: "),
        (TimeoutError(), 1, "cannot be reached: TimeoutError"),
    ],
)
async def test_whoever_runs_the_bot_reads_one_line(error: Exception, exit_code: int, words: str):
    bot: Any = Refused(error)
    with pytest.raises(OperatorError) as told:
        await connect(bot, "token")
    assert told.value.exit_code == exit_code
    assert words in str(told.value)
    assert "\n" not in str(told.value)


async def test_what_nobody_expected_is_not_hidden():
    bot: Any = Refused(closed(4000))
    with pytest.raises(discord.ConnectionClosed):
        await connect(bot, "token")
