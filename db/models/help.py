"""What members ask for and offer, the introductions that come of it, and what came of those."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.states import CameOf, Direction, Helped, HelpKind, IntroductionState, PostState, Word
from db.models.base import NEVER_REUSED, Base
from db.models.people import Person, Program
from db.types import EncryptedText


class HelpPost(Base):
    """One thing that a person asks for or offers in a program; `at_once` bounds an offer's introductions."""

    __tablename__ = "help_post"
    __table_args__ = (CheckConstraint("at_once BETWEEN 1 AND 3", name="at_once"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    direction: Mapped[Direction]
    kind: Mapped[HelpKind]
    topics: Mapped[str] = mapped_column(EncryptedText("help_post.topics"), default="")
    words: Mapped[str] = mapped_column(EncryptedText("help_post.words"), default="")
    at_once: Mapped[int] = mapped_column(default=1)
    state: Mapped[PostState] = mapped_column(default=PostState.OPEN)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="raise")
    program: Mapped[Program] = relationship(lazy="raise")


class Introduction(Base):
    """An ask and an offer that were proposed to each other; `attend_at` is when it next needs a look."""

    __tablename__ = "introduction"
    __table_args__ = (UniqueConstraint("ask_id", "offer_id"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("help_post.id", ondelete="CASCADE"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("help_post.id", ondelete="CASCADE"))
    asker_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    helper_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    asker_says: Mapped[Word | None]
    helper_says: Mapped[Word | None]
    state: Mapped[IntroductionState] = mapped_column(default=IntroductionState.PROPOSED)
    proposed_at: Mapped[datetime]
    attend_at: Mapped[datetime | None] = mapped_column(index=True)
    introduced_at: Mapped[datetime | None]
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    ask: Mapped[HelpPost] = relationship(lazy="raise", foreign_keys=ask_id)
    offer: Mapped[HelpPost] = relationship(lazy="raise", foreign_keys=offer_id)
    asker: Mapped[Person] = relationship(lazy="raise", foreign_keys=asker_id)
    helper: Mapped[Person] = relationship(lazy="raise", foreign_keys=helper_id)
    program: Mapped[Program] = relationship(lazy="raise")


class IntroductionOutcome(Base):
    """What one of the two says of an introduction afterwards: whether it helped, and what came of it."""

    __tablename__ = "introduction_outcome"
    __table_args__ = (UniqueConstraint("introduction_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    helped: Mapped[Helped]
    came_of: Mapped[CameOf | None]
    reported_at: Mapped[datetime]
