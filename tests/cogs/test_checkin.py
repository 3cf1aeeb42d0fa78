"""Weekly check-ins, farewells and the question to the silent, as members use them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult
from sqlalchemy import select

from bot.domain.states import DeliveryKind
from bot.services import deliveries, people, privacy
from bot.services.answers import LONGEST_PART
from bot.services.people import Profile
from db.models import Delivery, Person
from tests.cogs.town import Message, Town, last_answer, said, words_of

GOOD = {"week": "4", "win": "We shipped the importer", "ask": "Could somebody read my talk?"}


@dataclass
class Week:
    """A town with one circle whose first check-in is open."""

    town: Town
    program_id: int
    members: list[MemberActor]

    @property
    def thread(self) -> ChannelHandle:
        """The circle's thread."""
        return self.town.threads()[0]

    def message(self, words: str, number: int = -1) -> Message:
        """Return the newest message of the thread, or another one, that says something."""
        found = [each for each in self.thread.history() if words in words_of(each)]
        assert found, [words_of(each) for each in self.thread.history()]
        return found[number]

    def count(self, words: str) -> int:
        """Return how many messages of the thread say something."""
        return sum(words in words_of(each) for each in self.thread.history())

    async def open_modal(self, member: MemberActor) -> InteractionResult:
        """Press the card's button."""
        return await member.click(self.message("Weekly check-in"), label="Answer")

    async def answer(self, member: MemberActor, **given: str) -> InteractionResult:
        """Answer the check-in through the card's button."""
        return await member.submit_modal(await self.open_modal(member), GOOD | given)


@pytest.fixture
async def week(town: Town) -> Week:
    """Open the first check-in of one circle of three."""
    return await begin(town)


async def begin(
    town: Town,
    *,
    name: str = "Peer Circles",
    names: tuple[str, ...] = ("ada", "grace", "mary"),
    members: list[MemberActor] | None = None,
    rotation_weeks: int = 4,
) -> Week:
    """Start a program tomorrow at nine in UTC with some members, and let that moment come."""
    first = town.now.date() + timedelta(days=1)
    program_id = await town.start_program(
        name=name,
        zone="UTC",
        first_day=first,
        checkin_weekday=first.weekday(),
        checkin_hour=9,
        auto_publish=True,
        size_wanted=3,
        rotation_weeks=rotation_weeks,
    )
    members = members or [town.member(each) for each in names]
    for member in members:
        await people.join(town.database, town.guild.id, program_id, member.id, Profile(), town.now)
    starts = datetime.combine(first, time(9), tzinfo=UTC)
    await town.advance(seconds=(starts - town.now).total_seconds())
    return Week(town, program_id, members)


def label_of(modal: InteractionResult) -> str:
    """Return everything that a modal shows, what is filled in included."""
    return str(modal.modal)


def bodies(town: Town, method: str, words: str) -> list[dict[str, Any]]:
    """Return what the bot sent to Discord in requests that hold some words."""
    sent = [each for each in town.env.http_requests if each.method == method]
    return [each.json for each in sent if isinstance(each.json, dict) and words in str(each.json)]


def is_archived(week: Week) -> bool:
    return week.town.env.backend.get_channel(week.thread.id).thread_metadata.archived


async def pass_weeks(week: Week, *speakers: MemberActor, weeks: int) -> None:
    """Let whole weeks pass, from one opening to the next; only the speakers answer."""
    for _ in range(weeks):
        for member in speakers:
            await week.answer(member)
        for days in (2, 2, 3):
            await week.town.advance(days=days)


async def test_the_card_says_which_week_it_is_and_until_when_it_is_open(week):
    shown = words_of(week.message("Weekly check-in"))
    closes = int((week.town.now + timedelta(days=4)).timestamp())
    assert "week 1 of 4" in shown
    assert f"<t:{closes}:F>" in shown
    assert f"<t:{closes}:R>" in shown


async def test_an_answer_is_saved_told_to_its_author_and_posted_without_a_ping(week):
    ada = week.members[0]
    result = await week.answer(ada)
    assert "Your answer is saved." in said(result)
    assert last_answer(result).ephemeral
    posted = words_of(week.message("Check-in of"))
    assert ada.mention in posted
    assert "Good" in posted
    assert GOOD["win"] in posted
    (body,) = bodies(week.town, "POST", "Check-in of")
    assert body["allowed_mentions"] == {"parse": []}


async def test_the_author_edits_the_same_message_until_the_close(week):
    ada = week.members[0]
    await week.answer(ada)
    before = week.message("Check-in of")
    again = await ada.click(before, label="Edit my answer")
    assert GOOD["win"] in label_of(again)
    result = await ada.submit_modal(again, {"week": "2", "win": "We shipped twice"})
    assert "in place of the one before" in said(result)
    after = week.message("Check-in of")
    assert (after.id, week.count("Check-in of")) == (before.id, 1)
    assert "We shipped twice" in words_of(after)


async def test_the_command_does_the_same_as_the_button(week):
    ada = week.members[0]
    shown = await ada.slash(week.town.lobby, "checkin")
    await ada.submit_modal(shown, GOOD)
    assert GOOD["win"] in words_of(week.message("Check-in of"))
    again = await ada.slash(week.town.lobby, "checkin")
    assert GOOD["win"] in label_of(again)


async def test_two_submissions_from_two_devices_make_one_answer(week):
    """FAILURES F9: a second submission changes the answer, it makes no other one."""
    ada = week.members[0]
    first, second = await week.open_modal(ada), await week.open_modal(ada)
    await ada.submit_modal(first, GOOD)
    assert "in place of the one before" in said(await ada.submit_modal(second, GOOD))
    assert week.count("Check-in of") == 1


async def test_two_modals_that_are_open_at_once_never_mix(week):
    """FAILURES F31: each submission is its sender's own, whoever opened the modal last."""
    ada, grace, _ = week.members
    first, second = await week.open_modal(ada), await week.open_modal(grace)
    await ada.submit_modal(first, {"week": "5", "win": "from ada"})
    await grace.submit_modal(second, {"week": "1", "win": "from grace"})
    for member, word in ((ada, "from ada"), (grace, "from grace")):
        assert member.mention in words_of(week.message(word))


async def test_a_modal_that_was_open_during_a_restart_is_not_lost(week):
    """FAILURES F29 and F31: a restart loses neither buttons nor open modals."""
    ada = week.members[0]
    shown = await week.open_modal(ada)
    await week.town.restart()
    result = await ada.submit_modal(shown, GOOD)
    assert "Your answer is saved." in said(result)
    assert GOOD["win"] in words_of(week.message("Check-in of"))
    assert (await ada.click(week.message("Check-in of"), label="Edit my answer")).modal is not None


async def test_somebody_who_can_read_the_thread_is_still_no_member(week):
    """FAILURES F36: who may answer is checked at each click, not by who sees the button."""
    town = week.town
    everything = town.guild.create_role("Admin", permissions=discord.Permissions(administrator=True))
    admin = town.guild.add_member(town.env.create_user("admin"), roles=[everything])
    result = await admin.click(week.message("Weekly check-in"), label="Answer")
    assert result.modal is None
    assert "a circle that you do not sit in" in said(result)


async def test_nobody_edits_the_answer_of_somebody_else(week):
    ada, grace, _ = week.members
    await week.answer(ada)
    result = await grace.click(week.message("Check-in of"), label="Edit my answer")
    assert "Only its author" in said(result)


async def test_who_sits_in_no_circle_is_told_so_by_the_command(week):
    result = await week.town.stranger.slash(week.town.lobby, "checkin")
    assert "no open check-in" in said(result)
    assert not await week.town.stranger.autocomplete(week.town.lobby, "checkin", "program", "")


async def test_after_the_close_the_card_says_what_to_do_instead(week):
    """FAILURES F34: a closed control answers with what to do instead."""
    town = week.town
    await town.advance(days=4)
    result = await week.open_modal(week.members[0])
    opens = int((town.now + timedelta(days=3)).timestamp())
    assert result.modal is None
    assert f"The next one opens on <t:{opens}:F>" in said(result)


async def test_whoever_submits_too_late_gets_their_words_back(week):
    ada = week.members[0]
    shown = await week.open_modal(ada)
    await week.town.advance(days=4)
    result = await ada.submit_modal(shown, GOOD)
    assert "This check-in closed" in said(result)
    assert GOOD["win"] in said(result)
    assert week.count("Check-in of") == 0


async def test_hostile_words_are_inert_in_the_circle(week):
    """FAILURES F35: no mention, markdown or invite of a member's takes effect."""
    hostile = "@everyone <@&1> **bold** [a](https://evil.example) [b](https://evil.example) discord.gg/abcdef"
    await week.answer(week.members[0], win=hostile, challenge="# big\n-# small\n> quote")
    posted = words_of(week.message("Check-in of"))
    (body,) = bodies(week.town, "POST", "Check-in of")
    assert body["allowed_mentions"] == {"parse": []}
    for bad in ("@everyone", "<@&1>", "**bold**", "discord.gg/", "](", "\n# big", "\n-# small", "\n> quote"):
        assert bad not in posted


async def test_the_longest_answer_still_fits_a_message(week):
    longest = "*" * LONGEST_PART
    await week.answer(week.members[0], win=longest, challenge=longest, ask=longest, progress=longest)
    posted = words_of(week.message("Check-in of"))
    assert posted.count("*") >= 4 * LONGEST_PART
    assert "…" not in posted


async def test_one_reminder_goes_to_those_who_have_not_answered(week):
    """FAILURES F21: the reminder is sent once, also over a restart."""
    ada, grace, mary = week.members
    await week.answer(ada)
    await week.town.advance(days=2)
    await week.town.restart()
    await week.town.advance(hours=1)
    assert week.count("the only reminder") == 1
    reminder = words_of(week.message("the only reminder"))
    assert (ada.mention in reminder, grace.mention in reminder, mary.mention in reminder) == (False, True, True)
    (body,) = bodies(week.town, "POST", "the only reminder")
    mentions = body["allowed_mentions"]
    assert {int(user) for user in mentions["users"]} == {grace.id, mary.id}
    assert not mentions.get("parse")
    assert (await grace.click(week.message("the only reminder"), label="Answer")).modal is not None


async def test_nobody_is_reminded_once_all_have_answered(week):
    for member in week.members:
        await week.answer(member)
    await week.town.advance(days=2)
    assert week.count("the only reminder") == 0


async def test_the_summary_tells_numbers_and_links_and_nobodys_words(week):
    ada, grace, mary = week.members
    await week.answer(ada)
    await week.answer(grace, week="1", ask="")
    asked = week.message(GOOD["ask"])
    await week.town.advance(days=4)
    summary = week.message("Week 1 in short")
    shown = words_of(summary)
    assert "2 of 3 members answered." in shown
    assert "Good: 1" in shown
    assert "Very hard: 1" in shown
    assert f"https://discord.com/channels/{week.town.guild.id}/{week.thread.id}/{asked.id}" in shown
    assert not [word for word in GOOD.values() if len(word) > 1 and word in shown]
    assert GOOD["win"] in said(await ada.click(summary, label="Show my answer"))
    assert "You did not answer" in said(await mary.click(summary, label="Show my answer"))


async def test_a_thread_deleted_by_hand_stops_no_other_circle(town):
    """FAILURES F17: the other circle gets its check-in, the moderators hear of the lost thread."""
    week = await begin(town, names=("ada", "grace", "mary", "rosa", "emmy", "hedy"))
    gone, stays = town.threads()
    town.env.backend.delete_channel(gone.id)
    await town.advance(days=7)
    cards = [each for each in stays.history() if "Weekly check-in" in words_of(each)]
    assert len(cards) == 2
    assert "thread" in said(await town.moderator.slash(town.lobby, "program show"))
    stranded = next(
        each for each in week.members if each.id not in town.env.backend.get_channel(stays.id).thread_members
    )
    shown = await stranded.slash(town.lobby, "checkin")
    assert "Your answer is saved." in said(await stranded.submit_modal(shown, GOOD))


async def test_an_answer_in_an_archived_thread_is_edited_all_the_same(week):
    """FAILURES F15: the thread is unarchived first."""
    ada = week.members[0]
    await week.answer(ada)
    week.town.env.inject_error("PATCH", "/channels/*/messages/*", status=400, code=50083)
    again = await ada.slash(week.town.lobby, "checkin")
    await ada.submit_modal(again, {"week": "3", "win": "Still here"})
    assert "Still here" in words_of(week.message("Check-in of"))
    assert not is_archived(week)


async def test_with_several_open_checkins_the_command_asks_which_program(town):
    week = await begin(town)
    ada = week.members[0]
    other = await begin(town, name="Book club", members=week.members)
    result = await ada.slash(town.lobby, "checkin")
    assert "Please name the program" in said(result)
    choices = await ada.autocomplete(town.lobby, "checkin", "program", "book")
    assert [(each["name"], each["value"]) for each in choices] == [("Book club", str(other.program_id))]
    shown = await ada.slash(town.lobby, "checkin", program=choices[0]["value"])
    assert "Book club" in label_of(shown)
    assert (await ada.slash(town.lobby, "checkin", program="book CLUB")).modal is not None


async def test_a_circle_says_goodbye_and_its_buttons_work_in_the_archive(town):
    week = await begin(town, rotation_weeks=1)
    ada, grace, _ = week.members
    await pass_weeks(week, *week.members, weeks=1)
    goodbye = week.message("Did you meet?")
    assert is_archived(week)
    assert not town.env.backend.get_channel(week.thread.id).thread_metadata.locked
    assert "noted: Once" in said(await ada.click(goodbye, label="Once"))
    assert "changed to: Yes, regularly" in said(await ada.click(goodbye, label="Yes, regularly"))
    assert "noted: No" in said(await grace.click(goodbye, label="No"))
    assert is_archived(week)


async def test_erased_words_leave_the_archive_and_the_archive_stays_shut(town):
    """FAILURES F15: a message in an archived thread is reached by opening the thread for it."""
    week = await begin(town, rotation_weeks=1)
    ada = week.members[0]
    await pass_weeks(week, *week.members, weeks=1)
    assert week.count("Check-in of") == 3
    town.env.inject_error("DELETE", "/channels/*/messages/*", status=400, code=50083)
    await privacy.erase(town.database, ada.id, None, town.now)
    await town.due()
    assert week.count("Check-in of") == 2
    assert week.count(f"Check-in of {ada.mention}") == 0
    assert is_archived(week)


async def test_an_answer_whose_post_was_never_confirmed_is_found_and_erased(week):
    ada = week.members[0]
    await week.answer(ada)

    async def forget_where(session):
        post = await session.scalar(select(Delivery).where(Delivery.kind == DeliveryKind.CHECKIN_ANSWER))
        post.result_id = post.result_channel_id = None

    await week.town.database.write(forget_where)
    await privacy.erase(week.town.database, ada.id, None, week.town.now)
    await week.town.due()
    assert week.count("Check-in of") == 0


async def test_erasing_an_answer_that_a_moderator_deleted_is_no_failure(week):
    await week.answer(week.members[0])
    week.town.env.backend.delete_message(week.thread.id, week.message("Check-in of").id)
    await privacy.erase(week.town.database, week.members[0].id, None, week.town.now)
    await week.town.due()
    assert await deliveries.count_unfinished(week.town.database) == 0


async def test_the_silent_are_asked_in_private_and_closed_messages_stop_nobody(week):
    """FAILURES F11 and F12: one closed DM is recorded; the other is asked; nothing becomes public."""
    ada, grace, mary = week.members
    closed = f"/channels/{grace.user.dm_channel.id}/messages"
    week.town.env.inject_error("POST", closed, status=403, code=50007, times=None)
    await pass_weeks(week, ada, weeks=3)
    assert "Are you still with us?" in words_of(mary.user.dm_channel.last_message)
    assert not grace.user.dm_channel.history()
    assert not ada.user.dm_channel.history()
    for channel in (week.thread, week.town.lobby, week.town.mod_channel):
        assert not [each for each in channel.history() if "still with us" in words_of(each)]
    asked = await refusals(week.town)
    assert asked == {grace.id: 50007, mary.id: None}


async def test_whoever_is_asked_chooses_in_the_direct_message(week):
    ada, grace, mary = week.members
    await pass_weeks(week, ada, weeks=3)
    question = mary.user.dm_channel.last_message
    assert "/circle resume" in said(await mary.user.click(question, label="Pause"))
    assert "you take part" in said(await mary.user.click(question, label="Stay, or come back"))
    assert "You have left" in said(await mary.user.click(question, label="Leave"))
    assert "To come back, use /circle join" in said(await mary.user.click(question, label="Pause"))
    assert "Are you still with us?" in words_of(grace.user.dm_channel.last_message)


async def test_direct_messages_that_discord_finds_too_fast_are_sent_later(week):
    """FAILURES F13: at 40003 the bot stops and tries again later."""
    ada, grace, mary = week.members
    await pass_weeks(week, ada, mary, weeks=2)
    week.town.env.inject_error("POST", "/users/@me/channels", status=403, code=40003)
    await week.answer(ada)
    await week.answer(mary)
    await week.town.advance(days=4)
    assert grace.user.dm_channel.last_message is None
    await week.town.advance(minutes=10)
    assert "Are you still with us?" in words_of(grace.user.dm_channel.last_message)


async def refusals(town: Town) -> dict[int, int | None]:
    """Return Discord's code for each user who was asked why they are silent."""

    async def load(session):
        query = (
            select(Person.user_id, Delivery.error_code)
            .join(Delivery, Delivery.person_id == Person.id)
            .where(Delivery.kind == DeliveryKind.SILENT_QUESTION)
        )
        return {row[0]: row[1] for row in await session.execute(query)}

    return await town.database.read(load)
