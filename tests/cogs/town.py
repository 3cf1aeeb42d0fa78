"""A simulated guild with the real bot in it: what the tests of the cogs arrange, do and look at."""

import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult

from bot.app import App, wire
from bot.config import MOST_USES, DeliverySettings, LimitSettings, Settings
from bot.demo.env import Env
from bot.domain.formation import Assignment, Problem, form
from bot.errors import UserError
from bot.pulse_keys import open_pulse_keys
from bot.services import programs
from bot.services.ports import Former
from db.engine import Database
from db.vault import Vault, open_vault

Message = Any
UNLIMITED = LimitSettings(MOST_USES, MOST_USES)  # time stands still while members act
AT_ONCE = 0.5  # seconds that a test may wait in earnest
PATIENCE = 60.0  # seconds: drawing a picture on a busy machine takes its time


async def form_here(problem: Problem, _progress: object = None) -> Assignment:
    """Form circles in this process: tests need no worker."""
    return form(problem)


class Town:
    """A guild with a lobby, a moderator, members, and the bot."""

    def __init__(
        self, env: simcord.Env, app: App, database: Database, vault: Vault, settings: Settings, former: Former
    ) -> None:
        self.env = env
        self.former = former
        self.vault = vault
        self.app = app
        self.database = database
        self.settings = settings
        self.guild = env.create_guild("Women in Tech")
        self.lobby = self.guild.create_text_channel("peer-circles")
        self.mod_channel = self.guild.create_text_channel("moderators")
        self.mod_role = self.guild.create_role("Circle moderators")
        manager = self.guild.create_role("Manager", permissions=discord.Permissions(manage_guild=True))
        self.moderator = self.guild.add_member(env.create_user("moderator"), roles=[manager])
        self.stranger = self.guild.add_member(env.create_user("stranger"))

    @property
    def now(self) -> datetime:
        """The simulated moment."""
        return self.env.now()

    def member(self, name: str) -> MemberActor:
        """Add a member to the guild."""
        return self.guild.add_member(self.env.create_user(name))

    async def advance(self, **span: float) -> None:
        """Let time pass, see what is due, and let everything that follows happen."""
        await self.env.advance_time(timedelta(**span).total_seconds())
        await self.due()

    async def due(self) -> None:
        """See what is due now, and let the messenger carry it out."""
        with self.env._bot_scope():  # what the clock sets off is the bot's own work, and runs on its time
            await self.app.run_due(self.env.now())
        await self.env.settle()

    async def restart(self) -> None:
        """Stop the bot and start a new one on the same database, as a new process would."""
        self.app = wire(self.settings, self.database, self.former, seed=lambda: 7, vault=self.vault)
        await self.env.restart_bot(self.app.bot)
        with self.env._bot_scope():
            await self.app.recover()

    async def start_program(self, **changes: Any) -> int:
        """Set a program up through its panel, as a moderator does; return its id."""
        shown = await self.moderator.slash(self.lobby, "program setup")
        assert shown.response is not None
        program_id = int(only_id(shown.response, "program-start"))
        if changes:
            await programs.change_program(self.database, self.guild.id, program_id, changes, self.now)
        await self.moderator.click(shown.response, label="Start the program")
        return program_id

    def threads(self) -> list[ChannelHandle]:
        """Return every thread of the lobby, the oldest first."""
        return sorted(self.lobby.threads, key=lambda thread: thread.id)


def words_of(message: Message) -> str:
    """Return everything that a message shows: its content and every text and label in its components."""
    raw = message.components
    parts = [message.content or ""]
    for component in raw:
        parts += list(_texts(as_dict(component)))
    return "\n".join(part for part in parts if part)


def as_dict(component: Any) -> dict[str, Any]:
    """Return a component as Discord sends it, whether it came from an answer or from a channel."""
    return component if isinstance(component, dict) else component.to_dict()


def _texts(component: dict[str, Any]) -> Iterator[str]:
    for key in ("content", "label", "placeholder"):
        if component.get(key):
            yield str(component[key])
    for option in component.get("options", ()):
        yield option["label"]
    for child in component.get("components", ()):
        yield from _texts(child)
    if component.get("accessory"):
        yield from _texts(component["accessory"])


def custom_ids(message: Message) -> list[str]:
    """Return every custom_id in a message, in the order shown."""

    def walk(component: dict[str, Any]) -> Iterator[str]:
        if component.get("custom_id"):
            yield component["custom_id"]
        for child in (*component.get("components", ()), *filter(None, [component.get("accessory")])):
            yield from walk(child)

    return [each for top in message.components for each in walk(as_dict(top))]


def control(message: Message, action: str) -> str:
    """Return the custom_id of the only control with an action."""
    found = [each for each in custom_ids(message) if each.startswith(f"pc:{action}:")]
    assert len(found) == 1, f"{action} is not once among {custom_ids(message)}"
    return found[0]


def only_id(message: Message, action: str) -> str:
    """Return the key of the only control with an action."""
    return control(message, action).rpartition(":")[2]


def said(result: InteractionResult) -> str:
    """Return everything the bot answered to a command, click or submission."""
    shown = [result.response, *result.followups]
    return "\n".join(words_of(message) for message in shown if message is not None)


def last_answer(result: InteractionResult) -> Message:
    """Return the newest message that the bot answered with."""
    shown = [message for message in (result.response, *result.followups) if message is not None]
    return shown[-1]


class _Unexpected(logging.Handler):
    """Keeps what the bot logged as its own mistakes."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record with its traceback."""
        self.seen.append(logging.Formatter().format(record))


@asynccontextmanager
async def open_town(database: Database, folder: Path, former: Former = form_here) -> AsyncGenerator[Town]:
    """Open a town; a mistake of the bot's own fails the test at its end, an error told to a user does not."""
    settings = replace(Settings(folder=folder), delivery=DeliverySettings(dm_seconds=0.0), limits=UNLIMITED)
    unexpected = _Unexpected()
    logging.getLogger().addHandler(unexpected)
    async with open_vault(settings.pulse_file, open_pulse_keys(settings)) as vault:
        app = wire(settings, database, former, seed=lambda: 7, vault=vault)
        env = Env(app.bot, settle_timeout=PATIENCE)
        env.leave_to_simulated_time(AT_ONCE)
        await env.start()
        made = Town(env, app, database, vault, settings, former)
        try:
            yield made
        finally:
            await made.app.context.messenger.stop()
            await env.shutdown()
            logging.getLogger().removeHandler(unexpected)
    mistakes = [error for error in env.errors if not isinstance(getattr(error, "original", error), UserError)]
    assert not mistakes, mistakes
    assert not unexpected.seen, "\n".join(unexpected.seen)
