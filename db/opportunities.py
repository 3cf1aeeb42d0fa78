"""Queries about opportunities and the digests that told of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from bot.domain.states import DeliveryKind
from bot.errors import NotFound
from db.models import Delivery, Opportunity, OpportunityDigest, Program


async def get_opportunity(session: AsyncSession, guild_id: int, opportunity_id: int) -> Opportunity:
    """Return an opportunity of a guild with its program and sharer; raise NotFound where there is none."""
    query = (
        select(Opportunity)
        .join(Opportunity.program)
        .where(Opportunity.id == opportunity_id, Program.guild_id == guild_id)
        .options(contains_eager(Opportunity.program), joinedload(Opportunity.person))
    )
    found = await session.scalar(query)
    if found is None:
        raise NotFound("opportunity.gone")
    return found


async def list_open(session: AsyncSession, program_id: int, now: datetime) -> Sequence[Opportunity]:
    """Return the opportunities of a program that are not over, the newest first, with their sharers."""
    query = (
        select(Opportunity)
        .where(Opportunity.program_id == program_id, Opportunity.expires_at > now, Opportunity.taken_down_at.is_(None))
        .options(joinedload(Opportunity.person), joinedload(Opportunity.program))
        .order_by(Opportunity.id.desc())
    )
    return (await session.scalars(query)).all()


async def count_open_of(session: AsyncSession, program_id: int, person_id: int, now: datetime) -> int:
    """Return how many opportunities of a person in a program are not over."""
    query = select(func.count(Opportunity.id)).where(
        Opportunity.program_id == program_id,
        Opportunity.person_id == person_id,
        Opportunity.expires_at > now,
        Opportunity.taken_down_at.is_(None),
    )
    return await session.scalar(query) or 0


async def list_of(session: AsyncSession, person_id: int) -> Sequence[Opportunity]:
    """Return everything that a person shared, the oldest first, with the programs."""
    query = select(Opportunity).where(Opportunity.person_id == person_id)
    query = query.options(joinedload(Opportunity.program)).order_by(Opportunity.id)
    return (await session.scalars(query)).all()


async def get_digest(session: AsyncSession, digest_id: int) -> OpportunityDigest:
    """Return a digest with its program; raise NotFound where there is none."""
    query = select(OpportunityDigest).where(OpportunityDigest.id == digest_id)
    found = await session.scalar(query.options(joinedload(OpportunityDigest.program)))
    if found is None:
        raise NotFound("control.gone")
    return found


async def list_told(session: AsyncSession, digest_id: int) -> Sequence[Opportunity]:
    """Return what a digest tells of, the oldest first, without what was taken down since."""
    query = select(Opportunity).where(Opportunity.digest_id == digest_id, Opportunity.taken_down_at.is_(None))
    return (await session.scalars(query.order_by(Opportunity.id))).all()


async def find_digest_post(session: AsyncSession, digest_id: int) -> Delivery | None:
    """Return the delivery that put a digest into the lobby."""
    query = select(Delivery).where(Delivery.digest_id == digest_id, Delivery.kind == DeliveryKind.OPPORTUNITY_DIGEST)
    return await session.scalar(query)


async def forget_words(session: AsyncSession, before: datetime) -> int:
    """Delete the words of what was over before a moment; return of how many."""
    query = select(Opportunity).where(
        (Opportunity.expires_at < before) | (Opportunity.taken_down_at < before),
    )
    worded = [each for each in (await session.scalars(query)).all() if each.title]
    for each in worded:
        each.title = each.words = each.topics = each.place = each.link = ""
    return len(worded)
