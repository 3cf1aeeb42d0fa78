"""Leaving and coming back, as a member meets it."""

from datetime import timedelta

from sqlalchemy import select

from bot.domain.goals import GoalPath
from bot.domain.states import ExitReason
from bot.services import avoid, exits, goals, people, wins
from bot.services.goals import Wording
from bot.services.wins import Said
from db.models import ExitWord
from tests.cogs.town import Town, control, last_answer, said

FILLED = {"helps_with": "python", "wants_help_with": "negotiation", "languages": "German"}


async def words_kept(town: Town) -> list[tuple[str, str]]:
    async def load(session):
        return [(row.reason.value, row.words) for row in await session.scalars(select(ExitWord))]

    return await town.database.read(load)


async def leave(town: Town, member):
    asked = await member.slash(town.lobby, "circle leave")
    return await member.click(last_answer(asked), label="Yes, leave")


async def test_one_question_is_asked_and_everything_is_there_on_the_way_back(town: Town):
    program_id = await town.start_program(zone="UTC")
    ada, grace = town.member("ada"), town.member("grace")
    await ada.submit_modal(await ada.slash(town.lobby, "circle join", zone="Europe/Berlin"), FILLED)
    await ada.slash(town.lobby, "circle avoid add", member=grace)
    today = town.now.date()
    aim = Wording(GoalPath.SKILL, "lead a review", "ask Grace", today)
    await goals.add(town.database, town.guild.id, program_id, ada.id, aim, town.now)
    await wins.add(town.database, town.guild.id, ada.id, Said("gave a talk", "", today), town.now)
    before = await people.get_member(town.database, town.guild.id, ada.id)

    gone = await leave(town, ada)
    assert "May we ask why?" in said(gone)
    reasons = last_answer(gone)
    noted = await ada.select(reasons, ["time"], custom_id=control(reasons, "exit-reason"))
    assert "I have too little time" in said(noted)
    modal = await ada.click(last_answer(noted), label="Add a few words")
    thanks = await ada.submit_modal(modal, {"words": "a new job"})
    assert "Thank you" in said(thanks)
    assert await words_kept(town) == [("time", "a new job")]

    back = await ada.slash(town.lobby, "circle join", zone="Europe/Berlin")
    filled = {each["component"]["custom_id"]: each["component"].get("value") for each in back.modal["components"]}
    assert {name: filled[name] for name in FILLED} == FILLED
    await ada.submit_modal(back, FILLED)
    assert await people.get_member(town.database, town.guild.id, ada.id) == before
    assert await avoid.list_avoids(town.database, town.guild.id, ada.id) == (grace.id,)
    assert "lead a review" in said(await ada.slash(town.lobby, "goal list"))
    assert "gave a talk" in said(await ada.slash(town.lobby, "win list"))


async def test_skipping_stores_nothing(town: Town):
    await town.start_program(zone="UTC")
    ada = town.member("ada")
    await ada.submit_modal(await ada.slash(town.lobby, "circle join", zone="Europe/Berlin"), FILLED)
    skipped = await ada.click(last_answer(await leave(town, ada)), label="Skip")
    assert "/circle join" in said(skipped)
    assert await words_kept(town) == []


async def test_moderators_read_what_five_wrote_beside_the_programs_health_and_members_do_not(town: Town):
    due = town.now + timedelta(hours=1)
    week = {"first_day": due.date(), "checkin_hour": due.hour, "checkin_weekday": due.weekday()}
    program_id = await town.start_program(zone="UTC", **week)
    for user in range(1, 7):
        await people.join(town.database, town.guild.id, program_id, user, people.Profile(), town.now)
        await people.leave(town.database, town.guild.id, program_id, user, town.now)
        await exits.say_why(town.database, town.guild.id, program_id, user, ExitReason.TIME, town.now)
        await exits.add_words(town.database, town.guild.id, program_id, user, f"because {user}")
    await town.advance(hours=1)
    shown = last_answer(await town.moderator.slash(town.lobby, "program health"))
    read = said(await town.moderator.click(shown, label="What people wrote when they left"))
    assert all(f"because {user}" in read for user in range(1, 7))
