"""The instruments of a guild, its pulses and their waves; the answers lie in the vault."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.base import NEVER_REUSED, Base
from db.models.people import Program


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
