"""What the small Discord knows: guilds, channels, threads, messages, and what it was asked to do."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EPOCH = 1_420_070_400_000  # Discord's: the first millisecond of 2015
BOT, APPLICATION, OWNER = 700_000_000_000_000_001, 700_000_000_000_000_001, 700_000_000_000_000_002
EVERYTHING = str((1 << 50) - 1)
TEXT, DM, PRIVATE_THREAD = 0, 1, 12
Json = dict[str, Any]


class Refused(Exception):
    """What Discord answers instead of doing something: a status and its own code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Channel:
    """A text channel, a private thread or somebody's direct messages."""

    payload: Json
    members: set[int] = field(default_factory=set)
    messages: dict[int, Json] = field(default_factory=dict)
    nonces: dict[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The channel's id."""
        return int(self.payload["id"])

    @property
    def archived(self) -> bool:
        """Whether it is an archived thread."""
        return bool(self.payload.get("thread_metadata", {}).get("archived"))


class Ledger:
    """Every effect and every request, one JSON line each, in a file of its own that outlives everybody."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)

    def write(self, what: str, **values: Any) -> None:
        """Append one line."""
        line = {"what": what, "t": round(time.time(), 4)} | values
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class State:
    """All of the small Discord's memory; made anew at each reset."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.guilds: dict[int, Json] = {}
        self.channels: dict[int, Channel] = {}
        self.closed: set[int] = set()  # whose direct messages nobody may write to
        self.gone: set[int] = set()  # who is in no guild
        self.commands: list[Json] = []
        self.nonce_seconds = 600.0
        self._newest = 0

    def new_id(self) -> int:
        """Return a snowflake of this moment, larger than every one before."""
        self._newest = max(self._newest + 1, (int(time.time() * 1000) - EPOCH) << 22)
        return self._newest

    def add_guild(self, guild_id: int, channels: list[int], members: int) -> None:
        """Add a guild in which the bot may do everything."""
        role = {
            "id": str(guild_id),
            "name": "@everyone",
            "permissions": EVERYTHING,
            "position": 0,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        self.guilds[guild_id] = {
            "id": str(guild_id),
            "name": f"Guild {guild_id}",
            "owner_id": str(OWNER),
            "roles": [role],
            "emojis": [],
            "stickers": [],
            "features": [],
            "preferred_locale": "en-US",
            "member_count": members,
            "members": [self.member(BOT)],
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_progress_bar_enabled": False,
            "afk_timeout": 300,
            "system_channel_flags": 0,
            "joined_at": now_text(),
            "large": members > 250,
            "unavailable": False,
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
        for position, channel_id in enumerate(channels):
            self.channels[channel_id] = Channel(
                {
                    "id": str(channel_id),
                    "type": TEXT,
                    "guild_id": str(guild_id),
                    "name": f"channel-{position}",
                    "position": position,
                    "permission_overwrites": [],
                    "nsfw": False,
                    "parent_id": None,
                    "topic": None,
                    "last_message_id": None,
                    "rate_limit_per_user": 0,
                }
            )

    def guild_create(self, guild_id: int) -> Json:
        """Return a guild as the gateway tells of it."""
        own = [each for each in self.channels.values() if each.payload.get("guild_id") == str(guild_id)]
        threads = [self.thread(each) for each in own if each.payload["type"] == PRIVATE_THREAD and not each.archived]
        channels = [each.payload for each in own if each.payload["type"] == TEXT]
        return self.guilds[guild_id] | {"channels": channels, "threads": threads}

    def user(self, user_id: int) -> Json:
        """Return any user: whoever has an id exists."""
        bot = {"bot": True} if user_id == BOT else {}
        name = "peer-circles" if bot else f"user{user_id}"
        return {
            "id": str(user_id),
            "username": name,
            "discriminator": "0",
            "global_name": None,
            "avatar": None,
            "flags": 0,
            "public_flags": 0,
        } | bot

    def member(self, user_id: int) -> Json:
        """Return any user as a member."""
        return {
            "user": self.user(user_id),
            "roles": [],
            "nick": None,
            "avatar": None,
            "joined_at": "2025-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }

    def guild_member(self, guild_id: int, user_id: int) -> Json:
        """Return somebody who is in a guild."""
        if guild_id not in self.guilds:
            raise Refused(404, 10004, "Unknown Guild")
        if user_id in self.gone:
            raise Refused(404, 10007, "Unknown Member")
        return self.member(user_id)

    def channel(self, channel_id: int) -> Channel:
        """Return a channel that is there."""
        if channel_id not in self.channels:
            raise Refused(404, 10003, "Unknown Channel")
        return self.channels[channel_id]

    def open_dm(self, user_id: int) -> Channel:
        """Return the direct messages with somebody, the same each time."""
        for channel in self.channels.values():
            if channel.payload["type"] == DM and channel.payload["recipients"][0]["id"] == str(user_id):
                return channel
        made = Channel(
            {
                "id": str(self.new_id()),
                "type": DM,
                "last_message_id": None,
                "flags": 0,
                "recipients": [self.user(user_id)],
            }
        )
        self.channels[made.id] = made
        self.ledger.write("dm", id=made.id, user=user_id)
        return made

    def open_thread(self, parent: Channel, body: Json) -> Channel:
        """Make a private thread with the bot in it; doing it twice makes two."""
        moment = now_text()
        made = Channel(
            {
                "id": str(self.new_id()),
                "type": body.get("type", PRIVATE_THREAD),
                "guild_id": parent.payload["guild_id"],
                "parent_id": parent.payload["id"],
                "owner_id": str(BOT),
                "name": body["name"],
                "last_message_id": None,
                "rate_limit_per_user": 0,
                "message_count": 0,
                "total_message_sent": 0,
                "flags": 0,
                "thread_metadata": {
                    "archived": False,
                    "auto_archive_duration": body.get("auto_archive_duration", 1440),
                    "archive_timestamp": moment,
                    "locked": False,
                    "invitable": body.get("invitable", True),
                    "create_timestamp": moment,
                },
            }
        )
        made.members.add(BOT)
        self.channels[made.id] = made
        self.ledger.write("thread", id=made.id, parent=parent.id, name=body["name"])
        return made

    def thread(self, channel: Channel) -> Json:
        """Return a thread as REST and the gateway show it to the bot."""
        own = {"id": str(channel.id), "user_id": str(BOT), "join_timestamp": now_text(), "flags": 0}
        return channel.payload | {"member_count": min(50, len(channel.members)), "member": own}

    def add_member(self, thread: Channel, user_id: int) -> None:
        """Bring somebody into a thread; who is in stays in."""
        refuse_archived(thread)
        self.ledger.write("member", thread=thread.id, user=user_id, again=user_id in thread.members)
        thread.members.add(user_id)

    def threads_of(self, guild_id: int, parent_id: int | None = None, *, archived: bool) -> list[Json]:
        """Return a guild's threads, active or archived, the newest first."""
        found = [
            each
            for each in self.channels.values()
            if each.payload["type"] == PRIVATE_THREAD
            and each.payload["guild_id"] == str(guild_id)
            and each.archived is archived
            and parent_id in {None, int(each.payload["parent_id"])}
        ]
        return [self.thread(each) for each in sorted(found, key=lambda each: -each.id)]

    def send(self, channel: Channel, body: Json, author: int = BOT) -> Json:
        """Write a message, or return the one that came with the same enforced nonce a moment ago."""
        nonce = str(body["nonce"]) if body.get("nonce") is not None else None
        if channel.payload["type"] == DM and int(channel.payload["recipients"][0]["id"]) in self.closed:
            raise Refused(403, 50007, "Cannot send messages to this user")
        refuse_archived(channel)
        known = channel.nonces.get(nonce or "")
        if body.get("enforce_nonce") and known and time.monotonic() - known[0] < self.nonce_seconds:
            return channel.messages[known[1]]
        message = self.message(channel.id, body, author)
        message_id = int(message["id"])
        channel.messages[message_id] = message
        channel.payload["last_message_id"] = message["id"]
        if nonce is not None:
            channel.nonces[nonce] = (time.monotonic(), message_id)
        self.ledger.write(
            "message",
            id=message_id,
            channel=channel.id,
            nonce=nonce,
            controls=custom_ids(message),
            words=words(message),
        )
        return message

    def message(self, channel_id: int, body: Json, author: int = BOT, message_id: int | None = None) -> Json:
        """Return a message as Discord shows it, with an id in each component."""
        numbers = iter(range(1, 1000))
        return {
            "id": str(message_id or self.new_id()),
            "channel_id": str(channel_id),
            "type": 0,
            "author": self.user(author),
            "content": body.get("content") or "",
            "timestamp": now_text(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": body.get("embeds") or [],
            "pinned": False,
            "flags": body.get("flags") or 0,
            "components": [numbered(each, numbers) for each in body.get("components") or []],
            "nonce": body.get("nonce"),
        }

    def edit(self, channel: Channel, message_id: int, body: Json) -> Json:
        """Change a message."""
        if message_id not in channel.messages:
            raise Refused(404, 10008, "Unknown Message")
        refuse_archived(channel)
        message = channel.messages[message_id]
        numbers = iter(range(1, 1000))
        if "components" in body:
            message["components"] = [numbered(each, numbers) for each in body["components"] or []]
        message["content"] = body.get("content", message["content"]) or ""
        message["edited_timestamp"] = now_text()
        self.ledger.write("edit", id=message_id, channel=channel.id, controls=custom_ids(message), words=words(message))
        return message

    def delete(self, channel: Channel, message_id: int) -> None:
        """Take a message away."""
        if channel.messages.pop(message_id, None) is None:
            raise Refused(404, 10008, "Unknown Message")
        self.ledger.write("delete", id=message_id, channel=channel.id)


def refuse_archived(channel: Channel) -> None:
    """Refuse what an archived thread does not allow."""
    if channel.archived:
        raise Refused(400, 50083, "Thread is archived")


def now_text() -> str:
    """Return the moment as Discord writes it."""
    return datetime.now(UTC).isoformat()


def numbered(component: Json, numbers: Any) -> Json:
    """Return a component with ids, as Discord gives them, and so for everything in it."""
    made = {"id": next(numbers)} | component
    if "components" in component:
        made["components"] = [numbered(each, numbers) for each in component["components"]]
    for part in ("accessory", "component"):
        if component.get(part):
            made[part] = numbered(component[part], numbers)
    return made


def parts(component: Json) -> list[Json]:
    """Return a component and everything in it."""
    inner = list(component.get("components") or [])
    inner += [component[name] for name in ("accessory", "component") if component.get(name)]
    return [component] + [part for each in inner for part in parts(each)]


def custom_ids(message: Json) -> list[str]:
    """Return every custom_id in a message or modal."""
    every = [part for top in message.get("components") or [] for part in parts(top)]
    return [part["custom_id"] for part in every if part.get("custom_id")]


def words(message: Json) -> str:
    """Return every text that a message shows."""
    every = [part for top in message.get("components") or [] for part in parts(top)]
    return "\n".join([message.get("content") or "", *(part["content"] for part in every if part.get("content"))])
