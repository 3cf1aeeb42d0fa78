"""The gateway: several connections, each a shard, with HELLO, READY, RESUME and what happens in their guilds."""

import json
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire.discord_state import APPLICATION, BOT, Json, State

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 8, 9, 10, 11
KEPT_EVENTS = 1_000
INVALID_SHARD, AUTHENTICATION_FAILED = 4010, 4004


@dataclass
class Session:
    """One shard's session: its connection while there is one, and its last events for a RESUME."""

    id: str
    shard: tuple[int, int]
    socket: web.WebSocketResponse | None = None
    sequence: int = 0
    events: list[Json] = field(default_factory=list)
    compressor: Any = None

    async def dispatch(self, name: str, data: Any) -> None:
        """Tell of an event, now or at the next RESUME."""
        self.sequence += 1
        event = {"op": DISPATCH, "t": name, "s": self.sequence, "d": data}
        self.events = [*self.events[-KEPT_EVENTS:], event]
        await self.say(event)

    async def say(self, payload: Json) -> None:
        """Write one payload; a connection that is gone hears nothing."""
        socket = self.socket
        if socket is None or socket.closed:
            return
        try:
            await write(socket, payload, self.compressor)
        except (ConnectionError, RuntimeError):
            self.socket = None


async def write(socket: web.WebSocketResponse, payload: Json, compressor: Any) -> None:
    """Write one payload as text, or as a piece of the connection's zlib stream."""
    text = json.dumps(payload, separators=(",", ":"))
    if compressor is None:
        await socket.send_str(text)
    else:
        await socket.send_bytes(compressor.compress(text.encode()) + compressor.flush(zlib.Z_SYNC_FLUSH))


class Gateway:
    """Every session there is."""

    def __init__(self, token: str, *, compress: bool) -> None:
        self.state: State
        self.base = ""
        self.shards = 1  # how many are recommended
        self.at_once = 1  # how many may identify side by side
        self._token = token
        self._compress = compress
        self._sessions: dict[str, Session] = {}

    @property
    def connected(self) -> list[tuple[int, int]]:
        """Which shards have a connection now."""
        return sorted({each.shard for each in self._sessions.values() if each.socket is not None})

    def session_of(self, guild_id: int | None) -> Session | None:
        """Return the connected session that hears of a guild, or of direct messages; the newest, if several do."""
        for session in reversed(self._sessions.values()):
            number, of = session.shard
            if session.socket is not None and number == shard_of(guild_id, of):
                return session
        return None

    async def tell(self, guild_id: int | None, name: str, data: Any) -> bool:
        """Dispatch an event to the shard it belongs to; tell whether anybody is there to hear it."""
        session = self.session_of(guild_id)
        if session is not None:
            await session.dispatch(name, data)
        return session is not None

    async def disturb(self, code: int | None) -> None:
        """Ask every connection to reconnect, or close each with a code."""
        for session in list(self._sessions.values()):
            if session.socket is None:
                continue
            if code is None:
                await session.say({"op": RECONNECT, "d": None})
            else:
                await session.socket.close(code=code)

    def forget(self) -> None:
        """Forget every session that has no connection."""
        self._sessions = {each.id: each for each in self._sessions.values() if each.socket is not None}

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it ends."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        zipped = self._compress and request.query.get("compress") == "zlib-stream"
        compressor = zlib.compressobj() if zipped else None
        await write(socket, {"op": HELLO, "d": {"heartbeat_interval": 41_250}}, compressor)
        session: Session | None = None
        try:
            async for frame in socket:
                if frame.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    session = await self._hear(socket, compressor, session, json.loads(frame.data))
        finally:
            if session is not None and session.socket is socket:
                session.socket = None
        return socket

    async def _hear(
        self, socket: web.WebSocketResponse, compressor: Any, session: Session | None, said: Json
    ) -> Session | None:
        match said["op"]:
            case 1:
                await write(socket, {"op": ACK, "d": None}, compressor)
            case 2:
                return await self._identify(socket, compressor, said["d"])
            case 6:
                return await self._resume(socket, compressor, said["d"])
            case 8 if session is not None:
                chunk = {"guild_id": str(said["d"]["guild_id"]), "members": [self.state.member(BOT)]}
                await session.dispatch("GUILD_MEMBERS_CHUNK", chunk | {"chunk_index": 0, "chunk_count": 1})
            case _:
                pass
        return session

    async def _identify(self, socket: web.WebSocketResponse, compressor: Any, data: Json) -> Session | None:
        number, of = data.get("shard") or (0, 1)
        if not 0 <= number < of:
            await socket.close(code=INVALID_SHARD)
            return None
        if data["token"] != self._token:
            await socket.close(code=AUTHENTICATION_FAILED)
            return None
        session = Session(secrets.token_hex(8), (number, of), socket, compressor=compressor)
        self._sessions[session.id] = session
        self.state.ledger.write("identify", shard=[number, of], intents=data.get("intents"))
        own = [guild_id for guild_id in self.state.guilds if shard_of(guild_id, of) == number]
        await session.dispatch("READY", self._ready(session, own))
        for guild_id in own:
            await session.dispatch("GUILD_CREATE", self.state.guild_create(guild_id))
        return session

    def _ready(self, session: Session, guilds: list[int]) -> Json:
        return {
            "v": 10,
            "user": self.state.user(BOT) | {"mfa_enabled": False, "verified": True, "email": None},
            "guilds": [{"id": str(each), "unavailable": True} for each in guilds],
            "session_id": session.id,
            "resume_gateway_url": f"{self.base}/gateway",
            "shard": list(session.shard),
            "application": {"id": str(APPLICATION), "flags": 0},
            "private_channels": [],
        }

    async def _resume(self, socket: web.WebSocketResponse, compressor: Any, data: Json) -> Session | None:
        session = self._sessions.get(data["session_id"])
        if session is None or session.sequence - data["seq"] > KEPT_EVENTS:
            await write(socket, {"op": INVALID, "d": False}, compressor)
            return None
        session.socket, session.compressor = socket, compressor
        self.state.ledger.write("resume", shard=list(session.shard))
        for event in [each for each in session.events if each["s"] > data["seq"]]:
            await session.say(event)
        await session.dispatch("RESUMED", {})
        return session


def shard_of(guild_id: int | None, of: int) -> int:
    """Return the shard that hears of a guild; direct messages are heard by the first."""
    return 0 if guild_id is None else (guild_id >> 22) % of
