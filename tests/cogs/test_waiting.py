"""What a person sees while something is kept: one response where it is kept soon, two where that takes longer."""

import pytest

from cogs._ui import waiting
from tests.cogs.test_checkin import Week, begin
from tests.cogs.town import Town, last_answer, words_of

UNKNOWN_INTERACTION = 10062
CALLBACK = "/interactions/*/*/callback"
MESSAGE, THINKS = 4, 5
SAVED = "Your answer is saved."


@pytest.fixture
async def week(town: Town) -> Week:
    """Open the first check-in of one circle of three."""
    return await begin(town)


async def test_what_is_kept_soon_needs_one_response(week: Week):
    kept = await week.answer(week.members[0])
    assert SAVED in words_of(last_answer(kept))
    assert _responses(week)[-1] == MESSAGE


async def test_whoever_waits_longer_is_told_that_the_bot_thinks(week: Week, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waiting, "is_done_soon", _never)
    kept = await week.answer(week.members[0])
    assert _responses(week)[-1] == THINKS
    assert SAVED in words_of(last_answer(kept))


async def test_words_are_kept_though_discord_no_longer_lets_their_author_be_told(
    week: Week, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(waiting, "is_done_soon", _never)
    opened = await week.open_modal(week.members[0])
    week.town.env.inject_error("POST", CALLBACK, status=404, code=UNKNOWN_INTERACTION, times=2)
    await week.members[0].submit_modal(opened, {"week": "4", "win": "It works"})
    assert week.count("It works") == 1


async def _never(_doing: object) -> bool:
    """Play a database that is slow."""
    return False


def _responses(week: Week) -> list[int]:
    """Return the type of each first response."""
    requests = [each for each in week.town.env.http_requests if each.path.startswith("/interactions/")]
    return [each.json["type"] for each in requests if each.json]
