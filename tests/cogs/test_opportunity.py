"""Opportunities as members, moderators and strangers use them."""

from datetime import timedelta

import pytest
from simcord.actors import MemberActor

from bot.services import people
from bot.services.people import Profile
from tests.cogs.town import Message, Town, control, last_answer, said, words_of

JOB = {
    "title": "Rust developer @everyone",
    "topics": "Rust",
    "link": "https://jobs.example.org/7",
    "words": "Ask **me**",
}


@pytest.fixture
async def ada(town: Town) -> MemberActor:
    """Start a program whose weeks begin tomorrow, with one member who shares things."""
    first = town.now.date() + timedelta(days=1)
    program_id = await town.start_program(
        zone="UTC", first_day=first, checkin_weekday=first.weekday(), checkin_hour=9, auto_publish=True
    )
    ada, grace = town.member("ada"), town.member("grace")
    for member in (ada, grace):
        await people.join(town.database, town.guild.id, program_id, member.id, Profile(helps_with="Rust"), town.now)
    return ada


async def share(town: Town, member: MemberActor, kind: str = "job", options: dict | None = None, **fields: str):
    """Share something through the command's modal."""
    modal = await member.slash(town.lobby, "opportunity share", kind=kind, **(options or {}))
    return await member.submit_modal(modal, fields or JOB)


async def browse(town: Town, member: MemberActor, **options) -> Message:
    shown = await member.slash(town.lobby, "opportunity browse", **options)
    assert shown.ephemeral
    return last_answer(shown)


def digests(town: Town) -> list[Message]:
    return [each for each in town.lobby.history() if "Opportunities of the week" in words_of(each)]


async def test_a_member_shares_and_finds_what_fits_with_its_words_made_harmless(town: Town, ada: MemberActor):
    """FAILURES F35: nothing that a member writes mentions or formats anything."""
    shared = await share(town, ada, options={"remote": True, "deadline": (town.now.date() + timedelta(30)).isoformat()})
    assert "Shared, thank you" in said(shared)
    words = words_of(await browse(town, ada))
    assert "1 opportunity is open" in words
    assert "### Rust developer @\u200beveryone" in words
    assert "Ask \\*\\*me\\*\\*" in words
    assert "Fits your profile: rust" in words
    assert "jobs.example.org" in words
    assert "remote" in words


async def test_what_cannot_be_shared_is_said_before_or_given_back(town: Town, ada: MemberActor):
    late = await ada.slash(town.lobby, "opportunity share", kind="job", deadline="2020-01-01")
    assert "over already" in said(late)
    unread = await ada.slash(town.lobby, "opportunity share", kind="job", deadline="soon")
    assert "not a date" in said(unread)
    refused = await share(town, ada, title="A talk", link="javascript:alert(1)", words="Come and speak")
    assert "not a web address" in said(refused)
    assert "Come and speak" in said(refused)
    assert "have not joined" in said(await town.stranger.slash(town.lobby, "opportunity share", kind="job"))
    assert "have not joined" in said(await town.stranger.slash(town.lobby, "opportunity browse"))


async def test_pages_and_filters(town: Town, ada: MemberActor):
    for number in range(5):
        await share(town, ada, "talk", title=f"Talk {number}")
    await share(town, ada, "grant", {"remote": True}, title="Travel grant")
    shown = await browse(town, ada)
    assert "6 opportunities are open" in words_of(shown)
    assert "Travel grant" in words_of(shown)
    assert "Talk 0" not in words_of(shown)
    turned = await ada.click(shown, label="On (page 1 of 2)")
    assert "Talk 0" in said(turned)
    remote = await ada.click(last_answer(turned), label="Only remote")
    assert "1 opportunity is open" in said(remote)
    kinds = await ada.select(last_answer(remote), ["talk"], custom_id=control(last_answer(remote), "opportunity-kind"))
    assert "Nothing here" in said(kinds)
    assert "Travel grant" in words_of(await browse(town, ada, kind="grant"))


async def test_the_digest_comes_once_a_week_and_forgets_what_is_taken_down(town: Town, ada: MemberActor):
    await share(town, ada)
    await share(town, ada, "talk", title="A talk")
    await town.advance(days=2)
    (digest,) = digests(town)
    assert "Rust developer" in words_of(digest)
    assert not digest.mentions
    opened = await ada.click(digest, label="See them all")
    assert "2 opportunities are open" in said(opened)
    choose = control(last_answer(opened), "opportunity-choose")
    asked = await ada.select(last_answer(opened), ["1"], custom_id=choose)
    assert "Take “Rust developer" in said(asked)
    await ada.click(last_answer(asked), label="Yes, take it down")
    await town.env.settle()
    (digest,) = digests(town)
    assert "Rust developer" not in words_of(digest)
    assert "A talk" in words_of(digest)
    await town.advance(days=7)
    assert len(digests(town)) == 1


async def test_moderators_take_anything_down_and_others_only_their_own(town: Town, ada: MemberActor):
    """FAILURES F36: asked anew at each click."""
    await share(town, ada)
    late = town.member("late")
    (program,) = (await people.get_member(town.database, town.guild.id, ada.id)).enrollments
    await people.join(town.database, town.guild.id, program.program_id, late.id, Profile(), town.now)
    assert "Take one down" not in words_of(await browse(town, late))
    shown = await browse(town, town.moderator)
    choose = control(shown, "opportunity-choose")
    asked = await town.moderator.select(shown, ["1"], custom_id=choose)
    done = await town.moderator.click(last_answer(asked), label="Yes, take it down")
    assert "is taken down" in said(done)
    assert "Nothing here" in words_of(await browse(town, ada))
    assert "Opportunity taken down" in said(await town.moderator.slash(town.lobby, "program audit"))
