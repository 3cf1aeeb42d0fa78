"""Leaving well: one question that may be skipped, and a way back to everything."""

import json
from dataclasses import replace

import pytest

from bot.domain.goals import GoalPath, Outcome
from bot.domain.states import EnrollmentState, ExitReason
from bot.errors import Conflict, NotFound
from bot.services import avoid, exits, goals, history, people, privacy, wins
from bot.services.goals import Wording
from bot.services.people import Profile
from bot.services.wins import Said
from db.models import Enrollment, ExitWord
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, Season

NOW = START + DAY
MINE = Profile("Europe/Berlin", "python, SQL", "negotiation", "German", "senior", 0b1011)


async def leave(season: Season, user: int = 1, reason: ExitReason | None = None, now=NOW) -> None:
    await people.leave(season.database, GUILD, season.program_id, user, now)
    if reason is not None:
        await exits.say_why(season.database, GUILD, season.program_id, user, reason, now)


async def words(season: Season) -> list[tuple[ExitReason, str]]:
    return [(row.reason, row.words) for row in await season.rows(ExitWord)]


async def test_whoever_skips_the_question_leaves_no_word(season: Season):
    await leave(season)
    assert await words(season) == []


async def test_a_changed_answer_takes_the_place_of_the_one_before(season: Season):
    await leave(season, reason=ExitReason.TIME)
    await exits.add_words(season.database, GUILD, season.program_id, 1, "  a new job ")
    await exits.say_why(season.database, GUILD, season.program_id, 1, ExitReason.DID_NOT_MEET, NOW + HOUR)
    assert await words(season) == [(ExitReason.DID_NOT_MEET, "a new job")]


async def test_a_second_leaving_has_a_word_of_its_own(season: Season):
    await leave(season, reason=ExitReason.TIME)
    await people.join(season.database, GUILD, season.program_id, 1, Profile(), NOW + HOUR)
    await leave(season, reason=ExitReason.GOT_IT, now=NOW + DAY)
    assert await words(season) == [(ExitReason.TIME, ""), (ExitReason.GOT_IT, "")]


async def test_only_whoever_left_is_asked(season: Season):
    with pytest.raises(Conflict):
        await exits.say_why(season.database, GUILD, season.program_id, 2, ExitReason.TIME, NOW)
    with pytest.raises(NotFound):
        await exits.say_why(season.database, GUILD, season.program_id, 99, ExitReason.TIME, NOW)
    await leave(season)
    with pytest.raises(NotFound):
        await exits.add_words(season.database, GUILD, season.program_id, 1, "words without a reason")


async def test_of_fewer_than_five_people_no_word_is_told(season: Season):
    for user in range(5, 10):
        await people.join(season.database, GUILD, season.program_id, user, Profile(), START)
        await leave(season, user, ExitReason.TIME)
        assert await exits.list_words(season.database, GUILD, season.program_id) == ()
        await exits.add_words(season.database, GUILD, season.program_id, user, f"words {10 - user}")
    assert await exits.list_words(season.database, GUILD, season.program_id) == (), "words wait for the week's end"
    await season.run(START + WEEK)
    told = await exits.list_words(season.database, GUILD, season.program_id)
    assert told == ("words 1", "words 2", "words 3", "words 4", "words 5")
    with pytest.raises(NotFound):
        await exits.list_words(season.database, GUILD + 1, season.program_id)


async def test_coming_back_restores_everything(season: Season):
    database, program = season.database, season.program_id
    await people.edit_profile(database, GUILD, 1, MINE)
    await people.set_hours_on(database, GUILD, 1, (0,), (9, 10))
    await people.toggle_facilitates(database, GUILD, program, 1)
    await avoid.add_avoid(database, GUILD, 1, 3)
    aim = Wording(GoalPath.SKILL, "lead a review", "ask Grace", NOW.date() + 20 * DAY)
    goal = await goals.add(database, GUILD, program, 1, aim, NOW)
    await goals.note(database, GUILD, goal.id, 1, "half of it is done", "", NOW)
    done = await goals.add(database, GUILD, program, 1, aim, NOW)
    await goals.reach(database, GUILD, done.id, 1, Outcome.TALK, NOW)
    await wins.add(database, GUILD, 1, Said("a talk", "a second invitation", NOW.date()), NOW)
    aims = await goals.list_goals(database, GUILD, 1, NOW)
    file = await wins.get_evidence(database, GUILD, 1, NOW)
    kept = await people.get_member(database, GUILD, 1)
    past = await history.list_history(database, GUILD, 1)
    await leave(season, reason=ExitReason.TIME)
    # The modal of /circle join is filled with what is kept, so submitting it as it stands gives the same profile.
    offered = (await people.get_member(database, GUILD, 1)).profile
    await people.join(database, GUILD, program, 1, offered, NOW + 300 * DAY)
    assert await people.get_member(database, GUILD, 1) == kept
    assert await avoid.list_avoids(database, GUILD, 1) == (3,)
    assert [goal.said for goal in aims] == [replace(aim, next_step=""), aim]
    assert await goals.list_goals(database, GUILD, 1, NOW) == aims
    assert await wins.get_evidence(database, GUILD, 1, NOW) == file
    assert await history.list_history(database, GUILD, 1) == past
    (row,) = await season.rows(Enrollment, Enrollment.person_id == 1)
    assert (row.state, row.left_at) == (EnrollmentState.ACTIVE, None)


async def test_words_on_leaving_can_be_taken_along_and_erased(season: Season):
    await leave(season, reason=ExitReason.OTHER)
    await exits.add_words(season.database, GUILD, season.program_id, 1, "moving to Oslo")
    exported = await privacy.export(season.database, 1, NOW)
    assert "moving to Oslo" in json.dumps(exported)
    await privacy.erase(season.database, 1, GUILD, NOW)
    assert await words(season) == []
