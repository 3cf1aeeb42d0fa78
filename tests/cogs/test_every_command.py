"""Every command as a moderator, a member and a stranger type it: each gets an answer, and only one may moderate."""

from collections.abc import Iterator

import discord
import pytest
from discord import app_commands
from simcord import SetupError
from simcord.actors import MemberActor

from tests.cogs.test_program import REFUSED
from tests.cogs.test_rotation import Scene, begin
from tests.cogs.town import Town, said

FOR_MODERATORS = ("program ", "rotation ", "pulses ", "pulse instrument ", "concern list", "doctor")
FILLED = {"zone": "Europe/Berlin", "code": "nobodys-code", "instrument": "self-doubt", "licence": "CC BY 4.0"}


@pytest.fixture
async def scene(town: Town) -> Scene:
    return await begin(town, 6)


def commands(town: Town) -> Iterator[app_commands.Command]:
    tree = town.app.bot.tree
    return (each for each in tree.walk_commands() if isinstance(each, app_commands.Command))


def options(command: app_commands.Command, someone: MemberActor, another: MemberActor) -> dict[str, object]:
    """Fill in what a command requires."""
    people = iter((someone, another))
    filled: dict[str, object] = {}
    for parameter in command.parameters:
        if parameter.required:
            if parameter.choices:
                filled[parameter.name] = parameter.choices[0].value
            elif parameter.type is discord.AppCommandOptionType.user:
                filled[parameter.name] = next(people)
            elif parameter.type is discord.AppCommandOptionType.attachment:
                filled[parameter.name] = ("file.csv", b"member_id\n")
            elif parameter.type is discord.AppCommandOptionType.integer:
                filled[parameter.name] = 1
            else:
                filled[parameter.name] = FILLED.get(parameter.name, "something")
    return filled


async def type_in_all(scene: Scene, actor: MemberActor) -> dict[str, str]:
    """Type every command; return what each was answered, or the title of the modal that it opened."""
    answers: dict[str, str] = {}
    for command in commands(scene.town):
        given = options(command, *scene.members[1:3])
        try:
            result = await actor.slash(scene.town.lobby, command.qualified_name, **given)
        except SetupError as hidden:
            answers[command.qualified_name] = str(hidden)  # Discord does not show them the command
        else:
            answers[command.qualified_name] = result.modal["title"] if result.modal else said(result)
    return answers


async def test_whoever_does_not_moderate_is_refused_what_moderators_do_and_answered_all_else(scene):
    for actor in (scene.town.stranger, scene.members[0]):
        answers = await type_in_all(scene, actor)
        refused = {name for name, words in answers.items() if REFUSED in words or "not visible" in words}
        assert refused == {name for name in answers if f"{name} ".startswith(FOR_MODERATORS)}
        assert all(answers.values())


async def test_a_moderator_is_answered_everything_and_refused_nothing(scene):
    answers = await type_in_all(scene, scene.town.moderator)
    assert all(answers.values())
    assert not [name for name, words in answers.items() if REFUSED in words]
