"""A discord.py bot that does nothing: what any bot costs on this machine. `python -m tests.wire.noop KIND`.

`once` answers each interaction with one message; `twice` first says that it
thinks and then sends the words, as a bot does that writes in between;
`libraries` does the same, and has the libraries in memory that any bot needs
that stores encrypted words, keeps to a schedule and speaks from catalogues:
each used once, on one table.
"""

import os
import sys

import discord
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL


class NoOp(commands.Bot):
    """A bot with the same intents and caches, and no feature."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        self.kind = kind

    async def setup_hook(self) -> None:
        """Use each library once, where that is asked for."""
        if self.kind == "libraries":
            from tests.wire.libraries import use_each  # noqa: PLC0415 - the other kinds must not have them in memory

            await use_each()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer whatever comes."""
        if self.kind == "once":
            await interaction.response.send_message("saved", ephemeral=True)
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await interaction.followup.send("saved", ephemeral=True)


if __name__ == "__main__":
    address = os.environ["PEER_CIRCLES_TEST_API"]
    Route.BASE = f"{address}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = URL(address.replace("http", "ws", 1)) / "gateway"
    NoOp(sys.argv[1]).run(os.environ["DISCORD_TOKEN"], log_handler=None)
