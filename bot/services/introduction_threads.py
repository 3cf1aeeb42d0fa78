"""The thread in which two people are introduced: what it needs, and which messages in it name them."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, HelpKind
from bot.errors import NotFound
from bot.services.work import reads
from db import help as queries


@dataclass(frozen=True, slots=True)
class Meeting:
    """An introduction that both want, as its thread needs it; a user is None once they asked to be forgotten."""

    id: int
    guild_id: int
    lobby_channel_id: int
    locale: str
    program: str
    kind: HelpKind
    thread_id: int | None
    asker: int | None
    helper: int | None

    @property
    def users(self) -> tuple[int, ...]:
        """Who of the two is still known."""
        return tuple(user for user in (self.asker, self.helper) if user is not None)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message in an introduction's thread; its id is not known where Discord's word was never heard."""

    asks_outcome: bool
    key: str
    message_id: int | None


@reads
async def list_sent(session: AsyncSession, introduction_id: int) -> tuple[Sent, ...]:
    """Return the messages in an introduction's thread that name the two."""
    return tuple(
        Sent(each.kind is DeliveryKind.INTRODUCTION_OUTCOME, each.key, each.result_id)
        for each in await queries.list_sent(session, introduction_id)
    )


@reads
async def get_user(session: AsyncSession, introduction_id: int, person_id: int) -> int:
    """Return which user one of the two is; raise NotFound where they asked to be forgotten."""
    found = await queries.get_introduction(session, introduction_id)
    for person in (found.asker, found.helper):
        if person.id == person_id and person.user_id is not None:
            return person.user_id
    raise NotFound("control.gone")


@reads
async def get_meeting(session: AsyncSession, introduction_id: int) -> Meeting:
    """Return what an introduction's thread needs."""
    found = await queries.get_introduction(session, introduction_id)
    return Meeting(
        id=found.id,
        guild_id=found.program.guild_id,
        lobby_channel_id=found.program.lobby_channel_id,
        locale=found.program.locale,
        program=found.program.name,
        kind=found.ask.kind,
        thread_id=found.thread_id,
        asker=found.asker.user_id,
        helper=found.helper.user_id,
    )
