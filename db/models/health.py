"""What a program's health is told of once a week, so that nobody learns more by looking more often."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class HealthWeek(Base):
    """How many were active, paused and gone when a week's check-ins opened; it names nobody."""

    __tablename__ = "health_week"
    __table_args__ = (UniqueConstraint("program_id", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    active: Mapped[int]
    paused: Mapped[int]
    left: Mapped[int]


class Told(Base):
    """How many reports of one kind moderators were told of, in batches that five people or more stand behind.

    `kind` is empty for reports of rare kinds that are told together. `until` is the moment up to which reports of the
    kind are in a batch; what came later waits for the next one.
    """

    __tablename__ = "told"
    __table_args__ = (UniqueConstraint("program_id", "subject", "kind"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    n: Mapped[int]
    until: Mapped[datetime]
