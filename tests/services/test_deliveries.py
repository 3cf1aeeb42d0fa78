"""The outbox: order in lanes, leases, fences, waits, and what the moderators are told."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import select

from bot.domain.states import DeliveryKind, DeliveryState
from bot.errors import NotFound
from bot.services import deliveries
from bot.services.deliveries import LEASE, LONGEST_WAIT, TELL_AFTER, UNKNOWN_CHANNEL, WAITING, Job, Outcome
from db.engine import Database
from db.models import Circle, Delivery, Notice, Program, Rotation
from tests.services.season import FIRST_DAY

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FORBIDDEN = 50013


@dataclass
class Outbox:
    """A program with one circle, whose deliveries are written by hand."""

    database: Database

    async def write(self, *lanes: str, kind: DeliveryKind = DeliveryKind.CHECKIN_CARD, **about: int) -> list[Delivery]:
        """Write one delivery for each lane named, in this order."""

        async def enqueue(session):
            made = [deliveries.enqueue(session, kind, lane, 1, NOW, **about) for lane in lanes]
            await session.flush()
            return made

        return await self.database.write(enqueue)

    async def claim(self, now: datetime = NOW) -> Job | None:
        """Claim a delivery, if one may leave."""
        return await deliveries.claim(self.database, now)

    async def need(self, now: datetime = NOW) -> Job:
        """Claim a delivery; there must be one."""
        job = await self.claim(now)
        assert job is not None
        return job

    async def finish(self, job: Job, now: datetime = NOW, **outcome) -> None:
        """Record what Discord answered."""
        await deliveries.finish(self.database, job, Outcome(**outcome), now)

    async def all(self) -> list[Delivery]:
        """Return every delivery."""

        async def load(session):
            return list(await session.scalars(select(Delivery).order_by(Delivery.id)))

        return await self.database.read(load)

    async def told(self) -> list[str]:
        """Return the lines to the moderators."""

        async def load(session):
            return [each.message for each in await session.scalars(select(Notice).order_by(Notice.id))]

        return await self.database.read(load)

    async def thread(self) -> int | None:
        """Return the circle's thread."""
        return (await self.database.read(lambda session: session.get_one(Circle, 1))).thread_id


@pytest.fixture
async def outbox(database: Database) -> Outbox:
    async def fill(session):
        rules = {"size_least": 3, "size_wanted": 5, "size_most": 6, "rotation_weeks": 4, "checkin_weekday": 0}
        program = Program(
            guild_id=1,
            name="Circles",
            lobby_channel_id=2,
            zone="UTC",
            first_day=FIRST_DAY,
            checkin_hour=9,
            created_at=NOW,
            **rules,
        )
        session.add(program)
        await session.flush()
        rotation = Rotation(program_id=1, number=1, starts_at=NOW, ends_at=NOW, seed=1, quality={}, created_at=NOW)
        session.add(rotation)
        await session.flush()
        session.add(Circle(rotation_id=rotation.id, number=1, facts={}, thread_id=77))

    await database.write(fill)
    return Outbox(database)


async def test_a_lane_keeps_its_order_whatever_happens_to_its_head(outbox):
    """FAILURES F10: what a circle is told second never overtakes what it is told first."""
    written = await outbox.write(*["circle:1"] * 5)
    rng, now, done = Random(3), NOW, []
    while (job := await outbox.claim(now)) is not None:
        assert await outbox.claim(now) is None  # the head is in flight: nothing else of its lane leaves
        if rng.random() < 0.5:
            await outbox.finish(job, now, error_code=500, retry_after=SECOND)
            now += SECOND
        else:
            await outbox.finish(job, now, result_id=1)
            done.append(job.id)
    assert done == [each.id for each in written]


async def test_a_waiting_head_holds_its_own_lane_and_no_other(outbox):
    """FAILURES F11: one refusal does not stop the others."""
    held, _, free, second = await outbox.write("circle:1", "circle:1", "circle:2", "circle:2")
    job = await outbox.need()
    assert job.id == held.id
    await outbox.finish(job, error_code=500, retry_after=timedelta(hours=1))
    for expected in (free, second):
        job = await outbox.need()
        assert job.id == expected.id
        await outbox.finish(job)
    assert await outbox.claim() is None
    assert (await outbox.need(NOW + timedelta(hours=1))).id == held.id


async def test_what_is_given_up_lets_its_lane_go_on(outbox):
    """FAILURES F11: closed direct messages are recorded for the person, and the next one is told."""
    closed, next_one = await outbox.write("dm", "dm", kind=DeliveryKind.NOT_PLACED)
    await outbox.finish(await outbox.need(), error_code=50007)
    assert (await outbox.need()).id == next_one.id
    first = (await outbox.all())[0]
    assert (first.id, first.state, first.error_code) == (closed.id, DeliveryState.DEAD, 50007)
    assert await outbox.told() == []


async def test_a_late_answer_to_a_lost_claim_changes_nothing(outbox):
    """FAILURES F20: whoever took a delivery up after the lease has the last word."""
    await outbox.write("circle:1")
    lost = await outbox.need()
    later = NOW + LEASE
    taken_up = await outbox.need(later)
    assert (taken_up.id, taken_up.tried_before) == (lost.id, True)
    await outbox.finish(lost, later, error_code=FORBIDDEN)
    await outbox.finish(taken_up, later, result_id=5)
    await outbox.finish(lost, later, result_id=6)
    (delivery,) = await outbox.all()
    assert (delivery.state, delivery.result_id, delivery.error_code) == (DeliveryState.DONE, 5, None)


async def test_nobody_takes_up_what_is_in_flight_before_its_lease_is_over(outbox):
    await outbox.write("circle:1")
    await outbox.need()
    assert await outbox.claim(NOW + LEASE - SECOND) is None


async def test_after_a_start_what_was_in_flight_is_taken_up_at_once(outbox):
    """FAILURES F20: and it says that it may have reached Discord, so that it is looked up."""
    await outbox.write("circle:1", "circle:2")
    first = await outbox.need()
    assert not first.tried_before
    assert await deliveries.recover(outbox.database, NOW) == 1
    again = await outbox.need()
    assert (again.id, again.tried_before) == (first.id, True)


async def test_an_outcome_for_a_delivery_that_is_gone_is_dropped(outbox):
    await outbox.write("circle:1")
    job = await outbox.need()

    async def remove(session):
        await session.delete(await session.get_one(Delivery, job.id))

    await outbox.database.write(remove)
    await outbox.finish(job, result_id=1)
    assert await outbox.all() == []


def test_waits_grow_up_to_six_hours():
    waits = [deliveries.wait_before_attempt(attempts) for attempts in range(1, 51)]
    assert all(one <= next_one for one, next_one in pairwise(waits))
    assert (waits[0], waits[-1]) == (2 * SECOND, LONGEST_WAIT)


async def test_a_thread_becomes_its_circles_once_discord_answered(outbox):
    await outbox.write("circle:1", kind=DeliveryKind.OPEN_THREAD, circle_id=1)
    await outbox.finish(await outbox.need(), result_id=123)
    assert await outbox.thread() == 123


async def test_a_thread_that_cannot_be_opened_is_told_the_moderators_once(outbox):
    """FAILURES F10: nobody is left wondering why a circle has no thread."""
    await outbox.write("circle:1", kind=DeliveryKind.OPEN_THREAD, circle_id=1)
    await outbox.write("circle:1", "circle:1", kind=DeliveryKind.ADD_MEMBER, circle_id=1)
    await outbox.finish(await outbox.need(), error_code=FORBIDDEN)
    assert await outbox.thread() is None
    for _ in range(2):
        await outbox.finish(await outbox.need(), error_code=0)
    assert await outbox.told() == ["notice.thread-not-opened"]


async def test_a_thread_that_somebody_deleted_is_told_the_moderators_once(outbox):
    """FAILURES F17: one line, and what is meant for other circles goes on."""
    await outbox.write("circle:1", "circle:1", "circle:2", circle_id=1)
    for _ in range(2):
        await outbox.finish(await outbox.need(), error_code=UNKNOWN_CHANNEL)
    assert await outbox.told() == ["notice.thread-gone"]
    assert await outbox.thread() is None
    assert (await outbox.need()).kind is DeliveryKind.CHECKIN_CARD


async def test_moderators_hear_of_lasting_refusals_once_a_day(outbox):
    """FAILURES F16: a permission that was taken away meanwhile is told while it can still be granted."""
    await outbox.write(*(f"circle:{number}" for number in range(1, 9)))
    now = NOW
    for attempt in range(1, TELL_AFTER + 1):
        assert await outbox.told() == []
        for _ in range(8):
            job = await outbox.need(now)
            assert job.attempts == attempt
            await outbox.finish(job, now, error_code=FORBIDDEN, retry_after=SECOND)
        now += SECOND
    assert await outbox.told() == [WAITING]


async def test_a_control_of_a_delivery_that_never_was_says_so(outbox):
    """FAILURES F34: a control that is in no use any more answers."""
    (written,) = await outbox.write("circle:1", circle_id=1)
    assert (await deliveries.get_subject(outbox.database, written.key)).circle_id == 1
    with pytest.raises(NotFound):
        await deliveries.get_subject(outbox.database, "nonsense")
