"""What the pulses published beside what those who answered really felt, which only a simulation can know."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from simcord import ResponseMessage

from bot.demo.acts import read_results
from bot.demo.feelings import Feelings
from bot.demo.guild import Guild
from bot.domain.survey.publication import Average, Disclosed, Movement
from bot.services.pulse_results import ClosedWaveCard, Results, count_words, get_results
from bot.text import text

Truth = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class ComparedWave:
    """One closed wave: what was published, and the truth behind it on the same scale."""

    number: int
    answered: str
    mean: Disclosed[Average]
    truth: float | None
    change: Disclosed[Movement] | None
    true_change: float | None


@dataclass(frozen=True, slots=True)
class ComparedPulse:
    """One pulse with its waves, and the moderators' card that shows them."""

    title: str
    waves: tuple[ComparedWave, ...]
    shown: ResponseMessage


async def compare(guild: Guild, program_id: int, feelings: Feelings) -> list[ComparedPulse]:
    """Read each pulse's results as a moderator does, and put the truth beside them."""
    found: list[ComparedPulse] = []
    for instrument in dict.fromkeys(name for name, _ in feelings.truth):
        results = await get_results(
            guild.database, guild.app.context.surveys.shipped, guild.server.id, program_id, instrument
        )
        truths = {number: truth for (name, number), truth in feelings.truth.items() if name == instrument}
        waves = tuple(_compared(results, wave, truths) for wave in results.waves)
        found.append(ComparedPulse(results.instrument.title, waves, await read_results(guild, instrument)))
    return found


def show_pulse(console: Console, pulse: ComparedPulse) -> None:
    """Print a pulse's waves, each figure beside the truth."""
    table = Table(
        title=text("demo.pulse", title=pulse.title), box=SIMPLE_HEAD, title_justify="left", title_style="bold"
    )
    table.add_column(text("demo.pulse.wave"))
    for column in ("answered", "mean", "truth", "change", "true-change"):
        table.add_column(text(f"demo.pulse.{column}"), justify="right")
    for wave in pulse.waves:
        table.add_row(
            str(wave.number),
            wave.answered,
            _mean(wave.mean),
            _number(wave.truth),
            _moved(wave),
            _number(wave.true_change),
        )
    table.caption = text("demo.pulse.caption")
    table.caption_justify = "left"
    console.print(table)


async def save_files(message: ResponseMessage, folder: Path) -> None:
    """Keep the chart and the table that the bot attached to its answer."""
    for attachment in message.attachments:
        (folder / attachment.filename).write_bytes(await attachment.read())


def _compared(results: Results, wave: ClosedWaveCard, truths: Mapping[int, Truth]) -> ComparedWave:
    published = wave.publication
    if published is None:
        raise LookupError(f"wave {wave.number} was closed without being published")
    truth = truths.get(wave.number, {})
    return ComparedWave(
        wave.number,
        count_words(published.turnout),
        published.programme,
        fmean(truth.values()) if truth else None,
        published.change,
        _true_change(results, published.change, truth, truths),
    )


def _true_change(
    results: Results, change: Disclosed[Movement] | None, truth: Truth, truths: Mapping[int, Truth]
) -> float | None:
    """Return the mean change of what those really felt who answered both waves."""
    if change is None or change.figures is None:
        return None
    since = change.figures.since
    number = next(each.number for each in results.waves if each.publication and each.publication.wave == since)
    both = truth.keys() & truths[number].keys()
    return fmean(truth[user] - truths[number][user] for user in both)


def _mean(mean: Disclosed[Average]) -> str:
    if mean.figures is None:
        return text("demo.pulse.withheld", rule=mean.rule)
    figures = mean.figures
    return text("demo.pulse.mean-of", mean=figures.mean, low=figures.low, high=figures.high)


def _moved(wave: ComparedWave) -> str:
    if wave.change is None:
        return "-"
    if wave.change.figures is None:
        return text("demo.pulse.withheld", rule=wave.change.rule)
    figures = wave.change.figures
    return text("demo.pulse.change-of", change=figures.difference, low=figures.low, high=figures.high)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}" if value < 1 else f"{value:.2f}"
