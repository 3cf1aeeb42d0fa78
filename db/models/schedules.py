"""What repeats, and each moment at which it came due."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.states import OccurrenceState, ScheduleKind
from db.models.base import Base


class Schedule(Base):
    """A repeating local moment of a program; the next one is kept in UTC and advanced when it is claimed."""

    __tablename__ = "schedule"
    __table_args__ = (
        UniqueConstraint("pulse_id", "kind"),
        Index(
            "uq_schedule_program_id_kind",
            "program_id",
            "kind",
            unique=True,
            sqlite_where=text("pulse_id IS NULL"),
            postgresql_where=text("pulse_id IS NULL"),
        ),
        Index("ix_schedule_due", "active", "next_due"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    kind: Mapped[ScheduleKind]
    pulse_id: Mapped[int | None] = mapped_column(ForeignKey("pulse.id", ondelete="CASCADE"))
    anchor: Mapped[date]  # the first day it falls on; its weekday is the schedule's
    hour: Mapped[int]
    every_weeks: Mapped[int]
    zone: Mapped[str] = mapped_column(String(64))
    grace_hours: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    number: Mapped[int] = mapped_column(default=1)  # of the next occurrence
    next_due: Mapped[datetime]


class Occurrence(Base):
    """One due moment of a schedule, claimed exactly once."""

    __tablename__ = "occurrence"
    __table_args__ = (UniqueConstraint("schedule_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedule.id", ondelete="CASCADE"))
    number: Mapped[int]
    due_at: Mapped[datetime]
    state: Mapped[OccurrenceState] = mapped_column(index=True)
    claimed_at: Mapped[datetime]
    schedule: Mapped[Schedule] = relationship(lazy="raise")
