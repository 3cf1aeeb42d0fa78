"""The vault's tables: no user id, no exact time, and no row in the order in which it was written.

Tables without a rowid lie in the order of their random-looking keys.
"""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

WITHOUT_ROWID = {"sqlite_with_rowid": False}


class VaultBase(DeclarativeBase):
    """What the vault's tables have in common; the main database knows nothing of them."""


class Lock(VaultBase):
    """The one row that says which schema this is and which master key it is sealed with."""

    __tablename__ = "lock"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    master_id: Mapped[str]
    proof: Mapped[bytes] = mapped_column(LargeBinary)


class Member(VaultBase):
    """One person who consented: their own key and what they consented to, wrapped by the master key."""

    __tablename__ = "member"
    __table_args__ = WITHOUT_ROWID
    row_key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Answer(VaultBase):
    """One person's answers in one wave, under the person's own key; all are equally long."""

    __tablename__ = "answer"
    __table_args__ = WITHOUT_ROWID
    row_key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    wave_id: Mapped[int] = mapped_column(index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Record(VaultBase):
    """What names people of a whole wave: the frozen list of those asked, or the ledger of its figures."""

    __tablename__ = "record"
    __table_args__ = WITHOUT_ROWID
    wave_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    guild_tag: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    instrument: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Reported(VaultBase):
    """One concern with all that was written about it; its key is random, or follows from a receipt's code."""

    __tablename__ = "concern"
    __table_args__ = WITHOUT_ROWID
    row_key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    program_tag: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Turn(VaultBase):
    """A keyed pseudonym's turn within one period, forgotten on the day with the number `until`."""

    __tablename__ = "turn"
    __table_args__ = WITHOUT_ROWID
    row_key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    until: Mapped[int] = mapped_column(index=True)


class Bell(VaultBase):
    """A program whose moderators are told at a full hour that a concern came; gone once they were."""

    __tablename__ = "bell"
    __table_args__ = WITHOUT_ROWID
    program_id: Mapped[int] = mapped_column(primary_key=True)
    hour: Mapped[int]  # since 1970
