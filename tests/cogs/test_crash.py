"""The bot dies at every request and at every commit in turn, starts again, and nothing is missing or doubled."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from discord import ChannelType, MessageType
from simcord.actors import MemberActor
from sqlalchemy import select, update

from bot.domain.formation import Assignment, Budget, Problem, form
from bot.domain.program import ProgramRules
from bot.services import people, programs, rotations
from bot.services.people import Profile
from db.engine import Database, open_database
from db.models import Circle, Delivery, DeliveryState, Membership, Notice, Occurrence, OccurrenceState, Rotation
from db.types import Cipher
from tests.cogs.town import Town, open_town, words_of

CIRCLES, SIZE = 6, 5
CHUNKS = 7
NAME = "town.db"
Work = Callable[[Any], Awaitable[Any]]


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

    def watched(self, database: Database) -> "WatchedDatabase":
        """Stand between the bot and its database."""
        return WatchedDatabase(database, self)

    def _kill(self) -> None:
        self.dead = True
        for worker in self.town.app.context.messenger._workers:
            worker.cancel()
        raise Killed

    def _refuse_the_dead(self) -> None:
        if self.dead:
            raise Killed


class WatchedDatabase:
    """A database each of whose commits is a step at which the bot may be killed."""

    def __init__(self, database: Database, killer: Killer) -> None:
        self._database = database
        self._killer = killer
        self.read = database.read

    async def write(self, work: Work) -> Any:
        """Commit a unit of work."""
        return await self._killer.step("commit", lambda: self._database.write(work))


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
            checkin_weekday=due.weekday(),
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
        open_database(copy, Cipher(bytes(range(32)))) as database,
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


@pytest.fixture(scope="session")
def ended_file(published_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database in which every circle had its thread, and the end of them all was decided but not delivered."""
    folder = tmp_path_factory.mktemp("ended")

    async def make() -> Path:
        async with open_place(published_file, folder) as place:
            await place.run()
            await programs.archive_program(place.town.database, place.town.guild.id, 1, place.town.now)
        return folder / NAME

    return asyncio.run(make())


def chunk_of(steps: int, chunk: int) -> list[tuple[int, bool]]:
    """Deal the moments at which the bot may die into chunks, which run side by side."""
    return [(at, before) for at in range(steps) for before in (True, False)][chunk::CHUNKS]


async def everything(place: Place, circles: int = CIRCLES, size: int = SIZE) -> None:
    """Show that each circle has one thread with its members and one welcome, and that nothing else was sent."""
    backend, town = place.town.env.backend, place.town
    rows = await place.rows(Circle)
    seats = await place.rows(Membership)
    assert (len(rows), len(seats)) == (circles, circles * size)
    users = {row.id: row.user_id for row in await place.rows(Membership.person.property.mapper.class_)}
    threads = {thread.id: backend.get_channel(thread.id) for thread in town.threads()}
    assert sorted(threads) == sorted(row.thread_id for row in rows)
    for row in rows:
        inside = {users[seat.person_id] for seat in seats if seat.circle_id == row.id}
        thread = threads[row.thread_id]
        assert set(thread.thread_members) == inside | {town.app.bot.user.id}
        assert thread.type == ChannelType.private_thread.value
        (welcome,) = _written(place, thread.id)
        assert "Welcome" in words_of(welcome) or str(row.number) in words_of(welcome)
    elsewhere = [each for each in backend.messages if each not in threads and _written(place, each)]
    assert not elsewhere
    assert {each.state for each in await place.rows(Delivery)} == {DeliveryState.DONE}
    assert not await place.rows(Notice)


def _written(place: Place, channel_id: int) -> list[Any]:
    """Return what was written into a channel, apart from Discord's own lines."""
    messages = place.town.env.backend.messages.get(channel_id, {}).values()
    return [each for each in messages if each.type == MessageType.default.value]


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
    for at, before in chunk_of(CIRCLES * (SIZE + 2), chunk):
        async with open_place(published_file, tmp_path / "place") as place:
            killer = Killer(place.town, at, before)
            killer.watch_requests()
            await place.run()
            assert killer.dead
            await place.come_back()
            await everything(place)
