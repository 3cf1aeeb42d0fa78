"""Before circles are published there must be room for their threads: old ones are archived first, or it is refused."""

from bot.domain.states import RotationState
from db.models import Circle, Rotation
from tests.cogs.test_messenger import begin, whole
from tests.cogs.town import Town, said


def is_archived(town: Town, thread_id: int) -> bool:
    """Tell whether a thread is archived."""
    return town.env.backend.get_channel(thread_id).thread_metadata.archived


async def publish(town: Town) -> str:
    """Draft and publish as a moderator does; return the answer."""
    await town.moderator.slash(town.lobby, "rotation preview")
    answered = said(await town.moderator.slash(town.lobby, "rotation publish"))
    await town.env.settle()
    return answered


async def test_threads_of_circles_that_are_over_make_room_and_those_that_end_now_are_not_counted(town):
    """FAILURES F14: the limit of active threads is seen before anything is decided."""
    scene = await begin(town)
    await scene.publish()
    await publish(town)
    first, second = await scene.rows(Circle)
    ended = town.app.bot.get_channel(first.thread_id) or await town.app.bot.fetch_channel(first.thread_id)
    await ended.edit(archived=False)  # somebody wrote in it
    town.app.context.world.room.most = 1
    await publish(town)
    assert is_archived(town, first.thread_id)
    assert is_archived(town, second.thread_id)
    *over, running = await scene.rows(Rotation)
    assert [each.state for each in over] == [RotationState.ENDED] * 2
    assert running.state is RotationState.PUBLISHED
    assert len(town.threads()) == 3


async def test_without_room_it_is_refused_with_how_many_are_missing_and_goes_through_once_there_is(town):
    """FAILURES F14 and F16: nothing half done."""
    scene = await begin(town, "ada", "grace", "mary", "rosa", "emmy", "hedy")
    town.app.context.world.room.most = 1
    assert "no room for 1 of the 2 circles" in await publish(town)
    assert town.threads() == []
    await scene.publish()
    assert await scene.told() == ["notice.rotation-not-published"]
    shown = said(await town.moderator.slash(town.lobby, "program show"))
    assert "no room for 1 of the 2 circles" in shown
    town.app.context.world.room.most = 2
    await publish(town)
    assert whole(scene, circles=2)
