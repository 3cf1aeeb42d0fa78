"""Queries about what people said when they left."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import ExitWord, Program


async def find_word_since(
    session: AsyncSession, program_id: int, person_id: int, since: datetime | None
) -> ExitWord | None:
    """Return what somebody said of leaving a program since a moment, the newest."""
    query = select(ExitWord).where(ExitWord.program_id == program_id, ExitWord.person_id == person_id)
    if since is not None:
        query = query.where(ExitWord.at >= since)
    return await session.scalar(query.order_by(ExitWord.id.desc()).limit(1))


async def list_words(session: AsyncSession, program_id: int) -> Sequence[ExitWord]:
    """Return what those wrote who left a program, the newest word of each."""
    query = select(ExitWord).where(ExitWord.program_id == program_id).order_by(ExitWord.id)
    return list({word.person_id: word for word in await session.scalars(query) if word.words}.values())


async def list_words_of(session: AsyncSession, person_id: int) -> Sequence[tuple[ExitWord, str]]:
    """Return everything that a person said when they left, each with the program's name, the oldest first."""
    query = (
        select(ExitWord, Program.name)
        .join(Program, Program.id == ExitWord.program_id)
        .where(ExitWord.person_id == person_id)
        .order_by(ExitWord.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def delete_words_of(session: AsyncSession, person_id: int) -> None:
    """Remove everything that a person said when they left."""
    await session.execute(delete(ExitWord).where(ExitWord.person_id == person_id))
