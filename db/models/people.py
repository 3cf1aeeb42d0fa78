"""Persons, what they wish of one another, and the programs that they take part in."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.states import EnrollmentState, ProgramState
from db.models.base import NEVER_REUSED, Base
from db.types import EncryptedText


class Program(Base):
    """One mentoring programme in a guild: its rules, cadences and channels."""

    __tablename__ = "program"
    __table_args__ = (
        UniqueConstraint("guild_id", "name"),
        CheckConstraint("size_least <= size_wanted AND size_wanted <= size_most", name="sizes"),
        NEVER_REUSED,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger, index=True)
    name: Mapped[str] = mapped_column(String(80))
    state: Mapped[ProgramState] = mapped_column(default=ProgramState.ACTIVE)
    lobby_channel_id: Mapped[int] = mapped_column(BigInteger)
    moderator_channel_id: Mapped[int | None] = mapped_column(BigInteger)
    moderator_role_id: Mapped[int | None] = mapped_column(BigInteger)
    zone: Mapped[str] = mapped_column(String(64))
    size_least: Mapped[int]
    size_wanted: Mapped[int]
    size_most: Mapped[int]
    rotation_weeks: Mapped[int]
    first_day: Mapped[date]
    checkin_weekday: Mapped[int]
    checkin_hour: Mapped[int]
    auto_publish: Mapped[bool] = mapped_column(default=False)
    preset: Mapped[str] = mapped_column(String(40), default="new-people")
    facilitator_in_each: Mapped[bool] = mapped_column(default=False)
    common_language: Mapped[bool] = mapped_column(default=False)
    mentor_mode: Mapped[bool] = mapped_column(default=False, server_default="0")
    meeting_events: Mapped[bool] = mapped_column(default=False, server_default="0")
    locale: Mapped[str] = mapped_column(String(10), default="en")
    created_at: Mapped[datetime]


class Person(Base):
    """Somebody in a guild with their profile; after erasure only an anonymous number that keeps counts right."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("guild_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    helps_with: Mapped[str] = mapped_column(EncryptedText("person.helps_with"), default="")
    wants_help_with: Mapped[str] = mapped_column(EncryptedText("person.wants_help_with"), default="")
    languages: Mapped[str] = mapped_column(EncryptedText("person.languages"), default="")
    experience: Mapped[str | None] = mapped_column(EncryptedText("person.experience"))
    hours: Mapped[str] = mapped_column(EncryptedText("person.hours"), default="0")
    created_at: Mapped[datetime]


class Avoid(Base):
    """A wish of one person never to share a circle with another; whom it is about lies encrypted."""

    __tablename__ = "avoid"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    about_user: Mapped[str] = mapped_column(EncryptedText("avoid.about_user"))


class Feedback(Base):
    """What one person said privately of another after a rotation; of whom, and which wish, lies encrypted."""

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    said: Mapped[str] = mapped_column(EncryptedText("feedback.said"))


class Enrollment(Base):
    """One person in one program."""

    __tablename__ = "enrollment"
    __table_args__ = (UniqueConstraint("program_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[EnrollmentState] = mapped_column(default=EnrollmentState.ACTIVE)
    paused_until: Mapped[datetime | None]
    skip_next: Mapped[bool] = mapped_column(default=False)
    skipped: Mapped[int | None]  # the number of the last rotation that was sat out
    facilitates: Mapped[bool] = mapped_column(default=False)
    silent_checkins: Mapped[int] = mapped_column(default=0)
    silent_asked_at: Mapped[datetime | None]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="raise")
    program: Mapped[Program] = relationship(lazy="raise")
