"""Every table. Words that members wrote are EncryptedText; whoever asks to be forgotten loses their user id here."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bot.domain.formation.problem import Reason, Role
from db.types import EncryptedText, Moment

# SQLite gives a deleted row's id to the next one: a button that outlived its draft would then act on another.
NEVER_REUSED = {"sqlite_autoincrement": True}


def _values(kind: type[StrEnum]) -> list[str]:
    """Keep an enumeration by its values, which are words, not by Python's names."""
    return [member.value for member in kind]


class Base(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: Moment,
        dict[str, Any]: JSON,
        StrEnum: Enum(StrEnum, native_enum=False, length=40, values_callable=_values),
    }


class ProgramState(StrEnum):
    """Whether a program is being set up, runs, rests, or is over."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class EnrollmentState(StrEnum):
    """Whether a person takes part."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


class RotationState(StrEnum):
    """A rotation is drafted, published once, and ends."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ENDED = "ended"


class OccurrenceState(StrEnum):
    """A due moment is claimed, then done; or skipped because it came too late."""

    CLAIMED = "claimed"
    DONE = "done"
    SKIPPED = "skipped"


class ScheduleKind(StrEnum):
    """What comes due; at one moment they run in this order."""

    CHECKIN_CLOSE = "checkin-close"
    ROTATION = "rotation"
    CHECKIN_OPEN = "checkin-open"
    CHECKIN_REMIND = "checkin-remind"
    PULSE_OPEN = "pulse-open"


class DeliveryState(StrEnum):
    """How far one effect on Discord has come."""

    PENDING = "pending"
    INFLIGHT = "inflight"
    DONE = "done"
    DEAD = "dead"


class DeliveryKind(StrEnum):
    """The effects that the bot has on Discord."""

    OPEN_THREAD = "open-thread"
    ADD_MEMBER = "add-member"
    WELCOME = "welcome"
    WELCOME_EDIT = "welcome-edit"
    CHECKIN_CARD = "checkin-card"
    CHECKIN_ANSWER = "checkin-answer"
    CHECKIN_ANSWER_EDIT = "checkin-answer-edit"
    CHECKIN_ANSWER_DELETE = "checkin-answer-delete"
    CHECKIN_REMINDER = "checkin-reminder"
    CHECKIN_SUMMARY = "checkin-summary"
    FAREWELL = "farewell"
    ARCHIVE_THREAD = "archive-thread"
    SILENT_QUESTION = "silent-question"
    NOT_PLACED = "not-placed"
    DRAFT_READY = "draft-ready"
    PULSE_INVITATION = "pulse-invitation"
    PULSE_REMINDER = "pulse-reminder"
    NOTICE = "notice"


class Met(StrEnum):
    """What a member says about whether the circle met."""

    YES = "yes"
    ONCE = "once"
    NO = "no"


class Keyring(Base):
    """One sealed sentence, by which a start knows that the key file is the right one."""

    __tablename__ = "keyring"
    id: Mapped[int] = mapped_column(primary_key=True)
    proof: Mapped[str] = mapped_column(EncryptedText("keyring.proof"))


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
    facilitates: Mapped[bool] = mapped_column(default=False)
    silent_checkins: Mapped[int] = mapped_column(default=0)
    silent_asked_at: Mapped[datetime | None]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="raise")
    program: Mapped[Program] = relationship(lazy="raise")


class Rotation(Base):
    """One period of a program, in which each enrolled person sits in one circle."""

    __tablename__ = "rotation"
    __table_args__ = (UniqueConstraint("program_id", "number"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[RotationState] = mapped_column(default=RotationState.DRAFT)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seed: Mapped[int] = mapped_column(BigInteger)
    quality: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    program: Mapped[Program] = relationship(lazy="raise")
    circles: Mapped[list["Circle"]] = relationship(back_populates="rotation", lazy="raise", order_by="Circle.number")


class Circle(Base):
    """One small group in one rotation, with its private thread once that is open."""

    __tablename__ = "circle"
    __table_args__ = (UniqueConstraint("rotation_id", "number"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    rotation_id: Mapped[int] = mapped_column(ForeignKey("rotation.id", ondelete="CASCADE"))
    number: Mapped[int]
    thread_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    facts: Mapped[dict[str, Any]]
    closed_at: Mapped[datetime | None]
    rotation: Mapped[Rotation] = relationship(back_populates="circles", lazy="raise")
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="circle", lazy="raise", order_by="Membership.id"
    )


class Membership(Base):
    """One person in one circle; `met` is their word on whether it met."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("circle_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    circle_id: Mapped[int] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(default=Role.MEMBER)
    met: Mapped[Met | None]
    circle: Mapped[Circle] = relationship(back_populates="memberships", lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")


class Unplaced(Base):
    """One person whom a rotation has no circle for, and the rule that stood in the way."""

    __tablename__ = "unplaced"
    __table_args__ = (UniqueConstraint("rotation_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    rotation_id: Mapped[int] = mapped_column(ForeignKey("rotation.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    reason: Mapped[Reason]
    person: Mapped[Person] = relationship(lazy="raise")


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


class Schedule(Base):
    """A repeating local moment of a program; the next one is kept in UTC and advanced when it is claimed."""

    __tablename__ = "schedule"
    __table_args__ = (
        UniqueConstraint("pulse_id", "kind"),
        Index("uq_schedule_program_id_kind", "program_id", "kind", unique=True, sqlite_where=text("pulse_id IS NULL")),
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


class InstrumentFile(Base):
    """A questionnaire that moderators added to a guild, with who vouches for the right to use its words."""

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("guild_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(32))  # the instrument's id
    file: Mapped[str] = mapped_column(Text)
    attested_by: Mapped[str] = mapped_column(String(100))
    attested_licence: Mapped[str] = mapped_column(String(200))
    attested_on: Mapped[date]


class Pulse(Base):
    """One instrument that a program puts to its circles every so many weeks; when is its schedule's."""

    __tablename__ = "pulse"
    __table_args__ = (UniqueConstraint("program_id", "instrument"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    instrument: Mapped[str] = mapped_column(String(32))  # its id
    days_open: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    program: Mapped[Program] = relationship(lazy="raise")


class Wave(Base):
    """One wave of a pulse; nothing here tells who is asked or who answers.

    `identity` is the instrument's with its words and key. A wave is open from `opened_at` until `closes_at`
    and closed once `closed_at` is set, in the transaction that publishes it.
    """

    __tablename__ = "wave"
    __table_args__ = (UniqueConstraint("pulse_id", "number"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    pulse_id: Mapped[int] = mapped_column(ForeignKey("pulse.id", ondelete="CASCADE"))
    number: Mapped[int]
    identity: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime | None]
    reminds_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    emptied_at: Mapped[datetime | None]  # when its answers had reached the age at which they are deleted
    figures: Mapped[str | None] = mapped_column(Text)  # what was published, as JSON that names nobody
    pulse: Mapped[Pulse] = relationship(lazy="raise")


class Delivery(Base):
    """One effect on Discord, to be carried out exactly once in effect.

    Deliveries of one lane leave in the order of their ids, lanes side by side.
    `key` is the message's nonce, ends a thread's name, and stands in our own
    buttons; what it is about is found through the ids beside it, so that no
    member's words lie here.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_state_due_at", "state", "due_at"),
        Index("ix_delivery_lane_state", "lane", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    lane: Mapped[str] = mapped_column(String(40))
    kind: Mapped[DeliveryKind]
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.PENDING)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    rotation_id: Mapped[int | None] = mapped_column(ForeignKey("rotation.id", ondelete="CASCADE"))
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"), index=True)
    checkin_id: Mapped[int | None] = mapped_column(ForeignKey("checkin.id", ondelete="CASCADE"))
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    result_id: Mapped[int | None] = mapped_column(BigInteger)
    result_channel_id: Mapped[int | None] = mapped_column(BigInteger)
    error_code: Mapped[int | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Notice(Base):
    """A line to the moderators of a program: a message id and the values that fill it, never a member's words."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    message: Mapped[str] = mapped_column(String(80))
    values: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
