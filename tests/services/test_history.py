import pytest

from bot.domain.states import DeliveryKind
from bot.errors import NotFound
from bot.services import answers, history, mine, people, privacy, programs
from bot.services.answers import Reflection
from bot.services.mine import Absence
from bot.services.people import Profile
from db.models import CheckIn, Circle, Delivery
from tests.services.season import DAY, GUILD, LOBBY, START, WEEK, Season, start_season

GOOD = Reflection(week=4, win="We shipped", ask="A second pair of eyes")


async def answer_newest(season: Season, user: int, given: Reflection = GOOD) -> None:
    checkin = (await season.rows(CheckIn))[-1]
    await answers.save(season.database, checkin.id, user, given, checkin.opened_at + DAY)


async def test_history_shows_circles_companions_and_only_ones_own_answers(season):
    await answer_newest(season, 1)
    await answer_newest(season, 2, Reflection(week=1, win="Somebody else's words"))
    (past,) = await history.list_history(season.database, GUILD, 1)
    assert set(past.companions) == {2, 3, 4}
    assert [(given.week, given.win, given.ask) for given in past.answers] == [(4, "We shipped", GOOD.ask)]


async def test_history_keeps_every_circle_the_newest_first(season):
    """FAILURES F2: history is never capped."""
    for rotation in range(1, 6):
        await season.run(START + 4 * rotation * WEEK)
    past = await history.list_history(season.database, GUILD, 1)
    assert [circle.rotation for circle in past] == list(range(6, 0, -1))


async def test_a_draft_is_no_history(database):
    season = await start_season(database, auto_publish=False)
    await season.run(START)
    assert await season.rows(Circle)
    assert await history.list_history(database, GUILD, 1) == ()


async def test_a_companion_who_asked_to_be_forgotten_stays_as_somebody(season):
    await privacy.erase(season.database, 2, GUILD, START + DAY)
    (past,) = await history.list_history(season.database, GUILD, 1)
    assert len(past.companions) == 3
    assert set(past.companions) == {3, 4, None}


async def test_history_stays_after_leaving(season):
    await people.leave(season.database, GUILD, season.program_id, 1, START + DAY)
    assert len(await history.list_history(season.database, GUILD, 1)) == 1


async def test_who_never_joined_has_no_history(season):
    with pytest.raises(NotFound, match=r"person\.not-joined"):
        await history.list_history(season.database, GUILD, 50)


async def standing_of(season: Season, user: int, now=START + DAY) -> mine.Standing:
    return await mine.get_standing(season.database, GUILD, season.program_id, user, now)


async def test_a_member_sees_who_where_and_when_next(season):
    for user in season.users:
        await people.set_hours_on(season.database, GUILD, user, (3,), (18,))
    await season.happen(START + 4 * WEEK)
    standing = await standing_of(season, 1, START + 4 * WEEK + DAY)
    assert standing.circle is not None
    assert {seat.user_id for seat in standing.circle.seats} == set(season.users)
    assert standing.circle.thread_id is not None
    assert standing.next_checkin == START + 5 * WEEK
    assert standing.next_rotation == START + 8 * WEEK
    assert [each.strftime("%A %H:%M") for each in standing.meeting_times] == ["Thursday 18:00"]
    assert standing.meeting_times[0] > START + 4 * WEEK + DAY


async def test_before_the_first_rotation_there_is_no_circle_yet(database):
    season = await start_season(database)
    standing = await standing_of(season, 1, START - DAY)
    assert (standing.absence, standing.next_rotation) == (Absence.NO_ROTATION, START)


async def test_who_joins_while_a_rotation_runs_is_told_that_the_next_one_counts(season):
    await people.join(season.database, GUILD, season.program_id, 50, Profile(), START + DAY)
    assert (await standing_of(season, 50)).absence is Absence.JOINED_LATER


async def test_who_pauses_is_told_until_when(season):
    await people.join(season.database, GUILD, season.program_id, 50, Profile(), START + DAY)
    day = (START + 2 * WEEK).date()
    await people.pause(season.database, GUILD, season.program_id, 50, day, START + DAY)
    standing = await standing_of(season, 50)
    assert standing.absence is Absence.PAUSED
    assert standing.paused_until is not None
    assert standing.paused_until.date() == day


async def test_a_card_of_ours_shows_everybody_their_own_standing_and_strangers_nothing(season):
    key = (await season.rows(Delivery, Delivery.kind == DeliveryKind.WELCOME))[0].key
    now = START + DAY
    standing = await mine.get_standing_by_key(season.database, key, 1, now)
    assert standing == await standing_of(season, 1, now)
    with pytest.raises(NotFound, match=r"person\.not-joined"):
        await mine.get_standing_by_key(season.database, key, 50, now)
    with pytest.raises(NotFound, match=r"control\.gone"):
        await mine.get_standing_by_key(season.database, "no-such-key", 1, now)


async def test_a_program_of_another_guild_tells_nothing(season):
    with pytest.raises(NotFound, match=r"program\.not-found"):
        await mine.get_standing(season.database, GUILD + 1, season.program_id, 1, START + DAY)


async def test_a_program_that_rests_names_no_next_dates(season):
    await programs.pause_program(season.database, GUILD, season.program_id, START)
    standing = await standing_of(season, 1)
    assert standing.circle is not None
    assert standing.circle.lobby_channel_id == LOBBY
    assert (standing.next_checkin, standing.next_rotation) == (None, None)
