"""Bringing people along and taking a program along, as moderators do it and as those who are brought along see it."""

import io
import zipfile

import pytest

from bot.domain.states import EnrollmentState
from bot.services.imports import MOST_BYTES
from db.models import Enrollment, PastEncounter
from tests.cogs.test_program import REFUSED, keeper, press, press_twice
from tests.cogs.test_rotation import Scene, begin
from tests.cogs.town import Town, last_answer, said, words_of


@pytest.fixture
async def scene(town: Town) -> Scene:
    return await begin(town, 2)


async def bring(scene: Scene, actor, text: str | bytes, history: str | None = None):
    data = text if isinstance(text, bytes) else text.encode()
    more = {} if history is None else {"history": ("history.csv", history.encode())}
    return await actor.slash(scene.town.lobby, "program import", file=("roster.csv", data), **more)


async def test_people_are_brought_along_after_one_question_and_may_leave_again(scene):
    """FAILURES F38: whoever is enrolled without asking hears of it in private, with a way out."""
    town = scene.town
    ada, bea = town.member("ada"), town.member("bea")
    text = f"member_id,timezone,helps_with\n{ada.id},Europe/Berlin,python\n{bea.id},Nowhere,\n{bea.id},,\n1234,,\n"
    shown = await bring(scene, keeper(town), text)
    assert "People who would join: **2**" in said(shown)
    assert "Row 3, column timezone: expected an IANA time zone such as Europe/Berlin, found Nowhere" in said(shown)
    assert "Row 5, column member\\_id" in said(shown)
    assert len(await scene.rows(Enrollment)) == 2
    first, second = await press_twice(
        town.moderator, last_answer(await bring(scene, town.moderator, text)), "import-sure"
    )
    assert "Joined: 2" in first
    assert "carried out already" in second
    await town.env.settle()
    notice = ada.user.dm_channel.last_message
    assert "A moderator enrolled you in **Peer Circles**" in words_of(notice)
    assert "Welcome to" in said(await press(bea.user, bea.user.dm_channel.last_message, "import-stay"))
    assert "You are out of" in said(await press(ada.user, notice, "import-leave"))
    states = [row.state for row in await scene.rows(Enrollment)]
    assert states.count(EnrollmentState.LEFT) == 1
    assert "who left comes back by /circle join alone" in said(await bring(scene, town.moderator, text))


async def test_whom_people_had_met_is_shown_before_it_is_kept(scene):
    town = scene.town
    ada, bea = town.member("ada"), town.member("bea")
    roster, header = f"member_id\n{ada.id}\n{bea.id}\n", "rotation,circle,member_id\n"
    history = f"{header}1,a,{ada.id}\n1,a,{bea.id}\n1,a,{town.stranger.id}\nfirst,a,{bea.id}\n"
    shown = await bring(scene, town.moderator, roster, history)
    assert "one past encounter of 2 people in 1 rotation would count" in said(shown)
    assert "One row is about somebody who never joined" in said(shown)
    assert "Row 5, column rotation: expected a whole number, larger for later rotations, found first" in said(shown)
    assert not await scene.rows(PastEncounter)
    done = await press(town.moderator, last_answer(shown), "import-sure")
    assert "One past encounter counts from now on" in said(done)
    assert len(await scene.rows(PastEncounter)) == 1
    again = said(await bring(scene, town.moderator, roster, history))
    assert "One is known already." in again
    assert "nothing to carry out" in again
    assert "column circle: expected a column of this name" in said(
        await bring(scene, town.moderator, roster, "rotation,member_id\n")
    )
    assert REFUSED in said(await bring(scene, town.stranger, roster, history))


async def test_many_problems_come_as_a_file_and_no_table_is_refused_in_words(scene):
    town = scene.town
    shown = await bring(scene, town.moderator, "member_id\n" + "nobody\n" * 30)
    (file,) = last_answer(shown).attachments
    assert (await file.read()).decode().count("a Discord user id") == 30
    assert "nothing to carry out" in said(shown)
    refused = said(await bring(scene, town.moderator, "name\nAda\n"))
    assert "column member\\_id: expected a column of this name" in refused
    assert "at most 1 MB" in said(await bring(scene, town.moderator, b"x" * (MOST_BYTES + 1)))


async def test_an_export_comes_as_one_file_to_moderators_only(scene):
    """FAILURES F36: permission is checked on the server side."""
    town = scene.town
    exported = await town.moderator.slash(town.lobby, "program export")
    (file,) = last_answer(exported).attachments
    with zipfile.ZipFile(io.BytesIO(await file.read())) as archive:
        assert str(scene.members[0].id) in archive.read("members.csv").decode("utf-8-sig")
    for actor in (scene.members[0], town.stranger):
        assert REFUSED in said(await actor.slash(town.lobby, "program export"))
        assert REFUSED in said(await bring(scene, actor, "member_id\n"))
