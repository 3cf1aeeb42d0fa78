"""The weekly digest in the lobby: what was shared since the last one."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, DeliveryState, OpportunityKind
from bot.errors import NotFound
from bot.services.deliveries import enqueue
from bot.services.work import reads
from db import opportunities as queries
from db.models import Opportunity, OpportunityDigest, Program


@dataclass(frozen=True, slots=True)
class Entry:
    """One opportunity as the digest tells of it."""

    kind: OpportunityKind
    title: str
    place: str
    remote: bool
    deadline: date | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest tells at this moment."""

    program_id: int
    program: str
    locale: str
    lobby_channel_id: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class SentDigest:
    """A digest that may be on Discord; the message is not known where Discord's word was never heard."""

    key: str
    channel_id: int
    message_id: int | None


async def open_digest(session: AsyncSession, program: Program, now: datetime) -> None:
    """Tell the lobby what was shared since the last digest; where that is nothing, say nothing."""
    found = [each for each in await queries.list_open(session, program.id, now) if each.digest_id is None]
    if not found:
        return
    digest = OpportunityDigest(program_id=program.id, created_at=now)
    session.add(digest)
    await session.flush()
    for each in found:
        each.digest_id = digest.id
    enqueue(session, DeliveryKind.OPPORTUNITY_DIGEST, lobby_lane(program.id), program.id, now, digest_id=digest.id)


async def redraw_digest(session: AsyncSession, program_id: int, digest_id: int | None, now: datetime) -> None:
    """Have a digest drawn anew, where it told of something that is not to be read any longer."""
    post = None if digest_id is None else await queries.find_digest_post(session, digest_id)
    if post is not None and (post.attempts or post.state is not DeliveryState.PENDING):
        kind = DeliveryKind.OPPORTUNITY_DIGEST_EDIT
        enqueue(session, kind, lobby_lane(program_id), program_id, now, digest_id=digest_id)


@reads
async def get_digest(session: AsyncSession, digest_id: int) -> Digest:
    """Return what a digest tells at this moment."""
    digest = await queries.get_digest(session, digest_id)
    program = digest.program
    told = await queries.list_told(session, digest_id)
    entries = tuple(_entry(each) for each in told if each.title)
    return Digest(program.id, program.name, program.locale, program.lobby_channel_id, entries)


@reads
async def get_sent(session: AsyncSession, digest_id: int) -> SentDigest:
    """Return where a digest is on Discord; raise NotFound where it never came there."""
    post = await queries.find_digest_post(session, digest_id)
    digest = await queries.get_digest(session, digest_id)
    if post is None or post.state is DeliveryState.DEAD:
        raise NotFound("control.gone")
    return SentDigest(post.key, post.result_channel_id or digest.program.lobby_channel_id, post.result_id)


def lobby_lane(program_id: int) -> str:
    """Return the lane in which the messages to a program's lobby leave in order."""
    return f"lobby:{program_id}"


def _entry(found: Opportunity) -> Entry:
    return Entry(found.kind, found.title, found.place, found.remote, found.deadline, found.expires_at)
