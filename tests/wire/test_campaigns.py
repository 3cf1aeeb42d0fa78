"""Short versions of the campaigns: an unmodified bot in a process of its own, killed and lied to."""

from pathlib import Path

import pytest

from tests.wire.ambiguity import FAULTS, INVALID, most_within
from tests.wire.answers import answer_through_kills, back_up_meanwhile
from tests.wire.cancel import cancel_at_random
from tests.wire.client import Wire, running, wait_until
from tests.wire.kill import dies, finish, fresh, kill_at_random, left_behind
from tests.wire.place import LOBBY, SIZE, Place, Stage, guild, make_place
from tests.wire.verify import Found, verify

CIRCLES, WITHOUT_CIRCLE = 4, 3


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Publish a rotation of which nothing is delivered."""
    return make_place(tmp_path_factory.mktemp("published") / "place", CIRCLES, WITHOUT_CIRCLE)


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Let a rotation come due at the bot's start."""
    return make_place(tmp_path_factory.mktemp("due") / "place", 3, stage=Stage.DUE)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Open the check-ins of some circles."""
    return make_place(tmp_path_factory.mktemp("opened") / "place", 6, stage=Stage.OPEN)


def test_killed_at_random_points_of_publishing_nothing_is_lost_or_doubled(wire: Wire, published: Place, tmp_path: Path):
    """FAILURES F10, F19 and F20: every thread, member, message and direct message is there once."""
    tally = kill_at_random(wire, published, tmp_path / "run", kills=2, seed=5)
    assert tally.amiss == []
    assert tally.kills == 2
    assert tally.effects >= tally.rounds * (CIRCLES * (SIZE + 2) + WITHOUT_CIRCLE)


def test_killed_at_a_request_and_then_at_a_commit_a_rotation_that_came_due_is_published_once(
    wire: Wire, due: Place, tmp_path: Path
):
    """FAILURES F18 and F19: what was decided is carried out, from wherever it stopped."""
    place = fresh(wire, due, tmp_path / "run", number=0)
    with running(wire, place.folder) as bot:
        wire.control("kill", pid=bot.pid, at=35, before=False)
        assert dies(bot, place)
    wait_until(lambda: not left_behind(wire), "what it had started ends too")
    with running(wire, place.folder, WIRE_KILL_AT_COMMIT="14:after") as bot:
        assert dies(bot, place)
    finish(wire, place)
    assert verify(place, wire) == Found()


def test_in_bad_weather_everything_is_there_once_but_what_a_person_closed(wire: Wire, published: Place, tmp_path: Path):
    """FAILURES F10, F11 and F21: answers are lost, storms and reconnects come, and somebody takes no messages."""
    place = fresh(wire, published, tmp_path / "run", number=0)
    wire.control("close_dms", users=[place.users[-1]])
    wire.control("fault", seed=1, **FAULTS | {"fail_after": 0.1, "drop_after": 0.1})
    with running(wire, place.folder) as bot:
        wait_until(lambda: bot.ready and not place.unfinished(), "all is delivered")
        for code in (None, 4000):
            resumed = len(wire.ledger("resume"))
            wire.control("disturb", code=code)
            wait_until(lambda resumed=resumed: len(wire.ledger("resume")) > resumed, "the bot resumes")
        assert bot.stop() == 0
    found = verify(place, wire)
    refused = place.rows("SELECT key, error_code FROM delivery WHERE lower(state) = 'dead'")
    assert [code for _, code in refused] == [50007]
    assert (found.lost, found.doubled) == ((refused[0][0],), ())
    assert found.wrong == (f"{refused[0][0]} (not-placed) is dead",)
    assert wire.ledger("lost")
    assert most_within([line["t"] for line in wire.ledger("request") if line["status"] in INVALID], 600) < 100


def test_what_discord_does_only_after_it_was_looked_for_and_asked_again_is_there_once_in_the_end(
    wire: Wire, published: Place, tmp_path: Path
):
    """FAILURES F10: neither a name, a control nor a nonce helps there; the last look does."""
    place = fresh(wire, published, tmp_path / "run", number=0, nonce_seconds=0.5)
    wire.control("fault", seed=1, late=0.3)
    finish(wire, place)
    assert wire.ledger("late")
    assert wire.ledger("delete-channel")
    assert wire.ledger("delete")
    assert verify(place, wire) == Found()


def test_answers_that_were_acknowledged_outlive_kills(wire: Wire, opened: Place, tmp_path: Path):
    done = answer_through_kills(wire, opened, tmp_path / "run", per_second=3, kills=1)
    assert (done.lost, done.doubled, done.objections) == ((), (), ())
    assert done.acknowledged == done.members
    assert done.kills == 1


def test_a_copy_made_under_load_is_sound_and_holds_what_was_acknowledged_before(
    wire: Wire, opened: Place, tmp_path: Path
):
    done = back_up_meanwhile(wire, opened, tmp_path / "run", per_second=10)
    assert done.members >= 10
    assert (done.lost, done.objections) == ((), ())


def test_after_cancellations_in_mid_transaction_rows_and_counter_agree(tmp_path: Path):
    done = cancel_at_random(tmp_path, cancellations=100)
    assert done.counter == done.rows == done.written


def test_a_request_that_discord_does_not_know_is_refused_and_recorded(wire: Wire):
    wire.reset([guild()])
    for method, path in (("GET", "/api/v10/nowhere"), ("POST", f"/api/v10/channels/{LOBBY}/pins")):
        assert wire.ask(method, path)[0] == 501
    status, refusal = wire.ask("POST", f"/api/v10/channels/{LOBBY}/messages", {"content": ""})
    assert (status, refusal["code"]) == (400, 50035)
    assert [each["what"] for each in wire.objections()] == ["unknown", "unknown", "violation"]


def test_the_same_enforced_nonce_is_one_message_within_its_window_and_two_after_it(wire: Wire):
    body = {"content": "hello", "nonce": "abc", "enforce_nonce": True}
    for seconds, messages in ((600.0, 1), (0.0, 2)):
        wire.reset([guild()], ledger=f"{messages}.jsonl", nonce_seconds=seconds)
        sent = [wire.ask("POST", f"/api/v10/channels/{LOBBY}/messages", body)[1]["id"] for _ in range(2)]
        assert len(set(sent)) == len(wire.ledger("message")) == messages
