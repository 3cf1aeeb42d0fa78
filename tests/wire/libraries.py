"""The libraries that any bot needs that stores sealed words, keeps to a schedule and speaks from catalogues."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from babel.dates import format_datetime
from babel.messages.pofile import read_po
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class _Base(DeclarativeBase):
    pass


class _Row(_Base):
    __tablename__ = "row"
    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


async def use_each() -> None:
    """Use each of them once, on a table of one row."""
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(_Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(_Row(sealed=AESGCM(bytes(32)).encrypt(bytes(12), b"words", None)))
        await session.commit()
        row = (await session.scalars(select(_Row))).one()
    read_po([b'msgid "a"', b'msgstr "' + row.sealed.hex().encode() + b'"'])
    format_datetime(locale="en")
    AsyncIOScheduler().start()
