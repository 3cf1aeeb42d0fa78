"""A short version of the campaign of three processes on PostgreSQL."""

from pathlib import Path

from tests.backends import PostgresServer
from tests.wire.client import Wire
from tests.wire.processes import PROCESSES, Havoc, identified_apart, make_shared_place, wreak_havoc


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
