"""A circle's meetings: proposed hours and who ticked them, what was fixed, how it went, and the session guides."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.agenda import Guide
from bot.domain.states import MeetingHow, MeetingState
from db.models.base import NEVER_REUSED, Base
from db.models.circles import Circle
from db.models.people import Person


class Meeting(Base):
    """One meeting of a circle, from its proposal on; `starts_at` once it is fixed.

    `uid` and `sequence` are what calendars know it by: the sequence grows with each change to a fixed meeting.
    """

    __tablename__ = "meeting"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    circle_id: Mapped[int] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"), index=True)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[MeetingState] = mapped_column(default=MeetingState.PROPOSED, index=True)
    uid: Mapped[str] = mapped_column(String(40), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    decide_at: Mapped[datetime]
    starts_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    circle: Mapped[Circle] = relationship(lazy="raise")
    proposer: Mapped[Person] = relationship(lazy="raise")
    slots: Mapped[list["MeetingSlot"]] = relationship(lazy="raise", order_by="MeetingSlot.number")
    votes: Mapped[list["MeetingVote"]] = relationship(lazy="raise", order_by="MeetingVote.id")


class MeetingSlot(Base):
    """One hour at which a meeting could be."""

    __tablename__ = "meeting_slot"
    __table_args__ = (UniqueConstraint("meeting_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    number: Mapped[int]
    starts_at: Mapped[datetime]
    added_at: Mapped[datetime]


class MeetingVote(Base):
    """The hours that one person ticked: bit k of `ticks` is slot k, and 0 says that none of them fits."""

    __tablename__ = "meeting_vote"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    ticks: Mapped[int]
    voted_at: Mapped[datetime]


class MeetingWord(Base):
    """What one person said afterwards of how a meeting went."""

    __tablename__ = "meeting_word"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    how: Mapped[MeetingHow]
    said_at: Mapped[datetime]


class Agenda(Base):
    """A session guide that was picked for a circle."""

    __tablename__ = "agenda"
    id: Mapped[int] = mapped_column(primary_key=True)
    circle_id: Mapped[int] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"), index=True)
    guide: Mapped[Guide]
    picked_at: Mapped[datetime]
