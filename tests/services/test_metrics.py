"""What waits is told by how much and since when, for the guilds of one process."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain.states import DeliveryState, OccurrenceState
from bot.services import deliveries, metrics
from bot.services.deliveries import LEASE, Outcome, Result
from bot.services.metrics import Backlog
from db.models import Delivery, Occurrence
from tests.services.season import DAY, HOUR, START, WEEK
from tests.services.test_shares import OURS, THEIRS

NONE = timedelta(0)
NOTHING = Backlog(NONE, {DeliveryState.PENDING: 0, DeliveryState.INFLIGHT: 0}, NONE, NONE)


async def test_where_nothing_waits_everything_is_nought(season):
    await season.happen(START)
    assert await metrics.measure(season.database, START) == NOTHING


async def test_a_schedule_that_nobody_looks_at_is_told_with_how_late_it_is(season):
    await season.happen(START)
    assert (await metrics.measure(season.database, START + WEEK + HOUR, OURS)).overdue >= HOUR
    assert await metrics.measure(season.database, START + WEEK + HOUR, THEIRS) == NOTHING
    await season.happen(START + WEEK + HOUR)
    assert (await metrics.measure(season.database, START + WEEK + HOUR)).overdue == NONE


async def test_a_rotation_that_was_claimed_and_is_not_formed_goes_on_being_late(season):
    await season.happen(START)
    left = update(Occurrence).where(Occurrence.due_at == START).values(state=OccurrenceState.CLAIMED)
    await season.database.write(lambda session: session.execute(left))
    assert (await metrics.measure(season.database, START + HOUR)).overdue == HOUR


async def test_the_outbox_tells_what_waits_since_when_and_since_when_it_might_have_left(season):
    await season.run(START + WEEK)
    began = START + WEEK
    waiting = len(await season.rows(Delivery, Delivery.state == DeliveryState.PENDING))
    found = await metrics.measure(season.database, began + HOUR)
    assert found.outbox == {DeliveryState.PENDING: waiting, DeliveryState.INFLIGHT: 0}
    assert (found.outbox_late, found.outbox_oldest) == (HOUR, HOUR)
    assert await metrics.measure(season.database, began, THEIRS) == NOTHING


async def test_one_that_is_under_way_or_put_off_is_old_but_not_late(season):
    began = START + WEEK
    await season.run(began)
    jobs = []
    while (job := await deliveries.claim(season.database, began)) is not None:
        jobs.append(job)  # one of each lane; what is behind it waits for it
    found = await metrics.measure(season.database, began + LEASE / 2)
    assert found.outbox[DeliveryState.INFLIGHT] == len(jobs) > 0
    assert (found.outbox_late, found.outbox_oldest) == (NONE, LEASE / 2)
    assert (await metrics.measure(season.database, began + LEASE + HOUR)).outbox_late == HOUR
    for job in jobs:
        await deliveries.finish(season.database, job, Outcome(error_code=50013, retry_after=DAY), began)
    later = await metrics.measure(season.database, began + HOUR)
    assert (later.outbox_late, later.outbox_oldest) == (NONE, HOUR)


async def test_the_database_shows_that_it_answers_and_that_it_writes(season):
    before = await season.rows(Delivery)
    await metrics.see_that_it_answers(season.database)
    await metrics.see_that_it_writes(season.database)
    assert [each.id for each in await season.rows(Delivery)] == [each.id for each in before]


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Outcome(1, 2), Result.DONE),
        (Outcome(error_code=50013, retry_after=HOUR), Result.RETRIED),
        (Outcome(retry_after=HOUR), Result.PUT_OFF),
        (Outcome(error_code=10003), Result.DEAD),
    ],
)
def test_what_came_of_an_attempt_has_a_name(outcome: Outcome, result: Result):
    assert outcome.result is result
