"""Who offers to mentor, what circles said to those who led them, and what these want to do next."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.states import NextStep
from db.models.base import Base
from db.types import EncryptedText


class MentorOffer(Base):
    """One person's offer to mentor in one program: how many mentees, and on what."""

    __tablename__ = "mentor_offer"
    __table_args__ = (
        UniqueConstraint("program_id", "person_id"),
        CheckConstraint("capacity BETWEEN 1 AND 11", name="capacity"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    capacity: Mapped[int]
    topics: Mapped[str] = mapped_column(EncryptedText("mentor_offer.topics"), default="")
    created_at: Mapped[datetime]


class LeadWord(Base):
    """What one member wrote to whoever led their circle; it is theirs to read from `told_at` on.

    `alone` means that it may reach them also where fewer than three wrote.
    """

    __tablename__ = "lead_word"
    __table_args__ = (UniqueConstraint("circle_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    circle_id: Mapped[int] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(EncryptedText("lead_word.words"))
    alone: Mapped[bool] = mapped_column(default=False)
    told_at: Mapped[datetime | None]


class LeadStep(Base):
    """What somebody who led a circle chose as their next step in a program."""

    __tablename__ = "lead_step"
    __table_args__ = (UniqueConstraint("program_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    step: Mapped[NextStep]
    at: Mapped[datetime]
