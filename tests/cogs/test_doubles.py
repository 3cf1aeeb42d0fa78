"""What Discord did only after it had been looked for and asked again: the second one goes, and nothing else does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.states import DeliveryKind, DeliveryState
from bot.services import deliveries, doubles
from db.models import Delivery
from tests.cogs.test_meet import Season, season
from tests.cogs.test_messenger import MESSAGES, THREADS, Scene, scene, whole
from tests.cogs.town import Town

__all__ = ["scene", "season"]
Late = Callable[[], Awaitable[Any]]


def hold_back(town: Town, path: str) -> list[Late]:
    """Let the next request of a kind lie about, its connection gone; what is returned lets Discord do it after all."""
    http = town.app.bot.http
    ask, held = http.request, list[Late]()

    async def request(route: Any, **options: Any) -> Any:
        if held or route.method != "POST" or not route.path.endswith(path):
            return await ask(route, **options)
        if "nonce" in options.get("json", ()):  # it is forgotten by then
            options["json"] = options["json"] | {"enforce_nonce": False}
        held.append(lambda: ask(route, **options))
        raise ConnectionResetError

    http.request = request
    return held


async def do_late(town: Town, held: list[Late]) -> Any:
    """Let Discord do what was held back."""
    (late,) = held
    with town.env._bot_scope():
        made = await late()
    await town.env.settle()
    return made


async def unsure(scene: Scene) -> int:
    """Return how many deliveries have still to be looked for once more."""
    return len(await scene.rows(Delivery, Delivery.look_at.is_not(None)))


def welcomes(scene: Scene) -> int:
    """Return how many messages are in the circle's thread."""
    (thread,) = scene.town.threads()
    return len(thread.history())


async def published_with_two(scene: Scene, path: str) -> Any:
    """Publish a rotation of which one thing is there twice; return the second one, as Discord made it."""
    held = hold_back(scene.town, path)
    await scene.publish()
    await scene.town.advance(seconds=10)
    second = await do_late(scene.town, held)
    assert await unsure(scene) == 1
    return second


async def test_a_second_thread_is_deleted_and_the_circle_stays_whole(scene: Scene):
    second = await published_with_two(scene, "/threads")
    assert len(scene.town.threads()) == 2
    await scene.town.advance(minutes=1)
    assert whole(scene)
    assert int(second["id"]) not in {thread.id for thread in scene.town.threads()}
    assert await unsure(scene) == 0


async def test_a_second_message_is_deleted_and_the_one_that_is_known_stays(scene: Scene):
    second = await published_with_two(scene, "/messages")
    assert welcomes(scene) == 2
    await scene.town.advance(minutes=1)
    assert whole(scene)
    (thread,) = scene.town.threads()
    assert [each.id for each in thread.history()] != [int(second["id"])]
    assert await unsure(scene) == 0


async def test_a_second_message_is_deleted_in_an_archived_thread_which_stays_archived(scene: Scene):
    await published_with_two(scene, "/messages")
    (thread,) = scene.town.threads()
    with scene.town.env._bot_scope():
        await (await scene.town.app.bot.fetch_channel(thread.id)).edit(archived=True)
    scene.town.env.inject_error("DELETE", "/channels/*/messages/*", status=400, code=50083)
    await scene.town.advance(minutes=1)
    assert welcomes(scene) == 1
    assert scene.town.env.backend.get_channel(thread.id).thread_metadata.archived


async def test_a_second_scheduled_event_is_deleted(season: Season):
    await season.wish_events()
    held = hold_back(season.town, "/scheduled-events")
    await season.agree()
    await season.town.advance(seconds=10)
    await do_late(season.town, held)
    assert len(season.events()) == 2
    await season.town.advance(minutes=1)
    (event,) = season.events()
    (delivery,) = await Scene(season.town, season.program_id, []).rows(
        Delivery, Delivery.kind == DeliveryKind.MEETING_EVENT
    )
    assert event.id == delivery.result_id


async def test_the_bot_that_starts_next_looks_for_what_the_one_before_was_not_sure_of(scene: Scene):
    await published_with_two(scene, "/threads")
    await scene.town.restart()
    await scene.town.advance(minutes=1)
    assert whole(scene)


async def test_what_went_well_at_once_is_not_looked_for_again(scene: Scene):
    await scene.publish()
    asked = len(scene.town.env.http_requests)
    await scene.town.advance(minutes=2)
    assert len(scene.town.env.http_requests) == asked


async def test_what_somebody_else_put_there_is_left_alone(scene: Scene):
    """Only what the bot made, under the delivery's own key, can be too much."""
    held = hold_back(scene.town, "/threads")
    await scene.publish()
    await scene.town.advance(seconds=10)
    await do_late(scene.town, held)
    (opened,) = await scene.rows(Delivery, Delivery.kind == DeliveryKind.OPEN_THREAD)
    (second,) = [each for each in scene.town.threads() if each.id != opened.result_id]
    scene.town.env.backend.get_channel(second.id).owner_id = scene.town.moderator.id
    await scene.town.advance(minutes=1)
    assert len(scene.town.threads()) == 2
    assert await unsure(scene) == 0


@pytest.mark.parametrize(("status", "code"), [(500, 0), (403, 50013)])
async def test_where_discord_cannot_be_asked_it_is_asked_again_a_little_later(scene: Scene, status: int, code: int):
    await published_with_two(scene, "/threads")
    scene.town.env.inject_error("GET", "/guilds/*/threads/active", status=status, code=code, times=2)
    await scene.town.advance(minutes=1)
    assert await unsure(scene) == 1
    for minutes in (2, 4):
        await scene.town.advance(minutes=minutes)
    assert whole(scene)
    assert await unsure(scene) == 0


async def test_after_a_day_in_vain_nothing_is_looked_for_any_more(scene: Scene):
    await published_with_two(scene, "/threads")
    scene.town.env.inject_error("GET", "/guilds/*/threads/active", status=403, code=50013, times=None)
    for hours in (1, 2, 4, 8):
        await scene.town.advance(hours=hours)
        assert await unsure(scene) == 1
    await scene.town.advance(hours=16)
    assert await unsure(scene) == 0
    assert len(scene.town.threads()) == 2


async def test_a_place_that_is_gone_needs_no_look(scene: Scene):
    await published_with_two(scene, "/messages")
    scene.town.env.inject_error("GET", MESSAGES, status=404, code=10003, times=None)
    await scene.town.advance(minutes=1)
    assert await unsure(scene) == 0


async def test_nothing_is_looked_for_before_its_time_or_while_it_is_under_way(scene: Scene):
    scene.town.env.inject_error("POST", THREADS, status=500)
    await scene.publish()
    await scene.town.advance(seconds=10)
    assert await doubles.claim(scene.town.database, scene.town.now) is None
    (opened,) = await scene.rows(Delivery, Delivery.kind == DeliveryKind.OPEN_THREAD)
    assert await doubles.find_next(scene.town.database) == opened.finished_at + deliveries.LOOK_AFTER

    async def reopen(session: Any) -> None:
        (await session.get_one(Delivery, opened.id)).state = DeliveryState.INFLIGHT

    await scene.town.database.write(reopen)
    later = scene.town.now + timedelta(hours=1)
    assert await doubles.claim(scene.town.database, later) is None
