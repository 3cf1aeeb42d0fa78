"""The instruments that a guild may put to its members: those shipped with the program and those it added."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import AuditAction
from bot.domain.survey.instrument import Attestation, Instrument, complete
from bot.domain.survey.parse import parse_instrument
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services.audit import record
from bot.services.work import reads, writes
from db import pulses as queries
from db.models import InstrumentFile

Shipped = Mapping[str, Instrument]


@reads
async def list_instruments(session: AsyncSession, shipped: Shipped, guild_id: int) -> tuple[Instrument, ...]:
    """Return every instrument that a guild knows, also those whose words are still missing."""
    return tuple((await instruments_of(session, shipped, guild_id)).values())


@reads
async def get_instrument(session: AsyncSession, shipped: Shipped, guild_id: int, named: str) -> Instrument:
    """Return an instrument by its id or title."""
    return named_in(await instruments_of(session, shipped, guild_id), named)


@writes
async def add_instrument(
    session: AsyncSession,
    shipped: Shipped,
    guild_id: int,
    file: str,
    vouched_by: str,
    licence: str,
    now: datetime,
    by: int | None = None,
) -> Instrument:
    """Add a file's instrument to a guild, or the words that a definition lacks; raise with the line of a fault."""
    attestation = Attestation(vouched_by, licence, now.date())
    added = _attested(parse_instrument(file, "file"), shipped, attestation)
    waves = await queries.list_guild_waves(session, guild_id)
    if any(wave.closed_at is None and wave.pulse.instrument == added.id for wave in waves):
        raise Conflict("instrument.in-use", title=added.title)
    row = await queries.find_file(session, guild_id, added.id)
    if row is None:
        row = InstrumentFile(guild_id=guild_id, name=added.id)
        session.add(row)
    row.file, row.attested_by, row.attested_licence, row.attested_on = file, vouched_by, licence, attestation.on
    record(session, guild_id, None, by, AuditAction.INSTRUMENT_ADDED, now, instrument=added.id)
    return added


async def instruments_of(session: AsyncSession, shipped: Shipped, guild_id: int) -> dict[str, Instrument]:
    """Return a guild's instruments by id; a file that this version no longer understands is left out."""
    found = dict(shipped)
    for row in await queries.list_files(session, guild_id):
        try:
            given = parse_instrument(row.file, row.name)
            found[row.name] = _attested(
                given, shipped, Attestation(row.attested_by, row.attested_licence, row.attested_on)
            )
        except InvalidInput:
            continue
    return found


def named_in(instruments: Shipped, named: str) -> Instrument:
    """Find an instrument by its id or title, whatever the letters' case."""
    for instrument in instruments.values():
        if named.strip().casefold() in {instrument.id, instrument.title.casefold()}:
            return instrument
    raise NotFound("instrument.not-found", titles=", ".join(each.title for each in instruments.values()))


def _attested(given: Instrument, shipped: Shipped, attestation: Attestation) -> Instrument:
    definition = shipped.get(given.id)
    if definition is None:
        if not given.has_texts:
            raise InvalidInput("instrument-texts-empty")
        return replace(given, attestation=attestation)
    if definition.has_texts:
        raise Conflict("instrument.is-shipped", title=definition.title)
    return complete(definition, given, attestation)
