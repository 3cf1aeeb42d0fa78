"""A line to the moderators, as it is sent to their channel."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.services.work import reads
from db.models import Notice, Program


@dataclass(frozen=True, slots=True)
class NoticeMessage:
    """A line to the moderators on its way to their channel, if they have one."""

    channel_id: int | None
    program: str
    locale: str
    message: str
    values: dict[str, Any]


@reads
async def get_notice(session: AsyncSession, notice_id: int) -> NoticeMessage:
    """Return a line to the moderators with where it goes."""
    notice = await session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("control.gone")
    program = await session.get_one(Program, notice.program_id)
    return NoticeMessage(program.moderator_channel_id, program.name, program.locale, notice.message, notice.values)
