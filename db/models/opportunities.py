"""Jobs, talks, grants and collaborations that members share, and the weekly digests that told of them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.states import OpportunityKind
from db.models.base import NEVER_REUSED, Base
from db.models.people import Person, Program
from db.types import EncryptedText


class OpportunityDigest(Base):
    """One week's message in the lobby about what was shared."""

    __tablename__ = "opportunity_digest"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    program: Mapped[Program] = relationship(lazy="raise")


class Opportunity(Base):
    """One opportunity; it is over at `expires_at`, or as soon as it is taken down."""

    __tablename__ = "opportunity"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity_digest.id", ondelete="SET NULL"), index=True)
    kind: Mapped[OpportunityKind]
    title: Mapped[str] = mapped_column(EncryptedText("opportunity.title"))
    words: Mapped[str] = mapped_column(EncryptedText("opportunity.words"), default="")
    topics: Mapped[str] = mapped_column(EncryptedText("opportunity.topics"), default="")
    place: Mapped[str] = mapped_column(EncryptedText("opportunity.place"), default="")
    link: Mapped[str] = mapped_column(EncryptedText("opportunity.link"), default="")
    remote: Mapped[bool] = mapped_column(default=False)
    deadline: Mapped[date | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    taken_down_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="raise")
    program: Mapped[Program] = relationship(lazy="raise")
