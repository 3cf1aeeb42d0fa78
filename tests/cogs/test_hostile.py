"""Hostile input: every text field of every form, filled past its limits, and controls in the wrong hands."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from typing import Any

import discord
import pytest
from simcord import actors
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from tests.cogs.test_checkin import Week, begin
from tests.cogs.town import control, last_answer, said

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


FORMS: dict[str, tuple[Opener, dict[str, str]]] = {
    "join": (open_join, {}),
    "profile": (open_profile, {}),
    "check-in": (open_checkin, {}),
    "goal": (command("goal set"), {"by": ""}),
    "win": (command("win add"), {"day": ""}),
    "kudos": (command("kudos", member="grace"), {}),
    "ask": (command("ask new", kind="skill"), {}),
    "offer": (command("offer new", kind="skill"), {}),
    "opportunity": (command("opportunity share", kind="job"), {"link": "https://jobs.example.org/7"}),
    "mentor": (command("mentor offer"), {"capacity": "3"}),
    "concern": (open_concern, {}),
    "details": (open_details, {"sizes": "3-4-5", "weeks": "4", "day": "", "zone": "UTC"}),
    "exit": (open_exit, {}),
}
"""Each form: how it is opened, and which of its fields are not free text; nothing there means the day of the form."""


def fields(shown: InteractionResult) -> list[dict[str, Any]]:
    """Return every field of a form that was opened."""
    assert shown.modal is not None, said(shown)
    return [top["component"] for top in shown.modal["components"] if top["type"] == LABEL]


async def submit(actor: MemberActor, shown: InteractionResult, texts: dict[str, str]) -> InteractionResult:
    """Submit a form past every limit that Discord's own client keeps; what is chosen is the first that is offered."""
    data = {"custom_id": shown.modal["custom_id"], "components": [filled(each, texts) for each in fields(shown)]}
    channel = actors.ChannelHandle(
        actor._env, actor.guild, actor._env.backend.get_channel(shown._interaction.channel_id)
    )
    source = shown._interaction.source_message_id
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
    people = (*week.members, week.town.moderator, week.town.stranger)
    actor = next(each for each in people if each.id == shown._interaction.user_id)
    for name, hostile in TEXTS.items():
        for structured in (False, True) if kept else (False,):
            result = await submit(actor, shown, texts_of(shown, kept, hostile, structured=structured))
            assert result.modal or said(result), (form, name)
            assert UNEXPECTED not in said(result), (form, name, said(result))
    await week.town.advance(days=4)
    assert amiss(week, since) == []


async def test_the_search_for_live_words_finds_them(week):
    """Each pattern finds what it is there for in a message that is not made harmless."""
    since = len(week.town.env.http_requests)
    channel = week.town.app.bot.get_partial_messageable(week.town.lobby.id)
    await channel.send(MARKS + "\0", allowed_mentions=discord.AllowedMentions(everyone=True))
    found = amiss(week, since)
    assert {each.partition(":")[0] for each in found} == {*LIVE, "may mention"}
