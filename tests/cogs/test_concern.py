"""Concerns as reporters and moderators meet them on Discord."""

import logging
import re
from dataclasses import dataclass

import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from bot.logs import LEAST
from bot.services import concerns
from db.models import ConcernDigest
from tests.cogs.town import Town, custom_ids, last_answer, said, words_of

WORDS = "the men in my team are paid more"
GIVEN = {"kind": "barrier", "theme": ["pay"], "words": WORDS, "readers": "moderators"}
CODE = r"[2-9a-z]{4}(?:-[2-9a-z]{4}){4}"


@dataclass
class Office:
    """A town with a program, two members, and a moderator who has the program's role only."""

    town: Town
    program_id: int
    ada: MemberActor
    grace: MemberActor
    mod: MemberActor

    async def raise_one(self, name: str = "Without my name", **changes) -> InteractionResult:
        """Raise a concern as ada does."""
        shown = await self.ada.slash(self.town.lobby, "concern report")
        modal = await self.ada.click(last_answer(shown), label=name)
        return await self.ada.submit_modal(modal, GIVEN | changes)

    async def read(self, member: MemberActor | None = None) -> InteractionResult:
        """Read the list as a moderator does."""
        return await (member or self.mod).slash(self.town.lobby, "concern list")

    async def answer(self, words: str) -> InteractionResult:
        """Answer the concern that is shown first."""
        modal = await self.mod.click(last_answer(await self.read()), label="Answer")
        return await self.mod.submit_modal(modal, {"words": words})


async def join(town: Town, name: str) -> MemberActor:
    member = town.member(name)
    await member.submit_modal(await member.slash(town.lobby, "circle join", zone="UTC"), {})
    return member


@pytest.fixture
async def office(town: Town) -> Office:
    changes = {"moderator_role_id": town.mod_role.id, "moderator_channel_id": town.mod_channel.id}
    program_id = await town.start_program(zone="UTC", **changes)
    ada, grace = await join(town, "ada"), await join(town, "grace")
    mod = town.guild.add_member(town.env.create_user("mod"), roles=[town.mod_role])
    return Office(town, program_id, ada, grace, mod)


def code_of(result: InteractionResult) -> str:
    return re.findall(CODE, said(result))[0]


async def test_without_a_name_the_answer_comes_by_the_code_and_nothing_else_knows(office: Office, caplog):
    """FAILURES F36, F37: no message, control or log line names the author; moderators hear later."""
    caplog.set_level(logging.DEBUG)
    for name, least in LEAST.items():
        caplog.set_level(least, name)
    receipt = await office.raise_one()
    code = code_of(receipt)
    assert last_answer(receipt).ephemeral
    await office.town.due()
    assert not office.town.mod_channel.history()
    await office.town.advance(hours=2)
    (notice,) = office.town.mod_channel.history()
    assert "raised a concern" in words_of(notice)
    read = await office.read()
    assert WORDS in said(read)
    assert "gives no name" in said(read)
    shown = said(read) + "".join(custom_ids(last_answer(read))) + words_of(notice) + "".join(custom_ids(notice))
    assert not [each for each in (str(office.ada.id), "ada", code) if each in shown]
    assert "whoever holds the code" in said(await office.answer("we look into it"))
    seen = await office.ada.slash(office.town.lobby, "concern answer", code=code.upper())
    assert "we look into it" in said(seen)
    modal = await office.ada.click(last_answer(seen), label="Write back")
    back = await office.ada.submit_modal(modal, {"words": "it got better"})
    assert "it got better" in said(back)
    assert "it got better" in said(await office.read())
    assert not [each for each in (str(office.ada.id), WORDS, code) if each in caplog.text]


async def test_by_name_moderators_hear_at_once_and_the_answer_is_a_direct_message(office: Office):
    """FAILURES F12: the answer goes to the reporter's direct messages and nowhere else."""
    kept = await office.raise_one("By name")
    assert "direct message" in said(kept)
    await office.town.due()
    assert len(office.town.mod_channel.history()) == 1
    assert f"<@{office.ada.id}>" in said(await office.read())
    await office.answer("let us talk on Monday")
    await office.town.due()
    letter = office.ada.user.dm_channel.last_message
    assert "let us talk on Monday" in words_of(letter)
    mine = await office.ada.user.click(letter, label="Read all of it, or write back")
    assert "let us talk on Monday" in said(mine)
    modal = await office.ada.user.click(last_answer(mine), label="Write back")
    assert "thank you" in said(await office.ada.user.submit_modal(modal, {"words": "thank you"}))
    assert "You raised none by name" in said(await office.grace.slash(office.town.lobby, "concern mine"))


async def test_whom_it_is_about_and_whom_it_is_kept_from_do_not_see_it(office: Office):
    await office.raise_one(about=[office.mod], kind="person")
    assert "no concern that you may read" in said(await office.read())
    assert WORDS in said(await office.read(office.town.moderator))
    await office.raise_one(readers="admins", words="about how this is led")
    assert "no concern that you may read" in said(await office.read())


async def test_members_and_strangers_read_none_and_strangers_raise_none(office: Office):
    """FAILURES F36: checked at the command and at each click."""
    await office.raise_one()
    refused = said(await office.read(office.grace))
    assert WORDS not in refused
    assert "Manage Server" in refused
    stranger = await office.town.stranger.slash(office.town.lobby, "concern report")
    assert "takes part" in said(stranger)
    wrong = await office.grace.slash(office.town.lobby, "concern answer", code="2222-2222-2222-2222-2222")
    assert "no such concern" in said(wrong)


async def test_closing_asks_once_and_taking_back_deletes(office: Office):
    code = code_of(await office.raise_one())
    asked = await office.mod.click(last_answer(await office.read()), label="Close")
    assert "30 more days" in said(asked)
    assert "closed" in said(await office.mod.click(last_answer(asked), label="Close"))
    assert "Closed on" in said(await office.read())
    seen = await office.ada.slash(office.town.lobby, "concern answer", code=code)
    asked = await office.ada.click(last_answer(seen), label="Take it back")
    assert "deleted" in said(await office.ada.click(last_answer(asked), label="Delete it"))
    assert "no concern that you may read" in said(await office.read())


async def test_the_list_pages_and_the_fourth_of_a_week_is_refused(office: Office):
    for number in range(3):
        await office.raise_one(words=f"concern {number}")
    first = await office.read()
    seen = {said(first)}
    for page in (1, 2):
        shown = await office.mod.click(last_answer(first), custom_id=f"pc:concern-page-on:{page}:{office.program_id}")
        seen.add(said(shown))
    assert len({words for words in seen if any(f"concern {number}" in words for number in range(3))}) == 3
    assert "which is the most" in said(await office.raise_one())


async def test_a_long_conversation_pages_and_no_log_line_could_take_its_code(office: Office):
    """FAILURES F37: what is logged of a failed click is its custom_id up to the last colon."""
    code = code_of(await office.raise_one(words="first" + "." * 990))
    for number in range(4):
        await concerns.write_back(office.town.app.context.surveys, code, f"{number}" + "." * 990, office.town.now)
    shown = await office.ada.slash(office.town.lobby, "concern answer", code=code)
    assert "first" not in said(shown)
    for page in (1, 0):
        turned = f"pc:concern-receipt-back:{page}:{code}"
        shown = await office.ada.click(last_answer(shown), custom_id=turned)
    assert "first" in said(shown)
    assert not [each for each in custom_ids(last_answer(shown)) if code in each.rpartition(":")[0]]


async def test_a_digest_stands_in_the_lobby_and_offers_to_raise_a_concern(office: Office):
    town = office.town

    async def wait(session):
        session.add(ConcernDigest(program_id=office.program_id, quarter="2025-Q4", due_at=town.now))

    await town.database.write(wait)
    await town.due()
    (digest,) = [each for each in town.lobby.history() if "What stands in the way" in words_of(each)]
    assert "quarter 4 of 2025" in words_of(digest)
    assert "Too few members" in words_of(digest)
    opened = await office.ada.click(digest, label="Raise a concern")
    assert "Without my name" in said(opened)
