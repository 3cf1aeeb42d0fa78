"""Hostile input: every text field of every form, filled past its limits, and controls in the wrong hands."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from types import FunctionType
from typing import Any

import discord
import pytest
from discord import app_commands
from simcord import actors
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from cogs._ui.controls import Controls, fields_of
from tests.cogs.test_checkin import Week, begin, pass_weeks
from tests.cogs.test_concern import code_of
from tests.cogs.test_others_controls import everything, moderators_commands, options_for
from tests.cogs.town import control, last_answer, said, words_of

TEXT_INPUT, LABEL = 4, 18
MARKS = (
    '=HYPERLINK("http://evil") \'; DROP TABLE person; -- @everyone @here <@1> <@&1> <#1> {0} {name} {self.__class__} '
    "**loud** [click](http://evil) [two](http://evil) <http://evil> discord.gg/evil \u202egnorw\u2066 \u200bx\ufeff ```"
)
TEXTS = {
    "marks": MARKS,
    "6,000 characters": ("@everyone **loud** " * 400)[:6_000],
    "half a character and nulls": "\ud800 half \udfff @everyone\0{",
    "a formula": "=1+1",
    "nothing but hidden characters": "\u202e\u200b\u2060\ufeff",
}
LIVE = {
    "a mention": re.compile(r"@everyone|@here|<@!?1>|<@&1>|<#1>"),
    "bold": re.compile(r"(?<!\\)\*\*loud"),
    "a link with other words": re.compile(r"\]\(http://evil"),
    "an invite": re.compile(r"discord\.gg/evil"),
    "a text that turns its surroundings": re.compile("[\u202e\u2066]"),
    "what cannot be stored": re.compile("[\0\ud800-\udfff]"),
}
UNEXPECTED = "Something went wrong"
Opener = Callable[[Week], Awaitable[InteractionResult]]


async def open_join(week: Week) -> InteractionResult:
    """Open the form by which somebody joins."""
    return await week.town.stranger.slash(week.town.lobby, "circle join", zone="Europe/Berlin")


async def open_profile(week: Week) -> InteractionResult:
    """Open the form of the profile."""
    ada, lobby = week.members[0], week.town.lobby
    return await ada.click(last_answer(await ada.slash(lobby, "circle profile")), label="Change my profile")


async def open_checkin(week: Week) -> InteractionResult:
    """Open the check-in."""
    return await week.open_modal(week.members[0])


def command(name: str, **options: Any) -> Opener:
    """Open a form by a command of a member."""

    async def opened(week: Week) -> InteractionResult:
        given = {key: week.members[1] if value == "grace" else value for key, value in options.items()}
        return await week.members[0].slash(week.town.lobby, name, **given)

    return opened


async def open_concern(week: Week) -> InteractionResult:
    """Open the form of a concern."""
    ada = week.members[0]
    return await ada.click(last_answer(await ada.slash(week.town.lobby, "concern report")), label="Without my name")


async def open_details(week: Week) -> InteractionResult:
    """Open the details of a program."""
    panel = last_answer(await week.town.moderator.slash(week.town.lobby, "program edit"))
    return await week.town.moderator.click(panel, custom_id=control(panel, "program-details"))


async def open_exit(week: Week) -> InteractionResult:
    """Leave, and open the form for a few words."""
    mary, lobby = week.members[2], week.town.lobby
    left = last_answer(await mary.click(last_answer(await mary.slash(lobby, "circle leave")), label="Yes, leave"))
    noted = await mary.select(left, ["time"], custom_id=control(left, "exit-reason"))
    return await mary.click(last_answer(noted), label="Add a few words")


async def open_goal(week: Week, action: str) -> InteractionResult:
    """Set a goal, and press one of its buttons."""
    ada, lobby = week.members[0], week.town.lobby
    by = week.town.now.date().isoformat()
    await ada.submit_modal(await ada.slash(lobby, "goal set"), {"aim": "Give a talk", "path": ["visibility"], "by": by})
    listed = last_answer(await ada.slash(lobby, "goal list"))
    return await ada.click(listed, custom_id=control(listed, action))


async def open_goal_change(week: Week) -> InteractionResult:
    """Open a goal's words."""
    return await open_goal(week, "goal-change")


async def open_goal_note(week: Week) -> InteractionResult:
    """Open a note of progress."""
    return await open_goal(week, "goal-note")


async def open_win_change(week: Week) -> InteractionResult:
    """Add a win, and open its words."""
    ada, lobby = week.members[0], week.town.lobby
    given = {"words": "We shipped", "day": week.town.now.date().isoformat()}
    shown = last_answer(await ada.submit_modal(await ada.slash(lobby, "win add"), given))
    return await ada.click(shown, custom_id=control(shown, "win-change"))


async def raised(week: Week, how: str) -> InteractionResult:
    """Raise a concern."""
    ada = week.members[0]
    opened = await ada.click(last_answer(await ada.slash(week.town.lobby, "concern report")), label=how)
    given = {"kind": "barrier", "theme": ["pay"], "words": "plain words", "readers": "moderators"}
    return await ada.submit_modal(opened, given)


async def open_answer(week: Week) -> InteractionResult:
    """Open the moderators' answer to a concern."""
    await raised(week, "By name")
    moderator = week.town.moderator
    return await moderator.click(last_answer(await moderator.slash(week.town.lobby, "concern list")), label="Answer")


async def open_back(week: Week) -> InteractionResult:
    """Open the form by which whoever holds a concern's code writes back."""
    code = code_of(await raised(week, "Without my name"))
    ada = week.members[0]
    return await ada.click(
        last_answer(await ada.slash(week.town.lobby, "concern answer", code=code)), label="Write back"
    )


async def open_own(week: Week) -> InteractionResult:
    """Open the form by which whoever gave their name writes back."""
    await raised(week, "By name")
    ada = week.members[0]
    return await ada.click(last_answer(await ada.slash(week.town.lobby, "concern mine")), label="Write back")


async def open_time(week: Week) -> InteractionResult:
    """Propose a meeting, and name another time for it."""
    ada = week.members[0]
    await ada.slash(week.town.lobby, "circle meet")
    await week.town.env.settle()
    vote = week.message("When do you meet?")
    return await ada.click(vote, custom_id=control(vote, "meet-name"))


async def open_move(week: Week) -> InteractionResult:
    """Agree on a meeting, and move it."""
    await week.members[0].slash(week.town.lobby, "circle meet")
    await week.town.env.settle()
    vote = week.message("When do you meet?")
    for member in week.members:
        await member.select(vote, values=["1"], custom_id=control(vote, "meet-vote"))
    await week.town.env.settle()
    settled = week.message("You have a time to meet")
    return await week.members[0].click(settled, custom_id=control(settled, "meet-move"))


async def open_word(week: Week) -> InteractionResult:
    """Let the rotation end, and write to whoever led the circle."""
    first = words_of(week.thread.history()[0])
    other = next(each for each in week.members if f"<@{each.id}> (facilitator)" not in first)
    await pass_weeks(week, *week.members, weeks=4)
    farewell = week.message("Did you meet?")
    noted = await other.click(farewell, custom_id=control(farewell, "met-yes"))
    return await other.click(last_answer(noted), label="Write to them")


FORMS: dict[str, tuple[Opener, dict[str, str]]] = {
    "join-given": (open_join, {}),
    "profile-given": (open_profile, {}),
    "checkin-given": (open_checkin, {}),
    "goal-given": (command("goal set"), {"by": ""}),
    "goal-changed": (open_goal_change, {"by": ""}),
    "goal-noted": (open_goal_note, {}),
    "win-given": (command("win add"), {"day": ""}),
    "win-changed": (open_win_change, {"day": ""}),
    "kudos-given": (command("kudos", member="grace"), {}),
    "help-given-ask": (command("ask new", kind="skill"), {}),
    "help-given-offer": (command("offer new", kind="skill"), {}),
    "opportunity-given": (command("opportunity share", kind="job"), {"link": "https://jobs.example.org/7"}),
    "mentor-given": (command("mentor offer"), {"capacity": "3"}),
    "lead-word-given": (open_word, {}),
    "meet-name-given": (open_time, {"hour": "18:30"}),
    "meet-move-given": (open_move, {"hour": "18:30"}),
    "concern-given": (open_concern, {}),
    "concern-back-given": (open_back, {}),
    "concern-answer-given": (open_answer, {}),
    "concern-own-given": (open_own, {}),
    "program-details-given": (open_details, {"sizes": "3-4-5", "weeks": "4", "day": "", "zone": "UTC"}),
    "exit-words-given": (open_exit, {}),
}
"""Each form by its action: how it is opened, and which of its fields are not free text; nothing there means the day
of the form."""
WITHOUT_WORDS = {
    "pulse-given": "a page of a questionnaire offers choices only; its own words come from a file, below",
    "rotation-swap-given": "two people are chosen from a list",
}


def fields(shown: InteractionResult) -> list[dict[str, Any]]:
    """Return every field of a form that was opened."""
    assert shown.modal is not None, said(shown)
    return [top["component"] for top in shown.modal["components"] if top["type"] == LABEL]


async def submit(
    actor: MemberActor, shown: InteractionResult, texts: dict[str, str], place: int | None = None
) -> InteractionResult:
    """Submit a form past every limit that Discord's own client keeps; what is chosen is the first that is offered.

    Whoever cannot read the channel in which it was opened submits it in a place that they can.
    """
    data = {"custom_id": shown.modal["custom_id"], "components": [filled(each, texts) for each in fields(shown)]}
    channel = actors.ChannelHandle(
        actor._env, actor.guild, actor._env.backend.get_channel(place or shown._interaction.channel_id)
    )
    source = None if place else shown._interaction.source_message_id
    extra = None
    if source is not None:
        stored = actor._env.backend.get_message(channel.id, source)
        extra = {"message": dict(actors.serializers.message_payload(actor._env.backend, stored))}
    kind = discord.InteractionType.modal_submit.value
    result = await actors._dispatch_actor_interaction(
        actor, kind, channel, deepcopy(data), extra=extra, source_message_id=source
    )
    await actor._env.settle()
    return result


def filled(field: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """Return a field as Discord sends it once it was filled in."""
    name, kind = field["custom_id"], field["type"]
    if kind == TEXT_INPUT:
        given: dict[str, Any] = {"value": texts[name]}
    elif "options" in field and kind == 21:
        given = {"value": field["options"][0]["value"]}
    elif "options" in field:
        given = {"values": [field["options"][0]["value"]]}
    else:
        given = {"values": []}
    return {"type": LABEL, "component": {"type": kind, "custom_id": name, **given}}


def texts_of(shown: InteractionResult, kept: dict[str, str], hostile: str, *, structured: bool) -> dict[str, str]:
    """Fill a form's free texts with something hostile, or the fields that have a form of their own."""
    found: dict[str, str] = {}
    for field in fields(shown):
        name = field["custom_id"]
        own = kept.get(name) or field.get("value") or "plain words"
        found[name] = hostile if (name in kept) is structured else own
    return found


def spoken(body: Any) -> Iterator[str]:
    """Return every text that a request shows with markdown."""
    if isinstance(body, dict):
        if isinstance(body.get("content"), str):
            yield body["content"]
        for value in body.values():
            yield from spoken(value)
    elif isinstance(body, list):
        for each in body:
            yield from spoken(each)


def amiss(week: Week, since: int) -> list[str]:
    """Return what was shown live, or allowed to mention somebody, since some request."""
    found: list[str] = []
    members = {str(each.id) for each in week.members}
    for request in week.town.env.http_requests[since:]:
        if not isinstance(request.json, dict):
            continue
        body = request.json.get("data") or request.json
        for words in spoken(body):
            found += [f"{name}: {words}" for name, live in LIVE.items() if live.search(words)]
        named = body.get("allowed_mentions") if isinstance(body, dict) else None
        if named and (named.get("parse") or named.get("roles") or not {*map(str, named.get("users", ()))} <= members):
            found.append(f"may mention: {json.dumps(named)}")
    return found


@pytest.fixture
async def week(town) -> Week:
    """Open the first check-in of one circle of three."""
    return await begin(town)


@pytest.mark.parametrize("form", FORMS)
async def test_whatever_is_written_into_a_form_is_shown_inert_or_refused_with_words(week, form):
    """FAILURES F35: nothing pings, formats, runs, turns or crashes, whatever a client sends."""
    opens, kept = FORMS[form]
    since = len(week.town.env.http_requests)
    shown = await opens(week)
    assert shown.modal["custom_id"].startswith(f"pc:{form}:")
    assert TEXT_INPUT in {each["type"] for each in fields(shown)}
    people = (*week.members, week.town.moderator, week.town.stranger)
    actor = next(each for each in people if each.id == shown._interaction.user_id)
    for name, hostile in TEXTS.items():
        for structured in (False, True) if kept else (False,):
            result = await submit(actor, shown, texts_of(shown, kept, hostile, structured=structured))
            assert result.modal or said(result), (form, name)
            assert UNEXPECTED not in said(result), (form, name, said(result))
    await week.town.advance(days=4)
    assert amiss(week, since) == []


FOR_ANYBODY = {
    "join-given": "a stranger becomes a member by it",
    "concern-back-given": "whoever holds the concern's code may write back",
}


@pytest.mark.parametrize("form", sorted(FORMS.keys() - FOR_ANYBODY.keys()))
async def test_a_form_that_was_opened_by_somebody_else_changes_nothing_in_a_strangers_hands(week, form):
    """FAILURES F36: who submits it is asked anew, whoever it was shown to."""
    opens, kept = FORMS[form]
    shown = await opens(week)
    before = await everything(week)
    filled_in = texts_of(shown, kept, "a stranger was here", structured=False)
    result = await submit(week.town.stranger, shown, filled_in, week.town.lobby.id)
    assert said(result)
    assert UNEXPECTED not in said(result)
    after = await everything(week)
    assert {name for name in before if before[name] != after[name]} == set()


async def test_the_search_for_live_words_finds_them(week):
    """Each pattern finds what it is there for in a message that is not made harmless."""
    since = len(week.town.env.http_requests)
    channel = week.town.app.bot.get_partial_messageable(week.town.lobby.id)
    await channel.send(MARKS + "\0", allowed_mentions=discord.AllowedMentions(everyone=True))
    found = amiss(week, since)
    assert {each.partition(":")[0] for each in found} == {*LIVE, "may mention"}


def reads_a_form(made: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Tell whether a handler reads what was filled into a form, itself or through other functions of the cogs."""
    function, cog = getattr(made, "__func__", made), getattr(made, "__self__", None)
    if function is fields_of:
        return True
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("cogs."):
        return False
    names = function.__code__.co_names
    used = [function.__globals__.get(name) for name in names]
    used += [getattr(cog, name, None) for name in names if name.startswith("_")]
    return any(reads_a_form(each, seen | {function}) for each in used)


async def test_every_form_that_the_bot_reads_is_filled_with_hostile_texts(week):
    """A new form is either in the table or listed with the reason why nobody can write into it."""
    controls: Controls = week.town.app.bot.controls
    assert {action for action, handler in controls._handlers.items() if reads_a_form(handler)} == {
        *FORMS,
        *WITHOUT_WORDS,
    }


async def test_whatever_is_typed_into_a_commands_option_is_shown_inert_or_refused_with_words(week):
    """FAILURES F35: every option that takes any text, a program's name and what suggestions only suggest included."""
    tree, since = week.town.app.bot.tree, len(week.town.env.http_requests)
    moderating = {each.qualified_name for each in moderators_commands(week)}
    typed: set[tuple[str, str]] = set()
    for each in tree.walk_commands():
        if not isinstance(each, app_commands.Command):
            continue
        actor = week.town.moderator if each.qualified_name in moderating else week.members[0]
        for option in each.parameters:
            if option.type is not discord.AppCommandOptionType.string or option.choices:
                continue
            for hostile in TEXTS.values():
                given = options_for(week, each) | {option.display_name: hostile[: option.max_value or 6_000]}
                result = await actor.slash(week.town.lobby, each.qualified_name, **given)
                assert result.modal or said(result), (each.qualified_name, hostile)
                assert UNEXPECTED not in said(result), (each.qualified_name, hostile)
            typed.add((each.qualified_name, option.name))
    assert len(typed) > 40
    assert amiss(week, since) == []


INSTRUMENT = """
id = {id}
title = {text}
stem = {text}
licence = {text}
citation = {text}
note = {text}
"""


def roster(week: Week, hostile: str) -> str:
    """Return a list of people whose every other cell is hostile."""
    cell = '"' + hostile.replace('"', '""') + '"'
    new = week.town.stranger.id
    return f"member_id,timezone,helps_with\n{cell},,\n{new},{cell},\n{new},,{cell}\n"


@pytest.mark.parametrize("name", TEXTS)
async def test_whatever_stands_in_an_uploaded_file_is_shown_inert_or_refused_with_words(week, name):
    """FAILURES F35: tables of people and of whom they met, and questionnaires."""
    hostile, town, since = TEXTS[name], week.town, len(week.town.env.http_requests)
    cell = '"' + hostile.replace('"', '""') + '"'
    people = roster(week, hostile).encode(errors="surrogatepass")
    history = f"rotation,circle,member_id\n{cell},{cell},{cell}\n1,{cell},1\n".encode(errors="surrogatepass")
    quoted = json.dumps(hostile)
    written = INSTRUMENT.format(id=quoted, text=quoted).encode(errors="surrogatepass")
    uploads: dict[tuple[str, str], dict[str, Any]] = {
        ("program import", "file"): {"file": ("people.csv", people)},
        ("program import", "history"): {"file": ("people.csv", b"member_id\n"), "history": ("met.csv", history)},
        ("pulse instrument add", "file"): {"file": ("own.toml", written), "vouched_by": "me", "licence": "CC0"},
    }
    files = discord.AppCommandOptionType.attachment
    commands = [each for each in town.app.bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
    taken = {
        (each.qualified_name, option.name) for each in commands for option in each.parameters if option.type is files
    }
    assert taken == set(uploads)
    for (command_name, _), given in uploads.items():
        result = await town.moderator.slash(town.lobby, command_name, **given)
        assert said(result), command_name
        assert UNEXPECTED not in said(result), (command_name, said(result))
    assert amiss(week, since) == []
