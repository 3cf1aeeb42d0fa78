"""Words for commands and people: looked up by message id, and member-written text made inert."""

import re
from typing import Any, cast

import discord
from discord import app_commands

from bot.errors import Phrase, UserError
from bot.text import find_text, text

LONGEST_VALUE = 200
# Bidirectional overrides and other characters that hide or turn the text around them.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
# Discord turns these into a card that joins a server with one click.
INVITE = re.compile(r"(discord(?:app)?\.(?:gg|com/invite))/", re.IGNORECASE)


def words(path: str) -> dict[str, Any]:
    """Return the name and description of a command, such as `program.setup`, to be given to its decorator."""
    return {
        "name": _translatable(f"command.{path}.name"),
        "description": _translatable(f"command.{path}.description"),
    }


def described(path: str, *options: str) -> Any:
    """Describe a command's options by their message ids."""
    return app_commands.describe(**{option: _translatable(f"command.{path}.option.{option}") for option in options})


def _translatable(message: str) -> app_commands.locale_str:
    return app_commands.locale_str(text(message), id=message)


class CatalogueTranslator(app_commands.Translator):
    """Gives Discord the names and descriptions of commands in each language that has a catalogue."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - discord.py hands it over by name
    ) -> str | None:
        """Return the words in this language, or None where the English ones serve."""
        message = string.extras.get("id")
        return find_text(message, locale.value) if isinstance(message, str) else None


def storable(given: Any) -> Any:
    """Take out of texts, wherever they lie in what Discord sent, what no database keeps: half characters and nulls."""
    if isinstance(given, str):
        return given.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(given, list):
        return [storable(each) for each in cast("list[Any]", given)]
    if isinstance(given, dict):
        return {key: storable(value) for key, value in cast("dict[str, Any]", given).items()}
    return given


def label_text(written: str, most: int) -> str:
    """Return member-written text for a label, which knows no markdown: no hidden characters, cut to `most`."""
    return INVISIBLE.sub("", written).strip()[:most]


def inert(written: str, most: int = 1_000) -> str:
    """Make member-written text harmless: no markdown, mentions, invites or hidden characters, at most `most` long."""
    plain = INVISIBLE.sub("", written).strip()
    shown = plain if len(plain) <= most else plain[: most - 1] + "…"
    escaped = discord.utils.escape_mentions(discord.utils.escape_markdown(INVITE.sub(r"\1 /", shown)))
    # discord.py escapes only the first of several links with a text of their own.
    return escaped.replace("](", "]\\(").replace("<", "‹")


def language(interaction: discord.Interaction) -> str:
    """Return the language of whoever uses the bot here."""
    return interaction.locale.value


def say(interaction: discord.Interaction, message: str, **values: object) -> str:
    """Return a text in the language of whoever uses the bot here."""
    return text(message, interaction.locale.value, **values)


def refused(interaction: discord.Interaction, error: UserError | Phrase) -> str:
    """Return an error's words; its values are made harmless, since they may be what somebody typed."""
    harmless = {name: _harmless(interaction, value) for name, value in error.values.items()}
    return say(interaction, error.message, **harmless)


def _harmless(interaction: discord.Interaction, value: object) -> object:
    if isinstance(value, Phrase):
        return refused(interaction, value)
    return inert(value, LONGEST_VALUE) if isinstance(value, str) else value


def moment(unix: float, style: str = "F") -> str:
    """Return Discord's timestamp, which each reader sees in their own time."""
    return f"<t:{int(unix)}:{style}>"
