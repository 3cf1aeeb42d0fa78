"""How many took part in a program, week by week: nothing else tells who rested long ago."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
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
