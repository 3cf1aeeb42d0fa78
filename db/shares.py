"""Which rows belong to the guilds that one process sees to."""

from sqlalchemy import ColumnElement, Integer, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute

from bot.domain.shards import SHIFT, Share
from db.models import Program


def ours(share: Share, program_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that a row's program is in a guild of this share."""
    if share.is_whole:
        return true()
    shard = Program.guild_id.bitwise_rshift(literal(SHIFT, Integer)) % share.of
    return program_id.in_(select(Program.id).where(shard.in_(sorted(share.shards))))
