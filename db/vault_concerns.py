"""The vault's other half: concerns, which lead back to nobody unless their author gave a name.

A concern without a name lies under a key that follows from its receipt's code, which nobody keeps. Turns say that
a person used one up within a period, never for which concern, and are forgotten when the period is over.
"""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.vault_models import Bell, Reported, Turn
from db.vault_seals import MasterSeals, Pseudonyms

Change = Callable[[bytes], bytes | None]


class Concerns:
    """The concerns in a vault; what they say is sealed and comes and goes as bytes."""

    def __init__(self, database: Database, pseudonyms: Pseudonyms, seals: MasterSeals) -> None:
        self._database = database
        self._pseudonyms = pseudonyms
        self._seals = seals

    def key_of(self, code: str) -> bytes:
        """Return the key of the concern that a receipt's code belongs to."""
        return self._pseudonyms.receipt(code)

    async def take_turn(
        self, purpose: str, period: str, who: tuple[int, int], most: int, until: date, today: date
    ) -> bool:
        """Use up one of a person's (guild, user) turns within a period; return whether there was one left.

        Periods that are over are forgotten on the way.
        """
        keys = [self._pseudonyms.turn(purpose, period, *who, number) for number in range(most)]

        async def work(session: AsyncSession) -> bool:
            await _forget(session, today)
            used = set(await session.scalars(select(Turn.row_key).where(Turn.row_key.in_(keys))))
            free = next((key for key in keys if key not in used), None)
            if free is not None:
                session.add(Turn(row_key=free, until=until.toordinal()))
            return free is not None

        return await self._database.write(work)

    async def forget_turns(self, today: date) -> None:
        """Forget every turn of a period that is over, until no byte of it is left."""
        await self._database.write(lambda session: _forget(session, today))
        await self._database.empty_log()

    async def keep(self, program_id: int, row_key: bytes, payload: bytes, bell: int) -> None:
        """Keep a new concern, and let the bell ring for its program's moderators at a full hour."""
        row = self._row(program_id, row_key, payload)

        async def work(session: AsyncSession) -> None:
            await session.merge(row)
            await _set_bell(session, program_id, bell)

        await self._database.write(work)
        await self._database.empty_log()  # the log tells in which order rows were written

    async def find(self, row_key: bytes) -> bytes | None:
        """Return the concern under a key, or None."""

        async def work(session: AsyncSession) -> bytes | None:
            row = await session.get(Reported, row_key)
            return self._open(row) if row else None

        return await self._database.read(work)

    async def list_of(self, program_id: int) -> dict[bytes, bytes]:
        """Return a program's concerns by key, which is in no order of time."""
        query = select(Reported).where(Reported.program_tag == self._pseudonyms.program(program_id))

        async def work(session: AsyncSession) -> dict[bytes, bytes]:
            rows = await session.scalars(query.order_by(Reported.row_key))
            return {row.row_key: self._open(row) for row in rows}

        return await self._database.read(work)

    async def change(self, row_key: bytes, change: Change, bell: tuple[int, int] | None = None) -> bytes | None:
        """Put what `change` makes of a concern in its place, or delete it where that is None.

        Return the new content; None where there is none, or none any longer. A bell is a program and a full hour.
        """

        async def work(session: AsyncSession) -> bytes | None:
            row = await session.get(Reported, row_key)
            after = change(self._open(row)) if row else None
            if row is not None and after is not None:
                row.sealed = self._seals.seal_concern(row_key, row.program_tag, after)
            elif row is not None:
                await session.delete(row)
            if bell is not None:
                await _set_bell(session, *bell)
            return after

        changed = await self._database.write(work)
        await self._database.empty_log()
        return changed

    async def list_bells(self, hour: int) -> Sequence[int]:
        """Return the programs whose bell rings at or before a full hour."""
        query = select(Bell.program_id).where(Bell.hour <= hour).order_by(Bell.program_id)

        async def work(session: AsyncSession) -> Sequence[int]:
            return (await session.scalars(query)).all()

        return await self._database.read(work)

    async def find_next_bell(self) -> int | None:
        """Return the earliest full hour at which a bell rings."""
        return await self._database.read(lambda session: session.scalar(select(func.min(Bell.hour))))

    async def silence(self, program_id: int, hour: int) -> None:
        """Let a bell that rang at or before a full hour be silent."""

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(Bell).where(Bell.program_id == program_id, Bell.hour <= hour))

        await self._database.write(work)

    def _row(self, program_id: int, row_key: bytes, payload: bytes) -> Reported:
        tag = self._pseudonyms.program(program_id)
        return Reported(row_key=row_key, program_tag=tag, sealed=self._seals.seal_concern(row_key, tag, payload))

    def _open(self, row: Reported) -> bytes:
        return self._seals.open_concern(row.row_key, row.program_tag, row.sealed)


async def _forget(session: AsyncSession, today: date) -> None:
    await session.execute(delete(Turn).where(Turn.until <= today.toordinal()))


async def _set_bell(session: AsyncSession, program_id: int, hour: int) -> None:
    """Let a program's bell ring at an hour; one that rings earlier anyway stays."""
    bell = await session.get(Bell, program_id)
    if bell is None:
        session.add(Bell(program_id=program_id, hour=hour))
    else:
        bell.hour = min(bell.hour, hour)
