"""What Discord would refuse and a simulation accepts: names, lengths and counts of our commands and controls."""

import ast
import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from discord import app_commands

from bot.app import MentorBot
from bot.domain.states import DeliveryKind
from bot.text import languages
from cogs._ui.controls import TEMPLATE, custom_id
from cogs._ui.words import CatalogueTranslator
from tests.cogs.town import open_town

ROOT = Path(__file__).parent.parent
COGS = sorted((ROOT / "cogs").rglob("*.py"))
NAME = re.compile(r"[-_'\w]{1,32}")
LONGEST_DESCRIPTION = 100
MOST = 25
MOST_IN_ALL = 8_000
LONGEST_KEY = "18446744073709551615:18446744073709551615"  # two of the longest ids
MADE_BY = {"button": 0, "select": 0, "entity_select": 1, "modal": 0, "_channel_row": 0, "pager": 1, "turners": 1}
TURNERS = ("pager", "turners")

Command = app_commands.Command | app_commands.Group


@pytest.fixture
async def bot(database, tmp_path) -> AsyncGenerator[MentorBot]:
    async with open_town(database, tmp_path) as town:
        yield town.app.bot


def every(commands) -> Iterator[Command]:
    for command in commands:
        yield command
        if isinstance(command, app_commands.Group):
            yield from every(command.commands)


async def payloads(bot) -> list[dict]:
    """Return each command as it is sent to Discord, with its translations."""
    translator = CatalogueTranslator()
    return [await command.get_translated_payload(bot.tree, translator) for command in bot.tree.get_commands()]


def parts(payload: dict) -> Iterator[dict]:
    """Walk a command, its subcommands and their options."""
    yield payload
    for option in payload.get("options", ()):
        yield from parts(option)


def test_there_are_languages_to_speak_of():
    assert "en" in languages()


async def test_names_and_descriptions_fit_discord_in_every_language(bot):
    for part in [each for payload in await payloads(bot) for each in parts(payload)]:
        names = [part["name"], *part.get("name_localizations", {}).values()]
        for name in names:
            assert NAME.fullmatch(name), name
            assert name == name.lower()
        words = [part["description"], *part.get("description_localizations", {}).values()]
        for description in words:
            assert 1 <= len(description) <= LONGEST_DESCRIPTION, description


async def test_no_level_of_a_command_has_more_entries_than_discord_takes(bot):
    commands = bot.tree.get_commands()
    assert len(commands) <= 100
    for payload in await payloads(bot):
        assert sum(len(part["name"]) + len(part["description"]) for part in parts(payload)) <= MOST_IN_ALL
        for part in parts(payload):
            options = part.get("options", ())
            assert len(options) <= MOST
            assert len({option["name"] for option in options}) == len(options)
            assert len(part.get("choices", ())) <= MOST
            required = [option.get("required", False) for option in options]
            assert required == sorted(required, reverse=True)


async def test_every_command_works_in_servers_and_says_so(bot):
    for command in every(bot.tree.get_commands()):
        if command.parent is None:
            assert command.guild_only or command.allowed_contexts is not None, command.name


async def test_every_delivery_has_its_handler(bot):
    """FAILURES F10: nothing that is decided waits for ever because nobody carries it out."""
    assert set(bot.context.messenger._handlers) == set(DeliveryKind)


def actions_in_use() -> dict[str, str]:
    """Return each action that cards and modals carry, as a pattern, with where it is made."""
    found = {}
    for path in COGS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in MADE_BY:
                at = MADE_BY[node.func.id]
                if len(node.args) > at and (pattern := _pattern(node.args[at])) is not None:
                    suffix = "-(back|on)" if node.func.id in TURNERS else ""
                    found[pattern + suffix] = f"{path.name}:{node.lineno}"
    return found


def strings_of_cogs() -> set[str]:
    """Return every string in the cogs that does not just name a handler's action."""
    found = set()
    for path in COGS:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        calls = [
            node
            for node in nodes
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"on_control", "on_turn"}
        ]
        names = {id(call.args[0]) for call in calls}
        found |= {node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in names}
    return {each for each in found if isinstance(each, str)}


def _pattern(node: ast.expr) -> str | None:
    """Turn a string, or one with parts to be filled in, into a pattern; None for a name handed through."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        parts = [re.escape(each.value) if isinstance(each, ast.Constant) else "[a-z-]+" for each in node.values]
        return "".join(parts)
    return None


async def test_every_control_that_is_shown_has_a_handler(bot):
    """FAILURES F34: no button is drawn that nobody answers."""
    registered = set(bot.controls._handlers)
    unanswered = {
        place: action
        for action, place in actions_in_use().items()
        if not any(re.fullmatch(action, each) for each in registered)
    }
    assert not unanswered


async def test_every_handler_has_a_control_that_leads_to_it(bot):
    patterns = (*actions_in_use(), *(re.escape(each) for each in strings_of_cogs()))
    unused = {action for action in bot.controls._handlers if not any(re.fullmatch(each, action) for each in patterns)}
    assert not unused


async def test_every_custom_id_fits_discord_and_is_understood_again(bot):
    for action in bot.controls._handlers:
        made = custom_id(action, LONGEST_KEY)
        assert len(made) <= 100
        match = TEMPLATE.fullmatch(made)
        assert match is not None
        assert (match["action"], match["key"]) == (action, LONGEST_KEY)


def test_a_custom_id_that_is_too_long_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="too long"):
        custom_id("program-lobby", "9" * 100)
