"""What was published of the concerns that were raised; the concerns themselves lie in the vault."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import NEVER_REUSED, Base


class ConcernDigest(Base):
    """The barriers that a program's members named in one quarter, by theme; it waits until it has its figures."""

    __tablename__ = "concern_digest"
    __table_args__ = (UniqueConstraint("program_id", "quarter"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    quarter: Mapped[str] = mapped_column(String(7))  # 2026-Q4
    figures: Mapped[str | None] = mapped_column(Text)  # what was published, as JSON that names nobody
    due_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
