"""What every cog is given: the database, the world, the clock, and where its handlers are known."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import discord
from discord.ext import commands

from bot.config import Settings
from bot.domain.states import DeliveryKind
from bot.services.ports import Surveys, World
from cogs._messenger import Messenger
from cogs._ui.controls import Controls
from cogs._ui.pages import turning
from db.engine import Database

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Context:
    """The composition root's gifts; `changed` is called after anything that schedules or delivers."""

    bot: commands.Bot
    settings: Settings
    database: Database
    world: World
    controls: Controls
    messenger: Messenger
    now: Callable[[], datetime]
    seed: Callable[[], int]
    changed: Callable[[], None]

    @property
    def surveys(self) -> Surveys:
        """What pulses need beside the main database."""
        return self.world.need_surveys()


def on_control(action: str) -> Callable[[F], F]:
    """Mark a cog's method `(interaction, key)` as the handler of an action."""
    return _mark("__controls__", (action,))


def on_turn(action: str) -> Callable[[F], F]:
    """Mark a cog's method `(interaction, key)` as the handler of both buttons that turn a list's pages."""
    return _mark("__controls__", turning(action))


def delivers(kind: DeliveryKind) -> Callable[[F], F]:
    """Mark a cog's method `(job) -> Outcome` as the one that carries out a kind of delivery."""
    return _mark("__delivers__", kind)


def _mark(name: str, value: object) -> Callable[[F], F]:
    def marked(method: F) -> F:
        setattr(method, name, value)
        return method

    return marked


class PeerCog(commands.Cog):
    """A cog with its context; its marked methods are registered when it is made."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.database = context.database
        for _, method in inspect.getmembers(self, inspect.ismethod):
            for action in getattr(method, "__controls__", ()):
                context.controls.register(action, method)
            if kind := getattr(method, "__delivers__", None):
                context.messenger.register(kind, method)


def context_of(bot: commands.Bot) -> Context:
    """Return the context that the composition root gave the bot."""
    context: Context = getattr(bot, "context")  # noqa: B009 - discord.py's type does not know it
    return context


def guild_of(interaction: discord.Interaction) -> int:
    """Return the guild in which a guild-only control was used."""
    if interaction.guild_id is None:
        raise ValueError("a guild-only control was used elsewhere")
    return interaction.guild_id
