"""How a program fares, read from a season that ran, and the picture that is drawn of it."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from bot.dashboard import dashboard_png
from bot.domain.health import Health
from bot.domain.states import MeetingHow, MeetingState, Met
from bot.errors import NotFound
from bot.instruments import load_instruments
from bot.services import answers, farewells, health, people, programs
from bot.services.people import Profile
from bot.services.posts import Reflection
from db.models import CheckIn, Delivery, Goal, HealthWeek, Meeting, MeetingWord, Membership, Person
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, Season, start_season

SHIPPED = load_instruments()


async def read(season: Season, now=START + 3 * WEEK) -> Health:
    return await health.get_health(season.database, SHIPPED, GUILD, season.program_id, now)


async def answer_all(season: Season, now, users: range) -> None:
    """Let some users answer whatever check-in is open for them."""
    for user in users:
        for form in await answers.list_forms(season.database, GUILD, user, now):
            await answers.save(season.database, form.checkin_id, user, Reflection(3), now)


async def test_who_takes_part_is_kept_week_by_week_when_checkins_open(database):
    season = await start_season(database, 8)
    await season.happen(START)
    await people.pause(database, GUILD, season.program_id, 1, None, START + DAY)
    await people.leave(database, GUILD, season.program_id, 2, START + DAY)
    await season.happen(START + WEEK)
    await season.happen(START + WEEK + HOUR)
    found = await read(season, START + 2 * WEEK)
    assert [(week.at, week.active, week.paused, week.left) for week in found.people] == [
        (START, 8, 0, 0),
        (START + WEEK, 6, 1, 1),
    ]
    assert (found.now.active, found.now.paused, found.now.left, found.joined) == (6, 1, 1, 8)
    assert len(await season.rows(HealthWeek)) == 2


async def test_answers_encounters_and_meetings_are_counted_as_they_happened(database):
    season = await start_season(database, 12, size_least=5, size_wanted=6, rotation_weeks=2)
    await season.happen(START)
    await answer_all(season, START + HOUR, range(1, 10))
    (farewell, *_) = await closed_rotation(season)
    await farewells.say_met(database, farewell.key, await someone_in(season, farewell.circle_id), Met.YES)
    found = await read(season)
    assert [(week.asked, week.answered) for week in found.response][:2] == [(12, 9), (12, 0)]
    assert sum(round(share * 6) for share in found.response[0].shares) == 9
    first, second = found.rotations
    assert (first.people, first.circles, first.told, first.met) == (12, 2, 1, 1)
    assert (first.first, first.again) == (30, 0)
    assert second.first + second.again == 30
    assert found.grid.rotation == 2
    assert len(found.grid.rows) == 2


async def closed_rotation(season: Season) -> list[Delivery]:
    """Let the first rotation end; return its circles' farewells."""
    for now in (START + 4 * DAY, START + WEEK, START + 11 * DAY, START + 2 * WEEK):
        await season.happen(now)
    return await season.rows(Delivery, Delivery.kind == "farewell")


async def someone_in(season: Season, circle_id: int | None) -> int:
    seat = (await season.rows(Membership, Membership.circle_id == circle_id))[0]
    (person,) = await season.rows(Person, Person.id == seat.person_id)
    return person.user_id


async def test_a_word_on_a_meeting_counts_like_a_farewells(database):
    season = await start_season(database, 6, size_wanted=6)
    await season.happen(START)

    async def write(session):
        meeting = Meeting(
            circle_id=1, proposer_id=1, state=MeetingState.FIXED, uid="x", decide_at=START, created_at=START,
            changed_at=START, starts_at=START,
        )  # fmt: skip
        session.add(meeting)
        await session.flush()
        session.add(MeetingWord(meeting_id=meeting.id, person_id=1, how=MeetingHow.WELL, said_at=START))

    await database.write(write)
    (rotation,) = (await read(season, START + DAY)).rotations
    assert (rotation.told, rotation.met) == (1, 1)


async def test_goals_are_told_where_five_people_or_more_stand_behind_them(database):
    season = await start_season(database, 12)
    await write_goals(season, [("skill", person, "talk") for person in range(1, 7)])
    found = await read(season)
    assert (found.goals_done.total, found.goals_done.parts) == (6, (("skill", 6),))
    assert (found.outcomes.total, found.outcomes.parts) == (6, (("talk", 6),))
    await write_goals(season, [("venture", 7, "venture")])
    found = await read(season)
    assert (found.goals_done.total, found.goals_done.parts, found.goals_done.hidden) == (7, (), True)


async def write_goals(season: Season, goals: list[tuple[str, int, str]]) -> None:
    async def write(session):
        for path, person, outcome in goals:
            session.add(
                Goal(
                    program_id=season.program_id, person_id=person, path=path, outcome=outcome, aim="x",
                    by=START.date(), state="done", created_at=START, done_at=START + DAY,
                )
            )  # fmt: skip

    await season.database.write(write)


async def test_who_stays_is_estimated_by_the_month_of_joining(database):
    season = await start_season(database, 12)
    for user in range(1, 4):
        await people.leave(database, GUILD, season.program_id, user, START + 2 * WEEK)
    for user in range(50, 56):
        await people.join(database, GUILD, season.program_id, user, Profile(), START + 5 * WEEK)
    everybody, november, december = (await read(season, START + 8 * WEEK)).cohorts
    assert (everybody.people, everybody.still) == (18, 15)
    assert (november.month.month, november.people, november.still) == (11, 12, 9)
    assert (december.people, december.steps) == (6, ())
    (step,) = november.steps
    assert (step.days, step.at_risk, step.share) == (15, 12, 0.75)
    # Those who joined late are at risk on day 15 too: they have stayed longer by now.
    assert everybody.steps[0].at_risk == 18


async def test_a_program_of_four_shows_no_figure_at_all(season):
    found = await read(season)
    assert found.is_small
    assert (found.response, found.grid, found.rotations, found.cohorts, found.pulses) == ((), None, (), (), ())


async def test_another_guild_reads_nothing(season):
    with pytest.raises(NotFound):
        await health.get_health(season.database, SHIPPED, GUILD + 1, season.program_id, START)


async def test_a_program_that_is_over_keeps_nobody_any_longer(database):
    season = await start_season(database, 6)
    await season.happen(START)
    await programs.archive_program(database, GUILD, season.program_id, START + WEEK)
    (everybody, *_) = (await read(season, START + 50 * WEEK)).cohorts
    assert everybody.longest_days < 40


async def test_the_picture_is_1200_points_wide_and_drawn_from_the_first_day_on(database):
    season = await start_season(database, 12)
    sizes = [picture(await read(season, START - HOUR))]
    await season.happen(START)
    await answer_all(season, START + HOUR, range(1, 9))
    await write_goals(season, [("skill", person, "talk") for person in range(1, 9)] + [("leading", 1, "other")])
    assert (await read(season, START + DAY)).response == ()  # what is still open tells nothing yet
    await season.happen(START + 4 * DAY)
    await people.leave(database, GUILD, season.program_id, 3, START + 9 * DAY)
    found = await read(season, START + 2 * WEEK)
    assert (await season.rows(CheckIn))[0].opened_at == found.response[0].opened_at
    sizes.append(picture(found))
    crowded = replace(
        found, response=found.response * 26, rotations=found.rotations * 12, people=found.people * 26, program="x" * 90
    )
    sizes.append(picture(crowded))
    assert {width for width, _ in sizes} == {1200}
    assert len({height for _, height in sizes}) == 1


def picture(found: Health) -> tuple[int, int]:
    return Image.open(BytesIO(dashboard_png(found, "en"))).size
