"""Files of members that a moderator looks at before they join."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import NEVER_REUSED, Base
from db.types import EncryptedText


class ImportFile(Base):
    """A file between its dry run and its carrying out; it is deleted then, or after an hour."""

    __tablename__ = "import_file"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    content: Mapped[str] = mapped_column(EncryptedText("import_file.content"))
    created_at: Mapped[datetime]
