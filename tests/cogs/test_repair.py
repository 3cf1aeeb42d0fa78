"""Circles as moderators mend them while their rotation runs."""

import pytest

from bot.domain.states import AuditAction, DeliveryKind, DeliveryState
from bot.services import avoid, people, programs, rotations
from db.models import Audit, Delivery
from tests.cogs.test_program import REFUSED, keeper, press, press_twice
from tests.cogs.test_rotation import Scene, begin
from tests.cogs.town import Town, last_answer, said, words_of


@pytest.fixture
async def running(town: Town) -> Scene:
    scene = await begin(town, 6, size_least=3, size_wanted=3, size_most=5)
    await press(town.moderator, await scene.preview(), "rotation-publish")
    await town.env.settle()
    return scene


async def seats(scene: Scene) -> dict[int, set[int]]:
    card = (await rotations.list_history(scene.town.database, scene.town.guild.id, scene.program_id))[0]
    return {circle.number: {seat.user_id for seat in circle.seats} for circle in card.circles}


def actor(scene: Scene, user_id: int):
    return next(member for member in scene.members if member.id == user_id)


async def undone(scene: Scene) -> list[DeliveryKind]:
    return [row.kind for row in await scene.rows(Delivery) if row.state is not DeliveryState.DONE]


async def test_a_repair_is_previewed_asked_once_and_carried_out_in_the_threads(running):
    town = running.town
    before = await seats(running)
    stays = min(before[2])
    for user in before[2] - {stays}:
        await people.leave(town.database, town.guild.id, running.program_id, user, town.now)
    shown = last_answer(await town.moderator.slash(town.lobby, "rotation repair"))
    assert f"<@{stays}> comes from circle 2: the old circle is too small and closes" in words_of(shown)
    assert "new encounters 3, repeats 0" in words_of(shown)
    assert await seats(running) == before
    done = await press(town.moderator, shown, "repair-publish")
    assert "Done." in said(done)
    await town.env.settle()
    assert not await undone(running)
    first, second = town.threads()
    assert f"Please welcome <@{stays}>" in words_of(first.history()[-1])
    assert "goes on in circle 1" in "\n".join(map(words_of, second.history()))
    assert f"<@{stays}>" in words_of(first.history()[0]), "the welcome card is brought up to date"
    assert [row.action for row in await running.rows(Audit)][-1] is AuditAction.ROTATION_REPAIRED
    again = await town.moderator.slash(town.lobby, "rotation repair")
    assert "nothing to repair" in said(again)


async def test_two_swap_and_the_threads_follow(running):
    town = running.town
    before = await seats(running)
    one, other = min(before[1]), min(before[2])
    shown = last_answer(
        await town.moderator.slash(town.lobby, "rotation swap", one=actor(running, one), other=actor(running, other))
    )
    first, second = await press_twice(town.moderator, shown, "repair-publish")
    assert "Done." in first
    assert "Something changed since this preview" in second
    await town.env.settle()
    assert not await undone(running)
    inside = [set(town.env.backend.get_channel(thread.id).thread_members) for thread in town.threads()]
    assert one in inside[1] - inside[0]
    assert other in inside[0] - inside[1]
    kinds = [row.kind for row in await running.rows(Delivery)]
    assert kinds.count(DeliveryKind.REMOVE_MEMBER) == 2


async def test_a_move_that_a_private_wish_forbids_is_refused_like_any_other(running):
    town = running.town
    before = await seats(running)
    one, other = min(before[1]), min(before[2])
    await avoid.add_avoid(town.database, town.guild.id, other, one)
    third = max(before[2])
    refused = await town.moderator.slash(
        town.lobby, "rotation swap", one=actor(running, one), other=actor(running, third)
    )
    assert "a rule or a member's private wish" in said(refused)
    small = await town.moderator.slash(town.lobby, "rotation move", member=actor(running, max(before[1])), circle=2)
    assert "3 to 5 people" in said(small)


async def test_only_moderators_change_circles_at_every_click(running):
    """FAILURES F36: permission is checked on the server side, at every click."""
    town = running.town
    before = await seats(running)
    for user in (running.members[0], town.stranger):
        assert REFUSED in said(await user.slash(town.lobby, "rotation repair"))
    late = town.member("late")
    await people.join(town.database, town.guild.id, running.program_id, late.id, people.Profile(), town.now)
    trusted = keeper(town)
    shown = last_answer(await trusted.slash(town.lobby, "rotation move", member=late, circle=1))
    changes = {"moderator_role_id": None}
    await programs.change_program(town.database, town.guild.id, running.program_id, changes, town.now)
    assert REFUSED in said(await press(trusted, shown, "repair-publish"))
    assert await seats(running) == before
