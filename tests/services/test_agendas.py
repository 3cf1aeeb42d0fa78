"""Session guides: which suits a circle, who may pick, and the guide for a first session."""

import re
from datetime import date

import pytest

from bot.domain.agenda import FIRST_SESSION_MINUTES, MINUTES, SUITS, Guide, suggest
from bot.domain.formation.problem import Role
from bot.domain.goals import GoalPath
from bot.domain.states import DeliveryKind
from bot.errors import NotAllowed, NotFound
from bot.services import agendas, people
from bot.services.people import Profile
from bot.text import message_ids, text
from db.models import Delivery, Goal, Membership, Person
from tests.services.season import GUILD, HOUR, START, WEEK, Season, start_season

NOW = START + HOUR
PART = re.compile(r"guide\.(.+)\.part\.(\d+)")


def test_each_guide_takes_an_hour():
    assert {sum(minutes) for minutes in (*MINUTES.values(), FIRST_SESSION_MINUTES)} == {60}


def test_each_guide_has_words_for_each_of_its_parts_and_no_part_without_minutes():
    parts = {match.groups() for each in message_ids() if (match := PART.fullmatch(each))}
    assert parts == {(guide, str(number)) for guide in Guide for number in range(1, len(MINUTES[guide]) + 1)}


def test_each_part_asks_something_or_says_what_to_do_in_words_of_its_own():
    words = [text(f"guide.{guide}.part.{number}") for guide in Guide for number in range(2, len(MINUTES[guide]) + 1)]
    assert len(set(words)) == len(words)
    assert all(re.match(r"\*\*.+\.\*\* |\*\*.+\?\*\* ", each) and len(each) < 500 for each in words)


def test_each_path_of_a_goal_leads_to_a_guide():
    assert set(SUITS) == set(GoalPath)
    assert set(Guide) <= {guide for path in GoalPath for guide in SUITS[path]}


def test_goals_say_more_than_topics_and_what_there_was_is_not_proposed_again():
    assert suggest([GoalPath.NEGOTIATION], ["leading a team"], ()) is Guide.NEGOTIATION
    assert suggest([], ["leading a team", "my career"], ()) is Guide.CAREER_PATHS
    assert suggest([GoalPath.NEGOTIATION], [], [Guide.NEGOTIATION]) is Guide.SAYING_NO
    assert suggest([], ["knitting"], ()) is None


def test_a_topic_is_known_by_how_its_words_begin():
    assert suggest([], ["team leadership"], ()) is Guide.LEADING
    assert suggest([], ["misleading charts"], ()) is None


async def test_a_circle_is_proposed_what_suits_its_goals_and_topics(season: Season):
    assert (await shelf(season, 1)).suggested is None
    await people.edit_profile(season.database, GUILD, 2, Profile(wants_help_with="imposter feelings, speaking up"))
    assert (await shelf(season, 1)).suggested is Guide.VISIBILITY
    await add_goal(season, GoalPath.LEADING)
    assert (await shelf(season, 1)).suggested is Guide.LEADING


async def add_goal(season: Season, path: GoalPath) -> None:
    person = (await season.rows(Person))[0]
    goal = Goal(
        program_id=season.program_id, person_id=person.id, path=path, aim="x", by=date(2026, 12, 1), created_at=NOW
    )

    async def write(session):
        session.add(goal)

    await season.database.write(write)


async def shelf(season: Season, user: int):
    return await agendas.get_shelf(season.database, GUILD, season.program_id, user)


async def pick(season: Season, user: int, guide: Guide) -> int:
    return await agendas.pick(season.database, GUILD, season.program_id, user, guide, NOW)


async def make_facilitator(season: Season, user: int) -> None:
    async def write(session):
        for seat in await session.run_sync(lambda plain: plain.query(Membership).order_by(Membership.id).all()):
            seat.role = Role.FACILITATOR if seat.person_id == user else Role.MEMBER

    await season.database.write(write)


async def test_the_facilitator_picks_and_others_only_look(season: Season):
    """FAILURES F36: who may pick is checked again when it is picked."""
    await make_facilitator(season, 2)
    assert [(await shelf(season, user)).may_pick for user in season.users] == [False, True, False, False]
    with pytest.raises(NotAllowed):
        await pick(season, 1, Guide.FEEDBACK)
    await pick(season, 2, Guide.FEEDBACK)
    (job,) = await season.deliver(NOW)
    assert job.kind is DeliveryKind.AGENDA
    assert (await agendas.get_post(season.database, job.agenda_id)).guide is Guide.FEEDBACK
    assert (await shelf(season, 1)).used == (Guide.FEEDBACK,)


async def test_where_nobody_facilitates_every_member_may_pick(season: Season):
    await make_facilitator(season, 0)
    assert (await shelf(season, 3)).may_pick
    with pytest.raises(NotFound):
        await pick(season, 99, Guide.FEEDBACK)
    assert not (await shelf(season, 99)).may_pick


async def test_whoever_facilitates_for_the_first_time_gets_the_guide_once(database):
    season = await start_season(database, facilitator_in_each=True, rotation_weeks=1)
    for user in season.users:
        await people.toggle_facilitates(database, GUILD, season.program_id, user)
    for week in range(3):
        await season.happen(START + week * WEEK)
    led = {seat.person_id for seat in await season.rows(Membership, Membership.role != Role.MEMBER)}
    sent = await season.rows(Delivery, Delivery.kind == DeliveryKind.FIRST_SESSION)
    assert sorted(each.person_id for each in sent) == sorted(led)
    told = await agendas.get_first_session(database, sent[0].circle_id, sent[0].person_id)
    assert (told.program, told.thread_id is not None) == ("Circles", True)


async def test_who_only_has_their_turn_to_facilitate_gets_no_message_unasked(season: Season):
    """FAILURES F13: direct messages go to those who asked for what brings them."""
    assert await season.rows(Membership, Membership.role == Role.FACILITATOR)
    assert not await season.rows(Delivery, Delivery.kind == DeliveryKind.FIRST_SESSION)


async def test_who_is_forgotten_meanwhile_is_told_nothing(season: Season):
    with pytest.raises(NotFound):
        await agendas.get_first_session(season.database, 1, 99)
