"""Rotations as moderators preview, change and publish them."""

from dataclasses import dataclass
from datetime import timedelta

import discord
import pytest
from simcord.actors import MemberActor

from bot.domain.states import DeliveryKind, RotationState
from bot.services import avoid, people, programs, rotations
from bot.services.people import Profile
from db.models import Delivery, Rotation
from tests.cogs.test_program import REFUSED, keeper, press, press_twice
from tests.cogs.town import Message, Town, control, last_answer, only_id, said, words_of
from tests.services.season import Season


@dataclass
class Scene:
    """A town with a program whose moderators publish by hand."""

    town: Town
    program_id: int
    members: list[MemberActor]

    async def preview(self, actor: MemberActor | None = None) -> Message:
        """Show the draft."""
        return last_answer(await (actor or self.town.moderator).slash(self.town.lobby, "rotation preview"))

    async def rows(self, kind, *wanted):
        """Return the stored rows of a kind."""
        return await Season(self.town.database, self.program_id, ()).rows(kind, *wanted)

    async def draft(self):
        """Return the draft."""
        return await rotations.find_draft(self.town.database, self.town.guild.id, self.program_id)


async def begin(town: Town, count: int, **changes) -> Scene:
    due = town.now + timedelta(hours=1)
    rules = {"zone": "UTC", "first_day": due.date(), "checkin_hour": due.hour, "size_wanted": 3, "size_most": 3}
    weekday = (due.weekday() + 1) % 7
    program_id = await town.start_program(
        moderator_role_id=town.mod_role.id,
        moderator_channel_id=town.mod_channel.id,
        checkin_weekday=weekday,
        **rules | changes,
    )
    members = [town.member(f"member{number}") for number in range(count)]
    for member in members:
        await people.join(town.database, town.guild.id, program_id, member.id, Profile(), town.now)
    return Scene(town, program_id, members)


@pytest.fixture
async def scene(town: Town) -> Scene:
    return await begin(town, 6)


async def swap(scene: Scene, message: Message, *people_chosen: MemberActor) -> str:
    """Swap two people through the modal; return what is said."""
    shown = await press(scene.town.moderator, message, "rotation-swap")
    return said(await scene.town.moderator.submit_modal(shown, {"people": list(people_chosen)}))


async def test_the_preview_tells_the_quality_in_words_and_numbers(scene):
    shown = words_of(await scene.preview())
    for part in (
        "Rotation 1 of Peer Circles: draft",
        "2 circles",
        "6 of 6 encounters are new",
        "Repeated encounters: 0",
        "seed 7",
    ):
        assert part in shown
    assert all(member.mention in shown for member in scene.members)


async def test_a_second_preview_shows_the_same_draft(scene):
    first, second = await scene.preview(), await scene.preview()
    assert only_id(first, "rotation-publish") == only_id(second, "rotation-publish")


async def test_publishing_opens_a_private_thread_for_each_circle(scene):
    message = await scene.preview()
    result = await press(scene.town.moderator, message, "rotation-publish")
    assert "draft" not in said(result)
    threads = scene.town.threads()
    assert len(threads) == 2
    inside = [set(scene.town.env.backend.get_channel(thread.id).thread_members) for thread in threads]
    bot_id = scene.town.app.bot.user.id
    assert inside[0] & inside[1] == {bot_id}
    assert inside[0] | inside[1] == {bot_id, *(member.id for member in scene.members)}
    welcome = words_of(threads[0].history()[0])
    for part in ("Welcome to circle", "15 minutes", "facilitator", "To break the ice"):
        assert part in welcome


async def test_the_command_publishes_too(scene):
    assert "no draft" in said(await scene.town.moderator.slash(scene.town.lobby, "rotation publish"))
    await scene.preview()
    await scene.town.moderator.slash(scene.town.lobby, "rotation publish")
    assert len(scene.town.threads()) == 2


async def test_a_double_click_on_publish_publishes_once(scene):
    """FAILURES F9: two quick clicks open each thread once."""
    first, again = await press_twice(scene.town.moderator, await scene.preview(), "rotation-publish")
    assert "Rotation 1 of Peer Circles" in first
    assert "published already" in again
    assert len(scene.town.threads()) == 2


async def test_each_stale_button_of_an_older_draft_says_what_to_do(scene):
    """FAILURES F34: it never acts on the draft that took its place."""
    mod = keeper(scene.town)
    old = await scene.preview(mod)
    await press(scene.town.moderator, await scene.preview(), "rotation-reroll")
    for action in ("rotation-publish", "rotation-swap"):
        assert "/rotation preview shows the present draft" in said(await press(mod, old, action))
    assert scene.town.threads() == []


async def test_a_published_preview_in_other_hands_says_so(scene):
    """FAILURES F34: publish and swap of a draft that was published meanwhile."""
    mod = keeper(scene.town)
    old = await scene.preview(mod)
    await scene.town.moderator.slash(scene.town.lobby, "rotation publish")
    assert "published already" in said(await press(mod, old, "rotation-publish"))
    shown = await press(mod, old, "rotation-swap")
    chosen = {"people": scene.members[:2]}
    answer = await mod.submit_modal(shown, chosen) if shown.modal else shown
    assert "published already" in said(answer)
    assert len(scene.town.threads()) == 2


async def test_a_reroll_forms_other_circles(town):
    scene = await begin(town, 9)
    message = await scene.preview()
    before = (await scene.draft()).id
    seeds = iter((11, 12))
    object.__setattr__(town.app.context, "seed", lambda: next(seeds))
    result = await press(town.moderator, message, "rotation-reroll")
    assert "seed 11" in said(result)
    assert (await scene.draft()).id != before


async def test_two_people_swap_seats_through_the_modal(scene):
    message = await scene.preview()
    draft = await scene.draft()
    one, other = (_actor(scene, circle.seats[0].user_id) for circle in draft.circles)
    shown = await swap(scene, message, one, other)
    assert "Rotation 1 of Peer Circles: draft" in shown
    after = await scene.draft()
    assert {seat.user_id for seat in after.circles[0].seats} != {seat.user_id for seat in draft.circles[0].seats}


async def test_a_swap_that_cannot_be_is_refused_in_words(scene):
    message = await scene.preview()
    draft = await scene.draft()
    (one, companion, _), (other, *_) = (
        [_actor(scene, seat.user_id) for seat in circle.seats] for circle in draft.circles
    )
    assert "already share a circle" in await swap(scene, message, one, companion)
    assert "no seat in this draft" in await swap(scene, message, one, scene.town.stranger)
    for member in scene.members:
        if member not in (one, other):
            await avoid.add_avoid(scene.town.database, scene.town.guild.id, one.id, member.id)
    refusal = await swap(scene, message, one, other)
    assert "cannot change seats" in refusal
    assert not any(member.mention in refusal for member in scene.members)


def _actor(scene: Scene, user_id: int | None) -> MemberActor:
    return next(member for member in scene.members if member.id == user_id)


async def test_a_swap_modal_that_was_open_during_a_restart_is_not_lost(scene):
    """FAILURES F31: the submission is answered by the new process."""
    message = await scene.preview()
    draft = await scene.draft()
    one, other = (_actor(scene, circle.seats[0].user_id) for circle in draft.circles)
    shown = await press(scene.town.moderator, message, "rotation-swap")
    await scene.town.restart()
    await scene.town.moderator.submit_modal(shown, {"people": [one, other]})
    assert (await scene.draft()).id != draft.id


async def test_whoever_has_no_circle_is_named_with_the_reason(town):
    """FAILURES F3: moderators see who is left over, and why."""
    scene = await begin(town, 7)
    shown = words_of(await scene.preview())
    assert "Without a circle this time" in shown
    assert "One person without a circle" in shown


async def test_newcomers_since_the_draft_are_pointed_out(scene):
    await scene.preview()
    late = scene.town.member("late")
    await people.join(scene.town.database, scene.town.guild.id, scene.program_id, late.id, Profile(), scene.town.now)
    assert "not in this draft" in words_of(await scene.preview())


async def test_strangers_and_members_get_through_no_command_and_no_button(scene):
    """FAILURES F36: checked on the server's side at each click."""
    mod = keeper(scene.town)
    message = await scene.preview(mod)
    swapping = await press(mod, message, "rotation-swap")
    scene.town.env.backend.get_guild(scene.town.guild.id).members[mod.id].role_ids.clear()
    for actor in (scene.town.stranger, scene.members[0], mod):
        for command in ("preview", "publish", "history"):
            assert REFUSED in said(await actor.slash(scene.town.lobby, f"rotation {command}"))
    for action in ("rotation-publish", "rotation-reroll", "rotation-swap"):
        assert REFUSED in said(await press(mod, message, action))
    one, other = scene.members[:2]
    assert REFUSED in said(await mod.submit_modal(swapping, {"people": [one, other]}))
    assert [each.state for each in await scene.rows(Rotation)] == [RotationState.DRAFT]


async def test_the_moderator_role_previews_and_publishes(scene):
    mod = keeper(scene.town)
    await press(mod, await scene.preview(mod), "rotation-publish")
    assert len(scene.town.threads()) == 2


async def test_a_missing_permission_stops_publishing_before_it_begins(town):
    """FAILURES F16: half a job is worse than none."""
    denied = discord.PermissionOverwrite(manage_threads=False, create_private_threads=False)
    poor = town.guild.create_text_channel("poor", overwrites={town.guild.default_role: denied})
    scene = await begin(town, 6, lobby_channel_id=poor.id)
    refusal = said(await press(town.moderator, await scene.preview(), "rotation-publish"))
    assert "Create Private Threads" in refusal
    assert poor.mention in refusal
    assert await scene.rows(Delivery, Delivery.kind == DeliveryKind.OPEN_THREAD) == []


async def test_a_member_who_left_the_server_is_not_published(scene):
    """FAILURES F6: Discord is asked again when the draft is published."""
    message = await scene.preview()
    await programs.change_program(
        scene.town.database, scene.town.guild.id, scene.program_id, {"size_least": 2}, scene.town.now
    )
    scene.town.guild.remove_member(scene.members[0])
    shown = said(await press(scene.town.moderator, message, "rotation-publish"))
    assert scene.members[0].mention not in shown
    inside = [scene.town.env.backend.get_channel(thread.id).thread_members for thread in scene.town.threads()]
    assert sorted(map(len, inside)) == [3, 4]


async def test_a_look_up_that_fails_takes_nobody_out(scene):
    """FAILURES F39: an outage is not a goodbye."""
    scene.town.env.inject_error("GET", "/guilds/*/members/*", status=500, times=None)
    await press(scene.town.moderator, await scene.preview(), "rotation-publish")
    inside = [scene.town.env.backend.get_channel(thread.id).thread_members for thread in scene.town.threads()]
    assert sum(map(len, inside)) == 6 + 2


async def test_a_large_preview_is_turned_page_by_page(town):
    scene = await begin(town, 0, size_least=2, size_wanted=2, size_most=2)
    for user in range(1, 125):
        await people.join(town.database, town.guild.id, scene.program_id, user, Profile(), town.now)
    town.env.inject_error("GET", "/guilds/*/members/*", status=500, times=None)  # nobody counts as gone
    message = await scene.preview()
    seen = words_of(message)
    for page in range(2, 9):
        await town.moderator.click(message, custom_id=control(message, "rotation-page-on"))
        assert f"(page {page} of 8)" in words_of(message)
        seen += words_of(message)
    assert all(f"<@{user}>" in seen for user in range(1, 125))
    await town.moderator.click(message, custom_id=control(message, "rotation-page-back"))
    assert "(page 7 of 8)" in words_of(message)


async def test_history_tells_every_rotation_and_turns_its_pages(scene):
    for _ in range(7):
        await press(scene.town.moderator, await scene.preview(), "rotation-publish")
    first = last_answer(await scene.town.moderator.slash(scene.town.lobby, "rotation history"))
    assert "Rotation 7 of Peer Circles" in words_of(first)
    assert "Rotation 1 of" not in words_of(first)
    await scene.town.moderator.click(first, custom_id=control(first, "rotation-history-on"))
    assert "Rotation 1 of Peer Circles (over)" in words_of(first)
    await scene.town.moderator.click(first, custom_id=control(first, "rotation-history-back"))
    assert "Rotation 7 of Peer Circles" in words_of(first)


async def test_a_draft_that_comes_due_is_offered_in_the_moderators_channel(scene):
    """FAILURES F21: one message, also over a restart, and a button that only moderators use."""
    await scene.town.advance(hours=1)
    await scene.town.restart()
    await scene.town.advance(minutes=1)
    (offer,) = scene.town.mod_channel.history()
    assert REFUSED in said(await scene.town.stranger.click(offer, custom_id=control(offer, "rotation-open")))
    opened = await scene.town.moderator.click(offer, custom_id=control(offer, "rotation-open"))
    await press(scene.town.moderator, last_answer(opened), "rotation-publish")
    assert len(scene.town.threads()) == 2
    gone = await scene.town.moderator.click(offer, custom_id=control(offer, "rotation-open"))
    assert "no draft" in said(gone)


async def test_a_paused_program_publishes_nothing(scene):
    message = await scene.preview()
    await programs.pause_program(scene.town.database, scene.town.guild.id, scene.program_id, scene.town.now)
    assert "/program resume" in said(await press(scene.town.moderator, message, "rotation-publish"))
    assert scene.town.threads() == []
