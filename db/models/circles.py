"""Rotations, their circles, and who sits where or could not be placed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.formation.problem import Reason, Role
from bot.domain.states import Met, RotationState
from db.models.base import NEVER_REUSED, Base
from db.models.people import Person, Program


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
    ever: Mapped[list["Membership"]] = relationship(back_populates="circle", lazy="raise", order_by="Membership.id")

    @property
    def memberships(self) -> list["Membership"]:
        """Who sits in it now; who went to another circle is only among `ever`."""
        return [seat for seat in self.ever if seat.left_at is None]


class Membership(Base):
    """One person in one circle; `met` is their word on whether it met.

    `joined_at` is set for who came later than the circle began, `left_at` for who went to another circle before it
    ended.
    """

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("circle_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    circle_id: Mapped[int] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(default=Role.MEMBER)
    met: Mapped[Met | None]
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    circle: Mapped[Circle] = relationship(back_populates="ever", lazy="raise")
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
