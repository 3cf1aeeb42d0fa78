"""What a process tells of itself, also while its database says nothing; and that the docs know every figure."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from bot import families
from bot.domain.shards import WHOLE
from bot.domain.states import DeliveryState
from bot.metrics import Family
from bot.vitals import Sources, Vitals
from cogs._breaker import Breaker
from cogs._connection import Link
from db.engine import Database, open_database
from db.models import Delivery
from db.sqlite import READERS
from tests.services.season import HOUR, START, WEEK, Season, start_season

DOCS = (Path(__file__).parent.parent / "docs" / "operating.md").read_text(encoding="utf-8")
NAMES = {each.name for each in vars(families).values() if isinstance(each, Family)}
BACKLOG = {families.OVERDUE.name, families.OUTBOX.name, families.LATE.name, families.OLDEST.name}


@pytest.fixture
async def season(database: Database) -> Season:
    """Let a program run."""
    return await start_season(database)


@pytest.fixture
async def held(database: Database) -> AsyncGenerator[None]:
    """Let somebody else have the database: every connection waits for what never comes while the test runs."""
    begun, over = asyncio.Semaphore(0), asyncio.Event()

    async def hold(session):
        await session.execute(select(1))
        begun.release()
        await over.wait()

    work = [asyncio.create_task(take(hold)) for take in (database.write, *[database.read] * READERS)]
    for _ in work:
        await begun.acquire()
    yield
    over.set()
    asked = [task for task in asyncio.all_tasks() if task.get_name() == "vitals"]
    await asyncio.gather(*work, *asked)


def sources(database: Database) -> Sources:
    return Sources(
        database=database,
        messenger=SimpleNamespace(results={"done": 7, "dead": 0}),
        breaker=Breaker(lambda: START),
        share=WHOLE,
        now=lambda: START + WEEK + HOUR,
        links=lambda: {0: Link(is_open=True, latency=0.25)},
        clock_runs=lambda: True,
        last_backup=START.timestamp,
        lines={"ERROR": 2},
    )


def told(page: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))


def value(page: str, sample: str) -> float:
    (found,) = re.findall(rf"^{re.escape(sample)} (\S+)$", page, re.MULTILINE)
    return float(found)


async def test_every_figure_is_told_and_the_docs_name_exactly_these(season):
    vitals = Vitals(sources(season.database))
    vitals.lag.observe(0.01)
    assert told(await vitals.metrics()) == NAMES
    assert set(re.findall(r"^\| `((?:peer_circles|process)_\w+)", DOCS, re.MULTILINE)) == NAMES


async def test_alerts_in_the_docs_ask_for_figures_that_there_are():
    named = set(re.findall(r"\b(?:peer_circles|process)_\w+", DOCS))
    parts = {f"{families.LAG.name}_{suffix}" for suffix in ("bucket", "sum", "count")}
    assert named <= NAMES | parts


async def test_the_figures_are_those_of_the_process(season):
    await season.run(START + WEEK)
    waiting = len(await season.rows(Delivery, Delivery.state == DeliveryState.PENDING))
    page = await Vitals(sources(season.database)).metrics()
    assert value(page, 'peer_circles_outbox_deliveries{state="pending"}') == waiting > 0
    assert value(page, "peer_circles_outbox_late_seconds") == HOUR.total_seconds()
    assert value(page, 'peer_circles_delivery_attempts_total{result="done"}') == 7
    assert value(page, 'peer_circles_discord_answers_total{status="429"}') == 0
    assert value(page, 'peer_circles_gateway_connected{shard="0"}') == 1
    assert value(page, 'peer_circles_gateway_latency_seconds{shard="0"}') == 0.25
    assert value(page, 'peer_circles_log_lines_total{level="ERROR"}') == 2
    assert value(page, "peer_circles_database_up") == 1


async def test_a_database_that_says_nothing_fails_health_and_hides_no_other_figure(
    database: Database, held: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.vitals.PATIENCE_SECONDS", 0.01)
    vitals = Vitals(sources(database))
    page = await vitals.metrics()
    assert value(page, "peer_circles_database_up") == 0
    assert told(page) == NAMES - BACKLOG
    assert await vitals.health() == {"database": False}
    assert await vitals.readiness() == {"database": False, "discord": True, "clock": True}


async def test_a_database_that_says_nothing_is_not_asked_again_and_again(
    database: Database, held: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.vitals.PATIENCE_SECONDS", 0.01)
    vitals = Vitals(sources(database))
    assert [await vitals.health() for _ in range(3)] == [{"database": False}] * 3
    assert [task.get_name() for task in asyncio.all_tasks()].count("vitals") == 1


async def test_a_database_that_refuses_is_logged_by_the_kind_of_the_refusal_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with open_database(tmp_path / "empty.db", None) as empty:
        page = await Vitals(sources(empty)).metrics()
    assert value(page, "peer_circles_database_up") == 0
    assert [each.getMessage() for each in caplog.records] == ["The database does not answer: OperationalError"]


async def test_a_closed_database_is_not_ready(tmp_path: Path):
    async with open_database(tmp_path / "closed.db", None) as closed:
        vitals = Vitals(sources(closed))
        assert (await vitals.readiness())["database"] is True
    assert (await vitals.readiness())["database"] is False


@pytest.mark.parametrize(
    ("links", "ready"),
    [
        ({0: Link(is_open=True, latency=0.1), 1: Link(is_open=True, latency=0.1)}, True),
        ({0: Link(is_open=True, latency=0.1), 1: Link(is_open=False, latency=float("inf"))}, False),
        ({}, False),
    ],
)
async def test_a_bot_is_ready_once_every_shard_is_connected(season, links, ready):
    vitals = Vitals(replace(sources(season.database), links=lambda: links))
    assert await vitals.readiness() == {"database": True, "discord": ready, "clock": True}


async def test_a_shard_without_a_beat_has_no_time_to_tell(season):
    links = {0: Link(is_open=True, latency=float("inf")), 1: Link(is_open=False, latency=0.2)}
    page = await Vitals(replace(sources(season.database), links=lambda: links)).metrics()
    assert value(page, 'peer_circles_gateway_connected{shard="1"}') == 0
    assert families.LATENCY.name not in told(page)
