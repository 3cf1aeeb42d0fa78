"""A wave's life: opened with a frozen list of those asked, reminded of once, closed and published once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import resolve
from bot.domain.states import DeliveryKind, OccurrenceState, ProgramState
from bot.domain.survey.change import find_baseline
from bot.domain.survey.disclosure import disclose
from bot.domain.survey.instrument import Instrument
from bot.domain.survey.publication import Ledger, Publication
from bot.domain.survey.snapshot import dump_figures, dump_ledger, load_publication
from bot.domain.survey.wave import LEAST_GROUP, Asked, count_people, scores_of
from bot.domain.survey.wave import Wave as ClosedWave
from bot.services.deliveries import circle_lane, enqueue, tell_moderators
from bot.services.given import Given, load_given
from bot.services.instruments import Shipped, instruments_of
from bot.services.ports import Surveys
from bot.services.work import reads, writes
from db import pulses as queries
from db.engine import Database
from db.models import Occurrence, Pulse, Wave
from db.vault import AskedSeat, WaveRef


@dataclass(frozen=True, slots=True)
class Opening:
    """A pulse's occurrence that was claimed and has still to be carried out."""

    program_id: int
    occurrence_id: int
    pulse_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """An open wave that waits for its reminder or its closing."""

    program_id: int
    wave_id: int
    closes: bool


@dataclass(frozen=True, slots=True)
class _Prepared:
    ref: WaveRef
    seats: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Closing:
    ref: WaveRef
    number: int
    title: str
    instrument: Instrument | None
    figures: Mapping[int, str]  # of the earlier waves with the same instrument, by wave


async def open_wave(database: Database, surveys: Surveys, opening: Opening, now: datetime) -> None:
    """Open a wave: freeze who is asked, then invite each circle; an interrupted opening is taken up again."""
    prepared = await _prepare(database, surveys.shipped, opening, now)
    if prepared is None:
        return
    # Who is a moderator shows when they answer; it is kept with their answer.
    asked = [AskedSeat(user_id, circle_id, False) for user_id, circle_id in prepared.seats]
    await surveys.vault.freeze(prepared.ref, asked)
    circles = {seat.circle_id for seat in await surveys.vault.load_asked(prepared.ref)}
    await _invite(database, opening.occurrence_id, prepared.ref.wave_id, circles, now)


async def attend(database: Database, surveys: Surveys, moment: Moment, now: datetime) -> None:
    """Close a wave whose time is over, or remind of one."""
    if moment.closes:
        await close_wave(database, surveys, moment.wave_id, now)
    else:
        await _remind(database, moment.wave_id, now)


async def close_wave(database: Database, surveys: Surveys, wave_id: int, now: datetime) -> None:
    """Publish what may be published of a wave, once and for good."""
    closing = await _load(database, surveys.shipped, wave_id)
    figures = None
    if closing.instrument is not None:
        published = await _published(surveys, closing)
        wave = await _gather(surveys, closing, closing.instrument, published)
        publication = _over_all_seats(disclose(wave, published), wave)
        await surveys.vault.put_ledger(closing.ref, dump_ledger(publication.ledger))
        figures = dump_figures(publication)
    await _publish(database, wave_id, figures, closing.title, now)


def _over_all_seats(publication: Publication, wave: ClosedWave) -> Publication:
    """Tell numbers of people out of all who were asked.

    Disclosure control leaves out whoever may read results, which shows when they answer: told out of the others
    only, the numbers would say how many moderators answered.
    """
    asked, answered = len(wave.asked), len(scores_of(wave.members))
    told = replace(publication, asked=asked, turnout=count_people(answered, asked, LEAST_GROUP))
    moved = publication.change.figures if publication.change else None
    if publication.change is None or moved is None:
        return told
    pairs = count_people(len(publication.ledger.paired), asked, LEAST_GROUP)
    return replace(told, change=replace(publication.change, figures=replace(moved, pairs=pairs)))


def ref_of(wave: Wave) -> WaveRef:
    """Return by what the vault knows a wave whose pulse and program are loaded."""
    return WaveRef(wave.pulse.program.guild_id, wave.identity, wave.id)


@writes
async def _prepare(session: AsyncSession, shipped: Shipped, opening: Opening, now: datetime) -> _Prepared | None:
    """Write the wave that is to open, or settle an occurrence that comes to nothing and say why."""
    claimed = await session.get_one(Occurrence, opening.occurrence_id)
    pulse = await queries.get_pulse(session, opening.pulse_id)
    closes_at = _after(opening.due_at, pulse.days_open, pulse.program.zone)
    at_rest = pulse.program.state is not ProgramState.ACTIVE or not pulse.active
    if claimed.state is not OccurrenceState.CLAIMED or at_rest or closes_at <= now:
        claimed.state = OccurrenceState.DONE
        return None
    instrument = (await instruments_of(session, shipped, pulse.program.guild_id)).get(pulse.instrument)
    seats = tuple(await queries.list_seats(session, pulse.program_id))
    if instrument is None or not instrument.is_ready or not seats:
        claimed.state = OccurrenceState.DONE
        why = "notice.pulse-no-circles" if instrument else "notice.pulse-no-instrument"
        title = instrument.title if instrument else pulse.instrument
        await tell_moderators(session, pulse.program_id, why, now, title=title)
        return None
    wave = await _write_wave(session, pulse, instrument, opening.due_at)
    return _Prepared(ref_of(wave), seats)


async def _write_wave(session: AsyncSession, pulse: Pulse, instrument: Instrument, due_at: datetime) -> Wave:
    wave = await queries.find_unopened(session, pulse.id, instrument.identity)
    if wave is None:
        number = await queries.count_waves(session, pulse.id) + 1
        wave = Wave(pulse_id=pulse.id, number=number, identity=instrument.identity)
        session.add(wave)
    zone = pulse.program.zone
    wave.reminds_at = _after(due_at, (pulse.days_open + 1) // 2, zone)
    wave.closes_at = _after(due_at, pulse.days_open, zone)
    await session.flush()
    return await queries.get_wave(session, wave.id)


@writes
async def _invite(session: AsyncSession, occurrence_id: int, wave_id: int, circles: set[int], now: datetime) -> None:
    """Let the wave be open, and write one invitation for each circle that is asked."""
    (await session.get_one(Occurrence, occurrence_id)).state = OccurrenceState.DONE
    wave = await queries.get_wave(session, wave_id)
    wave.opened_at = now
    _post(session, DeliveryKind.PULSE_INVITATION, wave, circles, now)


@writes
async def _remind(session: AsyncSession, wave_id: int, now: datetime) -> None:
    """Write one reminder for each circle, whoever has answered: who has not shows nowhere."""
    wave = await queries.get_wave(session, wave_id)
    if wave.reminded_at is not None:
        return
    wave.reminded_at = now
    if wave.pulse.program.state is ProgramState.ACTIVE:
        circles = {circle for _, circle in await queries.list_seats(session, wave.pulse.program_id)}
        invited = set(await queries.list_invited(session, wave.id))
        _post(session, DeliveryKind.PULSE_REMINDER, wave, circles & invited, now)


@reads
async def _load(session: AsyncSession, shipped: Shipped, wave_id: int) -> _Closing:
    wave = await queries.get_wave(session, wave_id)
    earlier = [each for each in await queries.list_waves(session, wave.pulse_id) if each.number < wave.number]
    figures = {each.id: each.figures for each in earlier if each.figures and each.identity == wave.identity}
    instrument = (await instruments_of(session, shipped, wave.pulse.program.guild_id)).get(wave.pulse.instrument)
    same = instrument if instrument and instrument.identity == wave.identity else None
    title = instrument.title if instrument else wave.pulse.instrument
    return _Closing(ref_of(wave), wave.number, title, same, figures)


async def _published(surveys: Surveys, closing: _Closing) -> list[Publication]:
    """Return what earlier waves published; one whose ledger is lost covers nobody, so no change is measured from it."""
    ledgers = await surveys.vault.list_ledgers(closing.ref.guild_id, closing.ref.instrument)
    nobody = dump_ledger(Ledger())
    return [load_publication(figures, ledgers.get(wave, nobody)) for wave, figures in closing.figures.items()]


async def _gather(
    surveys: Surveys, closing: _Closing, instrument: Instrument, published: list[Publication]
) -> ClosedWave:
    """Put a closed wave together as disclosure control sees it."""
    ref = closing.ref
    seats = await surveys.vault.load_asked(ref)
    found = await _collect(surveys, ref, seats)
    baseline = find_baseline(ref.instrument, closing.number, published)
    earlier = await _scores(surveys, ref, int(baseline.wave), instrument) if baseline else None
    return ClosedWave(
        key=str(ref.wave_id),
        number=closing.number,
        instrument=ref.instrument,
        scale=instrument.scale,
        asked=tuple(
            _asked(_key(surveys, ref, seat, place), seat, found, instrument) for place, seat in enumerate(seats)
        ),
        earlier={} if baseline is None or earlier is None else {baseline.wave: earlier},
    )


def _key(surveys: Surveys, ref: WaveRef, seat: AskedSeat, place: int) -> str:
    """Return the opaque key of a seat; one whose person was erased has a key that nobody else has."""
    return f"erased {place}" if seat.user_id is None else surveys.vault.person_key(ref.guild_id, seat.user_id)


def _asked(key: str, seat: AskedSeat, found: Mapping[int, Given], instrument: Instrument) -> Asked:
    given = None if seat.user_id is None else found.get(seat.user_id)
    if given is None:
        return Asked(key, str(seat.circle_id), is_moderator=seat.is_moderator)
    return Asked(
        key=key,
        circle=str(seat.circle_id),
        score=given.score(instrument),
        is_moderator=seat.is_moderator or given.is_moderator,
        answers=given.keyed(instrument),
    )


async def _scores(surveys: Surveys, ref: WaveRef, wave_id: int, instrument: Instrument) -> dict[str, float] | None:
    """Return the scores of an earlier wave by opaque key, or None where they are no longer kept."""
    earlier = WaveRef(ref.guild_id, ref.instrument, wave_id)
    seats = await surveys.vault.load_asked(earlier)
    if not seats:
        return None
    found = await _collect(surveys, earlier, seats)
    scores = {surveys.vault.person_key(ref.guild_id, user): given.score(instrument) for user, given in found.items()}
    return {key: score for key, score in scores.items() if score is not None}


async def _collect(surveys: Surveys, ref: WaveRef, seats: Sequence[AskedSeat]) -> dict[int, Given]:
    users = [seat.user_id for seat in seats if seat.user_id is not None]
    return {user: load_given(payload) for user, payload in (await surveys.vault.collect(ref, users)).items()}


@writes
async def _publish(session: AsyncSession, wave_id: int, figures: str | None, title: str, now: datetime) -> None:
    """Keep a wave's figures for good, and let the moderators know that there are results, never how many."""
    wave = await queries.get_wave(session, wave_id)
    if wave.closed_at is not None:
        return
    wave.closed_at, wave.figures = now, figures
    line = "notice.pulse-closed" if figures else "notice.pulse-no-instrument"
    await tell_moderators(session, wave.pulse.program_id, line, now, title=title, number=wave.number)


def _post(session: AsyncSession, kind: DeliveryKind, wave: Wave, circles: set[int], now: datetime) -> None:
    for circle_id in sorted(circles):
        lane = circle_lane(circle_id)
        enqueue(session, kind, lane, wave.pulse.program_id, now, circle_id=circle_id, wave_id=wave.id)


def _after(due_at: datetime, days: int, zone: str) -> datetime:
    """Return the same local hour some days later."""
    local = due_at.astimezone(ZoneInfo(zone))
    return resolve(local.date() + timedelta(days=days), local.hour, zone)
