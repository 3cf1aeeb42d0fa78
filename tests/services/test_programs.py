"""Setting programs up, changing them, and what moderators see."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.program import MOST_IN_A_CIRCLE, PRESETS, ProgramRules, check_rules
from bot.domain.states import ProgramState, ScheduleKind
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services import notices, programs, rotations
from bot.services.programs import DRAFT_DAYS, SHOWN_NOTICES
from db.models import Program, Schedule
from tests.services.season import DAY, FIRST_DAY, GUILD, LOBBY, START, Season, start_season

RULES = ProgramRules(name="Circles", lobby_channel_id=LOBBY, zone="UTC", first_day=FIRST_DAY)


async def start(database, name: str = "Circles", now=START):
    return await programs.start_draft(database, GUILD, replace(RULES, name=name), now)


async def change(database, program_id: int, **changes):
    return await programs.change_program(database, GUILD, program_id, changes, START)


async def test_a_setup_begins_as_a_draft_that_nothing_comes_due_for(database):
    made = await start(database)
    assert (made.state, made.rules, made.next_due) == (ProgramState.DRAFT, RULES, {})
    assert await programs.list_open(database, GUILD) == []


async def test_each_setup_gets_a_name_of_its_own(database):
    names = [(await start(database)).rules.name for _ in range(3)]
    assert names == ["Circles", "Circles 2", "Circles 3"]


async def test_a_setup_that_nobody_finished_is_cleared_away_a_day_later(database):
    first = await start(database)
    later = await start(database, now=START + timedelta(days=DRAFT_DAYS, seconds=1))
    assert later.rules.name == "Circles"
    assert later.id > first.id
    with pytest.raises(NotFound):
        await programs.activate(database, GUILD, first.id, START)


@pytest.mark.parametrize("name", ["circles", "CIRCLES ", "École", "ÉCOLE"])
async def test_two_programs_of_a_guild_never_share_a_name(database, name):
    await start(database)
    await start(database, "École")
    other = await start(database, "Other")
    with pytest.raises(Conflict, match=r"program.name-taken"):
        await change(database, other.id, name=name)


async def test_the_same_name_serves_in_another_guild(database):
    await start(database)
    made = await programs.start_draft(database, GUILD + 1, RULES, START)
    assert made.rules.name == "Circles"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "program.invalid.name"),
        ({"name": "x" * 81}, "program.invalid.name"),
        ({"size_least": 1}, "program.invalid.sizes"),
        ({"size_wanted": 2}, "program.invalid.sizes"),
        ({"size_most": 4}, "program.invalid.sizes"),
        ({"size_most": MOST_IN_A_CIRCLE + 1}, "program.invalid.sizes"),
        ({"rotation_weeks": 0}, "program.invalid.weeks"),
        ({"rotation_weeks": 27}, "program.invalid.weeks"),
        ({"checkin_hour": 24}, "program.invalid.hour"),
        ({"checkin_weekday": 7}, "program.invalid.hour"),
        ({"zone": "EST5"}, "zone.unknown"),
        ({"preset": "best"}, "program.invalid.preset"),
    ],
)
async def test_rules_that_do_not_fit_are_refused_and_nothing_is_changed(database, changes, message):
    made = await start(database)
    with pytest.raises(InvalidInput) as refusal:
        await change(database, made.id, **changes)
    assert refusal.value.message == message
    assert (await programs.get_card(database, GUILD, made.id)).rules == made.rules


def test_every_preset_that_is_offered_is_allowed():
    for preset in PRESETS:
        check_rules(replace(RULES, preset=preset))


async def test_a_program_that_starts_shows_its_dates(database):
    made = await start(database)
    running = await programs.activate(database, GUILD, made.id, START - DAY)
    assert running.state is ProgramState.ACTIVE
    assert running.next_due[ScheduleKind.ROTATION] == START
    assert running.next_due[ScheduleKind.CHECKIN_OPEN] == START
    assert running.next_due[ScheduleKind.CHECKIN_CLOSE] == START + 4 * DAY


async def test_starting_twice_changes_nothing(database):
    """FAILURES F9: a second click on Start is as good as one."""
    made = await start(database)
    first = await programs.activate(database, GUILD, made.id, START - DAY)
    assert await programs.activate(database, GUILD, made.id, START - DAY) == first
    season = Season(database, made.id, ())
    assert len(await season.rows(Schedule)) == 4


async def test_a_draft_that_is_changed_gets_no_schedules_yet(database):
    made = await start(database)
    await change(database, made.id, checkin_hour=11)
    assert await Season(database, made.id, ()).rows(Schedule) == []


async def test_an_archived_program_can_be_read_and_not_changed(database):
    season = await start_season(database)
    await programs.archive_program(database, GUILD, season.program_id, START)
    assert await programs.list_open(database, GUILD) == []
    assert await programs.list_kept(database, GUILD) == [(season.program_id, "Circles")]
    assert await rotations.list_history(database, GUILD, season.program_id) == []
    for use in (
        change(database, season.program_id, name="Again"),
        programs.activate(database, GUILD, season.program_id, START),
        programs.pause_program(database, GUILD, season.program_id, START),
        programs.archive_program(database, GUILD, season.program_id, START),
    ):
        with pytest.raises(Conflict, match=r"program.is-archived"):
            await use


async def test_the_program_of_another_guild_is_out_of_reach(database):
    made = await start(database)
    for use in (
        programs.get_card(database, GUILD + 1, made.id),
        programs.change_program(database, GUILD + 1, made.id, {"name": "Ours"}, START),
        programs.activate(database, GUILD + 1, made.id, START),
        programs.pause_program(database, GUILD + 1, made.id, START),
        programs.archive_program(database, GUILD + 1, made.id, START),
    ):
        with pytest.raises(NotFound):
            await use
    (kept,) = await Season(database, made.id, ()).rows(Program)
    assert kept.state is ProgramState.DRAFT


async def test_the_card_counts_people_and_shows_the_newest_lines(database):
    season = await start_season(database, members=5)
    await season.run(START)
    for week in range(1, SHOWN_NOTICES + 2):
        await season.run(START + timedelta(weeks=week, hours=25))
    card = await programs.get_card(database, GUILD, season.program_id)
    assert (card.enrolled, card.paused, card.rotation) == (5, 0, 2)
    assert len(card.notices) == SHOWN_NOTICES
    assert card.notices[0].created_at >= card.notices[-1].created_at


async def test_a_line_to_the_moderators_knows_its_channel(database):
    season = await start_season(database, moderator_channel_id=44)
    await season.run(START + 5 * DAY)
    line = await notices.get_notice(database, 1)
    assert (line.channel_id, line.program) == (44, "Circles")
    with pytest.raises(NotFound):
        await notices.get_notice(database, 999)
