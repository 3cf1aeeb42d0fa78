from datetime import UTC, date, datetime

import pytest

from bot.domain.states import DeliveryKind, EnrollmentState
from bot.domain.week import hours_on
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services import circles, mine, people, programs
from bot.services.people import Profile
from db.models import Circle, Delivery, Enrollment, Membership, Person
from tests.services.season import DAY, GUILD, START, WEEK, Season, start_season

BEFORE = START - DAY


@pytest.fixture
async def season(database) -> Season:
    return await start_season(database)


async def enrolled_as(season: Season, user: int) -> EnrollmentState:
    member = await people.find_member(season.database, GUILD, user)
    assert member is not None
    return member.enrollments[0].state


async def seated(season: Season) -> set[int | None]:
    """Return the users in the circles of the newest rotation."""
    cards = [await circles.get_circle(season.database, circle.id) for circle in await season.rows(Circle)]
    newest = max(card.rotation for card in cards)
    return {seat.user_id for card in cards if card.rotation == newest for seat in card.seats}


async def test_joining_twice_enrols_once(season):
    """FAILURES F9: a double submission neither registers twice nor fails."""
    for _ in range(2):
        await people.join(season.database, GUILD, season.program_id, 50, Profile(helps_with="SQL"), BEFORE)
    assert len(await season.rows(Person, Person.user_id == 50)) == 1
    assert len(await season.rows(Enrollment)) == len(season.users) + 1


async def test_joining_again_changes_the_profile_and_never_the_circle(season):
    """FAILURES F8: signing up again keeps the present match, so nobody shops for partners."""
    await season.happen(START)
    before = [(seat.circle_id, seat.person_id) for seat in await season.rows(Membership)]
    await people.join(season.database, GUILD, season.program_id, 1, Profile(helps_with="Rust"), START + DAY)
    assert [(seat.circle_id, seat.person_id) for seat in await season.rows(Membership)] == before
    assert (await people.get_profile(season.database, GUILD, 1)).helps_with == "Rust"


async def test_joining_again_does_not_end_a_pause(season):
    await people.pause(season.database, GUILD, season.program_id, 1, None, BEFORE)
    place = await people.join(season.database, GUILD, season.program_id, 1, Profile(), BEFORE)
    assert place.state is EnrollmentState.PAUSED


async def test_joining_again_keeps_the_weekly_hours(season):
    await people.set_hours_on(season.database, GUILD, 1, (0,), (18, 19))
    await people.join(season.database, GUILD, season.program_id, 1, Profile(zone="Asia/Tokyo"), BEFORE)
    profile = await people.get_profile(season.database, GUILD, 1)
    assert (profile.zone, hours_on(profile.hours, 0)) == ("Asia/Tokyo", (18, 19))


async def test_who_left_comes_back_by_joining_without_any_penalty(season):
    await people.leave(season.database, GUILD, season.program_id, 1, BEFORE)
    assert await enrolled_as(season, 1) is EnrollmentState.LEFT
    await people.join(season.database, GUILD, season.program_id, 1, Profile(), BEFORE)
    await season.run(START)
    assert await seated(season) == set(season.users)


async def test_who_left_gets_no_circle(season):
    await people.leave(season.database, GUILD, season.program_id, 1, BEFORE)
    await season.run(START)
    assert await seated(season) == set(season.users) - {1}


async def test_leaving_twice_says_so(season):
    await people.leave(season.database, GUILD, season.program_id, 1, BEFORE)
    with pytest.raises(NotFound, match=r"person\.not-enrolled"):
        await people.leave(season.database, GUILD, season.program_id, 1, BEFORE)


async def test_an_archived_program_cannot_be_joined(season):
    await programs.archive_program(season.database, GUILD, season.program_id, BEFORE)
    with pytest.raises(Conflict, match=r"program\.not-open"):
        await people.join(season.database, GUILD, season.program_id, 50, Profile(), BEFORE)


async def test_another_guilds_program_cannot_be_joined(season):
    with pytest.raises(NotFound, match=r"program\.not-found"):
        await people.join(season.database, GUILD + 1, season.program_id, 50, Profile(), BEFORE)


async def test_a_pause_ends_when_the_day_begins_where_the_member_lives(season):
    """FAILURES F28: the member's own zone counts, not the program's."""
    await people.join(season.database, GUILD, season.program_id, 1, Profile(zone="Asia/Tokyo"), BEFORE)
    day = date(2026, 12, 24)
    place = await people.pause(season.database, GUILD, season.program_id, 1, day, BEFORE)
    assert place.paused_until == datetime(2026, 12, 23, 15, tzinfo=UTC)


async def test_a_pause_returns_by_itself(season):
    day = (START + WEEK).date()
    await people.pause(season.database, GUILD, season.program_id, 1, day, BEFORE)
    await season.run(START)
    assert await seated(season) == set(season.users) - {1}
    await season.run(START + WEEK)
    assert await enrolled_as(season, 1) is EnrollmentState.ACTIVE
    await season.run(START + 4 * WEEK)
    assert await seated(season) == set(season.users)


async def test_a_pause_without_a_day_lasts_until_the_member_resumes(season):
    await people.pause(season.database, GUILD, season.program_id, 1, None, BEFORE)
    await season.run(START)
    assert await enrolled_as(season, 1) is EnrollmentState.PAUSED
    assert (await people.resume(season.database, GUILD, season.program_id, 1)).state is EnrollmentState.ACTIVE


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (BEFORE.date(), "pause.in-the-past"),
        (date(2020, 1, 1), "pause.in-the-past"),
        (date(9999, 12, 31), "pause.too-long"),
    ],
)
async def test_a_pause_must_end_in_a_reasonable_future(season, day, message):
    with pytest.raises(InvalidInput, match=message):
        await people.pause(season.database, GUILD, season.program_id, 1, day, BEFORE)


async def test_a_skipped_rotation_is_the_next_one_only(season):
    """FAILURES F5: nobody is matched for a rotation that they switched off."""
    assert (await people.toggle_skip(season.database, GUILD, season.program_id, 1)).skips_next
    await season.run(START)
    assert await seated(season) == set(season.users) - {1}
    await season.run(START + 4 * WEEK)
    assert await seated(season) == set(season.users)


async def test_skipping_twice_takes_it_back(season):
    for skips in (True, False):
        place = await people.toggle_skip(season.database, GUILD, season.program_id, 1)
        assert place.skips_next is skips
    await season.run(START)
    assert 1 in await seated(season)


async def test_who_skips_is_not_told_that_they_were_left_over(season):
    """FAILURES F4: no "you are the odd one out" for who had skipped, neither as a message nor on request."""
    await people.toggle_skip(season.database, GUILD, season.program_id, 1)
    await season.happen(START)
    assert not await season.rows(Delivery, Delivery.kind == DeliveryKind.NOT_PLACED)
    standing = await mine.get_standing(season.database, GUILD, season.program_id, 1, START + DAY)
    assert (standing.absence, standing.reason) == (mine.Absence.SAT_OUT, None)


async def test_hours_are_kept_for_the_days_that_were_chosen(season):
    await people.set_hours_on(season.database, GUILD, 1, (0, 2), (18, 19))
    profile = await people.set_hours_on(season.database, GUILD, 1, (2,), ())
    assert [hours_on(profile.hours, day) for day in (0, 2)] == [(18, 19), ()]


async def test_the_shared_hours_of_a_circle_come_from_each_members_own_zone(season):
    """FAILURES F28: 18:00 in Tokyo and 10:00 in Berlin are the same hour."""
    for user, zone, hour in ((1, "Asia/Tokyo", 18), (2, "Europe/Berlin", 10), (3, "UTC", 9), (4, "UTC", 9)):
        await people.join(season.database, GUILD, season.program_id, user, Profile(zone=zone), BEFORE)
        await people.set_hours_on(season.database, GUILD, user, (1,), (hour,))
    await season.run(START)
    (circle,) = await season.rows(Circle)
    assert (await circles.get_circle(season.database, circle.id)).hours == (24 + 9,)


async def test_the_only_program_need_not_be_named(season):
    place = await people.choose_enrollment(season.database, GUILD, 1, None)
    assert place.program_id == season.program_id


async def test_one_of_several_programs_is_named_by_id_or_name(season):
    other = await start_second(season)
    with pytest.raises(InvalidInput, match=r"program\.which"):
        await people.choose_enrollment(season.database, GUILD, 1, None)
    for named in (str(other), "second", " Second "):
        assert (await people.choose_enrollment(season.database, GUILD, 1, named)).program_id == other


async def test_who_takes_part_in_nothing_is_told_how_to_join(season):
    with pytest.raises(NotFound, match=r"person\.not-joined"):
        await people.choose_enrollment(season.database, GUILD, 50, None)
    await people.leave(season.database, GUILD, season.program_id, 1, BEFORE)
    with pytest.raises(NotFound, match=r"person\.in-no-program"):
        await people.choose_enrollment(season.database, GUILD, 1, None)


@pytest.mark.parametrize(
    "profile", [Profile(zone="EST5"), Profile(zone="../etc/passwd"), Profile(experience="god-like")]
)
async def test_a_profile_that_no_modal_of_ours_sends_is_refused(season, profile):
    with pytest.raises(InvalidInput):
        await people.edit_profile(season.database, GUILD, 1, profile)


async def start_second(season: Season) -> int:
    """Start another program and let the first member join it."""
    first = await programs.get_card(season.database, GUILD, season.program_id)
    made = await programs.start_draft(season.database, GUILD, first.rules, BEFORE)
    await programs.change_program(season.database, GUILD, made.id, {"name": "Second"}, BEFORE)
    await programs.activate(season.database, GUILD, made.id, BEFORE)
    await people.join(season.database, GUILD, made.id, 1, Profile(), BEFORE)
    return made.id
