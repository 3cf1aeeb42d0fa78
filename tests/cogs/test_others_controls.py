"""Commands and controls in the wrong hands: a member's of a moderator, a stranger's of a member, and stale ones."""

import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import discord
import pytest
from discord import app_commands
from simcord import actors
from simcord.actors import MemberActor
from simcord.results import InteractionResult
from sqlalchemy.orm import DeclarativeBase

from bot.domain.states import CameOf, Helped
from bot.services import programs
from db.models.base import Base
from db.vault_models import VaultBase
from tests.cogs.test_checkin import Week, begin
from tests.cogs.test_every_command import FOR_MODERATORS
from tests.cogs.test_program import REFUSED
from tests.cogs.town import Message, as_dict, control, last_answer, said

UNEXPECTED = "Something went wrong"
GONE = "no longer in use"
BUTTON, STRING_SELECT, LINK = 2, 3, 5
OF_A_MEMBER = (
    "circle profile",
    "circle mine",
    "circle availability",
    "circle leave",
    "goal list",
    "win list",
    "ask list",
    "offer list",
    "opportunity browse",
    "concern mine",
    "pulse consent",
    "privacy about",
    "privacy erase",
)


@pytest.fixture
async def week(town) -> Week:
    """Open the first check-in of one circle of three."""
    return await begin(town)


def moderators_commands(week: Week) -> list[app_commands.Command[Any, ..., Any]]:
    """Return every command that only moderators may use; that these are all is held with every command."""
    found = [each for each in week.town.app.bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
    return [each for each in found if f"{each.qualified_name} ".startswith(FOR_MODERATORS)]


def options_for(week: Week, command: app_commands.Command[Any, ..., Any]) -> dict[str, Any]:
    """Fill a command's required options in with something that fits."""
    kinds = discord.AppCommandOptionType
    fitting = {
        kinds.string: "2026-12-01",
        kinds.integer: 1,
        kinds.user: week.members[1],
        kinds.boolean: True,
        kinds.attachment: ("people.csv", b"id"),
    }
    return {
        each.display_name: each.choices[0].value if each.choices else fitting[each.type]
        for each in command.parameters
        if each.required
    }


def controls_of(message: Message) -> Iterator[dict[str, Any]]:
    """Return every button and select of strings in a message."""

    def walk(component: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if component.get("custom_id") and component["type"] in {BUTTON, STRING_SELECT}:
            yield component
        for child in (*component.get("components", ()), *filter(None, [component.get("accessory")])):
            yield from walk(child)

    return (each for top in message.components for each in walk(as_dict(top)))


def snapshot(week: Week, message: Message) -> dict[str, Any]:
    """Return a message as Discord sends it now; it may look different after the next click."""
    backend = week.town.env.backend
    channel = message.channel.id if isinstance(message, discord.Message) else message._message.channel_id
    return dict(actors.serializers.message_payload(backend, backend.get_message(channel, message.id)))


async def use(actor: MemberActor, message: dict[str, Any], shown: dict[str, Any]) -> InteractionResult:
    """Use a control of a message that may be somebody else's or long changed, as a forged request would."""
    data: dict[str, Any] = {"custom_id": shown["custom_id"], "component_type": shown["type"]}
    if shown["type"] == STRING_SELECT:
        data["values"] = [shown["options"][0]["value"]]
    env, kind = actor._env, discord.InteractionType.component.value
    channel = actors.ChannelHandle(env, actor.guild, env.backend.get_channel(int(message["channel_id"])))
    result = await actors._dispatch_actor_interaction(
        actor, kind, channel, data, extra={"message": message}, source_message_id=int(message["id"])
    )
    await env.settle()
    return result


async def test_a_member_whom_an_override_lets_call_moderators_commands_is_refused_by_each(week):
    """FAILURES F36: the server's integration settings show commands; they give no right."""
    commands = moderators_commands(week)
    assert len(commands) > 20
    (doctor,) = [each for each in await week.town.app.bot.tree.fetch_commands() if each.name == "doctor"]
    week.town.guild.set_command_permissions(doctor, {week.members[0]: True})
    for command in commands:
        options = options_for(week, command)
        result = await week.members[0].slash(week.town.lobby, command.qualified_name, **options)
        assert REFUSED in said(result), (command.qualified_name, said(result))


async def test_every_control_that_moderators_are_shown_refuses_a_member(week):
    """FAILURES F36: checked at each click, whoever clicks."""
    used: set[str] = set()
    for command in moderators_commands(week):
        options = options_for(week, command)
        if any(isinstance(each, tuple) for each in options.values()):
            continue
        shown = last_answer(await week.town.moderator.slash(week.town.lobby, command.qualified_name, **options))
        message = snapshot(week, shown)
        for each in list(controls_of(shown)):
            result = await use(week.members[0], message, each)
            used.add(each["custom_id"])
            assert result.modal is None, each["custom_id"]
            assert REFUSED in said(result), (each["custom_id"], said(result))
    assert len(used) > 15


@pytest.mark.parametrize("who", ["stranger", "after the end"])
async def test_every_control_of_a_member_answers_with_words_in_a_strangers_hands_and_after_the_end(week, who):
    """FAILURES F36: nothing of the member's is shown to others, and nothing crashes once it is stale."""
    ada = week.members[0]
    ask = await ada.slash(week.town.lobby, "ask new", kind="skill")
    await ada.submit_modal(ask, {"topics": "SQL", "words": "a secret wish"})
    goal = await ada.slash(week.town.lobby, "goal set")
    day = week.town.now.date().isoformat()
    await ada.submit_modal(goal, {"aim": "a secret aim", "path": ["visibility"], "by": day})
    shown = [last_answer(await ada.slash(week.town.lobby, name)) for name in OF_A_MEMBER]
    if who == "after the end":
        await programs.archive_program(week.town.database, week.town.guild.id, week.program_id, week.town.now)
        await week.town.due()
    actor = ada if who == "after the end" else week.town.stranger
    used = 0
    pressed = [(snapshot(week, each), list(controls_of(each))) for each in [*shown, *week.thread.history()]]
    for message, controls in pressed:
        for each in controls:
            if who == "stranger" and int(message["channel_id"]) == week.thread.id:
                continue  # only the circle reads its thread
            result = await use(actor, message, each)
            used += 1
            assert result.modal or said(result), each["custom_id"]
            assert UNEXPECTED not in said(result), each["custom_id"]
            if who == "stranger":
                assert "secret" not in said(result) + str(result.modal), each["custom_id"]
    assert used >= 12


KEYS = {
    "audit": "1::0",
    "concern-page": "0:1",
    "exit-read": "1:0",
    "help-page": "ask:0",
    "import-sure": "1:1",
    "opportunity-kind": "1:any:0:0",
    "opportunity-page": "1:any:0:0",
    "repair": "1:1:0",
    "rotation-history": "1:0",
    "rotation-page": "1:0",
    "sent": "1:0:0",
}
"""The keys of actions that carry more than the number of a thing; without -on, -back and -publish at their end."""
NUMBERED = re.compile(
    r"pulse-(agree-answer|page|wave|later)|meet-.*|introduction-(show|yes|no|came-of)"
)  # never by the key of a message
VALUES = {
    "exit-reason": "time",
    "goal-outcome": "none",
    "review-outcome": "none",
    "opportunity-kind": "job",
    "introduction-helped": Helped.YES,
    "introduction-came-of": next(iter(CameOf)),
}
FORMS = re.compile(r".*-(given|changed|noted)(-ask|-offer)?")  # what hostile hands write into these: test_hostile


async def everything(week: Week) -> dict[str, list[str]]:
    """Return every row of every table, those of the vault as it keeps them."""

    async def load(session: Any, base: type[DeclarativeBase]) -> dict[str, list[str]]:
        tables = base.metadata.sorted_tables
        return {each.name: sorted(map(str, await session.execute(each.select()))) for each in tables}

    kept = await week.town.vault._database.read(partial(load, base=VaultBase))
    return kept | await week.town.database.read(partial(load, base=Base))


def forged(message: dict[str, Any], action: str, key: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a message with a control that was never shown to whoever uses it, and that control."""
    option = {"value": VALUES.get(action, "1"), "label": "x"}
    shown = {"custom_id": f"pc:{action}:{key}", "type": STRING_SELECT, "options": [option]}
    return {**message, "components": [{"type": 1, "id": 1, "components": [shown]}]}, shown


def custom_ids_of(week: Week) -> list[str]:
    """Return every custom_id that the circle's thread shows."""
    return [shown["custom_id"] for each in week.thread.history() for shown in controls_of(each)]


async def say_with(actor: MemberActor, message: dict[str, Any], action: str, key: str) -> str:
    """Return what somebody is answered who uses an action with a key."""
    result = await use(actor, *forged(message, action, key))
    return said(result) + (str(result.modal) if result.modal else "")


async def fill(week: Week) -> dict[str, Any]:
    """Let a member ask, aim, win, check in and propose a meeting; return a message of hers."""
    ada, lobby, day = week.members[0], week.town.lobby, week.town.now.date().isoformat()
    await ada.submit_modal(await ada.slash(lobby, "ask new", kind="skill"), {"topics": "SQL", "words": "a secret ask"})
    await ada.submit_modal(
        await ada.slash(lobby, "goal set"), {"aim": "a secret aim", "path": ["visibility"], "by": day}
    )
    await ada.submit_modal(await ada.slash(lobby, "win add"), {"words": "a secret win", "day": day})
    await week.answer(ada, win="a secret week")
    await ada.slash(lobby, "circle meet")
    return snapshot(week, last_answer(await ada.slash(lobby, "circle mine")))


async def use_everything(week: Week, actor: MemberActor, message: dict[str, Any]) -> AsyncIterator[tuple[str, str]]:
    """Use every action that is registered, with the numbers and keys of things that are there; yield each answer."""
    real = sorted({each.split(":")[2] for each in custom_ids_of(week)})
    for action in week.town.app.bot.controls._handlers:
        if FORMS.fullmatch(action):
            continue
        key = KEYS.get(re.sub("-(on|back|publish)$", "", action), KEYS.get(action, "1"))
        by_message = GONE in await say_with(actor, message, action, key) and not NUMBERED.fullmatch(action)
        for each in [key, *(real if by_message else [])]:
            yield action, await say_with(actor, message, action, each)


async def test_no_action_of_any_control_changes_or_shows_anything_in_a_strangers_hands(week):
    """FAILURES F36: every action that is registered, with the numbers and keys of things that are there."""
    message = await fill(week)
    before, used = await everything(week), set[str]()
    async for action, answered in use_everything(week, week.town.stranger, message):
        assert answered, action
        assert UNEXPECTED not in answered, (action, answered)
        assert "secret" not in answered, (action, answered)
        used.add(action)
    assert len(used) > 100
    after = await everything(week)
    assert {name for name in before if before[name] != after[name]} == set()


@pytest.mark.parametrize("who", ["a member", "a member who erased her data", "a moderator"])
async def test_every_action_answers_with_words_once_what_it_belongs_to_has_ended(week, who):
    """FAILURES F36: a control outlives the program, the circle and the person that it was shown for."""
    message, ada = await fill(week), week.members[0]
    await programs.archive_program(week.town.database, week.town.guild.id, week.program_id, week.town.now)
    await week.town.due()
    if who == "a member who erased her data":
        asked = last_answer(await ada.slash(week.town.lobby, "privacy erase"))
        await ada.click(asked, custom_id=control(asked, "privacy-erase"))
    used = set[str]()
    async for action, answered in use_everything(week, week.town.moderator if who == "a moderator" else ada, message):
        assert answered, action
        assert UNEXPECTED not in answered, (action, answered)
        used.add(action)
    assert len(used) > 100
