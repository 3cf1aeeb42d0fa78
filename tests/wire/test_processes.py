"""A short version of the campaign of three processes on PostgreSQL."""

from pathlib import Path

import psycopg

from db.shards import IDENTIFY
from tests.backends import PostgresServer
from tests.wire.client import Wire, running, wait_until
from tests.wire.place import guild
from tests.wire.processes import GUILDS, PROCESSES, Havoc, identified_apart, make_shared_place, wreak_havoc

WAITS = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_three_processes_killed_stopped_and_without_their_database_lose_and_double_nothing(
    postgres_server: PostgresServer, wire: Wire, tmp_path: Path
):
    """FAILURES F10, F19 and F20, for several processes; and their sessions begin one after the other."""
    place = make_shared_place(postgres_server, tmp_path / "place", circles=2)
    apart = identified_apart(wire, place, tmp_path / "run")
    assert len(apart) == PROCESSES - 1
    assert min(apart) >= 5
    tally = wreak_havoc(wire, place, tmp_path / "run", Havoc(kills=1, stops=1, restarts=1), seed=3)
    assert tally.amiss == []
    assert (tally.kills, tally.found.lost, tally.found.doubled) == (1, (), ())


def test_a_process_that_waits_for_its_turn_to_identify_ends_when_it_is_asked_to(
    postgres_server: PostgresServer, wire: Wire, tmp_path: Path
):
    place = make_shared_place(postgres_server, tmp_path / "place", circles=1).fresh(tmp_path / "run", "waiting")
    wire.reset([guild((each + 1,), guild_id=each) for each in GUILDS], shards=PROCESSES)
    with psycopg.connect(host=str(postgres_server.folder), user="postgres", dbname=place.name) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", (IDENTIFY, 0))
        with running(wire, place.folder, "--shards", "0", "--of", str(PROCESSES), DATABASE_URL=place.url) as bot:
            wait_until(lambda: other.execute(WAITS).fetchone() is not None, "it waits")
            assert bot.stop() == 0
