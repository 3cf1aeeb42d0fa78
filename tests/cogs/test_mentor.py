"""Growing into a mentor, as members, leads and moderators meet it."""

from datetime import timedelta

import pytest
from simcord.actors import MemberActor

from bot.services import programs
from tests.cogs.town import Message, Town, control, last_answer, said, words_of

NAMES = ("ada", "grace", "mary", "joan")


async def join(town: Town, name: str) -> MemberActor:
    member = town.member(name)
    await member.submit_modal(await member.slash(town.lobby, "circle join", zone="UTC"), {})
    return member


async def begin(town: Town, **changes) -> tuple[int, list[MemberActor]]:
    """Start a program of four whose first rotation is published tomorrow."""
    first = town.now.date() + timedelta(days=1)
    planned = {"first_day": first, "checkin_weekday": first.weekday(), "checkin_hour": 9}
    program_id = await town.start_program(zone="UTC", auto_publish=True, rotation_weeks=1, **planned | changes)
    return program_id, [await join(town, name) for name in NAMES]


def last(town: Town, part: str) -> Message:
    """Return the newest message in any thread that holds some words."""
    found = [each for thread in town.threads() for each in thread.history() if part in words_of(each)]
    return found[-1]


async def test_a_mentor_offers_and_the_welcome_card_shows_them(town: Town):
    program_id, members = await begin(town)
    panel = last_answer(await town.moderator.slash(town.lobby, "program edit"))
    changed = await town.moderator.select(panel, ["mentor_mode"], custom_id=control(panel, "program-rules"))
    assert "Circles form around mentors" in said(changed)
    assert (await programs.get_card(town.database, town.guild.id, program_id)).rules.mentor_mode
    ada = members[0]
    modal = await ada.slash(town.lobby, "mentor offer")
    offered = await ada.submit_modal(modal, {"capacity": "3", "topics": "negotiation"})
    assert "At most 3 mentees" in said(offered)
    assert "you have one of your own" in said(offered)
    await town.advance(days=1, hours=12)
    welcome = words_of(town.threads()[0].history()[0])
    assert f"<@{ada.id}> (mentor)" in welcome
    asked = await ada.slash(town.lobby, "mentor withdraw")
    assert "stays as it is" in said(asked)
    assert "is taken back" in said(await ada.click(last_answer(asked), label="Take it back"))
    assert "You have made no offer" in said(await ada.slash(town.lobby, "mentor show"))


async def test_what_does_not_fit_is_said_and_strangers_offer_nothing(town: Town):
    _, members = await begin(town)
    modal = await members[0].slash(town.lobby, "mentor offer")
    assert "1 to 11" in said(await members[0].submit_modal(modal, {"capacity": "x", "topics": ""}))
    stranger = await town.stranger.slash(town.lobby, "mentor offer")
    assert stranger.modal is None
    assert "does not form circles around mentors" in said(await members[0].slash(town.lobby, "mentor show"))


@pytest.fixture
async def ended(town: Town) -> tuple[MemberActor, list[MemberActor]]:
    """End a rotation; return who led its circle, and the others."""
    _, members = await begin(town)
    await town.advance(days=1, hours=12)
    first = words_of(town.threads()[0].history()[0])
    lead = next(each for each in members if f"<@{each.id}> (facilitator)" in first)
    await town.advance(days=7)
    return lead, [each for each in members if each is not lead]


async def test_words_reach_the_lead_without_names_and_lead_on_to_an_offer(
    town: Town, ended: tuple[MemberActor, list[MemberActor]]
):
    """FAILURES F37: the lead is sent words, never whose they are."""
    lead, others = ended
    farewell = last(town, "Did you meet?")
    for number, member in enumerate(others):
        noted = await member.click(farewell, custom_id=control(farewell, "met-yes"))
        assert "moderators do not read it" in said(noted)
        modal = await member.click(last_answer(noted), label="Write to them")
        done = await member.submit_modal(modal, {"words": f"thank you {number}", "when": "together"})
        assert "kept encrypted" in said(done)
    own = await lead.click(farewell, custom_id=control(farewell, "met-yes"))
    assert "Write to them" not in said(own)
    await town.advance(days=6)
    sent = lead.user.dm_channel.last_message
    shown = words_of(sent)
    assert all(f"thank you {number}" in shown for number in range(3))
    assert not [each for each in others if str(each.id) in shown]
    again = await lead.user.click(sent, label="Co-facilitate")
    assert "you stand by them" in said(again)
    modal = await lead.user.click(sent, label="Become a mentor")
    assert "At most 4 mentees" in said(await lead.user.submit_modal(modal, {"capacity": "4", "topics": ""}))
    assert "thank you 1" in said(await lead.slash(town.lobby, "mentor feedback"))
    assert "Nothing so far" in said(await others[0].slash(town.lobby, "mentor feedback"))
