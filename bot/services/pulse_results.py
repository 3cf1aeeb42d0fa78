"""What moderators read of pulses: published aggregates of closed waves, and nothing of an open one."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.survey.instrument import Instrument
from bot.domain.survey.publication import Average, Count, Decision, Disclosed, Ledger, Publication
from bot.domain.survey.snapshot import dump_ledger, load_publication
from bot.domain.survey.trend import Point, Trend, build_trend
from bot.errors import NotFound
from bot.services.instruments import Shipped, instruments_of, named_in
from bot.services.work import reads
from db import programs as program_queries
from db import pulses as queries
from db.models import Pulse, Wave

COLUMNS = (
    "program", "instrument", "wave", "opened", "closed", "asked", "answered", "figure",
    "mean", "low", "high", "change", "change_low", "change_high", "pairs", "g", "g_low", "g_high",
    "alpha", "alpha_low", "alpha_high", "withheld_by",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NOBODY = dump_ledger(Ledger())


@dataclass(frozen=True, slots=True)
class ClosedWaveCard:
    """One closed wave with what it published; no publication where its instrument was lost."""

    number: int
    opened_at: datetime
    closed_at: datetime
    publication: Publication | None
    circles: dict[str, tuple[int, int]]  # (rotation, number) of each circle in the publication


@dataclass(frozen=True, slots=True)
class Results:
    """A pulse's published results, the oldest wave first, and until when a further wave is open."""

    program: str
    instrument: Instrument
    waves: tuple[ClosedWaveCard, ...]
    open_until: datetime | None

    def chart(self, label: str = "%d %b") -> Trend:
        """Return what a chart of the programme's means may show."""
        return build_trend([_point(wave, label) for wave in self.waves], self.instrument.scale)


@reads
async def get_results(
    session: AsyncSession, shipped: Shipped, guild_id: int, program_id: int, named: str | None
) -> Results:
    """Return the results of one pulse: the one named, or the program's first that has any."""
    program = await program_queries.get_program(session, guild_id, program_id)
    instruments = await instruments_of(session, shipped, guild_id)
    pulse = await _choose(session, program_id, instruments, named)
    waves = await queries.list_waves(session, pulse.id)
    return Results(
        program=program.name,
        instrument=named_in(instruments, pulse.instrument),
        waves=tuple([await _card(session, wave) for wave in waves if wave.closed_at is not None]),
        open_until=next((wave.closes_at for wave in waves if wave.closed_at is None), None),
    )


def results_csv(results: Results) -> bytes:
    """Return the published aggregates as a table for spreadsheets; no cell of it can run as a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for wave in results.waves:
        if wave.publication is not None:
            table.writerows([[_safe(cell) for cell in row] for row in _rows(results, wave, wave.publication)])
    return out.getvalue().encode("utf-8-sig")


def count_words(count: Count) -> str:
    """Write a number of people, as a range where it may be told only so."""
    return str(count.exact) if count.exact is not None else f"{count.least} to {count.most}"


async def _choose(session: AsyncSession, program_id: int, instruments: Shipped, named: str | None) -> Pulse:
    if named is not None:
        pulse = await queries.find_pulse(session, program_id, named_in(instruments, named).id)
        if pulse is None:
            raise NotFound("pulse.not-scheduled")
        return pulse
    pulses = [pulse for pulse in await queries.list_pulses(session, program_id) if pulse.instrument in instruments]
    if not pulses:
        raise NotFound("pulse.none")
    closed = [pulse for pulse in pulses if any(wave.closed_at for wave in await queries.list_waves(session, pulse.id))]
    return (closed or pulses)[0]


async def _card(session: AsyncSession, wave: Wave) -> ClosedWaveCard:
    publication = None if wave.figures is None else load_publication(wave.figures, NOBODY)
    names = [name for name, _ in publication.circles] if publication else []
    found = await queries.list_circle_names(session, [int(name) for name in names])
    if wave.opened_at is None or wave.closed_at is None:
        raise ValueError("a wave that is not closed has no results")
    circles = {name: found[int(name)] for name in names if int(name) in found}
    return ClosedWaveCard(wave.number, wave.opened_at, wave.closed_at, publication, circles)


def _point(wave: ClosedWaveCard, label: str) -> Point:
    figures = wave.publication.programme.figures if wave.publication else None
    name = f"{wave.opened_at:{label}}"
    return Point(name, figures.mean, figures.low, figures.high) if figures else Point(name, None)


Cell = str | int | float | None


def _rows(results: Results, wave: ClosedWaveCard, found: Publication) -> list[Sequence[Cell]]:
    """Return the programme's row, then one for each circle with a figure of its own."""
    start: list[Cell] = [
        results.program,
        results.instrument.id,
        wave.number,
        wave.opened_at.date().isoformat(),
        wave.closed_at.date().isoformat(),
    ]
    rule = found.programme.rule.value if found.programme.rule else None
    asked: list[Cell] = [found.asked, count_words(found.turnout)]
    rows: list[Sequence[Cell]] = [
        [*start, *asked, "programme", *_average(found.programme), *_change(found), *_alpha(found), rule]
    ]
    blank: list[Cell] = [None] * 10
    for name, circle in found.circles:
        if circle.decision is Decision.PUBLISH:
            rotation, number = wave.circles.get(name, (0, 0))
            title = f"rotation {rotation} circle {number}"
            rows.append([*start, None, None, title, *_average(circle), *blank, None])
    return rows


def _average(found: Disclosed[Average]) -> list[Cell]:
    figures = found.figures
    return [figures.mean, figures.low, figures.high] if figures else [None] * 3


def _change(found: Publication) -> list[Cell]:
    moved = found.change.figures if found.change else None
    if moved is None:
        return [None] * 7
    sizes: list[Cell] = [moved.g, moved.g_low, moved.g_high]
    return [moved.difference, moved.low, moved.high, count_words(moved.pairs), *sizes]


def _alpha(found: Publication) -> list[Cell]:
    figures = found.reliability.figures if found.reliability else None
    return [figures.alpha, figures.low, figures.high] if figures else [None] * 3


def _safe(cell: Cell) -> Cell:
    """Put an apostrophe before words that a spreadsheet would run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
