"""What moderators did: who, when, and which figures, never anybody's words."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.states import AuditAction
from db.models.base import Base


class Audit(Base):
    """One action of a moderator; nobody's user id stays once its owner asks to be forgotten.

    `values` holds numbers and settings; `people` in it are person ids, which tell nothing after an erasure.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_program_id_id", "program_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger, index=True)
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    actor_user_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    action: Mapped[AuditAction]
    values: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)
