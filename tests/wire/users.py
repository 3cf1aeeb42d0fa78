"""Members who use commands, press buttons and submit modals, and what each of them got to read."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.wire.discord_state import APPLICATION, EVERYTHING, Json, Refused, State, numbered, parts, words
from tests.wire.gateway import Gateway

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMISSION = 2, 3, 4, 5
MESSAGE, LATER, LATER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
FIRST_ANSWER_SECONDS = 3.0
TEXT_INPUT, RADIO = 4, 21
MEMBER_PERMISSIONS = str(0x400 | 0x800 | 0x10000)


@dataclass
class Use:
    """One interaction: when it was told, what was answered, and what the user saw in the end."""

    id: int
    token: str
    user: int
    guild: int | None
    channel: int
    kind: int
    told: float
    answered: float | None = None
    answer: Json | None = None
    shown: list[Json] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def record(self) -> Json:
        """Return what came of it, as JSON."""
        first = None if self.answered is None else round(self.answered - self.told, 4)
        return {
            "id": self.id,
            "user": self.user,
            "first": first,
            "answer": self.answer,
            "shown": self.shown,
            "words": "\n".join(words(each) for each in self.shown),
        }


class Users:
    """Everybody who uses the bot."""

    def __init__(self, state: State, gateway: Gateway) -> None:
        self.state = state
        self.gateway = gateway
        self.uses: dict[str, Use] = {}

    def use_of(self, token: str) -> Use:
        """Return the interaction of a token."""
        if token not in self.uses:
            raise Refused(404, 10015, "Unknown Webhook")
        return self.uses[token]

    async def use(
        self, user: int, guild: int | None, channel: int, kind: int, data: Json, *, moderator: bool = False, **more: Any
    ) -> Use:
        """Tell the bot of an interaction."""
        made = Use(self.state.new_id(), secrets.token_urlsafe(24), user, guild, channel, kind, time.monotonic())
        self.uses[made.token] = made
        member = self.state.member(user) | {"permissions": EVERYTHING if moderator else MEMBER_PERMISSIONS}
        payload: Json = {
            "id": str(made.id),
            "application_id": str(APPLICATION),
            "type": kind,
            "token": made.token,
            "version": 1,
            "channel_id": str(channel),
            "channel": self.state.channel(channel).payload,
            "locale": "en-US",
            "app_permissions": EVERYTHING,
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild or 0)},
            "context": 1 if guild is None else 0,
            "attachment_size_limit": 10_485_760,
            "data": data,
            **more,
        }
        if guild is None:
            payload["user"] = self.state.user(user)
        else:
            payload |= {"guild_id": str(guild), "guild_locale": "en-US", "member": member}
            payload["guild"] = {"id": str(guild), "locale": "en-US", "features": []}
        made.told = time.monotonic()
        await self.gateway.tell(guild, "INTERACTION_CREATE", payload)
        return made

    def answer(self, interaction_id: int, token: str, body: Json) -> Json:
        """Take the first answer to an interaction; there is only one, and only within three seconds."""
        use = self.use_of(token)
        now = time.monotonic()
        if use.id != interaction_id or now - use.told > FIRST_ANSWER_SECONDS:
            raise Refused(404, 10062, "Unknown interaction")
        if use.answer is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        use.answered, use.answer = now, body
        resource: Json = {"type": body["type"]}
        if body["type"] in {MESSAGE, UPDATE}:
            use.shown.append(self.state.message(use.channel, body["data"]))
            resource["message"] = use.shown[-1]
        self._note(use, "answer", body.get("data") or {}, kind=body["type"])
        return {"interaction": {"id": str(use.id), "type": use.kind, "ephemeral": True}, "resource": resource}

    def follow_up(self, token: str, body: Json) -> Json:
        """Take a message that follows the first answer; the first such fills a deferred answer's place."""
        use = self.use_of(token)
        use.shown.append(self.state.message(use.channel, body))
        self._note(use, "follow-up", body)
        return use.shown[-1]

    def edit(self, token: str, body: Json) -> Json:
        """Put something in the first answer's place."""
        use = self.use_of(token)
        use.shown[:1] = [self.state.message(use.channel, body)]
        self._note(use, "edit-answer", body)
        return use.shown[0]

    def _note(self, use: Use, what: str, body: Json, **more: Any) -> None:
        shown = words(body)[:200]
        self.state.ledger.write(what, interaction=use.id, user=use.user, words=shown, **more)
        use.changed.set()


@dataclass
class Crowd:
    """Many members who do the same: press a control, fill the modal in that it opens, and wait for words.

    Whoever gets no words in time tries once more, as people do, up to so many times.
    """

    users: list[int]
    guild: int
    channels: list[int]
    press: list[str] | None = None
    submit: list[str] | None = None
    fill: Json = field(default_factory=dict)
    per_second: float | None = None
    patience: float = 15.0
    tries: int = 1
    seed: int = 0
    results: list[Json] = field(default_factory=list)
    began: float = 0.0
    ended: float | None = None

    async def act(self, everybody: Users) -> None:
        """Let everybody act, at once or one after the other at a pace."""
        self.began = time.monotonic()
        await asyncio.gather(*(self._member(everybody, number) for number in range(len(self.users))))
        self.ended = time.monotonic()

    async def _member(self, everybody: Users, number: int) -> None:
        chance = Random(f"{self.seed} {number}")
        if self.per_second:
            await asyncio.sleep(number / self.per_second)
        for attempt in range(1, self.tries + 1):
            use = await self._try(everybody, number, chance)
            if use.shown or attempt == self.tries:
                self.results.append(use.record() | {"number": number, "attempt": attempt, "at": time.monotonic()})
                return
            await asyncio.sleep(chance.uniform(1, 3))

    async def _try(self, everybody: Users, number: int, chance: Random) -> Use:
        user, channel = self.users[number], self.channels[number % len(self.channels)]
        if self.press is None:
            assert self.submit is not None
            return await self._submit(everybody, user, channel, self.submit[number % len(self.submit)], None)
        data = {"component_type": 2, "custom_id": self.press[number % len(self.press)]}
        message = carrier(everybody.state, channel, data["custom_id"])
        use = await everybody.use(user, self.guild, channel, COMPONENT, data, message=message)
        await wait_for(use, lambda: use.answer is not None, FIRST_ANSWER_SECONDS + 1)
        if use.answer is None or use.answer["type"] != MODAL:
            return use
        await asyncio.sleep(chance.uniform(0, 0.2))
        shown = use.answer["data"]
        return await self._submit(everybody, user, channel, shown["custom_id"], shown)

    async def _submit(self, everybody: Users, user: int, channel: int, custom_id: str, modal: Json | None) -> Use:
        said = {name: str(value).format(user=user) for name, value in self.fill.items()}
        data = {"custom_id": custom_id, "components": filled(modal, said)}
        use = await everybody.use(user, self.guild, channel, SUBMISSION, data)
        await wait_for(use, lambda: use.answer is not None, FIRST_ANSWER_SECONDS + 0.2)
        if use.answer is not None:
            await wait_for(use, lambda: bool(use.shown), self.patience)
        return use


def filled(modal: Json | None, said: dict[str, str]) -> list[Json]:
    """Fill a modal in; one that was opened before holds the fields that are said."""
    if modal is None:
        fields = [(name, RADIO if name == "week" else TEXT_INPUT) for name in said]
    else:
        every = [part for top in modal["components"] for part in parts(top)]
        fields = [(part["custom_id"], part["type"]) for part in every if part.get("custom_id")]
    numbers = iter(range(1, 100))
    labels = [
        {"type": 18, "component": {"type": kind, "custom_id": name, "value": said.get(name, "")}}
        for name, kind in fields
    ]
    return [numbered(each, numbers) for each in labels]


def carrier(state: State, channel_id: int, custom_id: str) -> Json:
    """Return the message that a control is on; one on a message of long ago is made up."""
    for message in reversed(state.channel(channel_id).messages.values()):
        if any(part.get("custom_id") == custom_id for top in message["components"] for part in parts(top)):
            return message
    control = {"type": 2, "style": 1, "label": "a control", "custom_id": custom_id}
    return state.message(channel_id, {"components": [{"type": 1, "components": [control]}]})


async def wait_for(use: Use, holds: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds of an interaction, for so long at most."""
    try:
        async with asyncio.timeout(seconds):
            while not holds():
                use.changed.clear()
                await use.changed.wait()
    except TimeoutError:
        return
