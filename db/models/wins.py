"""Each member's evidence file: their own wins, those out of check-ins, and the kudos that they were given."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.goals import WinKind
from db.models.base import NEVER_REUSED, Base
from db.models.circles import Circle
from db.models.people import Person
from db.types import EncryptedText


class Win(Base):
    """One entry of one person's file.

    Kudos have a giver and may be shown in `circle_id` where the giver wishes it (`may_show`) and the receiver agrees
    (`shown_at`). What was taken back is emptied and keeps its row, by which its posts are found.
    """

    __tablename__ = "win"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    giver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("checkin_answer.id", ondelete="SET NULL"), unique=True)
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circle.id", ondelete="SET NULL"))
    kind: Mapped[WinKind]
    words: Mapped[str] = mapped_column(EncryptedText("win.words"))
    effect: Mapped[str] = mapped_column(EncryptedText("win.effect"), default="")
    day: Mapped[date]
    may_show: Mapped[bool] = mapped_column(default=False)
    shown_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")
    giver: Mapped[Person | None] = relationship(foreign_keys=[giver_id], lazy="raise")
    circle: Mapped[Circle | None] = relationship(lazy="raise")
