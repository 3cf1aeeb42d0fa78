"""The pages of health and figures of a bot that runs, read from outside, and what ends it for good."""

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

from tests.test_health_server import free_port
from tests.wire.client import Bot, Wire, running, wait_until
from tests.wire.kill import finish, fresh
from tests.wire.place import Place, make_place
from tests.wire.test_token import WORDS
from tests.wire.verify import Found, verify


def read(port: int, page: str) -> tuple[int, str]:
    """Ask for a page; nothing is 0, as long as nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()
    except OSError:
        return 0, ""


def figure(port: int, sample: str) -> float:
    """Read one figure."""
    (found,) = re.findall(rf"^{re.escape(sample)} (\S+)$", read(port, "metrics")[1], re.MULTILINE)
    return float(found)


def delivered(place: Place, bot: Bot) -> bool:
    """Tell whether everything has left."""
    assert bot.alive, bot.words()
    return not place.unfinished()


def test_a_bot_that_runs_tells_from_outside_how_it_is_and_names_nobody(wire: Wire, tmp_path: Path):
    place = fresh(wire, make_place(tmp_path / "place", 2), tmp_path / "run", number=0, shards=2, at_once=2)
    port = free_port()
    with running(wire, place.folder, "--of", "2", METRICS_PORT=str(port)) as bot:
        wait_until(lambda: read(port, "healthz")[0] == 200, "the process answers")
        wait_until(lambda: read(port, "readyz")[0] == 200, "the bot is ready")
        wait_until(lambda: delivered(place, bot), "all is delivered")
        wait_until(lambda: figure(port, 'peer_circles_delivery_attempts_total{result="done"}') > 0, "it is counted")
        page = read(port, "metrics")[1]
        assert [figure(port, f'peer_circles_gateway_connected{{shard="{each}"}}') for each in range(2)] == [1, 1]
        assert figure(port, 'peer_circles_outbox_deliveries{state="pending"}') == 0
        assert figure(port, 'peer_circles_discord_answers_total{status="200"}') > 0
        assert figure(port, 'peer_circles_discord_answers_total{status="429"}') == 0
        assert figure(port, "peer_circles_event_loop_lag_seconds_count") > 0
        assert figure(port, "process_resident_memory_bytes") > 1_000_000
        assert "Circles" not in page
        assert not [user for user in place.users if str(user) in page]
        assert json.loads(read(port, "readyz")[1]) == {"status": "ok", "database": True, "discord": True, "clock": True}
        assert bot.stop() == 0
    assert verify(place, wire) == Found()


def test_a_token_that_the_gateway_refuses_ends_the_bot_and_nothing_is_tried_again(wire: Wire, tmp_path: Path):
    """Discord closes a connection with 4004 when the token was changed meanwhile."""
    place = fresh(wire, make_place(tmp_path / "place", 1), tmp_path / "run", number=0)
    port = free_port()
    with running(wire, place.folder, METRICS_PORT=str(port)) as bot:
        wait_until(lambda: read(port, "readyz")[0] == 200, "the bot is ready")
        wire.control("disturb", code=4004)
        assert bot.process.wait(60) == 2
        assert bot.words().count(WORDS) == 1
        assert "Traceback" not in bot.words()
        assert len(wire.ledger("identify")) == 1
    finish(wire, place)
    assert verify(place, wire) == Found()
