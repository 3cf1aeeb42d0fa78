from sqlalchemy import select

from bot.services import programs, rotations
from bot.services.feedback import AGAIN, RATHER_NOT, Said, read_feedback
from bot.services.problems import build_problem
from db.models import Feedback, Person, Program
from tests.cogs.test_checkin import begin, pass_weeks
from tests.cogs.town import Town, control, last_answer, said


async def farewell_of(town: Town):
    """Let one circle of three live through its rotation; return it, and what its first member is asked privately."""
    week = await begin(town, rotation_weeks=1)
    await pass_weeks(week, *week.members, weeks=1)
    asked = await week.members[0].click(week.message("Did you meet?"), label="Once")
    return week, last_answer(asked)


async def kept(town: Town) -> list[Said]:
    """Return everything that was said privately, the oldest first."""

    async def load(session):
        return [read_feedback(row.said) for row in await session.scalars(select(Feedback).order_by(Feedback.id))]

    return await town.database.read(load)


async def test_a_member_says_privately_with_whom_to_share_a_circle_again(town: Town):
    week, asked = await farewell_of(town)
    ada, grace, mary = week.members
    noted = await ada.select(asked, [grace], custom_id=control(asked, "feedback-again"))
    assert "Noted, privately" in said(noted)
    await ada.select(asked, [mary], custom_id=control(asked, "feedback-rather-not"))
    assert [each.wish for each in await kept(town)] == [AGAIN, RATHER_NOT]


async def test_a_private_word_reaches_formation_and_a_taken_back_one_does_not(town: Town):
    week, asked = await farewell_of(town)
    ada, grace, mary = week.members
    await ada.select(asked, [grace, mary], custom_id=control(asked, "feedback-rather-not"))
    await ada.select(asked, [mary], custom_id=control(asked, "feedback-rather-not"))

    async def problem(session):
        people = list(await session.scalars(select(Person).order_by(Person.id)))
        program = await session.get_one(Program, week.program_id)
        return [person.user_id for person in people], await build_problem(session, program, people, 3, town.now, 1)

    users, built = await town.database.read(problem)
    assert [(each.about, each.wish) for each in built.feedback] == [(str(users.index(mary.id) + 1), RATHER_NOT)]


async def test_only_circle_mates_can_be_spoken_of(town: Town):
    week, asked = await farewell_of(town)
    result = await week.members[0].select(asked, [town.stranger], custom_id=control(asked, "feedback-again"))
    assert "Please choose people of this circle." in said(result)
    assert await kept(town) == []


async def test_a_preview_never_tells_what_was_said_privately(town: Town):
    week, asked = await farewell_of(town)
    ada, grace, mary = week.members

    async def preview() -> str:
        draft = await rotations.draft_rotation(
            town.database, town.app.context.world, town.guild.id, week.program_id, town.now, 5
        )
        shown = await town.moderator.slash(town.lobby, "rotation preview")
        assert draft.id
        return said(shown)

    before = await preview()
    await ada.select(asked, [grace, mary], custom_id=control(asked, "feedback-rather-not"))
    assert await preview() == before
    assert (await programs.get_card(town.database, town.guild.id, week.program_id)).notices == ()
