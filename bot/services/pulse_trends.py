"""A member's own view: their scores over waves, and on a day of strong doubt the wins they noted themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.survey.instrument import Instrument
from bot.domain.survey.trend import Point, Trend, build_trend
from bot.errors import NotFound
from bot.services.given import load_given
from bot.services.instruments import Shipped, instruments_of
from bot.services.ports import Surveys
from bot.services.waves import ref_of
from bot.services.work import reads
from db import history as history_queries
from db import people as people_queries
from db import pulses as queries
from db.engine import Database
from db.vault import WaveRef

ABOUT_DOUBT = frozenset(("selfdoubt_6", "cips_20", "lis_7"))
MOST_WINS = 5


@dataclass(frozen=True, slots=True)
class OwnWave:
    """One wave as one person answered it; no score where too few items were answered."""

    opened_at: datetime
    score: float | None


@dataclass(frozen=True, slots=True)
class Win:
    """What a person noted as a win in a check-in."""

    noted_at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class OwnTrend:
    """One person's scores in one pulse of one program; `wins` are theirs from around `doubted_at`."""

    program: str
    instrument: Instrument
    waves: tuple[OwnWave, ...]
    doubted_at: datetime | None
    wins: tuple[Win, ...]

    def chart(self, label: str = "%d %b") -> Trend:
        """Return what a chart of it may show."""
        points = [Point(f"{wave.opened_at:{label}}", wave.score) for wave in self.waves]
        return build_trend(points, self.instrument.scale)


@dataclass(frozen=True, slots=True)
class _Line:
    """A pulse with the waves that may hold somebody's answers."""

    program: str
    instrument: Instrument
    waves: tuple[tuple[WaveRef, datetime], ...]
    wins: tuple[Win, ...]


async def list_trends(database: Database, surveys: Surveys, user_id: int, guild_id: int | None) -> Sequence[OwnTrend]:
    """Return somebody's own scores in one guild or (None) in all; raise NotFound where there are none."""
    lines = await _list_lines(database, surveys.shipped, user_id, guild_id)
    trends = [trend for line in lines if (trend := await _trend(surveys, line, user_id)) is not None]
    if not trends:
        raise NotFound("trend.none")
    return trends


async def _trend(surveys: Surveys, line: _Line, user_id: int) -> OwnTrend | None:
    """Return somebody's scores from the first wave on that they answered."""
    waves: list[OwnWave] = []
    for ref, opened_at in line.waves:
        payload = await surveys.vault.find_answers(ref, user_id)
        score = None if payload is None else load_given(payload).score(line.instrument)
        if waves or score is not None:
            waves.append(OwnWave(opened_at, score))
    if not waves:
        return None
    doubted_at = _doubted_at(line.instrument, waves)
    return OwnTrend(line.program, line.instrument, tuple(waves), doubted_at, _around(line.wins, doubted_at))


def _doubted_at(instrument: Instrument, waves: Sequence[OwnWave]) -> datetime | None:
    """Return when somebody's doubts were strongest, by their own measure: there is no band and no threshold."""
    scored = [(wave.score, wave.opened_at) for wave in waves if wave.score is not None]
    if not ABOUT_DOUBT & {instrument.id, instrument.variant_of} or not scored:
        return None
    return max(scored)[1]


def _around(wins: Sequence[Win], moment: datetime | None) -> tuple[Win, ...]:
    """Return the wins noted nearest to a moment, the oldest first."""
    if moment is None:
        return ()
    nearest = sorted(wins, key=lambda win: abs(win.noted_at - moment))[:MOST_WINS]
    return tuple(sorted(nearest, key=lambda win: win.noted_at))


@reads
async def _list_lines(session: AsyncSession, shipped: Shipped, user_id: int, guild_id: int | None) -> list[_Line]:
    persons = await people_queries.list_people_of_user(session, user_id)
    lines: list[_Line] = []
    for person in persons:
        if guild_id in (None, person.guild_id):
            wins = await _wins(session, person.id)
            lines += await _lines_of_guild(session, shipped, person.guild_id, wins)
    return lines


async def _lines_of_guild(session: AsyncSession, shipped: Shipped, guild_id: int, wins: tuple[Win, ...]) -> list[_Line]:
    """Return a line for each pulse whose instrument is still known; waves with other words are left out."""
    instruments = await instruments_of(session, shipped, guild_id)
    waves = await queries.list_guild_waves(session, guild_id)
    lines: list[_Line] = []
    for pulse in {wave.pulse_id: wave.pulse for wave in waves}.values():
        instrument = instruments.get(pulse.instrument)
        if instrument is None:
            continue
        same = tuple(
            (ref_of(wave), wave.opened_at)
            for wave in waves
            if wave.pulse_id == pulse.id and wave.identity == instrument.identity and wave.opened_at is not None
        )
        lines.append(_Line(pulse.program.name, instrument, same, wins))
    return lines


async def _wins(session: AsyncSession, person_id: int) -> tuple[Win, ...]:
    answers = await history_queries.list_answers_of(session, person_id)
    return tuple(Win(answer.checkin.opened_at, answer.win) for answer in answers if answer.win)
