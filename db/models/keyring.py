"""The proof that a key file is this database's."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base
from db.types import EncryptedText


class Keyring(Base):
    """One sealed sentence, by which a start knows that the key file is the right one."""

    __tablename__ = "keyring"
    id: Mapped[int] = mapped_column(primary_key=True)
    proof: Mapped[str] = mapped_column(EncryptedText("keyring.proof"))
