"""What moderators read of closed waves: published figures, and in plain words the rule that holds back the rest."""

from typing import Any

import discord
from discord import ui

from bot.domain.survey.publication import Average, Decision, Disclosed, Movement, Publication, Rule
from bot.services.pulse_results import ClosedWaveCard, Results, count_words
from cogs._ui.cards import bullets, card, rule
from cogs._ui.words import inert, moment, say

CHART = "pulse-results.png"
TABLE = "pulse-results.csv"
MOST_SHOWN = 4  # waves in words; the chart and the table hold all


def results_card(interaction: discord.Interaction, found: Results, footer: str) -> ui.LayoutView:
    """Return a pulse's published results, the newest wave first."""
    parts: list[ui.Item[Any] | str | None] = [
        f"## {say(interaction, 'results.title', title=inert(found.instrument.title), program=inert(found.program))}",
        _scale(interaction, found),
        _open(interaction, found),
    ]
    if found.waves:
        gallery = ui.MediaGallery[Any]()
        gallery.add_item(media=f"attachment://{CHART}", description=say(interaction, "results.alt"))
        parts.append(gallery)
    for wave in reversed(found.waves[-MOST_SHOWN:]):
        parts += [*_wave(interaction, wave), rule()]
    if not found.waves:
        return card(*parts, say(interaction, "results.none"), footer)
    file = ui.File[ui.LayoutView](f"attachment://{TABLE}")
    return card(*parts, say(interaction, "results.caveats"), footer, file)


def results_chart(interaction: discord.Interaction, found: Results) -> bytes:
    """Draw the programme's means with their intervals over the waves."""
    from bot.charts import ChartWords, programme_png  # noqa: PLC0415 - what draws is large, and most days nobody asks

    words = ChartWords(
        title=found.instrument.title,
        subtitle=say(interaction, "results.subtitle", program=found.program),
        high=say(interaction, "trend.high", high=found.instrument.high or found.instrument.title),
        gap=say(interaction, "results.gap"),
        footer=found.instrument.note or "",
    )
    return programme_png(found.chart(), words)


def _wave(interaction: discord.Interaction, wave: ClosedWaveCard) -> list[str]:
    title = say(
        interaction,
        "results.wave",
        number=wave.number,
        opened=moment(wave.opened_at.timestamp(), "D"),
        closed=moment(wave.closed_at.timestamp(), "D"),
    )
    found = wave.publication
    if found is None:
        return [f"### {title}", say(interaction, "results.lost")]
    lines = [
        say(interaction, "results.turnout", answered=count_words(found.turnout), asked=found.asked),
        _average(interaction, found.programme),
        *_change(interaction, found),
        *_alpha(interaction, found),
        *_circles(interaction, wave, found),
    ]
    return [f"### {title}", bullets(lines)]


def _average(interaction: discord.Interaction, found: Disclosed[Average]) -> str:
    figures = found.figures
    if figures is None:
        return say(interaction, "results.mean.withheld", why=_why(interaction, found.rule))
    return say(interaction, "results.mean", mean=figures.mean, low=figures.low, high=figures.high)


def _change(interaction: discord.Interaction, found: Publication) -> list[str]:
    if found.change is None:
        return []
    moved = found.change.figures
    if moved is None:
        return [say(interaction, "results.change.withheld", why=_why(interaction, found.change.rule))]
    return [_moved(interaction, moved), *_attrition(interaction, moved)]


def _moved(interaction: discord.Interaction, moved: Movement) -> str:
    return say(
        interaction,
        "results.change",
        difference=f"{moved.difference:+}",
        low=f"{moved.low:+}",
        high=f"{moved.high:+}",
        pairs=count_words(moved.pairs),
        g=f"{moved.g:+}",
        g_low=f"{moved.g_low:+}",
        g_high=f"{moved.g_high:+}",
    )


def _attrition(interaction: discord.Interaction, moved: Movement) -> list[str]:
    """Compare those who answered again with those who did not, where both are told."""
    if moved.stayed is None or moved.left is None:
        return []
    return [say(interaction, "results.attrition", stayed=moved.stayed, left=moved.left)]


def _alpha(interaction: discord.Interaction, found: Publication) -> list[str]:
    if found.reliability is None:
        return []
    figures = found.reliability.figures
    if figures is None:
        return [say(interaction, "results.alpha.withheld", why=_why(interaction, found.reliability.rule))]
    return [say(interaction, "results.alpha", alpha=figures.alpha, low=figures.low, high=figures.high)]


def _circles(interaction: discord.Interaction, wave: ClosedWaveCard, found: Publication) -> list[str]:
    """Tell the circles with a figure of their own; all others are worded alike, whichever rule held them back."""
    told = [(name, circle.figures) for name, circle in found.circles if circle.decision is Decision.PUBLISH]
    lines = [
        say(
            interaction,
            "results.circle",
            circle=wave.circles.get(name, (0, 0))[1],
            mean=figures.mean,
            low=figures.low,
            high=figures.high,
        )
        for name, figures in told
        if figures is not None
    ]
    others = len(found.circles) - len(lines)
    return [*lines, say(interaction, "results.circles.others", n=others)] if others else lines


def _why(interaction: discord.Interaction, broken: Rule | None) -> str:
    return say(interaction, f"results.rule.{broken.name.lower().replace('_', '-')}") if broken else ""


def _scale(interaction: discord.Interaction, found: Results) -> str:
    scale, instrument = found.instrument.scale, found.instrument
    words = say(
        interaction,
        "trend.scale",
        low=f"{scale.low:g}",
        high=f"{scale.high:g}",
        means=inert(instrument.high or instrument.title),
    )
    return f"{words} {inert(instrument.note)}" if instrument.note else words


def _open(interaction: discord.Interaction, found: Results) -> str | None:
    if found.open_until is None:
        return None
    return say(interaction, "results.open", until=moment(found.open_until.timestamp()))
