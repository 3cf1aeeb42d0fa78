"""Queries about the digests of concerns; the concerns themselves lie in the vault."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import ConcernDigest, Enrollment, Program


async def list_all_programs(session: AsyncSession) -> Sequence[int]:
    """Return every program of every guild."""
    return (await session.scalars(select(Program.id).order_by(Program.id))).all()


async def find_digest(session: AsyncSession, program_id: int, quarter: str) -> ConcernDigest | None:
    """Return a program's digest of a quarter."""
    query = select(ConcernDigest).where(ConcernDigest.program_id == program_id, ConcernDigest.quarter == quarter)
    return await session.scalar(query)


async def find_waiting_digest(session: AsyncSession) -> ConcernDigest | None:
    """Return the oldest digest that has no figures yet."""
    query = select(ConcernDigest).where(ConcernDigest.figures.is_(None))
    return await session.scalar(query.order_by(ConcernDigest.id).limit(1))


async def list_published_quarters(session: AsyncSession, program_id: int) -> Sequence[str]:
    """Return the quarters whose digest a program has published."""
    query = select(ConcernDigest.quarter).where(
        ConcernDigest.program_id == program_id, ConcernDigest.figures.is_not(None)
    )
    return (await session.scalars(query)).all()


async def count_ever_enrolled(session: AsyncSession, program_id: int) -> int:
    """Return how many people ever took part in a program, and so could have raised a concern."""
    return await session.scalar(select(func.count()).where(Enrollment.program_id == program_id)) or 0
