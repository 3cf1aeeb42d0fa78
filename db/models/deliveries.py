"""The effects on Discord that are to be carried out, and the lines to moderators."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.states import DeliveryKind, DeliveryState
from db.models.base import Base

UNSURE = "look_at IS NOT NULL"


class Delivery(Base):
    """One effect on Discord, to be carried out exactly once in effect.

    Deliveries of one lane leave in the order of their ids, lanes side by side.
    `key` is the message's nonce, ends a thread's name, and stands in our own
    buttons; what it is about is found through the ids beside it, so that no
    member's words lie here. `look_at` is when Discord is looked at once more
    for a second one of what was tried more than once.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_state_due_at", "state", "due_at"),
        Index("ix_delivery_lane_state", "lane", "state"),
        Index("ix_delivery_look_at", "look_at", sqlite_where=text(UNSURE), postgresql_where=text(UNSURE)),
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
    win_id: Mapped[int | None] = mapped_column(ForeignKey("win.id", ondelete="SET NULL"), index=True)
    introduction_id: Mapped[int | None] = mapped_column(ForeignKey("introduction.id", ondelete="CASCADE"), index=True)
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity_digest.id", ondelete="CASCADE"), index=True)
    concern_digest_id: Mapped[int | None] = mapped_column(ForeignKey("concern_digest.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    agenda_id: Mapped[int | None] = mapped_column(ForeignKey("agenda.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    result_id: Mapped[int | None] = mapped_column(BigInteger)
    result_channel_id: Mapped[int | None] = mapped_column(BigInteger)
    error_code: Mapped[int | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]


class Notice(Base):
    """A line to the moderators of a program: a message id and the values that fill it, never a member's words."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    message: Mapped[str] = mapped_column(String(80))
    values: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
