"""Files of members that a moderator looks at before they join, and whom members had met before the program."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import NEVER_REUSED, Base
from db.types import EncryptedText


class ImportFile(Base):
    """A roster, and where given its history, between dry run and carrying out; deleted then, or after an hour."""

    __tablename__ = "import_file"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    content: Mapped[str] = mapped_column(EncryptedText("import_file.content"))
    history: Mapped[str | None] = mapped_column(EncryptedText("import_file.history"))
    created_at: Mapped[datetime]


class PastEncounter(Base):
    """Two members who had shared a circle before the program knew them; `rotation` counts as their history did.

    `one_id` is the smaller id of the two, so that a pair has one row a rotation.
    """

    __tablename__ = "past_encounter"
    __table_args__ = (UniqueConstraint("program_id", "rotation", "one_id", "other_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    rotation: Mapped[int]
    one_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
