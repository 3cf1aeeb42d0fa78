"""The bot dies at every request and at every commit in turn, starts again, and nothing is missing or doubled.

One rotation of six circles is published and ended; the bot is killed before and after each REST request of it in
turn, which is a thread, each member and a welcome for every circle. Circles are of two, to keep the suite short;
CRASH_CIRCLE_SIZE makes them larger, as `make faults` does. A further seat adds two kills a circle of the kind that
the first two seats have, and nothing else.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from discord import ChannelType, MessageType
from simcord.actors import MemberActor
from sqlalchemy import delete, select, update

from bot.domain.formation import Assignment, Budget, Problem, form
from bot.domain.program import ProgramRules
from bot.domain.states import DeliveryState, OccurrenceState, RotationState
from bot.services import people, programs, rotations
from bot.services.people import Profile
from db.engine import open_database
from db.models import Circle, Delivery, Membership, Notice, Occurrence, Person, Rotation
from tests.backends import CIPHER
from tests.cogs.town import Town, open_town, words_of

CIRCLES, SIZE = 6, int(os.environ.get("CRASH_CIRCLE_SIZE", "2"))
CHUNKS = 6
NAME = "town.db"


async def form_briefly(problem: Problem, _progress: object = None) -> Assignment:
    return form(replace(problem, budget=Budget(iterations=10)))


class Killed(asyncio.CancelledError):
    """What a process that was killed is to its own code: nothing that can be handled."""


@dataclass
class Killer:
    """Kills the bot at one step: before it happens, or after it happened and before the bot hears of it."""

    town: Town
    at: int
    before: bool
    seen: list[str] = field(default_factory=list)
    dead: bool = False
    _undo: Callable[[], None] = lambda: None

    async def step(self, name: str, happen: Callable[[], Awaitable[Any]]) -> Any:
        """Let a step happen, unless the bot is dead by then."""
        self._refuse_the_dead()
        self.seen.append(name)
        fatal = len(self.seen) - 1 == self.at
        if fatal and self.before:
            self._kill()
        answer = await happen()
        if fatal:
            self._kill()
        self._refuse_the_dead()
        return answer

    def watch_requests(self) -> None:
        """Stand between the bot and Discord."""
        http: Any = self.town.app.bot.http
        ask = http.request

        async def request(route: Any, **options: Any) -> Any:
            return await self.step(f"{route.method} {route.path}", lambda: ask(route, **options))

        http.request = request

    def watch_commits(self) -> None:
        """Stand between the bot and its database."""
        database = self.town.database
        commit = database.write

        async def write(work: Any) -> Any:
            return await self.step("commit", lambda: commit(work))

        self._undo = lambda: setattr(database, "write", commit)
        database.write = write  # type: ignore[method-assign]

    def stand_aside(self) -> None:
        """Let the next bot have the database for itself."""
        self._undo()

    def _kill(self) -> None:
        self.dead = True
        for worker in self.town.app.context.messenger._workers:
            worker.cancel()
        raise Killed

    def _refuse_the_dead(self) -> None:
        if self.dead:
            raise Killed


@dataclass(frozen=True)
class Place:
    """A town with people in it; built alike each time, it has the same ids each time."""

    town: Town
    members: list[MemberActor]

    async def begin(self, **changes: Any) -> int:
        """Start a program that everybody joins, whose first rotation comes due an hour from now."""
        town = self.town
        due = town.now + timedelta(hours=1)
        rules = ProgramRules(
            name="Circles",
            lobby_channel_id=town.lobby.id,
            zone="UTC",
            first_day=due.date(),
            size_least=SIZE,
            size_wanted=SIZE,
            size_most=SIZE,
            checkin_weekday=(due + timedelta(days=1)).weekday(),
            checkin_hour=due.hour,
            auto_publish=True,
        )
        made = await programs.start_draft(town.database, town.guild.id, replace(rules, **changes), town.now)
        await programs.activate(town.database, town.guild.id, made.id, town.now)
        for member in self.members:
            await people.join(town.database, town.guild.id, made.id, member.id, Profile(), town.now)
        return made.id

    async def publish(self, program_id: int) -> None:
        """Publish a rotation; the messenger has not heard of it yet."""
        town, world = self.town, self.town.app.context.world
        guild_id, now = town.guild.id, town.now
        draft = await rotations.draft_rotation(town.database, world, guild_id, program_id, now, 7)
        await rotations.publish_rotation(town.database, world, guild_id, draft.id, now)

    async def run(self) -> None:
        """Let the bot work until nothing more happens, or it is dead."""
        with self.town.env._bot_scope():
            self.town.app.context.messenger.kick()
        await self.town.env.settle()

    async def come_back(self) -> None:
        """Start the bot again on the same database, as a new process would, and let it run on."""
        town = self.town
        await town.restart()
        await town.advance(seconds=1)

    async def open_threads_by_hand(self) -> list[int]:
        """Give each circle its thread without the messenger, and drop what it would have sent."""
        town, threads = self.town, []
        circles = await self.rows(Circle)
        for circle in circles:
            made = town.env.backend.create_thread(
                town.lobby.id, f"Circle {circle.number}", town.app.bot.user.id, type=ChannelType.private_thread.value
            )
            threads.append(made.id)

        async def write(session: Any) -> None:
            for circle, thread_id in zip(circles, threads, strict=True):
                await session.execute(update(Circle).where(Circle.id == circle.id).values(thread_id=thread_id))
            await session.execute(delete(Delivery))

        await town.database.write(write)
        return threads

    def written(self, channel_id: int) -> list[Any]:
        """Return what was written into a channel, apart from Discord's own lines."""
        messages = self.town.env.backend.messages.get(channel_id, {}).values()
        return [each for each in messages if each.type == MessageType.default.value]

    def written_outside(self, channel_ids: Collection[int]) -> list[Any]:
        """Return what was written anywhere else."""
        every = self.town.env.backend.messages
        return [each for channel_id in every if channel_id not in channel_ids for each in self.written(channel_id)]

    async def states(self) -> set[DeliveryState]:
        """Return in which states deliveries are."""
        return {each.state for each in await self.rows(Delivery)}

    async def rows(self, kind: Any) -> list[Any]:
        """Return every row of a table."""

        async def load(session: Any) -> list[Any]:
            return list((await session.scalars(select(kind).order_by(kind.id))).all())

        return await self.town.database.read(load)


@asynccontextmanager
async def open_place(file: Path, folder: Path, size: int = CIRCLES * SIZE) -> AsyncGenerator[Place]:
    """Open a town on a copy of a database."""
    folder.mkdir(exist_ok=True)
    copy = Path(shutil.copy(file, folder / NAME))
    async with (
        open_database(copy, CIPHER) as database,
        open_town(database, folder, form_briefly) as town,
    ):
        yield Place(town, [town.member(f"member{number}") for number in range(size)])


@pytest.fixture(scope="session")
def published_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database in which a first rotation of six circles was published and nothing delivered yet."""
    folder = tmp_path_factory.mktemp("published")

    async def make() -> Path:
        async with open_place(migrated_file, folder) as place:
            await place.publish(await place.begin())
        return folder / NAME

    return asyncio.run(make())


def moments(steps: int, chunk: int = 0, chunks: int = 1) -> list[tuple[int, bool]]:
    """Return each step with whether the bot dies before it; dealt into chunks, which may run side by side."""
    return [(at, before) for at in range(steps) for before in (True, False)][chunk::chunks]


async def everything(place: Place, circles: int = CIRCLES) -> None:
    """Show that each circle has one thread with its members and one welcome, and that nothing else was sent."""
    town = place.town
    rows, seats = await place.rows(Circle), await place.rows(Membership)
    assert (len(rows), len(seats)) == (circles, circles * SIZE)
    users = {row.id: row.user_id for row in await place.rows(Person)}
    threads = {thread.id: town.env.backend.get_channel(thread.id) for thread in town.threads()}
    assert sorted(threads) == sorted(row.thread_id for row in rows)
    for row in rows:
        inside = {users[seat.person_id] for seat in seats if seat.circle_id == row.id}
        assert set(threads[row.thread_id].thread_members) == inside | {town.app.bot.user.id}
        assert threads[row.thread_id].type == ChannelType.private_thread.value
        (welcome,) = place.written(row.thread_id)
        assert f"circle {row.number}" in words_of(welcome).casefold()
    assert place.written_outside(threads) == []
    assert await place.states() == {DeliveryState.DONE}
    assert not await place.rows(Notice)


async def test_a_circle_costs_one_thread_its_members_and_one_message(published_file, tmp_path):
    """What is counted: a circle of n costs n + 2 requests."""
    async with open_place(published_file, tmp_path / "place") as place:
        killer = Killer(place.town, at=-1, before=True)
        killer.watch_requests()
        await place.run()
        counted = {each: killer.seen.count(each) for each in killer.seen}
        await everything(place)
    assert counted == {
        "POST /channels/{channel_id}/threads": CIRCLES,
        "PUT /channels/{channel_id}/thread-members/{user_id}": CIRCLES * SIZE,
        "POST /channels/{channel_id}/messages": CIRCLES,
    }


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_the_bot_may_die_at_any_request_of_publishing(published_file, tmp_path, chunk):
    """FAILURES F10 and F19: every thread, member and message exists once, whichever request was the last."""
    for at, before in moments(CIRCLES * (SIZE + 2), chunk, CHUNKS):
        async with open_place(published_file, tmp_path / "place") as place:
            killer = Killer(place.town, at, before)
            killer.watch_requests()
            await place.run()
            assert killer.dead
            await place.come_back()
            await everything(place)


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_the_bot_may_die_at_any_request_of_an_ending(published_file, tmp_path, chunk):
    """FAILURES F19: each circle gets one farewell and is archived, whichever request was the last."""
    for at, before in moments(CIRCLES * 2, chunk, CHUNKS):
        async with open_place(published_file, tmp_path / "place") as place:
            threads = await place.open_threads_by_hand()
            await programs.archive_program(place.town.database, place.town.guild.id, 1, place.town.now)
            killer = Killer(place.town, at, before)
            killer.watch_requests()
            await place.run()
            assert killer.dead
            await place.come_back()
            for thread_id in threads:
                (farewell,) = place.written(thread_id)
                assert "goodbye" in words_of(farewell).casefold()
                assert place.town.env.backend.get_channel(thread_id).thread_metadata.archived
            assert place.written_outside(threads) == []
            assert await place.states() == {DeliveryState.DONE}


@pytest.mark.parametrize("before", [True, False])
async def test_the_bot_may_die_at_any_commit_of_the_delivery_loop(migrated_file, tmp_path, before):
    """FAILURES F20: a claim without its call, or a call whose outcome was lost, is looked up and carried on."""
    for at in range(2 * (SIZE + 2)):  # each delivery is claimed, and its outcome recorded
        async with _published_circle(migrated_file, tmp_path / "place") as place:
            messenger = place.town.app.context.messenger
            messenger._settings = replace(messenger._settings, lanes=1)
            killer = Killer(place.town, at, before)
            killer.watch_commits()
            await place.run()
            assert killer.dead
            killer.stand_aside()
            await place.come_back()
            await everything(place, circles=1)


@asynccontextmanager
async def _published_circle(migrated_file: Path, folder: Path) -> AsyncGenerator[Place]:
    async with open_place(migrated_file, folder, SIZE) as place:
        await place.publish(await place.begin())
        yield place


@pytest.mark.parametrize("before", [True, False])
async def test_the_bot_may_die_at_any_commit_of_a_turn(migrated_file, tmp_path, before):
    """FAILURES F18 and F19: a rotation that came due is formed and published once, whichever commit was the last."""
    at, published = 0, False
    while not published:
        async with open_place(migrated_file, tmp_path / "place", SIZE) as place:
            await place.begin()
            killer = Killer(place.town, at, before)
            killer.watch_commits()
            with suppress(Killed):
                await place.town.advance(hours=1)
            killer.stand_aside()
            published = any(each.state is RotationState.PUBLISHED for each in await place.rows(Rotation))
            await place.come_back()
            await everything(place, circles=1)
            assert [each.state for each in await place.rows(Rotation)] == [RotationState.PUBLISHED]
            assert {each.state for each in await place.rows(Occurrence)} == {OccurrenceState.DONE}
            at += 1
    assert at > 4


@pytest.mark.parametrize("before", [True, False])
async def test_the_bot_may_die_while_it_asks_who_is_still_there(migrated_file, tmp_path, before):
    """FAILURES F39: a question that was never answered takes nobody out of the program."""
    for at in range(2 * SIZE):  # people are asked about when circles are formed and again when they are published
        async with open_place(migrated_file, tmp_path / "place", SIZE) as place:
            await place.begin()
            killer = Killer(place.town, at, before)
            killer.watch_requests()
            with suppress(Killed):
                await place.town.advance(hours=1)
            assert killer.dead
            assert killer.seen[-1] == "GET /guilds/{guild_id}/members/{member_id}"
            await place.come_back()
            await everything(place, circles=1)
