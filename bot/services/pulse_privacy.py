"""What a person may ask of their pulse answers: a copy, and that they are gone; and how old answers get."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.survey.instrument import Instrument
from bot.services.answering import guilds_of
from bot.services.given import load_given
from bot.services.instruments import Shipped, instruments_of
from bot.services.ports import Surveys
from bot.services.waves import ref_of
from bot.services.work import reads, writes
from db import pulses as queries
from db.engine import Database
from db.vault import WaveRef

A_MONTH = timedelta(days=365.25 / 12)
Section = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _KnownWave:
    ref: WaveRef
    program: str
    number: int
    opened_at: datetime | None
    instrument: Instrument | None


async def withdraw(database: Database, surveys: Surveys, user_id: int, guild_id: int | None) -> int:
    """Delete somebody's consent and pulse answers in one guild, or (None) in all; return in how many they consented.

    Published figures stay as they are; in the ledgers a random name takes the person's place.
    """
    guilds = await guilds_of(database, user_id, guild_id)
    return sum([await surveys.vault.withdraw(guild, user_id) for guild in guilds])


async def export_pulses(database: Database, surveys: Surveys, user_id: int) -> dict[int, Section]:
    """Return somebody's consent and answers by guild, ready for JSON."""
    return {
        guild: await _export(database, surveys, user_id, guild) for guild in await guilds_of(database, user_id, None)
    }


async def delete_old_answers(database: Database, surveys: Surveys, months: int, now: datetime) -> int:
    """Delete the answers of waves that closed so many months ago; return how many waves."""
    refs = await _list_over(database, now - months * A_MONTH)
    await surveys.vault.delete_older([ref.wave_id for ref in refs])
    await _note_emptied(database, tuple(ref.wave_id for ref in refs), now)
    return len(refs)


async def _export(database: Database, surveys: Surveys, user_id: int, guild_id: int) -> Section:
    waves = await _list_waves(database, surveys.shipped, guild_id)
    found = [(wave, await surveys.vault.find_answers(wave.ref, user_id)) for wave in waves]
    return {
        "consent_version": await surveys.vault.find_consent(guild_id, user_id),
        "waves": [_exported(wave, payload) for wave, payload in found if payload is not None],
    }


def _exported(wave: _KnownWave, payload: bytes) -> Section:
    given, instrument = load_given(payload), wave.instrument
    items = instrument.items if instrument else ()
    return {
        "program": wave.program,
        "instrument": wave.ref.instrument,
        "wave": wave.number,
        "opened_at": wave.opened_at.isoformat() if wave.opened_at else None,
        "answers": [
            {"item": items[item].text if item < len(items) else item + 1, "value": value}
            for item, value in sorted(given.answers.items())
        ],
        "score": given.score(instrument) if instrument else None,
        "answered_as_moderator": given.is_moderator,
    }


@reads
async def _list_waves(session: AsyncSession, shipped: Shipped, guild_id: int) -> list[_KnownWave]:
    instruments = await instruments_of(session, shipped, guild_id)
    by_identity = {instrument.identity: instrument for instrument in instruments.values()}
    return [
        _KnownWave(ref_of(wave), wave.pulse.program.name, wave.number, wave.opened_at, by_identity.get(wave.identity))
        for wave in await queries.list_guild_waves(session, guild_id)
    ]


@reads
async def _list_over(session: AsyncSession, before: datetime) -> list[WaveRef]:
    return [ref_of(wave) for wave in await queries.list_over(session, before)]


@writes
async def _note_emptied(session: AsyncSession, wave_ids: tuple[int, ...], now: datetime) -> None:
    for wave_id in wave_ids:
        (await queries.get_wave(session, wave_id)).emptied_at = now
