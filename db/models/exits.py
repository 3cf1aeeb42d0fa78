"""Why people left, in their own word."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.states import ExitReason
from db.models.base import Base
from db.types import EncryptedText


class ExitWord(Base):
    """What somebody who left a program said about it; who says nothing has no row."""

    __tablename__ = "exit_word"
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    reason: Mapped[ExitReason]
    words: Mapped[str] = mapped_column(EncryptedText("exit_word.words"), default="")
    at: Mapped[datetime]
