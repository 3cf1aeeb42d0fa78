"""A circle agrees on a meeting: proposed, ticked in the thread, fixed, moved, cancelled, and asked about."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import discord
import pytest
from icalendar import Calendar
from simcord.actors import MemberActor
from sqlalchemy import select, update

from bot.domain.program import ProgramRules
from bot.domain.states import DeliveryKind, DeliveryState, MeetingHow
from bot.services import people, programs
from bot.services.people import Profile
from db.models import Delivery, MeetingWord
from tests.cogs.town import Message, Town, control, custom_ids, last_answer, said, words_of

NAMES = ("ada", "grace", "mary")


@dataclass
class Season:
    """A town with one circle of three whose rotation runs; its first member facilitates."""

    town: Town
    program_id: int
    members: list[MemberActor]

    def cards(self, words: str) -> list[Message]:
        """Return the thread's messages that say something."""
        return [each for each in self.town.threads()[-1].history() if words in words_of(each)]

    def events(self):
        """Return the guild's scheduled events."""
        return list(self.town.env.backend.guilds[self.town.guild.id].scheduled_events.values())

    async def propose(self, by: int = 1) -> Message:
        """Let a member ask for a meeting; return the card with the hours."""
        await self.members[by].slash(self.town.lobby, "circle meet")
        await self.town.env.settle()
        return self.cards("When do you meet?")[-1]

    def watcher(self) -> MemberActor:
        """Add somebody who can read every thread and sits in no circle."""
        reader = self.town.guild.create_role("Reader", permissions=discord.Permissions(manage_threads=True))
        return self.town.guild.add_member(self.town.env.create_user("watcher"), roles=[reader])

    async def wish_events(self) -> None:
        """Let the program make an event for each meeting."""
        town = self.town
        await programs.change_program(town.database, town.guild.id, self.program_id, {"meeting_events": True}, town.now)

    async def words_on_meetings(self) -> list[MeetingWord]:
        """Return what members said of how meetings went."""

        async def load(session):
            return list((await session.scalars(select(MeetingWord))).all())

        return await self.town.database.read(load)

    async def agree(self) -> Message:
        """Let everybody tick the second time; return the card of the fixed meeting."""
        vote = await self.propose()
        for member in self.members:
            await member.select(vote, values=["1"], custom_id=control(vote, "meet-vote"))
        await self.town.env.settle()
        return self.cards("You have a time to meet")[-1]


@pytest.fixture
async def season(town: Town) -> Season:
    first = town.now.date() + timedelta(days=1)
    rules = ProgramRules("Circles", town.lobby.id, "UTC", first, checkin_weekday=first.weekday(), auto_publish=True)
    program_id = (await programs.start_draft(town.database, town.guild.id, rules, town.now)).id
    await programs.activate(town.database, town.guild.id, program_id, town.now)
    members = [town.member(name) for name in NAMES]
    for member in members:
        lives = Profile(zone="Europe/Berlin")
        await people.join(town.database, town.guild.id, program_id, member.id, lives, town.now)
    await town.advance(days=1, hours=12)
    return Season(town, program_id, members)


async def test_a_circle_ticks_and_meets_at_the_hour_that_all_share(season: Season):
    asked = await season.members[1].slash(season.town.lobby, "circle meet")
    await season.town.env.settle()
    assert asked.ephemeral
    (vote,) = season.cards("When do you meet?")
    assert len(re.findall(r"<t:\d+:F>", words_of(vote))) == 3
    assert all(member.mention in words_of(vote) for member in season.members)
    ticked = await season.members[0].select(vote, values=["0", "1"], custom_id=control(vote, "meet-vote"))
    assert "you could come <t:" in said(ticked)
    (vote,) = season.cards("When do you meet?")
    assert "1 of 3 have ticked" in words_of(vote)
    for member in season.members[1:]:
        await member.select(vote, values=["1"], custom_id=control(vote, "meet-vote"))
    await season.town.env.settle()
    (fixed,) = season.cards("You have a time to meet")
    assert "3 of you ticked this hour" in words_of(fixed)
    assert "The hour is fixed" in words_of(season.cards("When do you meet?")[0])


async def test_only_a_circles_own_members_ask_tick_and_decide(season: Season):
    """FAILURES F36: who sees the thread may still not tick in it, and who did not propose may not decide."""
    assert "You have not joined" in said(await season.town.stranger.slash(season.town.lobby, "circle meet"))
    vote = await season.propose()
    ticked = await season.watcher().select(vote, values=["0"], custom_id=control(vote, "meet-vote"))
    assert "Only the members of this circle" in said(ticked)
    assert "Whoever facilitates your circle" in said(await season.members[2].click(vote, label="Fix a time"))
    (vote,) = season.cards("When do you meet?")
    assert "0 of 3 have ticked" in words_of(vote)


async def test_asking_twice_shows_the_proposal_that_is_open(season: Season):
    """FAILURES F9: a second command or click opens no second vote."""
    await season.propose()
    again = await season.members[2].slash(season.town.lobby, "circle meet")
    await season.town.env.settle()
    assert "choosing an hour already" in said(again)
    assert "Fix a time" not in said(again)
    assert len(season.cards("When do you meet?")) == 1


async def test_another_time_is_named_in_ones_own_zone_also_after_a_restart(season: Season):
    """FAILURES F28, F29: the member's zone is meant, and the buttons outlive the process."""
    vote = await season.propose()
    await season.town.restart()
    named = await season.members[0].click(vote, label="Name another time")
    day = (season.town.now + timedelta(days=3)).date()
    await season.members[0].submit_modal(named, {"day": [day.isoformat()], "hour": "19:30"})
    (vote,) = season.cards("When do you meet?")
    assert f"<t:{unix_in_berlin(day, 19, 30)}:F>" in words_of(vote)
    assert "1 of 3 have ticked" in words_of(vote)
    wrong = await season.members[0].click(vote, label="Name another time")
    refused = await season.members[0].submit_modal(wrong, {"day": [day.isoformat()], "hour": "noon"})
    assert "cannot read “noon”" in said(refused)


def unix_in_berlin(day, hour: int, minute: int = 0) -> int:
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin")).timestamp())


async def test_the_calendar_file_follows_a_move_and_a_cancellation(season: Season):
    fixed = await season.agree()
    first = await event_in(fixed)
    moving = await season.members[1].click(fixed, label="Move it")
    day = (season.town.now + timedelta(days=4)).date()
    await season.members[1].submit_modal(moving, {"day": [day.isoformat()], "hour": "18"})
    await season.town.env.settle()
    (moved,) = season.cards("Your meeting has moved")
    second = await event_in(moved)
    assert (second["uid"], int(second["sequence"])) == (first["uid"], 1)
    assert int(second["dtstart"].dt.timestamp()) == unix_in_berlin(day, 18)
    asked = await season.members[1].click(moved, label="Cancel it")
    assert "gets a file that takes it out of calendars" in said(asked)
    assert not season.cards("Your meeting is cancelled")
    await season.members[1].click(last_answer(asked), label="Yes, cancel the meeting")
    await season.town.env.settle()
    third = await event_in(season.cards("Your meeting is cancelled")[0])
    assert (third["uid"], int(third["sequence"]), third["status"]) == (first["uid"], 2, "CANCELLED")
    assert not [name for name in NAMES if name in str(third)]


async def event_in(message: Message):
    (file,) = message.attachments
    assert file.filename == "meeting.ics"
    (event,) = Calendar.from_ical(await file.read()).walk("VEVENT")
    return event


async def test_others_may_not_move_or_cancel(season: Season):
    """FAILURES F36: the buttons stand for all, and answer those who may."""
    fixed = await season.agree()
    for label in ("Move it", "Cancel it"):
        assert "Whoever facilitates your circle" in said(await season.members[2].click(fixed, label=label))


async def test_the_circle_is_reminded_and_each_says_privately_how_it_went(season: Season):
    """FAILURES F37: what a member says of a meeting shows to nobody else."""
    vote = await season.propose()
    fixing = await season.members[1].click(vote, label="Fix a time")
    await season.members[1].select(last_answer(fixing), values=["0"])
    await season.town.env.settle()
    (fixed,) = season.cards("You have a time to meet")
    (unix,) = re.findall(r"meet \*\*<t:(\d+):F>", words_of(fixed))
    (vote,) = season.cards("When do you meet?")
    assert f"The hour is fixed: you meet <t:{unix}:F>" in words_of(vote)
    assert not custom_ids(vote), "nothing is left to tick or to press"
    wait = int(unix) - int(season.town.now.timestamp())
    await season.town.advance(seconds=wait - 3700)
    assert not season.cards("your circle meets at")
    await season.town.advance(seconds=200)
    (reminder,) = season.cards("your circle meets at")
    assert all(member.mention in words_of(reminder) for member in season.members)
    await season.town.advance(hours=2)
    (question,) = season.cards("How was your meeting?")
    told = await season.members[0].click(question, label="It went well")
    assert told.ephemeral
    changed = await season.members[0].click(question, label="Short, but we met")
    assert "changed to: Short, but we met" in said(changed)
    assert "Only the members of this circle" in said(await season.watcher().click(question, label="Nobody came"))
    (word,) = await season.words_on_meetings()
    assert word.how is MeetingHow.SHORT


async def test_no_event_is_made_unless_the_program_asks_for_it(season: Season):
    """FAILURES F12: a whole server reads its events, so when circles meet stands there only where that is wished."""
    await season.agree()
    assert season.events() == []


async def test_an_event_follows_its_meeting_and_names_nobody(season: Season):
    """FAILURES F12, F37: the event tells when, never who or which circle."""
    await season.wish_events()
    fixed = await season.agree()
    (event,) = season.events()
    assert not [name for name in (*NAMES, "circle 1") if name in f"{event.name} {event.description}"]
    moving = await season.members[1].click(fixed, label="Move it")
    day = (season.town.now + timedelta(days=4)).date()
    await season.members[1].submit_modal(moving, {"day": [day.isoformat()], "hour": "18:00"})
    await season.town.env.settle()
    (event,) = season.events()
    assert str(day) in str(event.scheduled_start_time)
    asked = await season.members[1].click(fixed, label="Cancel it")
    await season.members[1].click(last_answer(asked), label="Yes, cancel the meeting")
    await season.town.env.settle()
    assert season.events() == []


async def test_an_event_that_an_attempt_cut_short_left_is_found_again(season: Season):
    """FAILURES F19: the bot stops between Discord's answer and its own note of it; there is one event, not two."""
    await season.wish_events()
    await season.agree()
    forget = {"state": DeliveryState.PENDING, "result_id": None}
    await season.town.database.write(
        lambda session: session.execute(
            update(Delivery).where(Delivery.kind == DeliveryKind.MEETING_EVENT).values(forget)
        )
    )
    await season.town.restart()
    await season.town.advance(seconds=1)
    assert len(season.events()) == 1


async def test_without_the_permission_there_is_no_event_and_moderators_read_why(season: Season):
    """FAILURES F16: the permission is named, and the meeting takes place without it."""
    await season.wish_events()
    guild = season.town.guild
    own = next(role for role in guild.me.roles if role.managed)
    allowed = discord.Permissions(own.permissions.value)
    allowed.update(manage_events=False, create_events=False)
    season.town.env.backend.edit_role(guild.id, own.id, {"permissions": allowed.value})
    await season.town.env.settle()
    await season.agree()
    assert season.events() == []
    shown = await season.town.moderator.slash(season.town.lobby, "program show")
    assert "lacks the permission Create Events" in said(shown)
