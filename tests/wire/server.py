"""A small local Discord in a process of its own: `python -m tests.wire.server --folder FOLDER`.

It writes where it listens into FOLDER/server.json, and every effect into
FOLDER/ledger.jsonl. `/_control/...` is how a test arranges and asks.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.wire.discord_state import Json, Ledger, Refused, State
from tests.wire.faults import Faults, Killer, given
from tests.wire.gateway import Gateway
from tests.wire.openapi import Description, missed
from tests.wire.rest import LOGIN, Asked, Rest, find_route
from tests.wire.users import MODAL, Crowd, Users, wait_for

API, TOKEN = "/api/v10", "wire-token"
UNLIMITED = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "999", "X-RateLimit-Reset-After": "1.0"}


class Server:
    """Everything together: REST with its faults, the gateway, the users, and the controls of a test."""

    def __init__(self, folder: Path, openapi: Path | None, *, compress: bool) -> None:
        self.folder = folder
        self.description = Description(openapi) if openapi else None
        self.gateway = Gateway(TOKEN, compress=compress)
        self.base = ""
        self.tasks: set[asyncio.Task[Any]] = set()
        self._start_anew("ledger.jsonl")

    def _start_anew(self, ledger: str) -> None:
        self.state = self.gateway.state = State(Ledger(self.folder / ledger))
        self.gateway.forget()
        self.users = Users(self.state, self.gateway)
        self.rest = Rest(self.state, self.gateway, self.users, self.base.replace("http", "ws", 1))
        self.faults = Faults()
        self.killer: Killer | None = None
        self.refuse_token_after: int | None = None
        self.crowds: list[Crowd] = []

    def application(self) -> web.Application:
        """Return the routes to serve."""
        app = web.Application(client_max_size=64 << 20)
        app.router.add_get("/gateway", self.gateway.connect)
        app.router.add_get("/gateway/", self.gateway.connect)
        app.router.add_post("/_control/{name}", self.control)
        app.router.add_route("*", "/{path:.*}", self.serve)
        return app

    def listens_at(self, port: int) -> None:
        """Learn the own address, and leave it where it is looked for."""
        self.base = f"http://127.0.0.1:{port}"
        self.gateway.base = self.rest.base = f"ws://127.0.0.1:{port}"
        told = self.folder / "server.json"
        unfinished = told.with_suffix(".unfinished")
        unfinished.write_text(json.dumps({"url": self.base, "pid": os.getpid(), "token": TOKEN}), encoding="utf-8")
        unfinished.replace(told)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, with whatever is to go wrong."""
        path = request.path.removeprefix(API)
        found = find_route(request.method, path) if request.path.startswith(API) else None
        if found is None:
            self.state.ledger.write("unknown", method=request.method, path=request.path)
            return reply(501, {"message": f"{request.method} {request.path} is not served here", "code": 0})
        template, ids, handler = found
        body = await read_body(request)
        route = f"{request.method} {template} {ids.get('channel_id') or ids.get('guild_id') or ''}"
        fatal = self.killer is not None and template not in LOGIN and self.killer.count()
        if fatal and self._strikes(before=True):
            return abort(request)
        if self._refuses_token(request, template):
            self.state.ledger.write("request", route=f"{request.method} {template}", status=401)
            return reply(401, {"message": "401: Unauthorized", "code": 0})
        asked = Asked(ids, dict(request.query), body)
        spoilt = await self._spoil(request, template, route, handler, asked)
        if spoilt is not None:
            return spoilt
        status, answer = await self._do(request.method, template, handler, asked)
        if fatal and self._strikes(before=False):
            return abort(request)
        return self._maybe_lose(request, route, reply(status, answer, UNLIMITED | {"X-RateLimit-Bucket": route[:60]}))

    async def _spoil(
        self, request: web.Request, template: str, route: str, handler: Any, asked: Asked
    ) -> web.StreamResponse | None:
        """Let a request wait, and return what it gets instead of an answer where something goes wrong before it."""
        if wait := self.faults.wait():
            await asyncio.sleep(wait)
        if template in LOGIN or any(each in template for each in self.faults.spared):
            return None
        if limited := self.faults.limited(route):
            retry_after, for_all = limited
            return self._limit(route, retry_after, for_all=for_all)
        if request.method == "POST" and (seconds := self.faults.late_by(template)):
            self._keep(self._do_late(seconds, request.method, template, handler, asked))
            return abort(request)
        return None

    async def _do(self, method: str, template: str, handler: Any, asked: Asked) -> tuple[int, Any]:
        """Carry a request out, write it down, and tell the gateway."""
        status, answer = self._carry_out(method, template, handler, asked)
        self.state.ledger.write("request", route=f"{method} {template}", status=status)
        await self._tell_events()
        return status, answer

    async def _do_late(self, seconds: float, method: str, template: str, handler: Any, asked: Asked) -> None:
        """Carry a request out when nobody waits for its answer any more."""
        self.state.ledger.write("late", route=f"{method} {template}", seconds=seconds)
        await asyncio.sleep(seconds)
        await self._do(method, template, handler, asked)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on beside the requests."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _refuses_token(self, request: web.Request, template: str) -> bool:
        """Tell whether a request carries another token, or one that a test let expire meanwhile."""
        if template not in LOGIN and self.refuse_token_after is not None:
            self.refuse_token_after -= 1
            if self.refuse_token_after < 0:
                return True
        return request.headers.get("Authorization", f"Bot {TOKEN}") != f"Bot {TOKEN}"

    def _strikes(self, *, before: bool) -> bool:
        """Let the killer strike if this is its moment; a later moment is only planned."""
        killer = self.killer
        if killer is None or killer.before is not before:
            return False
        self.state.ledger.write("kill", at=killer.at, before=before, later=killer.after_seconds)
        if killer.after_seconds is not None:
            asyncio.get_running_loop().call_later(killer.after_seconds, killer.strike)
            return False
        killer.strike()
        return True

    def _carry_out(self, method: str, template: str, handler: Any, asked: Asked) -> tuple[int, Any]:
        if objections := self._objections(method, template, asked.body):
            self.state.ledger.write("violation", route=f"{method} {template}", why=objections[:5], body=asked.body)
            return 400, {"code": 50035, "message": "Invalid Form Body", "errors": {"_errors": objections[:5]}}
        self.rest.events = []
        try:
            answer = handler(self.rest, asked)
        except Refused as refusal:
            return refusal.status, {"code": refusal.code, "message": refusal.message}
        return (204 if answer is None else 200), answer

    def _objections(self, method: str, template: str, body: Any) -> list[str]:
        described = self.description.objections(method, template, body) if self.description else []
        return described + missed(template, body)

    async def _tell_events(self) -> None:
        events, self.rest.events = self.rest.events, []
        for guild, name, data in events:
            await self.gateway.tell(guild, name, data)

    def _limit(self, route: str, retry_after: float, *, for_all: bool) -> web.Response:
        """Refuse with a 429, as Discord's edge does: with a Via header."""
        self.state.ledger.write("request", route=route, status=429, for_all=for_all)
        headers = {"Via": "1.1 wire", "Retry-After": str(max(1, round(retry_after)))}
        headers |= {"X-RateLimit-Scope": "global" if for_all else "user"}
        if for_all:
            headers["X-RateLimit-Global"] = "true"
        said = {"message": "You are being rate limited.", "retry_after": retry_after, "global": for_all, "code": 0}
        return reply(429, said, headers)

    def _maybe_lose(self, request: web.Request, route: str, answer: web.Response) -> web.StreamResponse:
        """Lose the answer to something that was done, now and then."""
        if any(each in route for each in (*LOGIN, *self.faults.spared)):
            return answer
        lost = self.faults.lost()
        if lost is None:
            return answer
        self.state.ledger.write("lost", route=route, how=lost)
        return reply(500, {"message": "500: Internal Server Error", "code": 0}) if lost == "500" else abort(request)

    async def control(self, request: web.Request) -> web.Response:
        """Do what a test asks for."""
        asked = await request.json() if request.can_read_body else {}
        return reply(200, await getattr(self, f"on_{request.match_info['name']}")(**asked))

    async def on_reset(self, guilds: list[Json], ledger: str = "ledger.jsonl", **settings: Any) -> Json:
        """Start anew: other guilds, another ledger, no faults."""
        self.state.ledger.close()
        self._start_anew(ledger)
        for guild in guilds:
            self.state.add_guild(guild["id"], guild["channels"], guild.get("members", 1))
        self.state.closed, self.state.gone = set(settings.get("closed", ())), set(settings.get("gone", ()))
        self.state.nonce_seconds = settings.get("nonce_seconds", 600.0)
        self.gateway.shards = settings.get("shards", 1)
        self.gateway.at_once = settings.get("at_once", 1)
        return {}

    async def on_fault(self, **faults: Any) -> Json:
        """Let things go wrong from now on; nothing named means nothing does."""
        self.faults = given(Faults, faults)
        return {}

    async def on_refuse_token(self, after: int) -> Json:
        """Refuse the bot's token after so many requests of deliveries."""
        self.refuse_token_after = after
        return {}

    async def on_kill(self, **plan: Any) -> Json:
        """End a process at one of the requests to come."""
        self.killer = Killer(**plan)
        return {}

    async def on_close_dms(self, users: list[int]) -> Json:
        """Close people's direct messages."""
        self.state.closed |= set(users)
        return {}

    async def on_delete_channel(self, channel_id: int) -> Json:
        """Delete a channel or thread by hand, as a moderator does."""
        self.rest.delete_channel(Asked({"channel_id": str(channel_id)}, {}, None))
        await self._tell_events()
        return {}

    async def on_disturb(self, code: int | None = None) -> Json:
        """Let every gateway connection reconnect, or close it with a code."""
        await self.gateway.disturb(code)
        return {}

    async def on_crowd(self, **crowd: Any) -> Json:
        """Let many members act; returns at once with the crowd's number."""
        self.crowds.append(Crowd(**crowd))
        self._keep(self.crowds[-1].act(self.users))
        return {"crowd": len(self.crowds) - 1}

    async def on_crowd_results(self, crowd: int) -> Json:
        """Return what came of a crowd so far."""
        return asdict(self.crowds[crowd])

    async def on_use(self, wait: float = 3.0, **use: Any) -> Json:
        """Let one user use a command or control, and return what they are shown within so long."""
        made = await self.users.use(**use)
        await wait_for(made, lambda: bool(made.shown or (made.answer and made.answer["type"] == MODAL)), wait)
        return made.record()

    async def on_state(self) -> Json:
        """Return which shards are connected and what is known of channels and commands."""
        return {
            "connected": self.gateway.connected,
            "commands": self.state.commands,
            "channels": {
                each.id: each.payload | {"member_ids": sorted(each.members), "messages": list(each.messages.values())}
                for each in self.state.channels.values()
            },
        }

    async def on_connected(self) -> Json:
        """Return which shards are connected."""
        return {"connected": self.gateway.connected}


async def read_body(request: web.Request) -> Any:
    """Return a request's JSON, also that of a form with files; None where there is none."""
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        payload = form.get("payload_json")
        return json.loads(payload) if isinstance(payload, str) else {}
    raw = await request.read()
    return json.loads(raw) if raw else None


def reply(status: int, answer: Any, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON; the content type says nothing more, or discord.py takes it for text."""
    if status == 204:
        return web.Response(status=204, headers=headers)
    said = json.dumps(answer, separators=(",", ":")).encode()
    return web.Response(status=status, body=said, headers={"Content-Type": "application/json"} | (headers or {}))


def abort(request: web.Request) -> web.Response:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--openapi", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--compress", action="store_true", help="speak zlib-stream where it is asked for")
    args = parser.parse_args()
    server = Server(args.folder, args.openapi, compress=args.compress)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", args.port, backlog=2048)
    await site.start()
    server.listens_at(runner.addresses[0][1])
    parent = os.getppid()
    while True:
        await asyncio.sleep(1)
        if os.getppid() != parent:  # whoever started it may end in any way
            return


if __name__ == "__main__":
    asyncio.run(main())
