"""The weekly check-ins and their answers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.base import Base
from db.models.circles import Circle
from db.models.people import Person
from db.types import EncryptedText


class CheckIn(Base):
    """One weekly prompt in one circle; closed once `closed_at` is set."""

    __tablename__ = "checkin"
    __table_args__ = (UniqueConstraint("circle_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    circle_id: Mapped[int] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"))
    number: Mapped[int]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    circle: Mapped[Circle] = relationship(lazy="raise")
    answers: Mapped[list["CheckInAnswer"]] = relationship(back_populates="checkin", lazy="raise")


class CheckInAnswer(Base):
    """One person's answer to one check-in; `week` runs from 1 (very hard) to 5 (very good)."""

    __tablename__ = "checkin_answer"
    __table_args__ = (
        UniqueConstraint("checkin_id", "person_id"),
        CheckConstraint("week BETWEEN 1 AND 5", name="week"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    checkin_id: Mapped[int] = mapped_column(ForeignKey("checkin.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    week: Mapped[int]
    win: Mapped[str] = mapped_column(EncryptedText("checkin_answer.win"), default="")
    challenge: Mapped[str] = mapped_column(EncryptedText("checkin_answer.challenge"), default="")
    ask: Mapped[str] = mapped_column(EncryptedText("checkin_answer.ask"), default="")
    progress: Mapped[str] = mapped_column(EncryptedText("checkin_answer.progress"), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    checkin: Mapped[CheckIn] = relationship(back_populates="answers", lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")
