"""How often commands and controls may be used, by one member and within one server."""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import discord

from bot.config import LimitSettings
from bot.domain.pace import Windows
from bot.errors import Conflict

SPAN = timedelta(seconds=10)
COUNTED = frozenset((discord.InteractionType.application_command, discord.InteractionType.component))


class Limits:
    """Counts uses; a submitted modal is never refused, so that nothing written is lost."""

    def __init__(self, settings: LimitSettings, now: Callable[[], datetime]) -> None:
        self._now = now
        self._members = Windows(settings.member_uses, SPAN)
        self._guilds = Windows(settings.guild_uses, SPAN)

    def count(self, interaction: discord.Interaction[Any]) -> None:
        """Count a use; raise Conflict with the seconds to wait where there were too many."""
        if interaction.type not in COUNTED:
            return
        now, member, guild = self._now(), interaction.user.id, interaction.guild_id
        wait = max(self._members.wait(member, now), self._guilds.wait(guild, now) if guild else timedelta(0))
        if wait:
            raise Conflict("error.cooldown", seconds=ceil(wait.total_seconds()))
        self._members.add(member, now)
        if guild:
            self._guilds.add(guild, now)
