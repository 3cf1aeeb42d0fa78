"""The moderators' week: once a week, at most ten lines, true at the moment it is read."""

from datetime import timedelta

from bot.domain.states import DeliveryKind, DeliveryState
from bot.services import answers, digest, people, programs, rotations
from bot.services.people import Profile
from bot.services.posts import Reflection
from bot.text import message_ids
from db.models import CheckIn, Delivery
from tests.services.season import DAY, GUILD, HOUR, START, WEEK, WORLD, Season, start_season

CHANNEL = 902
AFTER = START + WEEK


async def told(season: Season, now=AFTER) -> dict[str, dict[str, object]]:
    """Return the lines of the digest by their message."""
    found = await digest.get_digest(season.database, season.program_id, now)
    assert len(found.lines) <= digest.MOST_LINES
    assert {line.message for line in found.lines} <= message_ids()
    return {line.message.removeprefix("digest."): line.values for line in found.lines}


async def sent_digests(season: Season) -> list[Delivery]:
    return await season.rows(Delivery, Delivery.kind == DeliveryKind.MODERATOR_DIGEST)


async def test_a_digest_leaves_once_a_week_where_the_moderators_have_a_channel(database):
    season = await start_season(database, 5, moderator_channel_id=CHANNEL)
    for week in range(3):
        await season.happen(START + week * WEEK)
        await season.happen(START + week * WEEK + HOUR)
    assert [each.created_at for each in await sent_digests(season)] == [START, START + WEEK, START + 2 * WEEK]
    assert (await digest.get_digest(database, season.program_id, AFTER)).channel_id == CHANNEL


async def test_without_a_channel_no_digest_is_written(season):
    await season.happen(AFTER)
    assert await sent_digests(season) == []


async def test_the_week_tells_who_came_who_left_and_who_answered(database):
    season = await start_season(database, 6)
    await season.happen(START)
    await people.join(database, GUILD, season.program_id, 50, Profile(), START + DAY)
    await people.leave(database, GUILD, season.program_id, 6, START + DAY)
    (checkin,) = await season.rows(CheckIn)
    for user in (1, 2, 3):
        await answers.save(database, checkin.id, user, Reflection(3), START + HOUR)
    lines = await told(season)
    assert lines["people"] == {"joined": 1, "left": 1, "n": 6, "paused": 0}
    assert lines["answers"] == {"answered": 3, "n": 6}
    assert lines["hand.seatless"] == {"n": 1}


async def test_the_answers_of_few_people_are_not_told(season):
    lines = await told(season)
    assert "answers" not in lines
    assert "hand.silent" not in await told(season, START + 3 * WEEK)


async def test_what_is_due_within_the_week_is_told_with_its_moment(database):
    season = await start_season(database, 5, rotation_weeks=2)
    await season.happen(START)
    assert not [name for name in await told(season, START + HOUR) if name.startswith("due")]
    lines = await told(season, AFTER + HOUR)
    assert lines["due.rotation"] == {"due": int((START + 2 * WEEK).timestamp())}


async def test_a_draft_that_waits_and_messages_given_up_need_a_hand(database):
    season = await start_season(database, 8, auto_publish=False)
    draft = await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, START, 7)
    assert (await told(season, START))["hand.draft"] == {"due": int(draft.starts_at.timestamp())}
    await rotations.publish_rotation(database, WORLD, GUILD, draft.id, START)
    await season.deliver(START, DeliveryKind.ADD_MEMBER)
    lines = await told(season, START + DAY)
    assert "hand.draft" not in lines
    assert lines["hand.given-up"] == {"n": 8}
    assert "hand.given-up" not in await told(season, START + WEEK + DAY)


async def test_a_circle_that_shrank_or_fell_silent_needs_a_hand(database):
    season = await start_season(database, 12)
    for week in range(3):
        await season.happen(START + week * WEEK)
        await season.happen(START + week * WEEK + 4 * DAY)
    seated = (await rotations.list_history(database, GUILD, season.program_id))[0].circles[0].seats
    for seat in seated[2:]:
        await people.leave(database, GUILD, season.program_id, seat.user_id, START + 2 * WEEK + 5 * DAY)
    lines = await told(season, START + 3 * WEEK)
    assert lines["hand.small"] == {"n": 1}
    circles = len((await rotations.list_history(database, GUILD, season.program_id))[0].circles)
    assert lines["hand.silent"] == {"n": circles}


async def test_a_digest_is_as_true_as_the_moment_it_is_read(database):
    season = await start_season(database, 5, moderator_channel_id=CHANNEL)
    await season.run(START)
    (waiting,) = await sent_digests(season)
    assert waiting.state is DeliveryState.PENDING
    await programs.change_program(database, GUILD, season.program_id, {"moderator_channel_id": None}, START + HOUR)
    await people.join(database, GUILD, season.program_id, 50, Profile(), START + HOUR)
    found = await digest.get_digest(database, season.program_id, START + timedelta(hours=2))
    assert found.channel_id is None
    assert found.lines[0].values["n"] == 6


async def test_with_everything_at_once_it_stays_at_ten_lines(database):
    season = await start_season(database, 12, rotation_weeks=2)
    await season.happen(START, DeliveryKind.ADD_MEMBER)
    await season.happen(AFTER)
    await people.join(database, GUILD, season.program_id, 50, Profile(), AFTER)
    await rotations.draft_rotation(database, WORLD, GUILD, season.program_id, AFTER, 7)
    found = await digest.get_digest(database, season.program_id, AFTER)
    assert 5 <= len(found.lines) <= 10
    assert found.lines[0].message == "digest.people"
