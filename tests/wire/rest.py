"""REST v10: every route that the bot may use, by the templates of Discord's own description."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.wire.discord_state import APPLICATION, BOT, OWNER, PRIVATE_THREAD, Json, Refused, State
from tests.wire.gateway import Gateway
from tests.wire.users import Users

Handler = Callable[["Asked"], Any]


@dataclass
class Asked:
    """One request: the ids in its path, its query and its body."""

    ids: dict[str, str]
    query: dict[str, str]
    body: Any

    def id(self, name: str) -> int:
        """Return an id of the path."""
        return int(self.ids[name])


class Rest:
    """Carries requests out on the state; what it returns is the answer's JSON, None an empty one."""

    def __init__(self, state: State, gateway: Gateway, users: Users, base: str) -> None:
        self.state, self.gateway, self.users, self.base = state, gateway, users, base
        self.events: list[tuple[int | None, str, Any]] = []  # what the gateway is to tell of the last request

    def me(self, _asked: Asked) -> Json:
        """GET the bot's own user."""
        return self.state.user(BOT)

    def application(self, _asked: Asked) -> Json:
        """GET the bot's application."""
        return {
            "id": str(APPLICATION),
            "name": "peer-circles",
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": self.state.user(OWNER),
            "team": None,
            "verify_key": "0" * 64,
            "flags": 0,
        }

    def gateway_bot(self, _asked: Asked) -> Json:
        """GET where the gateway is and how many shards it recommends."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 1000, "max_concurrency": self.gateway.at_once}
        return {"url": f"{self.base}/gateway", "shards": self.gateway.shards, "session_start_limit": limit}

    def put_commands(self, asked: Asked) -> list[Json]:
        """PUT every command of the bot's."""
        unusual = {"application_id": str(APPLICATION), "version": "1", "default_member_permissions": None}
        self.state.commands = [unusual | {"type": 1} | each | {"id": str(self.state.new_id())} for each in asked.body]
        return self.state.commands

    def get_commands(self, _asked: Asked) -> list[Json]:
        """GET every command of the bot's."""
        return self.state.commands

    def get_member(self, asked: Asked) -> Json:
        """GET a member."""
        return self.state.guild_member(asked.id("guild_id"), asked.id("user_id"))

    def get_channel(self, asked: Asked) -> Json:
        """GET a channel or thread."""
        channel = self.state.channel(asked.id("channel_id"))
        return self.state.thread(channel) if channel.payload["type"] == PRIVATE_THREAD else channel.payload

    def patch_channel(self, asked: Asked) -> Json:
        """PATCH a thread: its name, whether it is archived or locked."""
        channel = self.state.channel(asked.id("channel_id"))
        about = channel.payload.get("thread_metadata", {})
        about |= {name: asked.body[name] for name in ("archived", "locked", "invitable") if name in asked.body}
        channel.payload["name"] = asked.body.get("name", channel.payload.get("name"))
        self.state.ledger.write("patch", id=channel.id, body=asked.body)
        self._tell(channel.payload, "THREAD_UPDATE", self.get_channel(asked))
        return self.get_channel(asked)

    def delete_channel(self, asked: Asked) -> Json:
        """DELETE a channel or thread."""
        shown = self.get_channel(asked)
        del self.state.channels[int(shown["id"])]
        self.state.ledger.write("delete-channel", id=int(shown["id"]))
        self._tell(shown, "THREAD_DELETE", {key: shown.get(key) for key in ("id", "guild_id", "parent_id", "type")})
        return shown

    def open_thread(self, asked: Asked) -> Json:
        """POST a thread."""
        made = self.state.thread(self.state.open_thread(self.state.channel(asked.id("channel_id")), asked.body))
        self._tell(made, "THREAD_CREATE", made | {"newly_created": True})
        return made

    def active_threads(self, asked: Asked) -> Json:
        """GET a guild's active threads."""
        return self._threads(self.state.threads_of(asked.id("guild_id"), archived=False))

    def archived_threads(self, asked: Asked) -> Json:
        """GET a channel's archived private threads."""
        channel = self.state.channel(asked.id("channel_id"))
        found = self.state.threads_of(int(channel.payload["guild_id"]), channel.id, archived=True)
        return self._threads(found[: int(asked.query.get("limit", 50))])

    def _threads(self, found: list[Json]) -> Json:
        return {"threads": found, "members": [each["member"] for each in found], "has_more": False}

    def thread_members(self, asked: Asked) -> list[Json]:
        """GET who is in a thread."""
        thread = self.state.channel(asked.id("channel_id"))
        moment = thread.payload["thread_metadata"]["create_timestamp"]
        each = {"id": str(thread.id), "join_timestamp": moment, "flags": 0}
        return [each | {"user_id": str(user)} for user in sorted(thread.members)]

    def add_thread_member(self, asked: Asked) -> None:
        """PUT somebody into a thread."""
        self.state.add_member(self.state.channel(asked.id("channel_id")), asked.id("user_id"))

    def remove_thread_member(self, asked: Asked) -> None:
        """DELETE somebody from a thread."""
        thread = self.state.channel(asked.id("channel_id"))
        thread.members.discard(asked.id("user_id"))
        self.state.ledger.write("member-gone", thread=thread.id, user=asked.id("user_id"))

    def list_messages(self, asked: Asked) -> list[Json]:
        """GET messages, the newest first."""
        messages = self.state.channel(asked.id("channel_id")).messages
        chosen = sorted(messages, reverse=True)
        if "before" in asked.query:
            chosen = [each for each in chosen if each < int(asked.query["before"])]
        limit = int(asked.query.get("limit", 50))
        if "after" in asked.query:  # the ones next to the moment, still the newest first
            chosen = [each for each in chosen if each > int(asked.query["after"])][-limit:]
        return [messages[each] for each in chosen[:limit]]

    def get_message(self, asked: Asked) -> Json:
        """GET a message."""
        messages = self.state.channel(asked.id("channel_id")).messages
        if asked.id("message_id") not in messages:
            raise Refused(404, 10008, "Unknown Message")
        return messages[asked.id("message_id")]

    def send(self, asked: Asked) -> Json:
        """POST a message."""
        return self.state.send(self.state.channel(asked.id("channel_id")), asked.body)

    def edit_message(self, asked: Asked) -> Json:
        """PATCH a message."""
        channel = self.state.channel(asked.id("channel_id"))
        return self.state.edit(channel, asked.id("message_id"), asked.body)

    def delete_message(self, asked: Asked) -> None:
        """DELETE a message."""
        self.state.delete(self.state.channel(asked.id("channel_id")), asked.id("message_id"))

    def open_dm(self, asked: Asked) -> Json:
        """POST the opening of somebody's direct messages."""
        return self.state.open_dm(int(asked.body["recipient_id"])).payload

    def answer(self, asked: Asked) -> Json | None:
        """POST the first answer to an interaction."""
        made = self.users.answer(asked.id("interaction_id"), asked.ids["interaction_token"], asked.body)
        return made if asked.query.get("with_response") in {"1", "true"} else None

    def follow_up(self, asked: Asked) -> Json:
        """POST a message after the first answer."""
        return self.users.follow_up(asked.ids["webhook_token"], asked.body)

    def edit_answer(self, asked: Asked) -> Json:
        """PATCH the first answer."""
        return self.users.edit(asked.ids["webhook_token"], asked.body)

    def get_answer(self, asked: Asked) -> Json:
        """GET the first answer."""
        shown = self.users.use_of(asked.ids["webhook_token"]).shown
        if not shown:
            raise Refused(404, 10008, "Unknown Message")
        return shown[0]

    def delete_answer(self, asked: Asked) -> None:
        """DELETE the first answer."""
        self.users.use_of(asked.ids["webhook_token"]).shown.clear()

    def _tell(self, channel: Json, name: str, data: Json) -> None:
        guild = channel.get("guild_id")
        self.events.append((int(guild) if guild else None, name, data))


CHANNEL, GUILD = "/channels/{channel_id}", "/guilds/{guild_id}"
APP, HOOK = "/applications/{application_id}", "/webhooks/{webhook_id}/{webhook_token}"
ROUTES: tuple[tuple[str, str, Handler], ...] = tuple(
    (method, template, handler)
    for method, template, handler in (
        ("GET", "/users/@me", Rest.me),
        ("GET", "/oauth2/applications/@me", Rest.application),
        ("GET", "/gateway/bot", Rest.gateway_bot),
        ("PUT", f"{APP}/commands", Rest.put_commands),
        ("GET", f"{APP}/commands", Rest.get_commands),
        ("GET", f"{GUILD}/members/{{user_id}}", Rest.get_member),
        ("GET", f"{GUILD}/threads/active", Rest.active_threads),
        ("GET", CHANNEL, Rest.get_channel),
        ("PATCH", CHANNEL, Rest.patch_channel),
        ("DELETE", CHANNEL, Rest.delete_channel),
        ("POST", f"{CHANNEL}/threads", Rest.open_thread),
        ("GET", f"{CHANNEL}/threads/archived/private", Rest.archived_threads),
        ("GET", f"{CHANNEL}/thread-members", Rest.thread_members),
        ("PUT", f"{CHANNEL}/thread-members/{{user_id}}", Rest.add_thread_member),
        ("DELETE", f"{CHANNEL}/thread-members/{{user_id}}", Rest.remove_thread_member),
        ("GET", f"{CHANNEL}/messages", Rest.list_messages),
        ("POST", f"{CHANNEL}/messages", Rest.send),
        ("GET", f"{CHANNEL}/messages/{{message_id}}", Rest.get_message),
        ("PATCH", f"{CHANNEL}/messages/{{message_id}}", Rest.edit_message),
        ("DELETE", f"{CHANNEL}/messages/{{message_id}}", Rest.delete_message),
        ("POST", "/users/@me/channels", Rest.open_dm),
        ("POST", "/interactions/{interaction_id}/{interaction_token}/callback", Rest.answer),
        ("POST", HOOK, Rest.follow_up),
        ("GET", f"{HOOK}/messages/@original", Rest.get_answer),
        ("PATCH", f"{HOOK}/messages/@original", Rest.edit_answer),
        ("DELETE", f"{HOOK}/messages/@original", Rest.delete_answer),
    )
)
TOKENS = {"interaction_token", "webhook_token"}
LOGIN = ("/users/@me", "/oauth2/applications/@me", "/gateway/bot", f"{APP}/commands")


def pattern(template: str) -> re.Pattern[str]:
    """Return what a path of a template looks like."""
    with_ids = re.sub(r"\{(\w+)\}", lambda found: _part(found[1]), template)
    return re.compile(with_ids)


def _part(name: str) -> str:
    return f"(?P<{name}>[^/]+)" if name in TOKENS else f"(?P<{name}>[0-9]+)"


PATTERNS = tuple((method, template, pattern(template), handler) for method, template, handler in ROUTES)


def find_route(method: str, path: str) -> tuple[str, dict[str, str], Handler] | None:
    """Return the template, the ids and the handler of a path."""
    for known, template, looks, handler in PATTERNS:
        if known == method and (found := looks.fullmatch(path)):
            return template, found.groupdict(), handler
    return None
