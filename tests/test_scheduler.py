import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import PulseSettings, Settings
from bot.housekeeping import nightly_backup
from bot.pulse_keys import open_pulse_keys
from bot.scheduler import Scheduler
from db.backups import integrity
from db.vault import open_vault

LONG = timedelta(days=300)
SOON = timedelta(milliseconds=20)
START = datetime(2031, 3, 6, 12, tzinfo=UTC)


class World:
    """A database's stand-in: what is due when, and every look that was taken."""

    def __init__(self) -> None:
        self.shift = START - datetime.now(UTC)
        self.looks: list[datetime] = []
        self.answers: list[datetime | BaseException | None] = []
        self.looking = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self._looked = asyncio.Condition()

    def now(self) -> datetime:
        """Tell a time years ahead of the machine's: nothing may mix the two up."""
        return datetime.now(UTC) + self.shift

    async def run_due(self, now: datetime) -> datetime | None:
        """Note the look and give the next answer."""
        self.looking += 1
        self.most_at_once = max(self.most_at_once, self.looking)
        self.looks.append(now)
        async with self._looked:
            self._looked.notify_all()
        await self.gate.wait()
        self.looking -= 1
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def looked(self, times: int) -> None:
        """Wait until so many looks were taken."""
        async with asyncio.timeout(30), self._looked:
            await self._looked.wait_for(lambda: len(self.looks) >= times)


@pytest.fixture
async def world() -> World:
    """Make a world in which nothing is due."""
    return World()


@pytest.fixture
async def scheduler(world: World):
    """Make a scheduler that is not started and whose sweep never comes, and stop it at the end."""
    made = Scheduler(world.run_due, {}, world.now, sweep=LONG)
    yield made
    await made.stop()


async def test_it_looks_at_once_when_it_starts(world: World, scheduler: Scheduler):
    """FAILURES F18, F22: what fell due while the bot was down is looked at first."""
    scheduler.start()
    await world.looked(1)
    assert abs(world.looks[0] - START) < timedelta(minutes=1)


async def test_it_looks_again_at_the_moment_that_the_last_look_named(world: World, scheduler: Scheduler):
    due = world.now() + timedelta(seconds=1.1)
    world.answers = [due]
    scheduler.start()
    await world.looked(2)
    assert world.looks[1] >= due


async def test_it_wakes_at_a_new_moment_that_comes_before_the_known_one(world: World, scheduler: Scheduler):
    world.answers = [world.now() + LONG]
    scheduler.start()
    await world.looked(1)
    soon = world.now() + SOON
    scheduler.wake_at(soon)
    await world.looked(2)
    assert world.looks[1] >= soon


async def test_a_later_moment_does_not_put_off_an_earlier_one(world: World, scheduler: Scheduler):
    scheduler.start()
    await world.looked(1)
    scheduler.wake_at(world.now() + SOON)
    scheduler.wake_at(world.now() + LONG)
    await world.looked(2)


async def test_a_moment_that_has_passed_means_at_once(world: World, scheduler: Scheduler):
    scheduler.start()
    await world.looked(1)
    scheduler.wake_at(world.now() - LONG)
    await world.looked(2)


async def test_waking_before_the_start_and_after_the_end_does_nothing(world: World):
    scheduler = Scheduler(world.run_due, {}, world.now, sweep=LONG)
    scheduler.wake_at(world.now() + SOON)
    scheduler.wake_at(world.now() + SOON)
    scheduler.start()
    await world.looked(1)
    await scheduler.stop()
    scheduler.wake_at(world.now())
    await asyncio.sleep(0.05)
    assert len(world.looks) == 1


async def test_the_sweep_looks_although_nothing_said_when(world: World):
    """FAILURES F24: a moment that was missed, or a clock that was set, is found at the next sweep."""
    scheduler = Scheduler(world.run_due, {}, world.now, sweep=SOON)
    scheduler.start()
    await world.looked(4)
    await scheduler.stop()


async def test_a_look_that_fails_is_logged_and_the_next_one_comes(world: World, caplog: pytest.LogCaptureFixture):
    """FAILURES F26: no exception ends the looking, not even a cancelled wait inside it."""
    world.answers = [RuntimeError("on purpose"), asyncio.CancelledError()]
    scheduler = Scheduler(world.run_due, {}, world.now, sweep=SOON)
    scheduler.start()
    await world.looked(4)
    await scheduler.stop()
    failures = [record for record in caplog.records if record.name == "bot.scheduler"]
    assert [record.levelno for record in failures] == [logging.ERROR] * 2
    assert "on purpose" in caplog.text


async def test_looks_never_overlap_and_rings_during_one_lead_to_one_more(world: World, scheduler: Scheduler):
    """FAILURES F24: ten changes at once are one look, not ten."""
    world.gate.clear()
    scheduler.start()
    await world.looked(1)
    for _ in range(10):
        scheduler.wake_at(world.now())
    await asyncio.sleep(0.05)
    assert len(world.looks) == 1
    world.gate.set()
    await world.looked(2)
    await asyncio.sleep(0.05)
    assert len(world.looks) == 2
    assert world.most_at_once == 1


async def test_what_stays_due_is_not_looked_at_in_a_hot_loop(world: World, scheduler: Scheduler):
    """FAILURES F24: an answer in the past waits a breath."""
    world.answers = [START - LONG] * 1000
    scheduler.start()
    await world.looked(2)
    assert world.looks[1] - world.looks[0] >= timedelta(seconds=0.9)


async def test_a_chore_is_done_at_the_clocks_now_and_its_failure_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
):
    """FAILURES F26: a chore that fails comes again, and spares the others."""
    done: list[datetime] = []
    finished = asyncio.Event()

    async def fail(_now: datetime) -> None:
        raise OSError("disk full")

    async def sweep_the_floor(now: datetime) -> None:
        done.append(now)
        finished.set()

    scheduler = Scheduler(world.run_due, {"fail": fail, "floor": sweep_the_floor}, world.now, sweep=LONG)
    scheduler.start()
    ring_now(scheduler, "chore fail", "chore floor")
    await asyncio.wait_for(finished.wait(), 30)
    ring_now(scheduler, "chore fail")
    await until(lambda: caplog.text.count("disk full") == 2)
    assert done[0].year == START.year
    assert scheduler._clock.get_job("chore fail") is not None
    await scheduler.stop()


def ring_now(scheduler: Scheduler, *jobs: str) -> None:
    """Let the real clock's jobs come due at once."""
    for job in jobs:
        scheduler._clock.modify_job(job, next_run_time=datetime.now(UTC))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.01)


async def test_no_job_is_dropped_for_coming_late(world: World):
    """FAILURES F26: APScheduler drops what is a second late, unless it is told otherwise."""
    finished = asyncio.Event()

    async def note(_now: datetime) -> None:
        finished.set()

    scheduler = Scheduler(world.run_due, {"note": note}, world.now, sweep=LONG)
    scheduler.start()
    await world.looked(1)
    scheduler.wake_at(world.now() + LONG)
    for job in scheduler._clock.get_jobs():
        assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
        job.modify(next_run_time=datetime.now(UTC) - timedelta(hours=3))
    await asyncio.wait_for(finished.wait(), 30)
    await world.looked(2)
    await scheduler.stop()


async def test_stopping_ends_what_is_running_and_can_be_done_twice(world: World):
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(_now: datetime) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    world.gate.clear()
    scheduler = Scheduler(world.run_due, {"endless": endless}, world.now, sweep=LONG)
    scheduler.start()
    await world.looked(1)
    ring_now(scheduler, "chore endless")
    await asyncio.wait_for(begun.wait(), 30)
    await scheduler.stop()
    assert ended.is_set()
    await scheduler.stop()
    assert len(asyncio.all_tasks()) == 1


async def test_the_nightly_backup_keeps_as_many_copies_as_configured(database_file: Path):
    settings = Settings(folder=database_file.parent)
    copy = nightly_backup(settings)
    for night in range(settings.database.backups_kept + 2):
        await copy(START + timedelta(days=night))
    copies = sorted((database_file.parent / "backups").iterdir())
    assert len(copies) == settings.database.backups_kept
    assert copies[0].name == "peer-circles-20310308T120000Z.db"
    assert integrity(copies[0]) == []


async def test_the_nightly_backup_covers_the_vault_and_counts_its_copies_apart(database_file: Path):
    settings = Settings(folder=database_file.parent, pulse=PulseSettings(database="peer-circles-pulse.db"))
    async with open_vault(settings.pulse_file, open_pulse_keys(settings)) as vault:
        await vault.give_consent(1, 2, 3)
        copy = nightly_backup(settings)
        for night in range(settings.database.backups_kept + 1):
            await copy(START + timedelta(days=night))
    copies = sorted((database_file.parent / "backups").glob("peer-circles-pulse-2*.db"))
    assert len(copies) == settings.database.backups_kept
    assert len(list(copies[0].parent.iterdir())) == 2 * settings.database.backups_kept
    async with open_vault(copies[-1], open_pulse_keys(settings)) as restored:
        assert await restored.find_consent(1, 2) == 3


async def test_what_nobody_did_at_night_is_done_after_a_start(world: World):
    """FAILURES F18: the machine may be off each night at that hour."""
    done: list[datetime] = []

    async def note(now: datetime) -> None:
        done.append(now)

    scheduler = Scheduler(world.run_due, {"note": note}, world.now, sweep=LONG)
    scheduler.start()
    ring_now(scheduler, "late note")
    await until(lambda: bool(done))
    await scheduler.stop()


async def test_a_copy_that_is_hours_old_needs_no_other(database_file: Path):
    settings = Settings(folder=database_file.parent)
    copy = nightly_backup(settings)
    for hours in (0, 6, 18):
        await copy(START + timedelta(hours=hours))
    assert len(list((database_file.parent / "backups").iterdir())) == 2


async def test_the_copies_of_two_files_of_the_same_name_do_not_meet(database_file: Path):
    settings = Settings(folder=database_file.parent, pulse=PulseSettings(database="peer-circles.pulse"))
    async with open_vault(settings.pulse_file, open_pulse_keys(settings)):
        await nightly_backup(settings)(START)
    backups = database_file.parent / "backups"
    assert sorted(each.parent.name for each in backups.rglob("*.db")) == ["backups", "pulse"]
