"""What the services ask of the world outside: to form circles, and to say who is still in a guild."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.domain.formation.problem import Assignment, Problem
from bot.domain.shards import WHOLE, Share
from bot.domain.survey.instrument import Instrument
from db.vault import Vault

Progress = Callable[[float], Awaitable[None]]


class Former(Protocol):
    """Forms circles in a worker process, so that the bot answers meanwhile."""

    async def __call__(self, problem: Problem, progress: Progress | None = None) -> Assignment:
        """Return the assignment for a problem; `progress` hears shares from 0 to 1 while it takes long."""
        ...


class Presence(Protocol):
    """Knows who is in a guild; only a clear "no such member" counts as gone, never a failed look-up."""

    async def __call__(self, guild_id: int, user_ids: Sequence[int]) -> frozenset[int]:
        """Return which of these users are no longer in the guild."""
        ...


class Room(Protocol):
    """Makes room among a guild's active threads."""

    async def __call__(self, guild_id: int, wanted: int, over: Sequence[int], ending: Collection[int], /) -> int:
        """Return for how many of the wanted threads there is no room, once those that are over were archived."""
        ...


async def _has_room(_guild_id: int, _wanted: int, _over: Sequence[int], _ending: Collection[int]) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Surveys:
    """What pulses need beside the main database: the vault, and the instruments shipped with the program.

    `keeping` is held while one page is laid over the answers that are there, so that two at once both stay.
    """

    vault: Vault
    shipped: Mapping[str, Instrument]
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class World:
    """All together, as the composition root made them.

    `lacking` names the permissions that the bot lacks in a program's lobby; without `surveys` no pulse runs;
    `room` makes room for threads;
    `share` is the part of all guilds whose schedules and deliveries are seen to here.
    """

    form: Former
    gone: Presence
    lacking: Callable[[int, int], Sequence[str]]
    surveys: Surveys | None = None
    share: Share = WHOLE
    room: Room = _has_room

    def need_surveys(self) -> Surveys:
        """Return what pulses need, where a pulse cannot do without."""
        if self.surveys is None:
            raise ValueError("a pulse is due, but there is no vault")
        return self.surveys
