"""The one path from an exception to words for the user."""

import logging
import secrets
from typing import Any

import discord
from discord import app_commands

from bot.errors import UserError
from cogs._limits import Limits
from cogs._ui.cards import answer, card
from cogs._ui.words import refused, say, storable

log = logging.getLogger(__name__)
NOTHING_TO_SAY = {10062, 40060}  # the interaction is gone or answered: nobody would read it


async def report(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the person what went wrong in words that are safe, and the log what really happened."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if _has_nothing_to_say(cause):
        log.warning("%s was answered too late, or twice: %s", _place(interaction), cause)
        return
    try:
        await answer(interaction, card(_words(interaction, cause)))
    except discord.HTTPException as unsaid:
        if not _has_nothing_to_say(unsaid):
            log.warning("An error could not be told to its user: %s", unsaid)


def _has_nothing_to_say(error: BaseException) -> bool:
    return isinstance(error, discord.HTTPException) and error.code in NOTHING_TO_SAY


def _words(interaction: discord.Interaction, cause: BaseException) -> str:
    if isinstance(cause, UserError):
        return refused(interaction, cause)
    code = secrets.token_hex(4)
    log.error("Reference %s: %s failed", code, _place(interaction), exc_info=cause)
    return say(interaction, "error.unexpected", code=code)


def _place(interaction: discord.Interaction) -> str:
    """Name what was used, never what was written into it."""
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    data: Any = interaction.data or {}
    return str(data.get("custom_id", "")).rpartition(":")[0] or "an interaction"


class ReportingTree(app_commands.CommandTree):
    """A command tree whose errors take the one path."""

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Make what was typed storable, and refuse with words whoever is too quick."""
        interaction.data = storable(interaction.data)
        limits: Limits = getattr(interaction.client, "limits")  # noqa: B009 - the client's type does not know it
        try:
            limits.count(interaction)
        except UserError as error:
            await report(interaction, error)
            return False
        return True

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        """Report what a command raised."""
        await report(interaction, error)
