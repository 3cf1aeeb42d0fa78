"""What members set out to reach, and the notes of how far they have come."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.goals import GoalPath, GoalState, Outcome
from db.models.base import NEVER_REUSED, Base
from db.models.people import Program
from db.types import EncryptedText


class Goal(Base):
    """One goal of one person in one program.

    `rotation_id` is the rotation that it stands in: where it was set, or the one that it was last carried into;
    None where none ran. `done_at` is when it was reached or let go, `outcome_at` when it was said what came of it.
    """

    __tablename__ = "goal"
    __table_args__ = (Index("ix_goal_program_id_state", "program_id", "state"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    rotation_id: Mapped[int | None] = mapped_column(ForeignKey("rotation.id", ondelete="SET NULL"), index=True)
    path: Mapped[GoalPath]
    aim: Mapped[str] = mapped_column(EncryptedText("goal.aim"))
    next_step: Mapped[str] = mapped_column(EncryptedText("goal.next_step"), default="")
    by: Mapped[date]
    state: Mapped[GoalState] = mapped_column(default=GoalState.OPEN)
    outcome: Mapped[Outcome | None]
    carried: Mapped[int] = mapped_column(default=0)  # into how many further rotations
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome_at: Mapped[datetime | None]
    program: Mapped[Program] = relationship(lazy="raise")
    notes: Mapped[list["GoalNote"]] = relationship(lazy="raise", order_by="GoalNote.id", passive_deletes=True)


class GoalNote(Base):
    """One word on how far a goal has come; one out of a check-in follows its answer."""

    __tablename__ = "goal_note"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("checkin_answer.id", ondelete="SET NULL"), index=True)
    words: Mapped[str] = mapped_column(EncryptedText("goal_note.words"))
    created_at: Mapped[datetime]
