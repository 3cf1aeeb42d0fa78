"""Three processes share one PostgreSQL database; they are killed, stopped past their leases, and lose the database."""

import asyncio
import itertools
import shutil
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from bot.config import Settings, load_settings
from bot.domain.program import ProgramRules
from bot.keys import open_cipher
from bot.services import people, programs, rotations
from bot.services.people import Profile
from db.engine import Database, open_database
from db.migrate import upgrade
from tests.backends import PostgresServer
from tests.services.season import WORLD
from tests.wire.client import Bot, Wire, wait_until
from tests.wire.kill import DELIVERY_SECONDS, Tally
from tests.wire.place import CONFIG, FIRST_USER, SIZE, Place, guild

PROCESSES = 3
LEASE_SECONDS = 3.0
NONCES = (0.5, 600.0)  # how long Discord remembers a nonce
GUILDS = tuple((3_000 + shard) << 22 for shard in range(PROCESSES))
TEMPLATE = "season"
A_ROUND = 12  # as many things happen while one rotation is delivered


@dataclass(frozen=True)
class SharedPlace(Place):
    """A folder with a configuration and keys, and a database on a server."""

    server: PostgresServer
    name: str

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.server.url(self.name)

    def fresh(self, folder: Path, name: str) -> "SharedPlace":
        """Copy everything, the database too."""
        shutil.rmtree(folder, ignore_errors=True)
        self.server.recreate(name, template=self.name)
        return replace(self, folder=Path(shutil.copytree(self.folder, folder)), name=name)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the database beside whoever writes it, and wait where it is away."""
        for _ in range(200):
            try:
                with psycopg.connect(host=str(self.server.folder), user="postgres", dbname=self.name) as connection:
                    return connection.execute(query.encode(), values or None).fetchall()
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise TimeoutError("the database does not come back")


@dataclass
class Havoc:
    """What is still to happen to the processes."""

    kills: int
    stops: int
    restarts: int
    done: list[str] = field(default_factory=list)

    def next(self, chance: Random) -> str | None:
        """Choose one of the things still to happen."""
        left = ["kill"] * self.kills + ["stop"] * self.stops + ["restart"] * self.restarts
        if not left:
            return None
        chosen = chance.choice(left)
        setattr(self, f"{chosen}s", getattr(self, f"{chosen}s") - 1)
        self.done.append(chosen)
        return chosen


class Fleet:
    """The processes of a place, each with its shard; whoever ends is started again, as a supervisor does."""

    def __init__(self, wire: Wire, place: SharedPlace) -> None:
        self.wire, self.place = wire, place
        self.bots = [self._start(shard) for shard in range(PROCESSES)]

    def _start(self, shard: int) -> Bot:
        share = ("--shards", str(shard), "--of", str(PROCESSES))
        return Bot(
            self.wire, self.place.folder, *share, DATABASE_URL=self.place.url, WIRE_LEASE_SECONDS=str(LEASE_SECONDS)
        )

    def revive(self) -> int:
        """Start whoever has ended; return how many."""
        ended = [shard for shard, bot in enumerate(self.bots) if not bot.alive]
        for shard in ended:
            self.bots[shard] = self._start(shard)
        return len(ended)

    def kill(self, chance: Random) -> None:
        """Kill one of them."""
        chance.choice(self.bots).kill()
        self.revive()

    def stop(self, chance: Random) -> None:
        """Let one of them stand still for longer than its leases last."""
        bot = chance.choice(self.bots)
        bot.process.send_signal(signal.SIGSTOP)
        time.sleep(LEASE_SECONDS + chance.uniform(0.5, 1.5))
        bot.process.send_signal(signal.SIGCONT)

    def restart(self, chance: Random) -> None:
        """Let the database go away for a moment, in order or in a crash."""
        self.place.server.stop(chance.choice(("fast", "immediate")))
        time.sleep(chance.uniform(0, 2))
        self.place.server.start()

    def end(self) -> None:
        """Ask all to end, and see that they end well; one that is only just starting may simply be gone."""
        for bot in self.bots:
            bot.process.send_signal(signal.SIGTERM)
        for bot in self.bots:
            code = bot.process.wait(30)
            if code not in (0, -signal.SIGTERM):
                raise RuntimeError(f"a process ended with {code}:\n{bot.words()[-3000:]}")


@contextmanager
def fleet(wire: Wire, place: SharedPlace) -> Generator[Fleet]:
    """Run the processes for as long as the block lasts."""
    running = Fleet(wire, place)
    try:
        yield running
    finally:
        for bot in running.bots:
            bot.kill()


def make_shared_place(server: PostgresServer, folder: Path, circles: int) -> SharedPlace:
    """Make a place with a guild a shard, in each a program whose first rotation was just published."""
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    server.recreate(TEMPLATE)
    settings = load_settings(folder / "config.toml", {"DATABASE_URL": server.url(TEMPLATE)})
    upgrade(server.url(TEMPLATE))
    users = tuple(range(FIRST_USER, FIRST_USER + circles * SIZE * PROCESSES))
    asyncio.run(_fill(settings, users))
    return SharedPlace(folder, users, server, TEMPLATE)


async def _fill(settings: Settings, users: tuple[int, ...]) -> None:
    now = datetime.now(UTC)
    async with open_database(settings.database_place, open_cipher(settings)) as database:
        for shard, guild_id in enumerate(GUILDS):
            await _publish(database, guild_id, users[shard::PROCESSES], now)


async def _publish(database: Database, guild_id: int, users: tuple[int, ...], now: datetime) -> None:
    sizes = {"size_least": SIZE, "size_wanted": SIZE, "size_most": SIZE}
    far = now.date() + timedelta(days=28)
    rules = ProgramRules(name="Circles", lobby_channel_id=guild_id + 1, zone="UTC", first_day=far, **sizes)
    made = await programs.start_draft(database, guild_id, rules, now)
    await programs.activate(database, guild_id, made.id, now)
    for user in users:
        await people.join(database, guild_id, made.id, user, Profile(), now)
    draft = await rotations.draft_rotation(database, WORLD, guild_id, made.id, now, 7)
    await rotations.publish_rotation(database, WORLD, guild_id, draft.id, now)


def wreak_havoc(wire: Wire, template: SharedPlace, folder: Path, havoc: Havoc, seed: int) -> Tally:
    """Publish in three guilds again and again, until all of the havoc happened; count what was lost or doubled."""
    tally, chance = Tally(), Random(seed)
    while havoc.kills or havoc.stops or havoc.restarts:
        place = template.fresh(folder, "round")
        guilds = [guild((guild_id + 1,), guild_id=guild_id) for guild_id in GUILDS]
        settings = {"nonce_seconds": chance.choice(NONCES), "shards": PROCESSES, "at_once": 16}
        wire.reset(guilds, ledger=f"ledger-{tally.rounds}.jsonl", **settings)
        wire.control("fault", seed=tally.rounds, delay=[0.02, 0.15])
        with fleet(wire, place) as running:
            began = time.monotonic()
            _disturb(running, havoc, chance)
            _settle(running)
            tally.restart_seconds.append(time.monotonic() - began)
            running.end()
        tally.kills = sum(each == "kill" for each in havoc.done)
        tally.take(f"round {tally.rounds}", place, wire)
    return tally


def _disturb(running: Fleet, havoc: Havoc, chance: Random) -> None:
    """Let things happen for as long as there is something to deliver."""
    wait_until(lambda: _progress(running) or not running.place.unfinished(), "the first is delivered", DELIVERY_SECONDS)
    before = len(havoc.done)
    while running.place.unfinished() and len(havoc.done) < before + A_ROUND and (what := havoc.next(chance)):
        getattr(running, what)(chance)
        time.sleep(chance.uniform(0.1, 1.5))


def _progress(running: Fleet) -> bool:
    running.revive()
    return bool(running.place.rows("SELECT 1 FROM delivery WHERE attempts > 0 LIMIT 1"))


def _settle(running: Fleet) -> None:
    def settled() -> bool:
        running.revive()
        return not running.place.unfinished()

    wait_until(settled, "all is delivered", DELIVERY_SECONDS, pause=0.5)


def identified_apart(wire: Wire, template: SharedPlace, folder: Path) -> list[float]:
    """Start all processes at once where Discord lets one identify at a time; return the seconds between them."""
    place = template.fresh(folder, "apart")
    wire.reset([guild((guild_id + 1,), guild_id=guild_id) for guild_id in GUILDS], shards=PROCESSES, at_once=1)
    with fleet(wire, place) as running:
        wait_until(lambda: len(wire.ledger("identify")) >= PROCESSES, "all identified", DELIVERY_SECONDS)
        _settle(running)
        running.end()
    moments = sorted(line["t"] for line in wire.ledger("identify"))
    return [later - earlier for earlier, later in itertools.pairwise(moments)]
