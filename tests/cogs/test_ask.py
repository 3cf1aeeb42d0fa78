"""Asking, offering and being introduced, as members use it."""

from dataclasses import dataclass

import discord
import pytest
from simcord.actors import MemberActor
from sqlalchemy import select

from bot.domain.states import CameOf, Helped
from bot.services import people
from bot.services.help_market import LAPSES_AFTER
from bot.services.people import Profile
from db.models import IntroductionOutcome
from tests.cogs.town import Message, Town, control, last_answer, said, words_of

ASK = {"topics": "SQL", "words": "How do window functions work? @everyone"}
OFFER = {"topics": "SQL, Python", "words": "An hour a week", "at_once": "2"}


@dataclass
class Help:
    """A town with a program that has not begun, and three who take part in it."""

    town: Town
    program_id: int
    ada: MemberActor
    grace: MemberActor
    mary: MemberActor

    async def post(self, member: MemberActor, command: str, kind: str = "skill", **fields: str):
        """Ask for something or offer it, through the command's modal."""
        modal = await member.slash(self.town.lobby, command, kind=kind)
        result = await member.submit_modal(modal, fields)
        await self.town.env.settle()
        return result

    async def matched(self) -> None:
        """Let Ada ask for what Grace offers."""
        await self.post(self.grace, "offer new", **OFFER)
        await self.post(self.ada, "ask new", **ASK)

    async def say(self, member: MemberActor, label: str):
        """Answer a proposal in the direct messages."""
        shown = await member.user.click(inbox(member)[-1], label="Show me")
        result = await member.user.click(last_answer(shown), label=label)
        await self.town.env.settle()
        return result

    async def introduced(self) -> None:
        """Let both say yes."""
        await self.matched()
        await self.say(self.grace, "Yes, introduce us")
        await self.say(self.ada, "Yes, introduce us")


@pytest.fixture
async def help_(town: Town) -> Help:
    """Start a program with three members."""
    program_id = await town.start_program(name="Peer Circles")
    members = [town.member(name) for name in ("ada", "grace", "mary")]
    for member in members:
        await people.join(town.database, town.guild.id, program_id, member.id, Profile(), town.now)
    return Help(town, program_id, *members)


def inbox(member: MemberActor) -> list[Message]:
    return member.user.dm_channel.history()


async def test_two_are_introduced_in_a_thread_of_their_own_once_both_said_yes(help_: Help):
    await help_.matched()
    (note,) = inbox(help_.grace)
    assert "somebody asks for what you offer" in words_of(note)
    assert "window" not in words_of(note)  # what another wrote is shown on request only
    shown = await help_.grace.user.click(note, label="Show me")
    assert "window functions work? @\u200beveryone" in said(shown)
    assert "ada" not in said(shown)
    assert help_.ada.mention not in said(shown)
    await help_.say(help_.grace, "Yes, introduce us")
    assert help_.town.threads() == []
    accepted = await help_.say(help_.ada, "Yes, introduce us")
    assert help_.grace.mention in said(accepted)
    (thread,) = help_.town.threads()
    (card,) = [each for each in thread.history() if "May I introduce you?" in words_of(each)]
    assert help_.ada.mention in words_of(card)
    assert help_.grace.mention in words_of(card)
    assert "window" not in words_of(card)
    guild = help_.town.guild
    reader = guild.create_role("Reader", permissions=discord.Permissions(manage_threads=True))
    watcher = guild.add_member(help_.town.env.create_user("watcher"), roles=[reader])
    assert "between two others" in said(await watcher.click(card, label="Show me"))


async def test_a_no_is_told_to_nobody_and_ends_in_the_words_of_a_silence(help_: Help):
    await help_.matched()
    passed = await help_.say(help_.grace, "Not this one")
    assert "Nobody is told" in said(passed)
    await help_.say(help_.ada, "Yes, introduce us")
    assert len(inbox(help_.ada)) == 1
    await help_.town.advance(seconds=LAPSES_AFTER.total_seconds())
    assert "No match this time" in words_of(inbox(help_.ada)[-1])
    assert len(inbox(help_.grace)) == 1
    assert help_.town.threads() == []


async def test_the_list_shows_what_a_closed_direct_message_could_not(help_: Help):
    """FAILURES F11, F12: nothing private goes anywhere else."""
    closed = f"/channels/{help_.ada.user.dm_channel.id}/messages"
    help_.town.env.inject_error("POST", closed, status=403, code=50007, times=None)
    await help_.matched()
    assert inbox(help_.ada) == []
    listed = await help_.ada.slash(help_.town.lobby, "ask list")
    assert listed.ephemeral
    assert "A possible match waits for your word" in said(listed)
    shown = await help_.ada.click(last_answer(listed), label="Show me")
    await help_.ada.click(last_answer(shown), label="Yes, introduce us")
    await help_.say(help_.grace, "Yes, introduce us")
    assert len(help_.town.threads()) == 1
    assert f"Introduced to {help_.grace.mention}" in said(await help_.ada.slash(help_.town.lobby, "ask list"))


async def test_an_ask_is_withdrawn_after_one_question(help_: Help):
    await help_.post(help_.ada, "ask new", **ASK)
    listed = await help_.ada.slash(help_.town.lobby, "ask list")
    asked = await help_.ada.click(last_answer(listed), label="Withdraw")
    await help_.ada.click(last_answer(asked), label="Yes, withdraw it")
    assert "You have not asked for anything" in said(await help_.ada.slash(help_.town.lobby, "ask list"))


async def test_a_long_list_is_paged(help_: Help):
    for number in range(4):
        await help_.post(help_.ada, "offer new", kind="review", topics=f"Topic{number}", at_once="1")
    listed = await help_.ada.slash(help_.town.lobby, "offer list")
    assert "Topic3" in said(listed)
    assert "Topic0" not in said(listed)
    turned = await help_.ada.click(last_answer(listed), label="On (page 1 of 2)")
    assert "Topic0" in said(turned)


async def test_refused_words_are_given_back_and_strangers_told_what_to_do(help_: Help):
    for _ in range(5):
        await help_.post(help_.ada, "ask new", **ASK)
    refused = await help_.post(help_.ada, "ask new", topics="Rust", words="borrowing")
    assert "5 open asks" in said(refused)
    assert "borrowing" in said(refused)
    assert "have not joined" in said(await help_.town.stranger.slash(help_.town.lobby, "ask new", kind="skill"))
    assert "have not joined" in said(await help_.town.moderator.slash(help_.town.lobby, "offer list"))


async def test_two_weeks_later_both_say_privately_what_came_of_it(help_: Help):
    await help_.introduced()
    await help_.town.advance(days=14)
    (thread,) = help_.town.threads()
    (question,) = [each for each in thread.history() if "Did it help?" in words_of(each)]
    helped = await help_.ada.select(question, ["yes"], custom_id=control(question, "introduction-helped"))
    assert helped.ephemeral
    came = last_answer(helped)
    noted = await help_.ada.select(came, ["job"], custom_id=control(came, "introduction-came-of"))
    assert "Noted, without your name: A job" in said(noted)

    async def load(session):
        return (await session.scalars(select(IntroductionOutcome))).all()

    (outcome,) = await help_.town.database.read(load)
    assert (outcome.helped, outcome.came_of) == (Helped.YES, CameOf.JOB)


async def test_who_was_not_helped_opens_the_ask_again(help_: Help):
    await help_.introduced()
    await help_.town.advance(days=14)
    (question,) = [each for each in help_.town.threads()[0].history() if "Did it help?" in words_of(each)]
    not_helped = await help_.ada.select(question, ["no"], custom_id=control(question, "introduction-helped"))
    again = await help_.ada.click(last_answer(not_helped), label="Open my ask again")
    assert "Your ask is up" in said(again)


async def test_who_is_forgotten_is_named_in_the_thread_no_longer(help_: Help):
    await help_.introduced()
    asked = await help_.ada.slash(help_.town.lobby, "privacy erase")
    await help_.ada.click(last_answer(asked), custom_id=control(last_answer(asked), "privacy-erase"))
    await help_.town.env.settle()
    (card,) = [each for each in help_.town.threads()[0].history() if "May I introduce you?" in words_of(each)]
    assert help_.ada.mention not in words_of(card)
    assert help_.grace.mention in words_of(card)


async def test_everything_works_on_after_a_restart(help_: Help):
    """FAILURES F29, F31: a message and a modal from before a restart still do their work."""
    await help_.post(help_.grace, "offer new", **OFFER)
    modal = await help_.ada.slash(help_.town.lobby, "ask new", kind="skill")
    await help_.town.restart()
    await help_.ada.submit_modal(modal, ASK)
    await help_.town.env.settle()
    await help_.say(help_.grace, "Yes, introduce us")
    await help_.say(help_.ada, "Yes, introduce us")
    assert len(help_.town.threads()) == 1
