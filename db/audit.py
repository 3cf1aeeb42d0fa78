"""Queries about what moderators did."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import AuditAction
from db.models import Audit, Person


async def list_entries(
    session: AsyncSession, guild_id: int, program_id: int, action: AuditAction | None, page: int, size: int
) -> Sequence[Audit]:
    """Return one page of a program's and its guild's entries, the newest first."""
    query = select(Audit).where(*_about(guild_id, program_id, action)).order_by(Audit.id.desc())
    return (await session.scalars(query.offset(page * size).limit(size))).all()


async def count_entries(session: AsyncSession, guild_id: int, program_id: int, action: AuditAction | None) -> int:
    """Return how many entries a program and its guild have."""
    return await session.scalar(select(func.count(Audit.id)).where(*_about(guild_id, program_id, action))) or 0


async def list_users(session: AsyncSession, person_ids: Collection[int]) -> dict[int, int | None]:
    """Return the user of each of these people; None for who asked to be forgotten."""
    query = select(Person.id, Person.user_id).where(Person.id.in_(person_ids))
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_of_guild(session: AsyncSession, guild_id: int) -> Sequence[Audit]:
    """Return every entry of a guild, the oldest first."""
    return (await session.scalars(select(Audit).where(Audit.guild_id == guild_id).order_by(Audit.id))).all()


async def list_by_actor(session: AsyncSession, user_id: int, guild_id: int | None) -> Sequence[Audit]:
    """Return every entry of one moderator in one guild, or (None) in all, the oldest first."""
    query = select(Audit).where(*_by(user_id, guild_id)).order_by(Audit.id)
    return (await session.scalars(query)).all()


async def forget_actor(session: AsyncSession, guild_id: int | None, user_id: int) -> int:
    """Take a moderator's id off the entries of one guild, or (None) of all; return of how many guilds."""
    acted = _by(user_id, guild_id)
    guilds = await session.scalar(select(func.count(Audit.guild_id.distinct())).where(*acted)) or 0
    await session.execute(update(Audit).where(*acted).values(actor_user_id=None))
    return guilds


async def delete_before(session: AsyncSession, before: datetime) -> int:
    """Delete the entries older than a moment; return how many."""
    old = (await session.scalars(select(Audit.id).where(Audit.at < before))).all()
    await session.execute(delete(Audit).where(Audit.at < before))
    return len(old)


def _by(user_id: int, guild_id: int | None) -> tuple[ColumnElement[bool], ...]:
    acted = Audit.actor_user_id == user_id
    return (acted,) if guild_id is None else (acted, Audit.guild_id == guild_id)


def _about(guild_id: int, program_id: int, action: AuditAction | None) -> tuple[ColumnElement[bool], ...]:
    """Select a program's entries and those that belong to the whole guild, of one action or (None) of all."""
    scope = (Audit.guild_id == guild_id, or_(Audit.program_id == program_id, Audit.program_id.is_(None)))
    return scope if action is None else (*scope, Audit.action == action)
