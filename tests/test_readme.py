"""The README says what is true: every command, every setting, the permissions, the make targets."""

import re
from dataclasses import fields
from pathlib import Path

import discord
import pytest
from discord import app_commands

from bot.__main__ import build_parser
from bot.app import EXTENSIONS, wire
from bot.config import Settings
from cogs._guard import NEEDED
from db.engine import Database
from tests.cogs.town import form_here

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


async def commands_of(database: Database) -> list[app_commands.Command]:
    """Return every slash command of the bot."""
    app = wire(Settings(), database, form_here)
    for extension in EXTENSIONS:
        await app.bot.load_extension(extension)
    return [each for each in app.bot.tree.walk_commands() if isinstance(each, app_commands.Command)]


async def test_every_command_is_in_the_readme(database: Database):
    for command in await commands_of(database):
        assert f"`/{command.qualified_name}" in README, command.qualified_name


async def test_the_readme_names_no_command_that_does_not_exist(database: Database):
    known = {command.qualified_name for command in await commands_of(database)}
    named = set(re.findall(r"`/([a-z]+(?: [a-z]+)*)", README))
    assert all(
        any(name == each or name.startswith(f"{each} ") or each.startswith(name) for each in known) for name in named
    )


def test_every_setting_is_in_the_readme_with_its_default():
    settings = Settings()
    for section in fields(settings):
        if section.name == "folder":
            continue
        values = getattr(settings, section.name)
        for setting in fields(values):
            default = getattr(values, setting.name)
            shown = f"`{default}`" if default != "" else "(empty)"
            assert f"| `{section.name}.{setting.name}` | {shown} |" in README, setting.name


def test_the_invite_link_asks_for_exactly_the_permissions_the_bot_checks():
    (asked,) = re.findall(r"permissions=(\d+)", README)
    assert discord.Permissions(int(asked)) == NEEDED


def test_every_make_target_in_the_readme_exists():
    targets = set(re.findall(r"^([a-z.]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", README, re.MULTILINE)) <= targets


def test_every_subcommand_of_the_command_line_is_in_the_readme():
    (commands,) = build_parser()._subparsers._group_actions
    for name in commands.choices:
        assert f"`peer-circles {name}" in README, name


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!https)[^)#]+)", README))
def test_every_link_in_the_readme_leads_somewhere(target: str):
    assert (ROOT / target).exists()
