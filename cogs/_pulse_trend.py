"""A member's own scores: a chart for each pulse, the same in words, the caveats and the support footer."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.services.pulse_trends import OwnTrend
from cogs._ui.cards import bullets, card, rule
from cogs._ui.words import inert, moment, say

if TYPE_CHECKING:
    from bot.charts import ChartWords

# What draws is imported where it draws: it is large, and most days nobody asks for it.
# ruff: noqa: PLC0415

MOST_SHOWN = 4  # charts in one answer
MOST_WAVES = 12
LONGEST_WIN = 160


def trend_card(interaction: discord.Interaction, trends: Sequence[OwnTrend], footer: str) -> ui.LayoutView:
    """Return every trend with its chart; whoever cannot see a chart reads the same numbers beside it."""
    parts: list[ui.Item[Any] | str | None] = [f"## {say(interaction, 'trend.title')}"]
    for number, trend in enumerate(trends[:MOST_SHOWN]):
        title = say(interaction, "trend.pulse", title=inert(trend.instrument.title), program=inert(trend.program))
        gallery = ui.MediaGallery[Any]()
        gallery.add_item(media=f"attachment://{_file_name(number)}", description=_alt(interaction, trend))
        parts += [f"### {title}", gallery, bullets(_lines(interaction, trend)), _evidence(interaction, trend), rule()]
    return card(*parts, say(interaction, "trend.caveats"), footer)


def trend_files(interaction: discord.Interaction, trends: Sequence[OwnTrend]) -> list[discord.File]:
    """Draw the chart of each trend."""
    from bot.charts import trend_png

    return [
        discord.File(io.BytesIO(trend_png(trend.chart(), _words(interaction, trend))), _file_name(number))
        for number, trend in enumerate(trends[:MOST_SHOWN])
    ]


def _words(interaction: discord.Interaction, trend: OwnTrend) -> "ChartWords":
    from bot.charts import ChartWords

    instrument = trend.instrument
    return ChartWords(
        title=instrument.title,
        subtitle=say(interaction, "trend.subtitle", program=trend.program),
        high=say(interaction, "trend.high", high=instrument.high or instrument.title),
        gap=say(interaction, "trend.gap"),
        footer=instrument.note or "",
    )


def _lines(interaction: discord.Interaction, trend: OwnTrend) -> list[str]:
    scale = trend.instrument.scale
    lines = [say(interaction, "trend.scale", low=f"{scale.low:g}", high=f"{scale.high:g}", means=_meaning(trend))]
    for wave in trend.waves[-MOST_WAVES:]:
        when = moment(wave.opened_at.timestamp(), "D")
        told = say(interaction, "trend.gap") if wave.score is None else f"{wave.score:.1f}"
        lines.append(f"{when}: {told}")
    return lines


def _meaning(trend: OwnTrend) -> str:
    return inert(trend.instrument.high or trend.instrument.title)


def _evidence(interaction: discord.Interaction, trend: OwnTrend) -> str | None:
    """Set the member's own wins beside the day of their strongest doubts."""
    if trend.doubted_at is None or not trend.wins:
        return None
    when = moment(trend.doubted_at.timestamp(), "D")
    wins = [f"{moment(win.noted_at.timestamp(), 'D')}: {inert(win.words, LONGEST_WIN)}" for win in trend.wins]
    why = say(interaction, "trend.evidence.why", when=when)
    return f"**{say(interaction, 'trend.evidence')}**\n{why}\n{bullets(wins)}"


def _alt(interaction: discord.Interaction, trend: OwnTrend) -> str:
    return say(interaction, "trend.alt", title=trend.instrument.title, n=len(trend.waves))


def _file_name(number: int) -> str:
    return f"trend-{number + 1}.png"
