"""How a program fares, read from a season that ran, and the picture that is drawn of it."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from bot.dashboard import dashboard_png
from bot.domain.health import Health, PulseHealth
from bot.domain.states import (
    CameOf,
    Direction,
    ExitReason,
    Helped,
    HelpKind,
    IntroductionState,
    MeetingHow,
    MeetingState,
    Met,
)
from bot.domain.survey.trend import Point, build_trend
from bot.errors import NotFound
from bot.instruments import load_instruments
from bot.services import answers, exits, farewells, health, people, privacy, programs
from bot.services.people import Profile
from bot.services.posts import Reflection
from db.models import (
    CheckIn,
    Delivery,
    Goal,
    HealthWeek,
    HelpPost,
    Introduction,
    IntroductionOutcome,
    Meeting,
    MeetingWord,
    Membership,
    Person,
)
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
    assert (await read(season)).goals_done.until is None, "nothing is told before the week is over"
    await season.happen(START + WEEK)
    found = await read(season)
    assert (found.goals_done.parts, found.goals_done.rest, found.goals_set.total) == ((("skill", 6),), 0, 6)
    assert (found.outcomes.parts, found.outcomes.until) == ((("talk", 6),), START + WEEK)


async def test_looking_on_two_days_tells_of_nobody(database):
    """Whoever looks each day, and knows who did what in between, finds nobody behind a difference."""
    season = await start_season(database, 12)
    await write_goals(season, [("skill", person, "promotion") for person in range(1, 7)])
    for person in range(1, 6):
        await leave(season, person, ExitReason.TIME, START)
    await season.happen(START + WEEK)
    seen = [figures(await read(season, START + WEEK))]
    await write_goals(season, [("venture", 8, "venture")], START + WEEK + HOUR)
    await leave(season, 6, ExitReason.OTHER, START + WEEK + HOUR)
    await privacy.erase(database, 1, GUILD, START + WEEK + 2 * HOUR)
    for days in range(8, 60):
        await season.happen(START + days * DAY)
        seen.append(figures(await read(season, START + days * DAY)))
    assert set(seen) == {seen[0]}, "one more goal, one more word and one erasure move no figure"
    await write_goals(season, [("venture", person, "venture") for person in range(7, 12)], START + 60 * DAY)
    await season.happen(START + 9 * WEEK)
    found = await read(season, START + 9 * WEEK)
    assert found.goals_done.parts == (("skill", 6), ("venture", 6))


def figures(found: Health) -> tuple[object, ...]:
    return (found.goals_set, found.goals_done, found.outcomes, found.exits, found.help)


async def leave(season: Season, user: int, reason: ExitReason, now) -> None:
    await people.leave(season.database, GUILD, season.program_id, user, now)
    await exits.say_why(season.database, GUILD, season.program_id, user, reason, now)


async def test_what_still_waits_is_told_together_when_the_program_ends(database):
    season = await start_season(database, 12)
    await season.happen(START)
    paths = ("skill", "venture", "skill", "leading", "skill")
    await write_goals(season, [(path, person, "other") for person, path in enumerate(paths, start=1)])
    await programs.archive_program(database, GUILD, season.program_id, START + 2 * DAY)
    found = await read(season, START + WEEK)
    assert (found.goals_done.parts, found.goals_done.rest, found.outcomes.parts) == ((), 5, (("other", 5),))


async def test_asks_offers_and_what_came_of_them_are_told(database):
    season = await start_season(database, 12)

    async def write(session):
        for number in range(1, 6):
            posts = [
                HelpPost(program_id=season.program_id, person_id=person, direction=direction, kind=HelpKind.SKILL,
                         created_at=START, expires_at=START + WEEK)
                for person, direction in ((number, Direction.ASK), (number + 5, Direction.OFFER))
            ]  # fmt: skip
            session.add_all(posts)
            await session.flush()
            made = Introduction(
                program_id=season.program_id, ask_id=posts[0].id, offer_id=posts[1].id, asker_id=number,
                helper_id=number + 5, state=IntroductionState.INTRODUCED, proposed_at=START, introduced_at=START,
            )  # fmt: skip
            session.add(made)
            await session.flush()
            for person in (number, number + 5):
                session.add(IntroductionOutcome(
                    introduction_id=made.id, person_id=person, helped=Helped.YES, came_of=CameOf.CONTACT,
                    reported_at=START + DAY,
                ))  # fmt: skip

    await database.write(write)
    await season.happen(START + WEEK)
    help_ = (await read(season)).help
    assert (help_.posts.parts, help_.introductions.total) == ((("ask", 5), ("offer", 5)), 5)
    assert (help_.helped.parts, help_.came_of.parts) == ((("yes", 5),), (("contact", 5),))


async def write_goals(season: Season, goals: list[tuple[str, int, str]], now=START) -> None:
    async def write(session):
        for path, person, outcome in goals:
            session.add(
                Goal(
                    program_id=season.program_id, person_id=person, path=path, outcome=outcome, aim="x",
                    by=START.date(), state="done", created_at=now, done_at=now, outcome_at=now,
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


async def test_no_words_of_a_pulse_run_out_of_the_picture(database):
    found = await read(await start_season(database, 12), START)
    trend = build_trend([Point("12 Jan", 3.1, 2.8, 3.4)], next(iter(SHIPPED.values())).scale)
    pulses = (PulseHealth("Psychological safety " * 3, trend, 1, 150, "120 to 124"),) * 3
    drawn = Image.open(BytesIO(dashboard_png(replace(found, pulses=pulses), "en"))).convert("L")
    assert drawn.crop((1170, 0, 1200, drawn.height)).getextrema() == (255, 255)


def picture(found: Health) -> tuple[int, int]:
    return Image.open(BytesIO(dashboard_png(found, "en"))).size
