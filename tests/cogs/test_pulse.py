"""Pulses as members meet them: consent, answering page by page, their own trend, and the way out."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from simcord.actors import MemberActor

from tests.cogs.town import Message, Town, control, last_answer, said, words_of

NAMES = ("ada", "grace", "mary", "joan", "radia", "hedy")
PAGE = {"0": "4", "1": "5", "2": "3", "3": "4"}


@dataclass
class Wave:
    """A town of six in two circles, on the day on which the first pulses open."""

    town: Town
    program_id: int
    members: list[MemberActor]

    @property
    def ada(self) -> MemberActor:
        """The member whose eyes the tests look through."""
        return self.members[0]

    def invitation(self, member: MemberActor, title: str = "Task confidence") -> Message:
        """Return the invitation in a member's own circle."""
        for thread in self.town.threads():
            for message in thread.history():
                words = words_of(message)
                if "Pulse: " + title in words and any(member.mention in words_of(each) for each in thread.history()):
                    return message
        raise AssertionError("no invitation")

    async def agree(self, member: MemberActor, title: str = "Task confidence"):
        """Press the button and consent; return what shows the first page."""
        asked = await member.click(self.invitation(member, title), label="Answer privately")
        return await member.click(last_answer(asked), label="I am 18 or older and consent")

    async def answer(self, member: MemberActor, given: dict[str, str] | None = None):
        """Consent and answer the four statements of task confidence."""
        return await member.submit_modal(await self.agree(member), PAGE if given is None else given)


async def join(town: Town, name: str) -> MemberActor:
    member = town.member(name)
    modal = await member.slash(town.lobby, "circle join", zone="Europe/Berlin")
    await member.submit_modal(modal, {})
    return member


@pytest.fixture
async def wave(town: Town) -> Wave:
    first = town.now.date() + timedelta(days=1)
    program_id = await town.start_program(
        zone="UTC",
        first_day=first,
        checkin_weekday=first.weekday(),
        checkin_hour=9,
        auto_publish=True,
        size_wanted=3,
        size_most=3,
        rotation_weeks=4,
    )
    members = [await join(town, name) for name in NAMES]
    await town.advance(days=1, hours=12)
    await town.advance(days=7)
    return Wave(town, program_id, members)


async def test_the_whole_of_it(wave: Wave):
    for member in wave.members:
        shown = await wave.answer(member)
        assert "All pages" in said(shown)
    await wave.town.advance(days=5)
    words = said(await wave.town.moderator.slash(wave.town.lobby, "pulses results"))
    assert "Mean" in words, words
    print(words)
    trend = await wave.ada.slash(wave.town.lobby, "pulse trend")
    print(said(trend))
    assert last_answer(trend).attachments
