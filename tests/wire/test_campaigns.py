"""Short versions of the campaigns: an unmodified bot in a process of its own, killed and lied to."""

from pathlib import Path

import pytest

from tests.wire.ambiguity import publish_in_storms
from tests.wire.answers import answer_through_kills, back_up_meanwhile
from tests.wire.cancel import cancel_at_random
from tests.wire.client import Wire, running, wait_until
from tests.wire.kill import count_effects, finish, fresh, kill_at_commits, kill_at_random, kill_at_requests
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
    tally = kill_at_random(wire, published, tmp_path / "run", kills=3, seed=5)
    assert tally.amiss == []
    assert tally.kills == 3
    assert tally.effects >= tally.rounds * (CIRCLES * (SIZE + 2) + WITHOUT_CIRCLE)


def test_killed_at_a_request_a_rotation_that_came_due_is_published_once(wire: Wire, due: Place, tmp_path: Path):
    tally = kill_at_requests(wire, due, tmp_path / "run", [{"at": 35, "before": False}])
    assert (tally.amiss, tally.kills) == ([], 1)


def test_killed_at_a_commit_a_rotation_that_came_due_is_published_once(wire: Wire, due: Place, tmp_path: Path):
    tally = kill_at_commits(wire, due, tmp_path / "run", ["14:after"])
    assert (tally.amiss, tally.kills) == ([], 1)


def test_where_answers_are_lost_and_storms_come_everything_is_there_once(wire: Wire, published: Place, tmp_path: Path):
    """FAILURES F10: what was done before Discord failed is found, not done again."""
    done = publish_in_storms(wire, published, tmp_path / "run", rounds=1, fail_after=0.1, drop_after=0.1)
    assert done.tally.amiss == []
    assert done.lost_answers > 0
    assert done.most_invalid < 100


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


def test_closed_direct_messages_and_a_deleted_thread_cost_nobody_else_anything(
    wire: Wire, published: Place, tmp_path: Path
):
    """FAILURES F11 and F17: told by Discord itself, over the wire."""
    place = fresh(wire, published, tmp_path / "run", number=0)
    closed = place.users[-1]
    wire.control("close_dms", users=[closed])
    finish(wire, place)
    found = verify(place, wire)
    assert (len(found.lost), found.doubled) == (1, ())
    assert [each for each in found.wrong if "is dead" not in each] == []
    assert place.rows("SELECT error_code FROM delivery WHERE lower(state) = 'dead'") == [(50007,)]


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


def test_the_bot_comes_back_where_the_gateway_asks_it_to(wire: Wire, published: Place, tmp_path: Path):
    """FAILURES F21: a reconnect sends nothing again."""
    place = fresh(wire, published, tmp_path / "run", number=0)
    with running(wire, place.folder) as bot:
        wait_until(lambda: not place.unfinished(), "all is delivered")
        before = count_effects(wire)
        for code, kind in ((None, "resume"), (4000, "resume")):
            known = len(wire.ledger(kind))
            wire.control("disturb", code=code)
            wait_until(lambda known=known, kind=kind: len(wire.ledger(kind)) > known, "the bot resumes")
        assert bot.stop() == 0
    assert count_effects(wire) == before
    assert verify(place, wire) == Found()
