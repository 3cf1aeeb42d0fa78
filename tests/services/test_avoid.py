import json
import logging

import pytest

from bot.domain.formation import Reason
from bot.errors import InvalidInput, NotFound
from bot.services import avoid, circles, mine, people, privacy
from bot.text import text
from db.models import Avoid, Circle, Delivery, Notice
from tests.services.season import DAY, GUILD, START, WEEK, Season, start_season

BEFORE = START - DAY
GONE = 777  # a user who never joined


@pytest.fixture
async def season(database) -> Season:
    return await start_season(database, members=8)


async def companions(season: Season, user: int) -> set[int | None]:
    """Return everybody whom a user ever shared a circle with."""
    found: set[int | None] = set()
    for circle in await season.rows(Circle):
        seats = {seat.user_id for seat in (await circles.get_circle(season.database, circle.id)).seats}
        found |= seats if user in seats else set()
    return found - {user}


async def test_nobody_meets_a_person_they_avoid_nor_one_who_avoids_them(season):
    await avoid.add_avoid(season.database, GUILD, 1, 2)
    await avoid.add_avoid(season.database, GUILD, 3, 1)
    for rotation in range(3):
        await season.run(START + 4 * rotation * WEEK)
    met = await companions(season, 1)
    assert met
    assert not met & {2, 3}


async def test_the_same_wish_is_kept_once(season):
    for _ in range(2):
        assert await avoid.add_avoid(season.database, GUILD, 1, 2) == (2,)
    assert len(await season.rows(Avoid)) == 1


async def test_a_wish_can_be_about_somebody_who_never_joined_or_is_gone(season):
    await avoid.add_avoid(season.database, GUILD, 1, GONE)
    assert await avoid.list_avoids(season.database, GUILD, 1) == (GONE,)
    assert await avoid.remove_avoid(season.database, GUILD, 1, GONE) == ()


async def test_each_list_is_ones_own(season):
    await avoid.add_avoid(season.database, GUILD, 1, 2)
    assert await avoid.list_avoids(season.database, GUILD, 2) == ()
    with pytest.raises(NotFound, match=r"avoid\.not-listed"):
        await avoid.remove_avoid(season.database, GUILD, 2, 1)


async def test_avoiding_oneself_is_refused(season):
    with pytest.raises(InvalidInput, match=r"avoid\.yourself"):
        await avoid.add_avoid(season.database, GUILD, 1, 1)


async def test_who_never_joined_has_no_list(season):
    with pytest.raises(NotFound, match=r"person\.not-joined"):
        await avoid.add_avoid(season.database, GUILD, GONE, 1)


async def test_a_wish_leaves_no_notice_no_delivery_and_no_log_line(season, caplog):
    caplog.set_level(logging.DEBUG, logger="bot")
    await avoid.add_avoid(season.database, GUILD, 1, 2)
    assert not await season.rows(Notice)
    assert not await season.rows(Delivery)
    assert not caplog.records


async def test_a_wish_does_not_end_with_leaving(season):
    await avoid.add_avoid(season.database, GUILD, 1, 2)
    await people.leave(season.database, GUILD, season.program_id, 1, BEFORE)
    await people.join(season.database, GUILD, season.program_id, 1, people.Profile(), BEFORE)
    assert await avoid.list_avoids(season.database, GUILD, 1) == (2,)


async def test_who_is_left_over_for_a_wish_of_others_reads_a_reason_that_tells_nothing_of_it(database):
    season = await start_season(database, members=4)
    for user in (2, 3, 4):
        await avoid.add_avoid(database, GUILD, user, 1)
    await season.happen(START)
    standing = await mine.get_standing(database, GUILD, season.program_id, 1, START + DAY)
    assert standing.absence is mine.Absence.NOT_PLACED
    assert text(f"reason.{standing.reason}") == text(f"reason.{Reason.SIZES_DO_NOT_ADD_UP}")
    exported = await privacy.export(database, 1, START + DAY)
    assert "avoid" not in json.dumps(exported["guilds"][0]["unplaced"])
