"""What comes due: claimed once, late within its grace, skipped beyond it; and the rotation's turn."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.states import DeliveryKind, EnrollmentState, OccurrenceState, RotationState, ScheduleKind
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services import due, leads, meetings, people, programs, rotation_words, rotations
from bot.services.people import Profile
from db.models import CheckIn, Circle, Delivery, Notice, Occurrence, Rotation, Schedule
from tests.backends import SqliteBackend
from tests.services.season import (
    DAY,
    GUILD,
    HOUR,
    LOBBY,
    START,
    WEEK,
    WORLD,
    Season,
    form_here,
    start_season,
)

SECOND = timedelta(seconds=1)
MONTH = 4 * WEEK
MANY_ON_POSTGRES = int(os.environ.get("DUE_ON_POSTGRES", "1000"))


async def told(season: Season) -> list[str]:
    return [each.message for each in await season.rows(Notice)]


async def published(season: Season) -> list[Rotation]:
    return await season.rows(Rotation, Rotation.state != RotationState.DRAFT)


async def schedule_of(season: Season, kind: ScheduleKind) -> Schedule:
    (found,) = await season.rows(Schedule, Schedule.kind == kind, Schedule.program_id == season.program_id)
    return found


async def occurrences(season: Season, kind: ScheduleKind) -> list[Occurrence]:
    schedule = await schedule_of(season, kind)
    return await season.rows(Occurrence, Occurrence.schedule_id == schedule.id)


async def change(season: Season, now: datetime, **changes) -> None:
    await programs.change_program(season.database, GUILD, season.program_id, changes, now)


async def next_of(season: Season, kind: ScheduleKind) -> datetime:
    return (await schedule_of(season, kind)).next_due


async def test_nothing_happens_before_its_moment(database):
    season = await start_season(database)
    following = await due.run_due(database, WORLD, START - SECOND, lambda: 1)
    assert following == START
    assert await season.rows(Occurrence) == []


async def test_an_occurrence_is_claimed_once_however_often_one_looks(database):
    """FAILURES F21 and F24: looking again, at once or after a restart, does nothing twice."""
    season = await start_season(database)
    for _ in range(3):
        await season.run(START)
    assert len(await published(season)) == 1
    assert len(await season.rows(CheckIn)) == 1
    assert len({(each.schedule_id, each.number) for each in await season.rows(Occurrence)}) == 2


async def test_at_one_moment_the_old_checkin_closes_before_the_rotation_and_the_new_one_opens_after(database):
    season = await start_season(database, rotation_weeks=1)
    await season.run(START)
    await season.run(START + WEEK)
    first, second = await published(season)
    checkins = await season.rows(CheckIn)
    assert (first.state, second.state) == (RotationState.ENDED, RotationState.PUBLISHED)
    assert [each.closed_at for each in checkins] == [START + WEEK, None]
    kinds = [each.kind for each in await season.rows(Delivery)]
    assert kinds.index(DeliveryKind.CHECKIN_SUMMARY) < kinds.index(DeliveryKind.FAREWELL)
    assert kinds[-1] is DeliveryKind.CHECKIN_CARD


@pytest.mark.parametrize("late", [SECOND, 3 * HOUR, 3 * DAY])
async def test_a_rotation_that_was_missed_within_its_grace_runs_late(database, late):
    """FAILURES F18 and F22: down at the hour, the rotation is made up for, and the next keeps its day."""
    season = await start_season(database)
    await season.run(START + late)
    (rotation,) = await published(season)
    assert (rotation.starts_at, rotation.ends_at) == (START + late, START + MONTH)
    assert await next_of(season, ScheduleKind.ROTATION) == START + MONTH


async def test_a_rotation_that_was_missed_for_longer_is_skipped_with_a_line(database):
    """FAILURES F18: the moderators are told what did not happen."""
    season = await start_season(database)
    await season.run(START + 3 * DAY + SECOND)
    assert await published(season) == []
    assert "notice.skipped.rotation" in await told(season)
    (missed,) = await occurrences(season, ScheduleKind.ROTATION)
    assert missed.state is OccurrenceState.SKIPPED


async def test_after_three_days_away_each_kind_is_late_or_skipped_by_its_own_grace(database):
    """FAILURES F18: 72 hours of downtime over an opening and a reminder."""
    season = await start_season(database)
    for seen in (START, START + 2 * DAY, START + 4 * DAY):
        await season.run(seen)
    back = START + WEEK + 3 * DAY - HOUR
    await season.run(back)
    assert await told(season) == ["notice.skipped.checkin-open", "notice.skipped.checkin-remind"]
    assert await next_of(season, ScheduleKind.CHECKIN_OPEN) == START + 2 * WEEK


async def test_a_long_absence_records_each_occurrence(database):
    season = await start_season(database)
    await season.run(START)
    await season.run(START + 3 * WEEK + HOUR)
    opened = await occurrences(season, ScheduleKind.CHECKIN_OPEN)
    skipped, done = OccurrenceState.SKIPPED, OccurrenceState.DONE
    assert [each.state for each in opened] == [done, skipped, skipped, done]
    assert [each.due_at for each in opened] == [START + week * WEEK for week in range(4)]


async def test_a_turn_that_was_claimed_before_a_crash_is_carried_on(database):
    """FAILURES F19: between the claim and the circles nothing is lost."""
    season = await start_season(database)
    schedule = await schedule_of(season, ScheduleKind.ROTATION)
    await due.claim(database, schedule.id, START)
    assert await published(season) == []
    await season.run(START + HOUR)
    assert len(await published(season)) == 1
    (claimed,) = await occurrences(season, ScheduleKind.ROTATION)
    assert claimed.state is OccurrenceState.DONE


async def test_a_turn_is_not_carried_on_beyond_its_grace(database):
    season = await start_season(database)
    await due.claim(database, (await schedule_of(season, ScheduleKind.ROTATION)).id, START)
    await season.run(START + 3 * DAY + SECOND)
    assert await published(season) == []
    assert "notice.skipped.rotation" in await told(season)


async def test_one_program_that_fails_holds_up_no_other_and_is_tried_again(database):
    """FAILURES F26: an unexpected error ends nothing for ever."""
    failing = await start_season(database)
    healthy = await _second_program(database)

    async def break_for_the_first(problem, _progress=None):
        if {person.key for person in problem.people} == {str(each) for each in failing.users}:
            raise RuntimeError("no worker")
        return await form_here(problem)

    with pytest.raises(ExceptionGroup):
        await due.run_due(database, replace(WORLD, form=break_for_the_first), START, lambda: 7)
    assert [each.program_id for each in await published(failing)] == [healthy.program_id]
    assert await season_checkins(failing) == []
    await failing.run(START + HOUR)
    assert {each.program_id for each in await published(failing)} == {failing.program_id, healthy.program_id}


@pytest.mark.parametrize("look", [(leads, "tell_due"), (meetings, "decide_due")], ids=["leads", "meetings"])
async def test_a_look_that_fails_holds_up_no_rotation(database, monkeypatch, look):
    async def fail(*_given) -> None:
        raise ValueError("a row that nobody thought of")

    monkeypatch.setattr(*look, fail)
    season = await start_season(database)
    with pytest.raises(ExceptionGroup):
        await season.run(START)
    assert len(await published(season)) == 1


async def season_checkins(season: Season) -> list[CheckIn]:
    """Return the check-ins of a season's own program: none may open before its circles are there."""
    circles = {circle.id for circle in await _circles(season)}
    return [each for each in await season.rows(CheckIn) if each.circle_id in circles]


async def _circles(season: Season):
    mine = {each.id for each in await season.rows(Rotation, Rotation.program_id == season.program_id)}
    return [each for each in await season.rows(Circle) if each.rotation_id in mine]


async def _second_program(database) -> Season:
    """Start another program of the same guild with the same rhythm and other people."""
    first = (await programs.get_card(database, GUILD, 1)).rules
    made = await programs.start_draft(database, GUILD, replace(first, name="Others"), START - DAY)
    await programs.activate(database, GUILD, made.id, START - DAY)
    for user in (11, 12, 13):
        await people.join(database, GUILD, made.id, user, Profile(), START - DAY)
    return Season(database, made.id, (11, 12, 13))


async def test_two_programs_of_a_guild_keep_their_own_time(database):
    one = await start_season(database)
    other = await _second_program(database)
    await change(other, START - DAY, checkin_hour=15)
    await one.run(START)
    assert [each.program_id for each in await published(one)] == [one.program_id]
    await one.run(START + 6 * HOUR)
    assert [each.program_id for each in await published(one)] == [one.program_id, other.program_id]


async def test_a_rotation_ends_when_the_next_is_due_even_if_the_clock_rang_a_moment_late(database):
    """FAILURES F24: the period is the planned one, not one more from the late moment on."""
    season = await start_season(database)
    await season.run(START + timedelta(milliseconds=300))
    (rotation,) = await published(season)
    assert rotation.ends_at == START + MONTH


async def test_a_rotation_that_a_moderator_published_early_is_not_published_again_on_its_day(database):
    """FAILURES F21: no double rotation."""
    season = await start_season(database)
    early = START - 2 * HOUR
    draft = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, early, 1)
    await rotations.publish_rotation(database, WORLD, GUILD, draft.id, early)
    await season.run(START)
    (rotation,) = await published(season)
    assert rotation.ends_at == START + MONTH
    assert len(await season.rows(CheckIn)) == 1
    await season.run(START + MONTH)
    assert len(await published(season)) == 2


async def test_a_rotation_that_is_published_in_the_middle_lasts_until_the_next_day_planned(database):
    season = await start_season(database)
    await season.run(START)
    week_later = START + WEEK
    await season.run(week_later)
    draft = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, week_later, 1)
    await rotations.publish_rotation(database, WORLD, GUILD, draft.id, week_later)
    assert (await published(season))[-1].ends_at == START + MONTH
    await season.run(START + MONTH)
    assert len(await published(season)) == 3


async def test_with_approval_the_draft_is_offered_and_nothing_published(database):
    season = await start_season(database, auto_publish=False)
    await season.run(START)
    (draft,) = await season.rows(Rotation)
    assert (draft.state, draft.starts_at, draft.ends_at) == (RotationState.DRAFT, START, START + MONTH)
    (offer,) = await season.rows(Delivery)
    assert (offer.kind, offer.rotation_id) == (DeliveryKind.DRAFT_READY, draft.id)
    assert await told(season) == ["notice.draft-ready"]
    assert await rotation_words.find_offered(database, draft.id) is not None


async def test_a_draft_made_for_this_day_is_offered_as_the_moderator_left_it(database):
    season = await start_season(database, auto_publish=False)
    kept = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, START - DAY, 99)
    await season.run(START)
    (draft,) = await season.rows(Rotation)
    assert (draft.id, draft.seed) == (kept.id, 99)


async def test_a_draft_left_over_from_another_day_is_formed_anew(database):
    season = await start_season(database, auto_publish=False)
    await season.run(START)
    (stale,) = await season.rows(Rotation)
    await people.join(database, GUILD, season.program_id, 5, Profile(), START + DAY)
    await season.run(START + MONTH)
    (draft,) = await season.rows(Rotation)
    assert draft.id != stale.id
    card = await rotations.get_rotation(database, GUILD, draft.id)
    assert {seat.user_id for circle in card.circles for seat in circle.seats} == {1, 2, 3, 4, 5}


async def test_a_draft_that_is_formed_again_while_it_waits_keeps_its_day(database):
    season = await start_season(database, auto_publish=False)
    await season.run(START)
    again = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, START + DAY, 5)
    assert (again.starts_at, again.ends_at) == (START, START + MONTH)


async def test_a_refusal_is_told_with_its_reason_and_the_running_circles_go_on(database):
    season = await start_season(database, rotation_weeks=1)
    await season.run(START)
    for user in season.users[1:]:
        await people.leave(database, GUILD, season.program_id, user, START + DAY)
    await season.run(START + WEEK)
    (rotation,) = await published(season)
    assert rotation.state is RotationState.PUBLISHED
    (line,) = await season.rows(Notice, Notice.message == "notice.rotation-not-published")
    assert line.values == {"why": "rotation.nobody", "least": 3}


async def test_missing_permissions_are_told_by_name(database):
    """FAILURES F16: the permission is named, and the draft waits for the moderators."""
    season = await start_season(database)
    poor = replace(WORLD, lacking=lambda _guild, _channel: ("Manage Threads",))
    await due.run_due(database, poor, START, lambda: 7)
    (line,) = await season.rows(Notice)
    assert line.values == {"why": "rotation.lacks-permission", "channel": LOBBY, "permissions": "Manage Threads"}
    draft = await rotations.find_draft(database, GUILD, season.program_id)
    assert draft is not None
    assert (await rotations.publish_rotation(database, WORLD, GUILD, draft.id, START + HOUR)).ends_at == START + MONTH


async def test_whoever_leaves_while_circles_are_formed_does_not_cost_the_month(database):
    """FAILURES F6 and F18: a circle that became too small is formed anew at once."""
    season = await start_season(database, members=7, size_wanted=3, size_most=4)
    left = []

    async def leaves_meanwhile(problem, _progress=None):
        assignment = await form_here(problem)
        if not left:
            smallest = min(assignment.circles, key=lambda circle: len(circle.members))
            left.append(int(smallest.members[0]))
            await people.leave(database, GUILD, season.program_id, left[0], START)
        return assignment

    await due.run_due(database, replace(WORLD, form=leaves_meanwhile), START, lambda: 7)
    (rotation,) = await published(season)
    card = await rotations.get_rotation(database, GUILD, rotation.id)
    assert {seat.user_id for circle in card.circles for seat in circle.seats} == set(season.users) - set(left)
    assert await told(season) == []


async def test_a_moderator_who_publishes_while_the_bot_forms_circles_is_the_only_one(database):
    """FAILURES F9 and F21: two at once publish one rotation."""
    season = await start_season(database)

    async def overtaken(problem, _progress=None):
        if not await published(season):
            draft = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, START, 3)
            await rotations.publish_rotation(database, WORLD, GUILD, draft.id, START)
        return await form_here(problem)

    await due.run_due(database, replace(WORLD, form=overtaken), START, lambda: 7)
    (rotation,) = await published(season)
    assert rotation.seed == 3
    assert await told(season) == []


@pytest.mark.parametrize("stop", [programs.pause_program, programs.archive_program])
async def test_a_program_that_stops_while_circles_are_formed_publishes_nothing(database, stop):
    season = await start_season(database)

    async def stopped(problem, _progress=None):
        await stop(database, GUILD, season.program_id, START)
        return await form_here(problem)

    await due.run_due(database, replace(WORLD, form=stopped), START, lambda: 7)
    assert await season.rows(Rotation) == []
    assert [each.values["why"] for each in await season.rows(Notice)] == ["program.not-running"]


async def test_sizes_that_change_while_circles_are_formed_hold_when_they_are_published(database):
    season = await start_season(database, members=6, size_wanted=3, size_most=3)
    formed = []

    async def edited(problem, _progress=None):
        if not formed:
            await change(season, START, size_least=6, size_wanted=6, size_most=6)
        formed.append(problem.sizes.most)
        return await form_here(problem)

    await due.run_due(database, replace(WORLD, form=edited), START, lambda: 7)
    (rotation,) = await published(season)
    card = await rotations.get_rotation(database, GUILD, rotation.id)
    assert [len(circle.seats) for circle in card.circles] == [6]
    assert formed == [3, 6]


async def test_a_paused_program_lets_nothing_come_due_and_makes_nothing_up(database):
    season = await start_season(database)
    await season.run(START)
    await programs.pause_program(database, GUILD, season.program_id, START)
    assert await due.run_due(database, WORLD, START + 2 * MONTH, lambda: 7) is None
    back = START + 2 * MONTH + DAY
    await programs.activate(database, GUILD, season.program_id, back)
    await season.run(back)
    assert len(await published(season)) == 1
    assert await told(season) == []
    assert await next_of(season, ScheduleKind.ROTATION) == START + 3 * MONTH


async def test_an_edit_moves_only_what_it_is_about(database):
    season = await start_season(database)
    await season.run(START)
    before = {kind: await next_of(season, kind) for kind in ScheduleKind if kind is not ScheduleKind.PULSE_OPEN}
    await change(season, START + HOUR, name="Renamed", size_most=7, auto_publish=False)
    assert {kind: await next_of(season, kind) for kind in before} == before
    await change(season, START + HOUR, rotation_weeks=2)
    after = {kind: await next_of(season, kind) for kind in before}
    assert after == before | {ScheduleKind.ROTATION: START + 2 * WEEK}
    assert (await published(season))[0].ends_at == START + 2 * WEEK


async def test_a_later_hour_makes_nothing_come_due_twice_on_one_day(database):
    """FAILURES F21: whoever moves the hour after it struck gets no second rotation and no second check-in."""
    season = await start_season(database)
    await season.run(START)
    await change(season, START + HOUR, checkin_hour=11)
    await season.run(START + 3 * HOUR)
    assert len(await published(season)) == 1
    assert len(await season.rows(CheckIn)) == 1
    assert await next_of(season, ScheduleKind.ROTATION) == START + MONTH + 2 * HOUR
    assert await next_of(season, ScheduleKind.CHECKIN_OPEN) == START + WEEK + 2 * HOUR


async def test_a_new_first_day_that_a_moderator_chose_is_kept(database):
    season = await start_season(database)
    await season.run(START)
    await change(season, START + HOUR, first_day=(START + 2 * DAY).date())
    assert await next_of(season, ScheduleKind.ROTATION) == START + 2 * DAY
    await season.run(START + 2 * DAY)
    assert len(await published(season)) == 2


async def test_a_first_day_in_the_past_goes_on_from_it_in_the_same_rhythm(database):
    season = await start_season(database, first_day=date(2026, 10, 26))
    assert await next_of(season, ScheduleKind.ROTATION) == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert await next_of(season, ScheduleKind.CHECKIN_OPEN) == START


async def test_a_first_day_that_lies_years_ahead_is_refused(database):
    season = await start_season(database)
    for day in (date(2028, 11, 2), date.max):
        with pytest.raises(InvalidInput):
            await change(season, START, first_day=day)
    await change(season, START, first_day=date.min)
    assert await next_of(season, ScheduleKind.ROTATION) > START


async def test_over_the_clock_change_everything_keeps_its_local_hour(database):
    """FAILURES F23: nine in Berlin stays nine in Berlin, in winter and in summer."""
    season = await start_season(database, zone="Europe/Berlin", first_day=date(2027, 3, 22), rotation_weeks=1)
    moments = []
    for _ in range(2):
        moments.append(await next_of(season, ScheduleKind.ROTATION))
        await season.run(moments[-1])
    assert moments == [datetime(2027, 3, 22, 8, tzinfo=UTC), datetime(2027, 3, 29, 7, tzinfo=UTC)]
    assert len(await published(season)) == 2


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), (1, 0)), (date(2026, 10, 25), (0, 1))])
async def test_an_hour_that_the_clocks_skip_or_repeat_comes_due_once(database, day, hours):
    """FAILURES F23: two in the morning on the day of the change, in Berlin."""
    season = await start_season(database)
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    await change(season, now, zone="Europe/Berlin", first_day=day, checkin_hour=2, rotation_weeks=4)
    expected = datetime(day.year, day.month, day.day, hours[0], tzinfo=UTC)
    assert await next_of(season, ScheduleKind.ROTATION) == expected
    for late in range(4):
        await season.run(expected + late * HOUR)
    assert len(await published(season)) == 1


async def test_a_pause_that_is_over_brings_its_member_into_the_rotation_of_that_moment(database):
    season = await start_season(database, members=4)
    await people.pause(database, GUILD, season.program_id, 1, START.date(), START - DAY)
    await season.run(START)
    card = (await rotations.list_history(database, GUILD, season.program_id))[0]
    assert 1 in {seat.user_id for circle in card.circles for seat in circle.seats}
    member = await people.find_member(database, GUILD, 1)
    assert member.enrollments[0].state is EnrollmentState.ACTIVE


async def test_an_archived_program_publishes_no_draft_and_cannot_be_archived_again(database):
    season = await start_season(database)
    draft = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, START - DAY, 1)
    await programs.archive_program(database, GUILD, season.program_id, START)
    with pytest.raises(NotFound):
        await rotations.publish_rotation(database, WORLD, GUILD, draft.id, START)
    with pytest.raises(Conflict):
        await programs.archive_program(database, GUILD, season.program_id, START)


async def test_ten_thousand_that_come_due_at_once_are_all_written_each_once(database, backend):
    """FAILURES F18 and F24: the check-ins of ten thousand circles; a second look writes nothing more.

    On PostgreSQL it is a tenth of them, to keep the suite short; `make faults` lets them be ten thousand there too.
    """
    many = 10_000 if isinstance(backend, SqliteBackend) else MANY_ON_POSTGRES
    season = await start_season(database, members=3)
    await season.run(START)
    await _multiply_circles(season, many)
    await season.run(START + WEEK)
    cards = Delivery.kind == DeliveryKind.CHECKIN_CARD
    first = await season.rows(Delivery, cards, Delivery.created_at == START + WEEK)
    assert len(first) == len({each.circle_id for each in first}) == many
    await season.run(START + WEEK + HOUR)
    assert len(await season.rows(Delivery, cards)) == many + 1


async def _multiply_circles(season: Season, wanted: int) -> None:
    """Give the running rotation as many circles as are wanted, each without people."""
    (circle,) = await _circles(season)

    async def add(session):
        session.add_all(
            Circle(rotation_id=circle.rotation_id, number=number, thread_id=number, facts=circle.facts)
            for number in range(2, wanted + 1)
        )

    await season.database.write(add)
