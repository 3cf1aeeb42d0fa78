"""How deliveries fare when Discord refuses: what is tried again, what is given up, and that nothing goes elsewhere."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace

import aiohttp
import discord
import pytest
from simcord.actors import MemberActor

from bot.domain.states import DeliveryKind, DeliveryState
from bot.services import deliveries, people, programs
from bot.services.people import Profile
from db.models import Circle, Delivery, Notice
from tests.cogs.town import Town, said, words_of
from tests.services.season import Season

NAMES = ("ada", "grace", "mary")
THREADS, MESSAGES, MEMBERS = "/channels/*/threads", "/channels/*/messages", "/channels/*/thread-members/*"


@dataclass
class Scene:
    """A town whose first rotation is about to come due."""

    town: Town
    program_id: int
    members: list[MemberActor]

    async def publish(self) -> None:
        """Let the rotation come due."""
        await self.town.advance(hours=1)

    async def rows(self, kind, *wanted):
        """Return the stored rows of a kind."""
        return await Season(self.town.database, self.program_id, ()).rows(kind, *wanted)

    async def state_of(self, kind: DeliveryKind) -> tuple[DeliveryState, int | None]:
        """Return how far the newest delivery of a kind has come."""
        found = (await self.rows(Delivery, Delivery.kind == kind))[-1]
        return found.state, found.error_code

    async def told(self) -> list[str]:
        """Return the lines to the moderators."""
        return [each.message for each in await self.rows(Notice)]

    def count(self, method: str, path: str) -> int:
        """Return how many requests the bot made."""
        return sum(each.method == method and path in each.path for each in self.town.env.http_requests)


async def begin(town: Town, *names: str, **changes) -> Scene:
    """Start a program whose rotation comes due an hour from now; its check-ins open the day after."""
    due = town.now + timedelta(hours=1)
    rules = {
        "zone": "UTC",
        "first_day": due.date(),
        "checkin_weekday": (due.weekday() + 1) % 7,
        "checkin_hour": due.hour,
        "auto_publish": True,
        "size_wanted": 3,
        "size_most": 3,
    }
    program_id = await town.start_program(**rules | changes)
    members = [town.member(name) for name in names or NAMES]
    for member in members:
        await people.join(town.database, town.guild.id, program_id, member.id, Profile(), town.now)
    return Scene(town, program_id, members)


@pytest.fixture
async def scene(town: Town) -> Scene:
    return await begin(town)


def whole(scene: Scene, circles: int = 1) -> bool:
    """Tell whether each circle has one thread with its three members and one welcome in it."""
    threads = scene.town.threads()
    inside = [set(scene.town.env.backend.get_channel(thread.id).thread_members) for thread in threads]
    return len(threads) == circles and all(
        len(members) == 4 and sum("Welcome to circle" in words_of(each) for each in thread.history()) == 1
        for members, thread in zip(inside, threads, strict=True)
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", THREADS, 500),
        ("PUT", MEMBERS, 503),
        ("POST", MESSAGES, 500),
        ("PUT", MEMBERS, 429),
        ("POST", THREADS, 401),
    ],
)
async def test_what_passes_is_tried_again(scene, method, path, status):
    """FAILURES F10: a moment's trouble costs nobody their circle."""
    scene.town.env.inject_error(method, path, status=status)
    await scene.publish()
    await scene.town.advance(minutes=1)
    assert max(each.attempts for each in await scene.rows(Delivery)) == 2
    assert whole(scene)
    assert await scene.told() == []


@pytest.mark.parametrize("error", [aiohttp.ClientConnectionError, TimeoutError, OSError])
async def test_a_lost_connection_is_tried_again(scene, error):
    http = scene.town.app.bot.http
    ask, failed = http.request, []

    async def request(route, **options):
        answer = await ask(route, **options)
        if route.path.endswith("/threads") and not failed:
            failed.append(route)
            raise error  # Discord did it, and the answer was lost
        return answer

    http.request = request
    await scene.publish()
    await scene.town.advance(minutes=1)
    assert whole(scene)


async def test_a_permission_that_is_granted_meanwhile_lets_everything_go_on(scene):
    """FAILURES F16: the moderators hear which code it is, and nothing is lost while they mend it."""
    scene.town.env.inject_error("PUT", MEMBERS, status=403, code=50013, times=6)
    await scene.publish()
    for _ in range(8):
        await scene.town.advance(minutes=2)
    assert whole(scene)
    assert await scene.told() == [deliveries.WAITING]
    shown = await scene.town.moderator.slash(scene.town.lobby, "program show")
    assert "50013" in said(shown)


async def test_too_many_threads_wait_until_some_are_archived(scene):
    """FAILURES F14: the limit of active threads is waited out."""
    scene.town.env.inject_error("POST", THREADS, status=400, code=160006)
    await scene.publish()
    await scene.town.advance(minutes=29)
    assert scene.town.threads() == []
    await scene.town.advance(minutes=1)
    assert whole(scene)


async def test_a_thread_that_was_deleted_by_hand_stops_no_other_circle(town):
    """FAILURES F12 and F17: one line to the moderators; what was meant for it goes nowhere else."""
    scene = await begin(town, "ada", "grace", "mary", "rosa", "emmy", "hedy")
    town.env.inject_error("POST", MESSAGES, status=404, code=10003)
    await scene.publish()
    assert await scene.told() == ["notice.thread-gone"]
    gone, kept = sorted(await scene.rows(Circle), key=lambda circle: circle.thread_id is not None)
    assert gone.thread_id is None
    welcomed = [thread.id for thread in town.threads() if thread.history()]
    assert welcomed == [kept.thread_id]
    assert not [each for each in town.lobby.history() if each.type is discord.MessageType.default]


async def test_a_member_who_cannot_be_added_stops_nobody_else(scene):
    """FAILURES F11: the others have their circle."""
    scene.town.env.inject_error("PUT", MEMBERS, status=404, code=10013)
    await scene.publish()
    (thread,) = scene.town.threads()
    assert len(scene.town.env.backend.get_channel(thread.id).thread_members) == 1 + 2
    assert await scene.state_of(DeliveryKind.WELCOME) == (DeliveryState.DONE, None)


async def test_an_archived_thread_is_opened_to_add_somebody(scene):
    """FAILURES F15: unarchived first."""
    scene.town.env.inject_error("PUT", MEMBERS, status=400, code=50083)
    await scene.publish()
    assert whole(scene)


@pytest.mark.parametrize("code", [50007, 50278])
async def test_closed_direct_messages_are_recorded_and_go_nowhere_else(town, code):
    """FAILURES F11 and F12: a normal outcome for that person, and never a public channel instead."""
    scene = await begin(town, *NAMES, "rosa")
    town.env.inject_error("POST", "/users/@me/channels", status=403, code=code)
    await scene.publish()
    assert await scene.state_of(DeliveryKind.NOT_PLACED) == (DeliveryState.DEAD, code)
    assert whole(scene)
    assert await scene.told() == []
    assert not [each for each in town.lobby.history() if each.type is discord.MessageType.default]


async def test_whoever_has_no_circle_is_told_in_private_and_only_once(town):
    """FAILURES F3: with the reason, and with a button that tells where they stand."""
    scene = await begin(town, *NAMES, "rosa")
    await scene.publish()
    await town.restart()
    await town.advance(minutes=1)
    left_over = next(member for member in scene.members if member.user.dm_channel.history())
    (message,) = left_over.user.dm_channel.history()
    assert "Peer Circles" in words_of(message)


async def test_when_discord_says_too_many_direct_messages_all_of_them_wait(town):
    """FAILURES F13: the pace is kept; the circles are not held up."""
    scene = await begin(town, *NAMES, "rosa", "emmy")
    town.env.inject_error("POST", "/users/@me/channels", status=403, code=40003)
    await scene.publish()
    assert whole(scene)
    assert scene.count("POST", "/users/@me/channels") == 1
    await town.advance(minutes=9)
    assert scene.count("POST", "/users/@me/channels") == 1
    await town.advance(minutes=1)
    states = {each.state for each in await scene.rows(Delivery)}
    assert states == {DeliveryState.DONE}


async def test_direct_messages_leave_one_after_the_other_at_their_pace(town):
    """FAILURES F13: however many workers there are."""
    scene = await begin(town, *NAMES, "rosa", "emmy")
    messenger = town.app.context.messenger
    messenger._settings = replace(messenger._settings, dm_seconds=100.0)
    await scene.publish()
    assert whole(scene)
    assert scene.count("POST", "/users/@me/channels") == 0
    await town.env.advance_time(100)
    assert scene.count("POST", "/users/@me/channels") == 1
    await town.env.advance_time(100)
    assert scene.count("POST", "/users/@me/channels") == 2


async def test_what_fails_every_time_is_given_up_and_told(scene):
    """FAILURES F10: after so many attempts nobody waits any more, and the moderators know."""
    messenger = scene.town.app.context.messenger
    messenger._settings = replace(messenger._settings, attempts=4)
    scene.town.env.inject_error("POST", THREADS, status=500, times=None)
    await scene.publish()
    for _ in range(5):
        await scene.town.advance(minutes=1)
    assert scene.count("POST", "/threads") == 4
    assert await scene.told() == [deliveries.WAITING, "notice.thread-not-opened"]
    assert {each.state for each in await scene.rows(Delivery) if each.kind is not DeliveryKind.NOTICE} == {
        DeliveryState.DEAD
    }


async def test_lines_to_the_moderators_reach_their_channel_with_a_way_to_the_program(town):
    scene = await begin(town, "ada", "grace", moderator_channel_id=town.mod_channel.id)
    await scene.publish()
    (line,) = town.mod_channel.history()
    assert "could not be published: There are not enough people for a single circle of 3" in words_of(line)
    assert "Rotation" in said(await town.moderator.click(line, label="Show the program"))
    refused = await town.stranger.click(line, label="Show the program")
    assert "may do this" in said(refused)


async def test_a_welcome_mentions_its_members_and_nobody_else(scene):
    """FAILURES F35: nothing a member wrote can ping."""
    await people.edit_profile(
        scene.town.database, scene.town.guild.id, scene.members[0].id, Profile(helps_with="@everyone **bold**")
    )
    await scene.publish()
    sent = [each.json for each in scene.town.env.http_requests if each.path.endswith("/messages")]
    mentions = sent[-1]["allowed_mentions"]
    assert {int(user) for user in mentions["users"]} == {member.id for member in scene.members}
    assert not mentions.get("parse")
    assert "@everyone" not in str(sent[-1]["components"])


async def test_a_stop_claims_nothing_more_and_a_start_goes_on(scene):
    """FAILURES F20: nothing is lost between two runs."""
    await scene.town.app.context.messenger.drain(1)
    await scene.publish()
    assert scene.town.threads() == []
    await scene.town.restart()
    await scene.town.due()
    assert whole(scene)


async def test_deliveries_give_way_to_a_crowd_that_waits_for_its_answers(scene):
    """Who sits before the screen hears first; the posts follow."""
    controls = scene.town.app.bot.controls
    controls.in_hand += 100
    publishing = asyncio.create_task(scene.publish())
    while not await scene.rows(Delivery):  # noqa: ASYNC110 - the outbox rings no bell
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert scene.town.threads() == []
    controls.in_hand -= 100
    await publishing
    assert whole(scene)


async def test_the_archived_program_says_goodbye_in_its_threads_only(scene):
    await scene.publish()
    await programs.archive_program(scene.town.database, scene.town.guild.id, scene.program_id, scene.town.now)
    await scene.town.due()
    (thread,) = scene.town.threads()
    assert len(thread.history()) == 2
    assert scene.town.env.backend.get_channel(thread.id).thread_metadata.archived


PAGE = "<html><title>Access denied | discord.com used Cloudflare to restrict access</title></html>"


def spoil(town, when, status, headers, message):
    """Answer a request as Discord's edge does, without Discord."""
    http, asked = town.app.bot.http, []
    ask = http.request

    async def request(route, **options):
        if when(route, options):
            asked.append(town.now)
            answer = SimpleNamespace(status=status, reason="", headers=headers)
            raise (discord.Forbidden if status == 403 else discord.HTTPException)(answer, message)
        return await ask(route, **options)

    http.request = request
    return asked


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_page_that_is_not_discords_word_ends_nothing(scene, status):
    """FAILURES F10: Cloudflare's refusals have no code of Discord's; they pass."""
    left = [1]
    spoil(scene.town, lambda route, _: route.path.endswith("/threads") and left and left.pop(), status, {}, PAGE)
    await scene.publish()
    await scene.town.advance(minutes=1)
    assert whole(scene)
    assert await scene.told() == []


@pytest.mark.parametrize("code", [40004, 40006, 130000])
async def test_what_discord_says_is_temporary_is_tried_again(scene, code):
    scene.town.env.inject_error("POST", MESSAGES, status=400, code=code)
    await scene.publish()
    await scene.town.advance(minutes=1)
    assert whole(scene)


async def test_discords_edge_is_left_alone_for_as_long_as_it_says(town):
    scene = await begin(town, *(f"m{n}" for n in range(60)))
    until = town.now + timedelta(hours=3)
    asked = spoil(
        town,
        lambda route, _: route.path.endswith("/threads") and town.now < until,
        429,
        {"Retry-After": "7200"},
        "<html>1015</html>",
    )
    await scene.publish()
    for _ in range(60):
        await town.env.advance_time(10)
    assert len(asked) <= town.settings.delivery.lanes
    for _ in range(12):
        await town.advance(minutes=30)
    assert whole(scene, 20)


async def test_a_direct_message_that_fails_again_and_again_holds_up_no_other(town):
    """FAILURES F11: they are for different people."""
    scene = await begin(town, *NAMES, "rosa", "emmy")
    first = []

    def of_the_first(route, options):
        if route.path != "/users/@me/channels":
            return False
        first[:] = first or [options["json"]["recipient_id"]]
        return options["json"]["recipient_id"] == first[0]

    spoil(town, of_the_first, 503, {}, {"message": "x", "code": 0})
    await scene.publish()
    for _ in range(3):
        await town.advance(minutes=1)
    one, other = await scene.rows(Delivery, Delivery.kind == DeliveryKind.NOT_PLACED)
    assert (one.state, other.state) == (DeliveryState.PENDING, DeliveryState.DONE)


async def test_the_daily_number_of_direct_messages_holds_over_a_restart(town):
    """FAILURES F13: a restart is no new day."""
    scene = await begin(town, *NAMES, "rosa")
    town.settings = replace(town.settings, delivery=replace(town.settings.delivery, dm_daily=1))
    await town.restart()
    await scene.publish()
    (told,) = await scene.rows(Delivery, Delivery.kind == DeliveryKind.NOT_PLACED)
    assert told.state is DeliveryState.DONE
    await town.restart()
    again = {"rotation_id": told.rotation_id, "person_id": told.person_id}

    async def decide(session):
        deliveries.enqueue(session, told.kind, deliveries.DM_LANE, told.program_id, town.now, **again)

    await town.database.write(decide)
    await town.advance(hours=1)
    assert await scene.state_of(DeliveryKind.NOT_PLACED) == (DeliveryState.PENDING, None)
    await town.advance(hours=24)
    assert await scene.state_of(DeliveryKind.NOT_PLACED) == (DeliveryState.DONE, None)
