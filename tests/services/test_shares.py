"""Several processes, each with its part of the guilds, on one database."""

import asyncio
from dataclasses import replace

from sqlalchemy import select

from bot.domain.shards import SHIFT, WHOLE, Share
from bot.errors import Conflict
from bot.services import deliveries, due, people
from bot.services.people import Profile
from db.models import Delivery, Enrollment, Occurrence, Person
from tests.services.season import DAY, GUILD, START, WEEK, WORLD

OURS, THEIRS = Share(frozenset({GUILD >> SHIFT}), 2), Share(frozenset({1 - (GUILD >> SHIFT)}), 2)


def test_every_guild_belongs_to_exactly_one_share():
    shares = [Share(frozenset({0, 3}), 4), Share(frozenset({1}), 4), Share(frozenset({2}), 4)]
    guilds = [(number << SHIFT) + 5 * number for number in range(200)]
    assert all(sum(share.owns(guild) for share in shares) == 1 for guild in guilds)
    assert [sum(share.owns(guild) for guild in guilds) for share in shares] == [100, 50, 50]
    assert sum(share.part for share in shares) == 1
    assert WHOLE.is_whole
    assert [share.is_first for share in shares] == [True, False, False]


async def test_what_comes_due_in_a_guild_is_left_to_the_process_of_its_shard(season):
    next_week = START + WEEK
    await due.run_due(season.database, replace(WORLD, share=THEIRS), next_week, lambda: 7)
    before = len(await season.rows(Occurrence))
    assert await due.next_due(season.database, THEIRS) is None
    assert await due.next_due(season.database, OURS) <= next_week
    await due.run_due(season.database, replace(WORLD, share=OURS), next_week, lambda: 7)
    assert len(await season.rows(Occurrence)) > before


async def test_deliveries_leave_from_the_process_of_the_guilds_shard(season):
    await season.run(START + WEEK)
    assert await deliveries.claim(season.database, START + WEEK, THEIRS) is None
    assert await deliveries.claim(season.database, START + WEEK, OURS) is not None
    assert await deliveries.recover(season.database, START + WEEK, THEIRS) == 0
    assert await deliveries.recover(season.database, START + WEEK, OURS) == 1


async def test_what_one_holds_is_not_taken_up_anew_when_its_lease_is_over(season):
    await season.run(START + WEEK)
    job = await deliveries.claim(season.database, START + WEEK)
    later = START + WEEK + DAY
    taken = []
    while (other := await deliveries.claim(season.database, later, WHOLE, (job.id, *taken))) is not None:
        taken.append(other.id)
    assert job.id not in taken
    assert (await deliveries.claim(season.database, later)).id == job.id


async def test_many_who_claim_at_once_never_take_the_same(season):
    for week in (1, 2):
        await season.run(START + week * WEEK)
    now = START + 2 * WEEK
    seen: list[int] = []

    async def work() -> None:
        while (job := await deliveries.claim(season.database, now)) is not None:
            seen.append(job.id)
            await deliveries.finish(season.database, job, deliveries.Outcome(10_000 + job.id), now)

    await asyncio.gather(*(work() for _ in range(8)))
    pending = await season.rows(Delivery, Delivery.finished_at.is_(None))
    assert not pending
    assert len(seen) == len(set(seen)) > 3


async def test_two_who_look_at_what_is_due_at_once_carry_it_out_once(season):
    next_week = START + WEEK
    await asyncio.gather(*(due.run_due(season.database, WORLD, next_week, lambda: 7) for _ in range(4)))
    claimed = await season.rows(Occurrence, Occurrence.due_at == next_week)
    assert len({each.schedule_id for each in claimed}) == len(claimed) > 0
    keys = await season.database.read(lambda session: session.scalars(select(Delivery.key)))
    assert len(set(keys.all())) > 0


async def test_clicks_at_once_enrol_once(season):
    """FAILURES F9: quick clicks do not register twice, even where each is a transaction of its own."""
    clicks = [people.join(season.database, GUILD, season.program_id, 77, Profile(), START) for _ in range(8)]
    outcomes = await asyncio.gather(*clicks, return_exceptions=True)
    assert {type(each) for each in outcomes if isinstance(each, BaseException)} <= {Conflict}
    (person,) = await season.rows(Person, Person.user_id == 77)
    assert len(await season.rows(Enrollment, Enrollment.person_id == person.id)) == 1
