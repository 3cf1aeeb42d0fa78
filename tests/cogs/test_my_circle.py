"""A member in a rotation that runs: their circle, history and private list, and their data."""

import json
from dataclasses import dataclass
from datetime import timedelta

import discord
import pytest
from simcord.actors import MemberActor

from bot.services import avoid, people
from tests.cogs.town import Message, Town, control, last_answer, said, words_of

NAMES = ("ada", "grace", "mary")
ANSWER = {"week": "4", "win": "Wombat wins", "ask": "Yak ask"}


@dataclass
class Season:
    """A town with one circle of three whose rotation runs."""

    town: Town
    program_id: int
    members: list[MemberActor]

    @property
    def ada(self) -> MemberActor:
        """The member whose eyes the tests look through."""
        return self.members[0]

    def cards(self, words: str) -> list[Message]:
        """Return the messages of the newest thread that say something."""
        return [each for each in self.town.threads()[-1].history() if words in words_of(each)]

    async def answer_checkin(self) -> None:
        """Let the first member answer the open check-in."""
        modal = await self.ada.slash(self.town.lobby, "checkin")
        await self.ada.submit_modal(modal, ANSWER)
        await self.town.env.settle()


async def join(town: Town, name: str, **fields: str) -> MemberActor:
    member = town.member(name)
    modal = await member.slash(town.lobby, "circle join", zone="Europe/Berlin")
    await member.submit_modal(modal, fields)
    return member


@pytest.fixture
async def season(town: Town) -> Season:
    first = town.now.date() + timedelta(days=1)
    program_id = await town.start_program(
        zone="UTC",
        first_day=first,
        checkin_weekday=first.weekday(),
        checkin_hour=9,
        auto_publish=True,
        size_wanted=3,
        rotation_weeks=1,
    )
    members = [await join(town, name, helps_with=f"{name}'s zymurgy") for name in NAMES]
    await town.advance(days=1, hours=12)
    return Season(town, program_id, members)


async def test_a_member_sees_who_where_and_when_next(season: Season):
    shown = await season.ada.slash(season.town.lobby, "circle mine")
    assert shown.ephemeral
    words = said(shown)
    assert all(member.mention in words for member in season.members)
    assert f"<#{season.town.threads()[0].id}>" in words
    assert "Next check-in: <t:" in words
    assert "Next rotation: <t:" in words


async def test_the_button_on_the_welcome_card_shows_everybody_their_own(season: Season):
    """FAILURES F36: a shared card's button answers whoever presses it, and strangers only with what to do."""
    (card,) = season.cards("Welcome to circle")
    own = await season.members[1].click(card, label="My circle")
    assert own.ephemeral
    assert season.members[1].mention in said(own)
    guild = season.town.guild
    reader = guild.create_role("Reader", permissions=discord.Permissions(manage_threads=True))
    watcher = guild.add_member(season.town.env.create_user("watcher"), roles=[reader])
    assert "You have not joined" in said(await watcher.click(card, label="My circle"))


async def test_who_joined_later_is_told_so_and_not_left_over(season: Season):
    late = await join(season.town, "late")
    words = said(await late.slash(season.town.lobby, "circle mine"))
    assert "joined after the present circles were formed" in words


async def test_who_sits_a_rotation_out_reads_no_word_of_being_left_over(season: Season):
    """FAILURES F4: nobody who skipped is told that they are the odd one out."""
    late = await join(season.town, "late")
    await late.slash(season.town.lobby, "circle skip")
    await season.town.advance(days=7)
    assert late.user.dm_channel.history() == []
    words = said(await late.slash(season.town.lobby, "circle mine"))
    assert "You sit the present rotation out." in words


async def test_somebody_without_a_circle_reads_why_by_message_and_on_request(town: Town):
    """FAILURES F3, F12: the reason comes privately, and its button works in the direct message."""
    await town.start_program(auto_publish=True, size_least=2, size_wanted=2, size_most=2)
    members = [await join(town, name) for name in NAMES]
    await town.advance(days=7)
    (odd,) = [member for member in members if member.user.dm_channel.history()]
    (message,) = odd.user.dm_channel.history()
    assert "has no circle for you" in words_of(message)
    shown = await odd.user.click(message, label="My circle")
    assert "has no circle for you" in said(shown)


async def test_history_is_paged_and_shows_only_ones_own_answers(season: Season):
    await season.answer_checkin()
    for _ in range(2):
        await season.town.advance(days=7)
    shown = await season.ada.slash(season.town.lobby, "circle history")
    assert "rotation 3" in said(shown)
    page = last_answer(shown)
    for number in (2, 1):
        await season.town.restart()
        await season.ada.click(page, custom_id=control(page, "past-on"))
        page = last_answer(shown)
        assert f"rotation {number}" in words_of(page)
    assert "Wombat wins" in words_of(page)
    others = await season.members[1].slash(season.town.lobby, "circle history")
    assert "Wombat wins" not in said(others)


async def test_the_private_list_is_shown_to_nobody_else(season: Season):
    """FAILURES F37: whom a member avoids shows nowhere, not even to moderators."""
    ada, grace, _ = season.members
    added = await ada.slash(season.town.lobby, "circle avoid add", member=grace)
    assert added.ephemeral
    assert grace.mention in said(added)
    before = len(season.town.mod_channel.history()), len(season.town.lobby.history())
    await season.town.advance(hours=1)
    assert (len(season.town.mod_channel.history()), len(season.town.lobby.history())) == before
    assert grace.user.dm_channel.history() == []
    shown = await season.town.moderator.slash(season.town.lobby, "program show")
    assert grace.mention not in said(shown)
    assert "Nobody." in said(await grace.slash(season.town.lobby, "circle avoid list"))


async def test_who_left_the_server_can_be_taken_off_the_list(season: Season):
    ada, grace, _ = season.members
    await ada.slash(season.town.lobby, "circle avoid add", member=grace)
    season.town.guild.remove_member(grace)
    shown = await ada.slash(season.town.lobby, "circle avoid list")
    page = last_answer(shown)
    await ada.select(page, [str(grace.id)], custom_id=control(page, "avoid-remove"))
    assert "Nobody." in said(shown)
    assert await avoid.list_avoids(season.town.database, season.town.guild.id, ada.id) == ()


async def test_taking_off_the_list_by_command(season: Season):
    ada, grace, mary = season.members
    await ada.slash(season.town.lobby, "circle avoid add", member=grace)
    assert "is off your list" in said(await ada.slash(season.town.lobby, "circle avoid remove", member=grace))
    assert "not on your list" in said(await ada.slash(season.town.lobby, "circle avoid remove", member=mary))


async def test_neither_oneself_nor_a_bot_goes_on_the_list(season: Season):
    robot = season.town.guild.add_member(season.town.env.create_user("robot", bot=True))
    for member, words in ((season.ada, "cannot avoid yourself"), (robot, "Bots are never placed")):
        shown = await season.ada.slash(season.town.lobby, "circle avoid add", member=member)
        assert words in said(shown)


async def test_about_says_who_can_read_what(season: Season):
    words = said(await season.town.stranger.slash(season.town.lobby, "privacy about"))
    assert "Whoever may manage threads" in words
    assert "Whoever runs the bot holds the key" in words


async def exported_by(member, *channel) -> dict:
    shown = await member.slash(*channel, "privacy export")
    assert last_answer(shown).ephemeral
    (file,) = last_answer(shown).attachments
    return json.loads(await file.read())


async def test_the_export_is_a_file_with_ones_own_words(season: Season):
    await season.answer_checkin()
    found = await exported_by(season.ada, season.town.lobby)
    written = json.dumps(found)
    assert "ada's zymurgy" in written
    assert "Wombat wins" in written
    assert "grace's zymurgy" not in written


async def test_who_left_the_server_exports_and_erases_by_direct_message(season: Season):
    """FAILURES F38: the way out stays open after leaving."""
    season.town.guild.remove_member(season.ada)
    found = await exported_by(season.ada.user)
    assert found["guilds"][0]["guild_id"] == str(season.town.guild.id)
    asked = await season.ada.user.slash("privacy erase")
    assert "the one server where I know you" in said(asked)
    await season.ada.user.click(last_answer(asked), label="Yes, forget me")
    assert "You are forgotten" in said(asked)
    assert "Nothing is stored about you" in said(await season.ada.user.slash("privacy export"))


async def test_nothing_is_erased_before_the_question_is_answered(season: Season):
    asked = await season.ada.slash(season.town.lobby, "privacy erase")
    assert asked.ephemeral
    assert "what others keep on their own private lists" in said(asked)
    assert await people.find_member(season.town.database, season.town.guild.id, season.ada.id) is not None


async def test_erasing_takes_the_words_out_of_the_threads_and_the_circle_stays(season: Season):
    """FAILURES F38: the answer's post is deleted and the welcome card no longer tells of the member."""
    await season.answer_checkin()
    assert season.cards("Wombat wins")
    assert season.cards("ada's zymurgy")
    await erase(season)
    assert not season.cards("Wombat wins")
    assert not season.cards("ada's zymurgy")
    (welcome,) = season.cards("Welcome to circle")
    assert season.ada.mention not in words_of(welcome)
    assert "somebody who asked to be forgotten" in words_of(welcome)
    assert "grace's zymurgy" in words_of(welcome)


async def test_erasing_reaches_into_archived_threads_and_leaves_them_archived(season: Season):
    """FAILURES F15: an archived thread is opened for the change and closed again."""
    await season.answer_checkin()
    await season.town.advance(days=7)
    first = season.town.threads()[0]
    await erase(season)
    assert not [each for each in first.history() if "zymurgy" in words_of(each) and "ada" in words_of(each)]
    assert not [each for each in first.history() if "Wombat wins" in words_of(each)]
    thread = season.town.env.backend.get_channel(first.id)
    assert thread.thread_metadata.archived


async def test_a_second_click_on_erase_says_that_nothing_is_left(season: Season):
    """FAILURES F9: a double click erases once."""
    asked = [await season.ada.slash(season.town.lobby, "privacy erase") for _ in range(2)]
    for shown in asked:
        last = await season.ada.click(last_answer(shown), label="Yes, forget me")
    assert "Nothing is stored about you" in said(last)


async def test_who_was_forgotten_gets_no_circle_and_may_join_anew(season: Season):
    await erase(season)
    await season.town.advance(days=7)
    late = season.ada
    assert "You have not joined" in said(await late.slash(season.town.lobby, "circle mine"))
    modal = await late.slash(season.town.lobby, "circle join", zone="Europe/Berlin")
    await late.submit_modal(modal, {})
    assert "not sat in a circle yet" in said(await late.slash(season.town.lobby, "circle history"))


async def test_moderators_see_a_forgotten_member_as_somebody(season: Season):
    """FAILURES F37: no id of somebody forgotten is left in what moderators read."""
    await erase(season)
    words = said(await season.town.moderator.slash(season.town.lobby, "rotation history"))
    assert season.ada.mention not in words
    assert "None" not in words


async def erase(season: Season) -> None:
    asked = await season.ada.slash(season.town.lobby, "privacy erase")
    await season.ada.click(last_answer(asked), label="Yes, forget me")
    await season.town.env.settle()
