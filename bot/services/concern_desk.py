"""Concerns as moderators read, answer and close them; to whom one is kept from, it is not there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.concerns import Concern, Voice
from bot.domain.states import AuditAction, DeliveryKind
from bot.errors import NotFound
from bot.services import audit
from bot.services import concern_store as store
from bot.services.concern_store import ConcernCard, full_hour
from bot.services.deliveries import DM_LANE, enqueue, tell_moderators
from bot.services.ports import Surveys
from bot.services.work import reads, writes
from db import people as people_queries
from db.engine import Database
from db.models import Person, Program


@dataclass(frozen=True, slots=True)
class Reader:
    """A moderator who reads concerns; an admin has Manage Server."""

    user_id: int
    is_admin: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What moderators wrote to somebody who gave their name; `seen` is up to which line of each concern."""

    user_id: int
    program: str
    locale: str
    words: tuple[str, ...]
    seen: dict[str, int]


async def list_concerns(
    database: Database, surveys: Surveys, guild_id: int, program_id: int, reader: Reader, now: datetime | None = None
) -> Sequence[ConcernCard]:
    """Return a program's concerns that a moderator may read; with a moment, the audit says that they looked then."""
    if now is not None:
        await _note(database, guild_id, program_id, reader, AuditAction.CONCERN_READ, now)
    cards = await store.list_of(surveys, program_id)
    return [card for card in cards if card.concern.lines and _may_read(surveys, card.concern, reader)]


async def get_concern(surveys: Surveys, key: str, reader: Reader) -> ConcernCard:
    """Return a concern to a moderator who may read it."""
    card = await store.find(surveys, key)
    if not _may_read(surveys, card.concern, reader):
        raise NotFound("concern.gone")
    return card


async def answer(
    database: Database, surveys: Surveys, key: str, reader: Reader, words: str, now: datetime
) -> ConcernCard:
    """Write to whoever raised a concern; who gave their name is sent a direct message."""
    answered = await store.add_line(surveys, await get_concern(surveys, key, reader), Voice.MODERATORS, words, now)
    concern = answered.concern
    if not _is_kept_apart(concern):
        await _note(database, concern.guild_id, concern.program_id, reader, AuditAction.CONCERN_ANSWERED, now)
    if concern.by is not None:
        await _send(database, concern.guild_id, concern.program_id, concern.by, now)
    return answered


async def close(database: Database, surveys: Surveys, key: str, reader: Reader, now: datetime) -> None:
    """Close a concern; its words are erased after some days, unless its author writes again."""
    concern = (await get_concern(surveys, key, reader)).concern
    await store.change(surveys, key, lambda before: replace(before, closed_on=now.date()))
    if not _is_kept_apart(concern):
        await _note(database, concern.guild_id, concern.program_id, reader, AuditAction.CONCERN_CLOSED, now)


async def find_letter(database: Database, surveys: Surveys, program_id: int, person_id: int) -> Letter | None:
    """Return what somebody who gave their name has still to be sent; None where nothing is left to send."""
    user_id, program, locale = await _address(database, program_id, person_id)
    own = [card for card in await store.list_of(surveys, program_id) if card.concern.by == user_id]
    new = [line for card in own for line in card.concern.lines[card.concern.told :]]
    words = tuple(line.words for line in new if line.voice is Voice.MODERATORS)
    seen = {card.key: len(card.concern.lines) for card in own}
    return Letter(user_id, program, locale, words, seen) if words else None


async def note_sent(surveys: Surveys, letter: Letter) -> None:
    """Keep which lines a letter brought, so that the next one brings only newer ones."""
    for key, seen in letter.seen.items():
        await store.change(surveys, key, lambda concern, seen=seen: replace(concern, told=seen))


async def ring(database: Database, surveys: Surveys, now: datetime) -> None:
    """Tell moderators that concerns came, never how many, and of those without a name not when."""
    hour = full_hour(now)
    for program_id in await surveys.vault.concerns.list_bells(hour):
        await _tell(database, program_id, now)
        await surveys.vault.concerns.silence(program_id, hour)


def _may_read(surveys: Surveys, concern: Concern, reader: Reader) -> bool:
    is_apart = surveys.vault.person_key(concern.guild_id, reader.user_id) in concern.apart
    return not is_apart and concern.by != reader.user_id and (reader.is_admin or not concern.admins_only)


def _is_kept_apart(concern: Concern) -> bool:
    """Tell whether some moderators may not read a concern; a line in the audit would tell them of it."""
    return concern.admins_only or bool(concern.apart)


@writes
async def _tell(session: AsyncSession, program_id: int, now: datetime) -> None:
    if await session.get(Program, program_id) is not None:
        await tell_moderators(session, program_id, "notice.concern", now)


@writes
async def _note(
    session: AsyncSession, guild_id: int, program_id: int, reader: Reader, action: AuditAction, now: datetime
) -> None:
    audit.record(session, guild_id, program_id, reader.user_id, action, now)


@writes
async def _send(session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime) -> None:
    person = await people_queries.find_person(session, guild_id, user_id)
    if person is not None:
        enqueue(session, DeliveryKind.CONCERN_ANSWER, DM_LANE, program_id, now, person_id=person.id)


@reads
async def _address(session: AsyncSession, program_id: int, person_id: int) -> tuple[int, str, str]:
    person = await session.get_one(Person, person_id)
    program = await session.get_one(Program, program_id)
    if person.user_id is None:
        raise NotFound("person.not-joined")
    return person.user_id, program.name, program.locale
