"""Session guides: reading them, posting one in the circle, and the guide for a first session."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from simcord.actors import MemberActor

from bot.domain.agenda import Guide
from bot.domain.program import ProgramRules
from bot.services import people, programs
from bot.services.agendas import FirstSession
from bot.services.people import Profile
from cogs._agenda_cards import first_session_message, guide_words
from tests.cogs.town import Message, Town, control, last_answer, said, words_of

NAMES = ("ada", "grace", "mary")
MOST_TEXT = 4_000


@dataclass
class Season:
    """A town with one circle of three, of whom the first facilitates."""

    town: Town
    members: list[MemberActor]

    def cards(self, words: str) -> list[Message]:
        """Return the circle's messages that say something."""
        return [each for each in self.town.threads()[-1].history() if words in words_of(each)]


@pytest.fixture
async def season(town: Town) -> Season:
    first = town.now.date() + timedelta(days=1)
    rules = ProgramRules("Circles", town.lobby.id, "UTC", first, auto_publish=True, facilitator_in_each=True)
    program_id = (await programs.start_draft(town.database, town.guild.id, rules, town.now)).id
    await programs.activate(town.database, town.guild.id, program_id, town.now)
    members = [town.member(name) for name in NAMES]
    for member in members:
        wishes = Profile(wants_help_with="saying no")
        await people.join(town.database, town.guild.id, program_id, member.id, wishes, town.now)
    await people.toggle_facilitates(town.database, town.guild.id, program_id, members[0].id)
    await town.advance(days=1, hours=12)
    return Season(town, members)


async def test_the_facilitator_reads_a_guide_and_posts_it_in_the_circle(season: Season):
    ada = season.members[0]
    shelf = await ada.slash(season.town.lobby, "agenda")
    assert shelf.ephemeral
    assert "Saying no." in said(shelf)
    page = last_answer(shelf)
    shown = await ada.select(page, values=["feedback"], custom_id=control(page, "agenda-show"))
    page = last_answer(shown)
    assert "Feedback that helps" in words_of(page)
    await season.town.restart()
    posted = await ada.click(page, label="Post it in our circle")
    await season.town.env.settle()
    assert f"<#{season.town.threads()[-1].id}>" in said(posted)
    (guide,) = season.cards("Feedback that helps")
    assert "15 min ·" in words_of(guide)
    again = await ada.slash(season.town.lobby, "agenda", guide="feedback")
    assert "Your circle has had this guide" in said(again)


async def test_any_member_may_look_and_only_the_facilitator_posts(season: Season):
    """FAILURES F36: the button is not shown to others, and would refuse them."""
    mary = season.members[2]
    shown = await mary.slash(season.town.lobby, "agenda", guide="Saying no")
    assert "Saying no" in said(shown)
    assert "Post it in our circle" not in said(shown)
    unknown = await mary.slash(season.town.lobby, "agenda", guide="knitting")
    assert "no guide called “knitting”" in said(unknown)
    stranger = await season.town.stranger.slash(season.town.lobby, "agenda", guide="bias")
    assert "Bias in evaluations" in said(stranger)
    assert "Post it in our circle" not in said(stranger)


async def test_who_offered_to_facilitate_is_sent_the_guide_and_others_read_it_in_their_circle(season: Season):
    """FAILURES F13: only whoever offered to facilitate gets a direct message."""
    messages = [member.user.dm_channel.history() for member in season.members]
    assert [len(each) for each in messages] == [1, 0, 0]
    assert "Your first session as a facilitator" in words_of(messages[0][0])
    mine = await season.members[0].user.click(messages[0][0], label="My circle")
    assert season.members[1].mention in said(mine)
    (welcome,) = season.cards("Welcome to circle")
    read = await season.members[2].click(welcome, label="Facilitating for the first time?")
    assert read.ephemeral
    assert "Your first session as a facilitator" in said(read)
    again = await season.members[1].slash(season.town.lobby, "agenda", guide="first-session")
    assert "Your first session as a facilitator" in said(again)


def test_every_guide_fits_one_message():
    for guide in Guide:
        assert sum(map(len, guide_words(guide, "en"))) < MOST_TEXT - 1_000
    message = first_session_message(FirstSession(1, "x" * 80, "en", None), "key")
    assert sum(len(each.content) for each in message.walk_children() if hasattr(each, "content")) < MOST_TEXT
