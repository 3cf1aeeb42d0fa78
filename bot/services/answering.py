"""Answering a pulse: who may, with consent only, page by page, each kept as soon as it is handed in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.survey.instrument import Instrument
from bot.errors import Conflict, InvalidInput, NotAllowed, NotConsented, NotFound
from bot.services.given import Given, dump_given, load_given, pages_of
from bot.services.instruments import Shipped, instruments_of
from bot.services.ports import Surveys
from bot.services.waves import ref_of
from bot.services.work import reads
from db import deliveries as delivery_queries
from db import people as people_queries
from db import pulses as queries
from db.engine import Database
from db.models import Wave
from db.vault import WaveRef

CONSENT_VERSION = 1  # a new purpose gets a new number, and everybody is asked again


@dataclass(frozen=True, slots=True)
class OpenWave:
    """A wave that is open at this moment."""

    ref: WaveRef
    program: str
    moderator_role_id: int | None
    instrument: Instrument
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Form:
    """A wave as somebody who is asked may answer it now, with what they answered so far."""

    wave: OpenWave
    has_consented: bool
    given: Given

    @property
    def pages(self) -> tuple[range, ...]:
        """The items of each page."""
        return pages_of(self.wave.instrument)

    @property
    def next_page(self) -> int | None:
        """The first page that was not handed in yet."""
        return next((page for page in range(len(self.pages)) if page not in self.given.pages), None)


async def find_form(database: Database, surveys: Surveys, key: str, user_id: int, now: datetime) -> Form:
    """Return what the invitation with this key opens; refuse whoever is not asked, and a closed wave."""
    return await get_form(database, surveys, await _wave_of(database, key), user_id, now)


async def get_form(database: Database, surveys: Surveys, wave_id: int, user_id: int, now: datetime) -> Form:
    """Return a wave for somebody who is asked; refuse everybody else, and a closed wave."""
    form = await _find_form(surveys, await _open_wave(database, surveys.shipped, wave_id, now), user_id)
    if form is None:
        raise NotAllowed("pulse.not-asked")
    return form


async def list_forms(
    database: Database, surveys: Surveys, guild_id: int, user_id: int, now: datetime
) -> Sequence[Form]:
    """Return every open wave of a guild that somebody is asked in."""
    waves = await _list_open(database, surveys.shipped, guild_id, now)
    return [form for wave in waves if (form := await _find_form(surveys, wave, user_id)) is not None]


async def keep_page(
    database: Database,
    surveys: Surveys,
    wave_id: int,
    user_id: int,
    page: int,
    chosen: Mapping[int, int | None],
    now: datetime,
    *,
    is_moderator: Callable[[int | None], bool],
) -> Form:
    """Keep one page; return the form as it is now. Nothing is written without consent or after the close.

    An item of the page that `chosen` leaves out was skipped. `is_moderator`
    tells, given the program's role, whether this person can read results.
    """
    async with surveys.keeping:
        form = await get_form(database, surveys, wave_id, user_id, now)
        _check(form, page, chosen)
        if not form.has_consented:
            raise NotConsented
        laid = {item: chosen.get(item) for item in form.pages[page]}
        given = form.given.with_page(page, laid, is_moderator=is_moderator(form.wave.moderator_role_id))
        await surveys.vault.put_answers(form.wave.ref, user_id, dump_given(given))
    return replace(form, given=given)


async def consent(database: Database, surveys: Surveys, user_id: int, guild_id: int | None) -> int:
    """Let somebody consent in one guild, or (None) in all that know them; return in how many."""
    guilds = await guilds_of(database, user_id, guild_id)
    for guild in guilds:
        await surveys.vault.give_consent(guild, user_id, CONSENT_VERSION)
    return len(guilds)


async def has_consented(surveys: Surveys, guild_id: int, user_id: int) -> bool:
    """Tell whether somebody consented to what pulses are for today."""
    return _is_consent(await surveys.vault.find_consent(guild_id, user_id))


def _is_consent(version: int | None) -> bool:
    return version is not None and version >= CONSENT_VERSION


@reads
async def guilds_of(session: AsyncSession, user_id: int, guild_id: int | None) -> tuple[int, ...]:
    """Return the guilds that know somebody, or the one asked about; raise NotFound where there is none."""
    persons = await people_queries.list_people_of_user(session, user_id)
    guilds = tuple(person.guild_id for person in persons if guild_id in (None, person.guild_id))
    if not guilds:
        raise NotFound("person.not-joined")
    return guilds


@reads
async def _wave_of(session: AsyncSession, key: str) -> int:
    delivery = await delivery_queries.find_by_key(session, key)
    if delivery is None or delivery.wave_id is None:
        raise NotFound("control.gone")
    return delivery.wave_id


@reads
async def _open_wave(session: AsyncSession, shipped: Shipped, wave_id: int, now: datetime) -> OpenWave:
    wave = await queries.get_wave(session, wave_id)
    if not _is_open(wave, now):
        raise Conflict("pulse.closed", closed=int((wave.closed_at or wave.closes_at).timestamp()))
    found = _described(wave, await instruments_of(session, shipped, wave.pulse.program.guild_id))
    if found is None:
        raise NotFound("control.gone")
    return found


@reads
async def _list_open(session: AsyncSession, shipped: Shipped, guild_id: int, now: datetime) -> list[OpenWave]:
    instruments = await instruments_of(session, shipped, guild_id)
    waves = [wave for wave in await queries.list_guild_waves(session, guild_id) if _is_open(wave, now)]
    return [found for wave in waves if (found := _described(wave, instruments)) is not None]


def _is_open(wave: Wave, now: datetime) -> bool:
    return wave.opened_at is not None and wave.closed_at is None and now < wave.closes_at


def _described(wave: Wave, instruments: Shipped) -> OpenWave | None:
    """Describe a wave, unless its instrument became another one since it opened."""
    instrument = instruments.get(wave.pulse.instrument)
    if instrument is None or instrument.identity != wave.identity:
        return None
    program = wave.pulse.program
    return OpenWave(ref_of(wave), program.name, program.moderator_role_id, instrument, wave.closes_at)


async def _find_form(surveys: Surveys, wave: OpenWave, user_id: int) -> Form | None:
    """Return a wave as somebody may answer it, or None for whoever is not asked."""
    found = await surveys.vault.get_standing(wave.ref, user_id)
    if not found.is_asked:
        return None
    given = Given() if found.payload is None else load_given(found.payload)
    return Form(wave, _is_consent(found.consent_version), given)


def _check(form: Form, page: int, chosen: Mapping[int, int | None]) -> None:
    """Refuse what our modals would not have let through."""
    values = {option.value for option in form.wave.instrument.options}
    if not 0 <= page < len(form.pages) or not set(chosen) <= set(form.pages[page]):
        raise NotFound("control.gone")
    if not {value for value in chosen.values() if value is not None} <= values:
        raise InvalidInput("pulse.invalid.answer")
