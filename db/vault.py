"""The vault: who consented to the pulses, who was asked, and what they answered, readable with its keys only.

It lies in a file of its own. Its rows name nobody: where a row lies follows from keys, what it says is sealed
and bound to its place, and whoever is erased takes their key along.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.survey.snapshot import dump_ledger, load_ledger
from bot.errors import NotConsented
from db import vault_rows as rows
from db.engine import Database, Place, Ways, open_database
from db.vault_concerns import Concerns
from db.vault_keys import PulseKeys
from db.vault_models import Answer, Lock, Member, Record, VaultBase
from db.vault_schema import prepare_vault
from db.vault_seals import MasterSeals, MemberKey, Pseudonyms, WaveRef, new_member

__all__ = ["AskedSeat", "Standing", "Vault", "WaveRef", "open_vault"]

# On PostgreSQL a deleted row lies on until its table is written anew; the member's key must not.
TABLES = ", ".join(f'"{name}"' for name in VaultBase.metadata.tables)
WAYS = Ways(Lock.__tablename__, f"VACUUM (FULL) {TABLES}")
ROSTER = "roster"
LEDGER = "ledger"
TOKEN_BYTES = 32  # as long as a pseudonym


@dataclass(frozen=True, slots=True)
class AskedSeat:
    """One person who is asked in a wave, with their circle; `user_id` is None once they are erased."""

    user_id: int | None
    circle_id: int
    is_moderator: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What a wave knows of one person: whether they are asked, which consent they gave, and what they answered."""

    is_asked: bool
    consent_version: int | None
    payload: bytes | None


class Vault:
    """The pulses' store; made by `open_vault`."""

    def __init__(self, database: Database, pseudonyms: Pseudonyms, seals: MasterSeals) -> None:
        self._database = database
        self._pseudonyms = pseudonyms
        self._seals = seals
        self.concerns = Concerns(database, pseudonyms, seals)

    def person_key(self, guild_id: int, user_id: int) -> str:
        """Return a person's pseudonym in one guild, which nobody can compute without the key file."""
        return self._pseudonyms.of(guild_id, user_id)

    async def give_consent(self, guild_id: int, user_id: int, version: int) -> None:
        """Note that a person consented to a version of the consent's words; what they answered before stays."""

        async def work(session: AsyncSession) -> None:
            pseudonym = self.person_key(guild_id, user_id)
            known = await self._find_member(session, pseudonym)
            member = replace(known, version=version) if known else new_member(pseudonym, version)
            row = Member(row_key=self._seals.row_key(pseudonym), wrapped=self._seals.wrap(member))
            await session.merge(row)

        await self._database.write(work)

    async def find_consent(self, guild_id: int, user_id: int) -> int | None:
        """Return the version that a person consented to, or None."""

        async def work(session: AsyncSession) -> int | None:
            member = await self._find_member(session, self.person_key(guild_id, user_id))
            return member.version if member else None

        return await self._database.read(work)

    async def withdraw(self, guild_id: int, user_id: int) -> bool:
        """Erase a person: their key, consent and answers; return whether they had consented.

        In the lists of those asked an anonymous seat stays, and in the ledgers a
        random name, the same in each, so that all sizes still hold. It is done
        when no byte of the rows is left in the file or its log.
        """

        async def work(session: AsyncSession) -> bool:
            pseudonym = self.person_key(guild_id, user_id)
            await self._leave_records(session, guild_id, user_id)
            member = await self._find_member(session, pseudonym)
            if member is None:
                return False
            waves = await rows.list_answered_waves(session)
            await rows.delete_answers(session, [member.row_key(wave_id) for wave_id in waves])
            await rows.delete_member(session, self._seals.row_key(pseudonym))
            return True

        consented = await self._database.write(work)
        await self._database.empty_log()
        return consented

    async def freeze(self, wave: WaveRef, asked: Sequence[AskedSeat]) -> None:
        """Keep who is asked in a wave that is open; a wave that has its list keeps that one (P7)."""

        async def work(session: AsyncSession) -> None:
            if await self._find_record(session, ROSTER, wave) is None:
                await self._put_record(session, ROSTER, wave, _dump_seats(asked))

        await self._database.write(work)

    async def load_asked(self, wave: WaveRef) -> tuple[AskedSeat, ...]:
        """Return who was asked when a wave opened: nobody where it has no list, or no longer."""

        async def work(session: AsyncSession) -> tuple[AskedSeat, ...]:
            found = await self._find_record(session, ROSTER, wave)
            return _load_seats(found) if found else ()

        return await self._database.read(work)

    async def put_answers(self, wave: WaveRef, user_id: int, payload: bytes) -> None:
        """Keep a person's answers in a wave in the place of earlier ones; raise NotConsented without a consent.

        All payloads are padded to one length; one of more than 1,020 bytes is a ValueError.
        """

        async def work(session: AsyncSession) -> None:
            member = await self._find_member(session, self.person_key(wave.guild_id, user_id))
            if member is None:
                raise NotConsented
            row_key = member.row_key(wave.wave_id)
            await session.merge(Answer(row_key=row_key, wave_id=wave.wave_id, sealed=member.seal(wave, payload)))

        await self._database.write(work)

    async def get_standing(self, wave: WaveRef, user_id: int) -> Standing:
        """Return what a wave knows of one person, all of one moment."""

        async def work(session: AsyncSession) -> Standing:
            roster = await self._find_record(session, ROSTER, wave)
            seats = _load_seats(roster) if roster else ()
            member = await self._find_member(session, self.person_key(wave.guild_id, user_id))
            return Standing(
                is_asked=any(seat.user_id == user_id for seat in seats),
                consent_version=member.version if member else None,
                payload=await _find_payload(session, wave, member) if member else None,
            )

        return await self._database.read(work)

    async def find_answers(self, wave: WaveRef, user_id: int) -> bytes | None:
        """Return what a person answered in a wave, or None."""
        return (await self.collect(wave, [user_id])).get(user_id)

    async def collect(self, wave: WaveRef, user_ids: Iterable[int]) -> dict[int, bytes]:
        """Return the answers in a wave by user, of those who consented and answered."""

        async def work(session: AsyncSession) -> dict[int, bytes]:
            members = await self._list_members(session, wave.guild_id, user_ids)
            places = {member.row_key(wave.wave_id): user_id for user_id, member in members.items()}
            found = await rows.list_answers(session, wave.wave_id, list(places))
            return {places[row_key]: members[places[row_key]].open(wave, sealed) for row_key, sealed in found.items()}

        return await self._database.read(work)

    async def put_ledger(self, wave: WaveRef, ledger: str) -> None:
        """Keep the ledger of a closed wave's figures, as `dump_ledger` writes it."""
        await self._database.write(lambda session: self._put_record(session, LEDGER, wave, ledger))

    async def list_ledgers(self, guild_id: int, instrument: str) -> dict[int, str]:
        """Return the ledgers of an instrument in a guild, by wave."""

        async def work(session: AsyncSession) -> dict[int, str]:
            records = await rows.list_records(session, self._pseudonyms.tag(guild_id), LEDGER)
            return {each.wave_id: self._open(each) for each in records if each.instrument == instrument}

        return await self._database.read(work)

    async def delete_older(self, wave_ids: Iterable[int]) -> int:
        """Delete the answers in waves, and who was asked there; return how many answers. Ledgers stay (P15)."""
        waves = list(wave_ids)

        async def work(session: AsyncSession) -> int:
            await rows.delete_records(session, ROSTER, waves)
            return await rows.delete_waves(session, waves)

        deleted = await self._database.write(work)
        await self._database.empty_log()
        return deleted

    async def _find_member(self, session: AsyncSession, pseudonym: str) -> MemberKey | None:
        row = await session.get(Member, self._seals.row_key(pseudonym))
        return self._seals.unwrap(row.row_key, row.wrapped) if row else None

    async def _list_members(
        self, session: AsyncSession, guild_id: int, user_ids: Iterable[int]
    ) -> Mapping[int, MemberKey]:
        places = {self._seals.row_key(self.person_key(guild_id, user_id)): user_id for user_id in user_ids}
        found = await rows.list_members(session, list(places))
        return {places[row_key]: self._seals.unwrap(row_key, wrapped) for row_key, wrapped in found.items()}

    async def _find_record(self, session: AsyncSession, kind: str, wave: WaveRef) -> str | None:
        record = await session.get(Record, (wave.wave_id, kind))
        if record is None:
            return None
        tag = self._pseudonyms.tag(wave.guild_id)
        return self._seals.open_record(kind, tag, wave.instrument, wave.wave_id, record.sealed).decode()

    async def _put_record(self, session: AsyncSession, kind: str, wave: WaveRef, content: str) -> None:
        tag = self._pseudonyms.tag(wave.guild_id)
        sealed = self._seals.seal_record(kind, tag, wave.instrument, wave.wave_id, content.encode())
        row = Record(wave_id=wave.wave_id, kind=kind, guild_tag=tag, instrument=wave.instrument, sealed=sealed)
        await session.merge(row)

    def _open(self, record: Record) -> str:
        place = (record.kind, record.guild_tag, record.instrument, record.wave_id)
        return self._seals.open_record(*place, record.sealed).decode()

    async def _leave_records(self, session: AsyncSession, guild_id: int, user_id: int) -> None:
        """Take a person out of every list and ledger of a guild, and leave somebody whom nobody knows."""
        pseudonym, token = self.person_key(guild_id, user_id), secrets.token_hex(TOKEN_BYTES)
        for record in await rows.list_records(session, self._pseudonyms.tag(guild_id)):
            before = self._open(record)
            after = _unseat(before, user_id) if record.kind == ROSTER else _rename(before, pseudonym, token)
            if after != before:
                wave = WaveRef(guild_id, record.instrument, record.wave_id)
                await self._put_record(session, record.kind, wave, after)


@asynccontextmanager
async def open_vault(place: Place, keys: PulseKeys, *, in_memory: bool = False) -> AsyncGenerator[Vault]:
    """Open the vault for as long as the block lasts, and make it where there is none.

    Raise KeyFileError where the keys are not its own, SchemaError where what lies there is no vault of this version.
    """
    master = await asyncio.to_thread(prepare_vault, place, keys)
    async with open_database(place, None, WAYS, in_memory=in_memory) as database:
        await database.empty_log()  # a process that was killed may have left there what it had erased
        yield Vault(database, Pseudonyms(keys.pseudonym), MasterSeals(master))


async def _find_payload(session: AsyncSession, wave: WaveRef, member: MemberKey) -> bytes | None:
    row_key = member.row_key(wave.wave_id)
    sealed = (await rows.list_answers(session, wave.wave_id, [row_key])).get(row_key)
    return None if sealed is None else member.open(wave, sealed)


def _dump_seats(asked: Sequence[AskedSeat]) -> str:
    return json.dumps([[seat.user_id, seat.circle_id, seat.is_moderator] for seat in asked])


def _load_seats(text: str) -> tuple[AskedSeat, ...]:
    return tuple(AskedSeat(user, circle, moderator) for user, circle, moderator in json.loads(text))


def _unseat(roster: str, user_id: int) -> str:
    seats = _load_seats(roster)
    return _dump_seats([replace(seat, user_id=None) if seat.user_id == user_id else seat for seat in seats])


def _rename(ledger: str, pseudonym: str, token: str) -> str:
    return dump_ledger(load_ledger(ledger).renamed(pseudonym, token))
