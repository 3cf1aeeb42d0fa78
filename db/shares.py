"""Which rows belong to the guilds that one process sees to."""

from sqlalchemy import ColumnElement, Integer, SQLColumnExpression, literal, select, true

from bot.domain.shards import SHIFT, Share
from db.models import Program


def ours(share: Share, program_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition that a row's program is in a guild of this share."""
    if share.is_whole:
        return true()
    programs = Program.__table__
    shard = programs.c.guild_id.bitwise_rshift(literal(SHIFT, Integer)) % share.of
    return program_id.in_(select(programs.c.id).where(shard.in_(sorted(share.shards))))
