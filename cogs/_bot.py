"""The bot itself, as discord.py knows it: on one connection, or on several shards."""

from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.domain.shards import Share
from cogs._context import Context
from cogs._errors import ReportingTree, report
from cogs._limits import Limits
from cogs._repeats import without_repeats
from cogs._shards import Turn, wait_to_identify
from cogs._ui.controls import Control, Controls
from cogs._ui.words import CatalogueTranslator

MOST_CONNECTIONS = 100


class MentorBot(commands.Bot):
    """The bot: only the intent `guilds`, no member cache, everything answered from slash commands and controls."""

    context: Context

    def __init__(self, intents: discord.Intents, limits: Limits, features: Sequence[str], **options: Any) -> None:
        super().__init__(
            **options,
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=ReportingTree,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=without_repeats(),
        )
        self._features = features
        self.limits = limits
        self.controls = Controls(report, limits.count)

    async def login(self, token: str) -> None:
        """Log in, with few connections to Discord: a crowd would open a thousand, each with its handshake."""
        self.http.connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS)
        await super().login(token)

    async def setup_hook(self) -> None:
        """Load every cog (one that fails ends the start), tell Discord the commands, take up what was left."""
        self.add_dynamic_items(Control)
        await self.tree.set_translator(CatalogueTranslator())
        for extension in self._features:
            await self.load_extension(extension)
        if self.context.world.share.is_first:
            await self.tree.sync()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer submitted modals, also those that were opened before a restart."""
        await self.controls.dispatch_modal(interaction)


class ShardedBot(MentorBot, commands.AutoShardedBot):
    """The bot where its guilds are dealt out to shards: here it runs some of them, or all."""

    def __init__(self, intents: discord.Intents, limits: Limits, features: Sequence[str], share: Share) -> None:
        super().__init__(intents, limits, features, shard_ids=sorted(share.shards), shard_count=share.of)
        self.turn: Turn | None = None

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Begin no session while another process begins one."""
        if self.turn is None:
            await super().before_identify_hook(shard_id, initial=initial)
        else:
            await wait_to_identify(self, shard_id, self.turn)
