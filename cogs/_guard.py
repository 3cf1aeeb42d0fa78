"""Who may do what, checked on the server side at each command and each click, and what the bot itself lacks."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.errors import NotAllowed
from cogs._ui.words import say

# What the bot needs in a lobby: the invite link asks for exactly these.
NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    create_private_threads=True,
    send_messages_in_threads=True,
    manage_threads=True,
    read_message_history=True,
    attach_files=True,
)
NEEDED_TO_SPEAK = discord.Permissions(view_channel=True, send_messages=True, read_message_history=True)


@dataclass(frozen=True, slots=True)
class Lack:
    """One permission that the bot lacks in one channel."""

    channel_id: int
    permission: str


def require_moderator(interaction: discord.Interaction, role_id: int | None = None) -> None:
    """Let through who has Manage Server or the program's moderator role; raise NotAllowed for everybody else."""
    if not is_moderator(interaction, role_id):
        raise NotAllowed("not-allowed.moderators-only")


def is_moderator(interaction: discord.Interaction, role_id: int | None = None) -> bool:
    """Tell whether somebody has Manage Server or the program's moderator role."""
    if interaction.permissions.manage_guild:
        return True
    user = interaction.user
    return role_id is not None and isinstance(user, discord.Member) and user.get_role(role_id) is not None


def lacking(guild: discord.Guild | None, lobby_channel_id: int, moderator_channel_id: int | None) -> list[Lack]:
    """Return every permission that the bot lacks for a program, channel by channel."""
    wanted = [(lobby_channel_id, NEEDED)]
    if moderator_channel_id is not None:
        wanted.append((moderator_channel_id, NEEDED_TO_SPEAK))
    return [lack for channel_id, needed in wanted for lack in _lacking_in(guild, channel_id, needed)]


def lacking_names(guild: discord.Guild | None, lobby_channel_id: int) -> list[str]:
    """Name every permission that the bot lacks in a lobby, as Discord's settings do."""
    return [lack.permission.replace("_", " ").title() for lack in lacking(guild, lobby_channel_id, None)]


def _lacking_in(guild: discord.Guild | None, channel_id: int, needed: discord.Permissions) -> list[Lack]:
    channel = guild.get_channel(channel_id) if guild else None
    if guild is None or channel is None:
        return [Lack(channel_id, "view_channel")]
    granted = channel.permissions_for(guild.me)
    return [Lack(channel_id, name) for name, wanted in needed if wanted and not getattr(granted, name)]


def lack_lines(interaction: discord.Interaction, lacks: Sequence[Lack]) -> list[str]:
    """Say each lack in words: which permission, in which channel, and where to grant it."""
    return [
        say(
            interaction,
            "doctor.lack",
            channel=f"<#{lack.channel_id}>",
            permission=say(interaction, f"permission.{lack.permission}"),
        )
        for lack in lacks
    ]
