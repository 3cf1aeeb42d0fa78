"""Queries on the vault's tables, which know rows and never people."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import VaultError
from bot.text import text
from db.vault_models import Answer, Member, Record


async def list_members(session: AsyncSession, row_keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the wrapped keys that lie under these row keys."""
    found = await session.execute(select(Member.row_key, Member.wrapped).where(Member.row_key.in_(row_keys)))
    return {each.row_key: each.wrapped for each in found}


async def delete_member(session: AsyncSession, row_key: bytes) -> None:
    """Delete a member's key."""
    await session.execute(delete(Member).where(Member.row_key == row_key))


async def list_answered_waves(session: AsyncSession) -> Sequence[int]:
    """Return every wave of which answers are kept."""
    return (await session.scalars(select(Answer.wave_id).distinct())).all()


async def list_answers(session: AsyncSession, wave_id: int, row_keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the sealed answers under these row keys; raise VaultError where one was moved to another wave."""
    query = select(Answer.row_key, Answer.wave_id, Answer.sealed).where(Answer.row_key.in_(row_keys))
    found = (await session.execute(query)).all()
    if any(each.wave_id != wave_id for each in found):
        raise VaultError(text("fault.vault.moved"))
    return {each.row_key: each.sealed for each in found}


async def delete_answers(session: AsyncSession, row_keys: Sequence[bytes]) -> None:
    """Delete the answers under these row keys."""
    await session.execute(delete(Answer).where(Answer.row_key.in_(row_keys)))


async def delete_waves(session: AsyncSession, wave_ids: Sequence[int]) -> int:
    """Delete all answers in waves; return how many there were."""
    deleted = await session.scalars(delete(Answer).where(Answer.wave_id.in_(wave_ids)).returning(Answer.wave_id))
    return len(deleted.all())


async def list_records(session: AsyncSession, guild_tag: bytes, kind: str | None = None) -> Sequence[Record]:
    """Return the records of a guild, of one kind or of all."""
    query = select(Record).where(Record.guild_tag == guild_tag).order_by(Record.wave_id, Record.kind)
    if kind is not None:
        query = query.where(Record.kind == kind)
    return (await session.scalars(query)).all()


async def delete_records(session: AsyncSession, kind: str, wave_ids: Sequence[int]) -> None:
    """Delete the records of one kind of waves."""
    await session.execute(delete(Record).where(Record.kind == kind, Record.wave_id.in_(wave_ids)))
