"""One process a shard: PostgreSQL's advisory locks say whose it is, whose turn it is to identify, and wake the others.

Discord tells everything of a shard to each session of it, so two processes
with the same shard would both answer. A process therefore holds its shards for
as long as it lives: one that was killed lets go at once, one that stands still
goes on holding them, and no other takes its place before it is ended. What it
had in flight is safe meanwhile: nobody else claims it, and it is looked up first.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url, text

from bot.domain.shards import Share
from bot.errors import OperatorError
from bot.text import text as said
from db.engine import For, named, one_connection

if TYPE_CHECKING:
    from psycopg import AsyncConnection

log = logging.getLogger(__name__)
SHARD, COUNT, IDENTIFY = 733_010, 733_011, 733_012  # the first halves of the locks' names
CHANNEL = "peer_circles"
PULSE_SECONDS = 5.0  # how often it is seen to that the connection, and with it the locks, are still there
IDENTIFY_SECONDS = 5.5  # Discord wants five between two
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 10}
# The server's side of the same: by itself it notices only after two hours that the other machine is gone.
KEPT_ALIVE = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SET tcp_user_timeout = 25000",
)
AWAY_SECONDS = 0.5
LINGERING, GLANCE = 5, 0.1  # how often, and how many seconds apart, the locks of a process that just ended are tried
HELD = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND datname = current_database() AND classid = :count AND objid::bigint <> :of
"""


def refuse_running(url: str) -> None:
    """Raise OperatorError where a process runs on the database."""
    with one_connection(url, For.READING) as connection:
        if connection.scalar(text(HELD), {"count": COUNT, "of": 0}):
            raise OperatorError(said("fault.shards.running", place=named(url)))


class Hold:
    """The shards that this process holds, and how it wakes those that hold the others."""

    def __init__(self, url: str, share: Share, woken: Callable[[], None]) -> None:
        self._url = url
        self._share = share
        self._woken = woken
        self._voice_free = asyncio.Lock()
        self._voice: AsyncConnection[Any] | None = None
        self._holding: AsyncConnection[Any] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake_others(self) -> None:
        """Let the processes of the other shards look at what is due."""
        if not self._voice_free.locked():  # else one is about to be heard
            self._spawn(self._notify())

    async def take_turn(self, bucket: int) -> None:
        """Wait until no other process identifies in this bucket; let the next one do so five seconds later."""
        connection = await self._connect()
        await connection.execute("SELECT pg_advisory_lock(%s, %s)", (IDENTIFY, bucket))
        self._spawn(_close_later(connection))

    async def begin(self) -> "AsyncConnection[Any]":
        """Take the locks at the start: PostgreSQL may not have heard yet that the process before has ended."""
        for _ in range(LINGERING):
            with suppress(OperatorError):
                return await self.acquire()
            await asyncio.sleep(GLANCE)
        return await self.acquire()

    async def acquire(self) -> "AsyncConnection[Any]":
        """Take the locks of all shards at once; raise OperatorError where another process has one of them."""
        connection = await self._connect()
        try:
            await self._take(connection)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def keep(self, connection: "AsyncConnection[Any]") -> None:
        """Hold on to the locks, and hear when others wake us; take them up again where the connection broke."""
        import psycopg  # noqa: PLC0415 - only who uses PostgreSQL has its driver

        while True:
            self._holding = connection
            try:
                await connection.execute(f"LISTEN {CHANNEL}".encode())
                await self._listen(connection)
            except psycopg.Error:
                await connection.close()
                log.warning("The connection that holds the shards broke; they are taken up again")
            try:
                connection = await self._acquire_again()
            except OperatorError as error:
                self.lost.set_exception(error)
                return

    async def close(self) -> None:
        """End what is under way, and let go of the locks before the connections: the server hears of those later."""
        import psycopg  # noqa: PLC0415

        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in filter(None, (self._voice, self._holding)):
            with suppress(psycopg.Error):
                await connection.execute("SELECT pg_advisory_unlock_all()")
            await connection.close()

    async def _listen(self, connection: "AsyncConnection[Any]") -> None:
        while True:
            async for notice in connection.notifies(timeout=PULSE_SECONDS):
                if self._voice is None or notice.pid != self._voice.info.backend_pid:
                    self._woken()
            await connection.execute("SELECT 1")

    async def _acquire_again(self) -> "AsyncConnection[Any]":
        import psycopg  # noqa: PLC0415

        while True:
            try:
                return await self.acquire()
            except psycopg.Error:
                await asyncio.sleep(AWAY_SECONDS)

    async def _take(self, connection: "AsyncConnection[Any]") -> None:
        of = self._share.of
        await connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (COUNT, of))
        others = await connection.execute(HELD.replace(":count", "%s").replace(":of", "%s"), (COUNT, of))
        if ((await others.fetchone()) or (0,))[0]:
            raise OperatorError(said("fault.shards.other-number", of=of), exit_code=1)
        for shard in sorted(self._share.shards):
            tried = await connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (SHARD, shard))
            if not ((await tried.fetchone()) or (False,))[0]:
                raise OperatorError(said("fault.shards.taken", shard=shard, of=of), exit_code=1)

    async def _notify(self) -> None:
        import psycopg  # noqa: PLC0415

        async with self._voice_free:
            try:
                self._voice = self._voice or await self._connect()
                await self._voice.execute(f"NOTIFY {CHANNEL}".encode())
            except psycopg.Error:
                self._voice = None  # the others look each minute in any case

    async def _connect(self) -> "AsyncConnection[Any]":
        import psycopg  # noqa: PLC0415

        url = make_url(self._url)
        words = url.translate_connect_args(username="user", database="dbname") | dict(url.query)
        connection = await psycopg.AsyncConnection.connect(**words, **KEEPALIVE, autocommit=True)  # pyright: ignore[reportArgumentType]
        try:
            await connection.execute("; ".join(KEPT_ALIVE).encode())
        except BaseException:
            await connection.close()
            raise
        return connection

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@asynccontextmanager
async def hold_shards(url: str, share: Share, woken: Callable[[], None]) -> AsyncGenerator[Hold]:
    """Hold the shards of a share for as long as the block lasts; `woken` is called when others changed something."""
    hold = Hold(url, share, woken)
    connection = await hold.begin()
    keeping = asyncio.create_task(hold.keep(connection), name="shards")
    try:
        yield hold
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await hold.close()
        await connection.close()
        if hold.lost.done():
            hold.lost.exception()


async def _close_later(connection: "AsyncConnection[Any]") -> None:
    try:
        await asyncio.sleep(IDENTIFY_SECONDS)
    finally:
        await connection.close()
