"""A token that Discord refuses ends the bot at once, with one line and nothing tried again."""

from pathlib import Path

from tests.wire.client import Wire, running, wait_until
from tests.wire.kill import finish, fresh
from tests.wire.place import make_place
from tests.wire.verify import Found, verify

WORDS = "peer-circles: Discord refuses the token; take a new one from the Developer Portal"


def test_a_wrong_token_and_one_that_is_changed_while_deliveries_leave_end_the_bot_and_nothing_is_lost(
    wire: Wire, tmp_path: Path
):
    """FAILURES F10: with the right token the rest of the rotation is delivered, each thing once."""
    place = fresh(wire, make_place(tmp_path / "place", 2), tmp_path / "run", number=0)
    with running(wire, place.folder, DISCORD_TOKEN="wrong") as bot:
        assert bot.process.wait(60) == 2
        assert WORDS in bot.words()
        assert "Traceback" not in bot.words()
    assert [line["status"] for line in wire.ledger("request")] == [401]
    wire.control("refuse_token", after=5)
    with running(wire, place.folder) as bot:
        wait_until(lambda: not bot.alive, "the bot ends")
        assert bot.process.returncode == 2
        assert bot.words().count(WORDS) == 1
        assert "Traceback" not in bot.words()
    assert place.unfinished()
    wire.control("refuse_token", after=1_000_000)
    finish(wire, place)
    assert verify(place, wire) == Found()
