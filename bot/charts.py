"""Plain numbers -> PNG bytes: one person's scores or a programme's means over waves, and what happened when.

Every word comes from the caller. Nothing is told by colour alone: values stand beside their points, a line joins only
what may be joined, and a wave without a value has a mark of its own. Figures are drawn through matplotlib's objects, so
that threads do not share a state.
"""

# pyright: reportUnknownMemberType=false
# matplotlib leaves its keyword arguments untyped

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any, cast

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.patheffects import withStroke

from bot.domain.survey.trend import Point, Trend

WIDTH, HEIGHT, DPI = 1000, 500, 100
MOST_LABELS = 8
LANE_HEIGHT = 60  # pixels
LEAST_SPAN = timedelta(days=28)  # so that a first week is not drawn as wide as a year
MOST_STACKED = 2

_PAPER, _INK, _QUIET, _RULE, _MARK = "#ffffff", "#1f2430", "#5b6270", "#dfe2e8", "#5a3e9b"
_FONT = "DejaVu Sans"  # comes with matplotlib, so that a chart looks alike everywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartWords:
    """Every word on a chart, and how the reader writes numbers.

    `low` and `high` say what the ends of the scale mean, `gap` what a missing wave is.
    """

    title: str
    subtitle: str = ""
    low: str = ""
    high: str = ""
    gap: str = ""
    footer: str = ""
    number: Callable[[float], str] = "{:.1f}".format


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of a timeline: its name, the mark of its entries and the days that they fall on."""

    name: str
    mark: str
    days: tuple[date, ...]


def timeline_png(lanes: Sequence[Lane], today: date, title: str, footer: str) -> bytes:
    """Draw what happened when, a lane a kind, each with a mark of its own and its number beside its name."""
    height = LANE_HEIGHT * len(lanes) + 150
    figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=_PAPER)
    axes = figure.add_axes((0.27, 70 / height, 0.66, (height - 135) / height), facecolor=_PAPER)
    _write(figure, 0.02, 1 - 50 / height, title, 66, size=19, color=_INK, weight="bold")
    _write(figure, 0.02, 12 / height, footer, 120, size=11.5, color=_QUIET)
    first = min((day for lane in lanes for day in lane.days), default=today)
    _draw_days(axes, min(first, today - LEAST_SPAN), today)
    names = [f"{drawable(lane.name, 24)} ({len(lane.days)})" for lane in lanes]
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.set_yticks(range(len(lanes)), names, fontsize=14, color=_INK, family=_FONT, parse_math=False)
    axes.grid(axis="y", color=_RULE, linewidth=1)
    for y, lane in enumerate(lanes):
        _draw_lane(axes, y, lane)
    return png_of(figure)


def _draw_days(axes: Axes, first: date, today: date) -> None:
    """Lay a scale of days from the first to the present one, with as many labels as there is room for."""
    span = (today - first).days
    axes.set_xlim(first.toordinal() - span * 0.02, today.toordinal() + span * 0.02)
    ticks = [round(first.toordinal() + span * step / 4) for step in range(5)]
    labels = [date.fromordinal(tick).isoformat() for tick in ticks]
    axes.set_xticks(ticks, labels, fontsize=12, color=_QUIET, family=_FONT)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _draw_lane(axes: Axes, y: int, lane: Lane) -> None:
    """Set a mark on each day; several on one day stand beside one another, a little higher each."""
    seen: Counter[date] = Counter()
    heights: list[float] = []
    days = sorted(lane.days)
    for day in days:
        heights.append(y - min(seen[day], MOST_STACKED) * 0.19)
        seen[day] += 1
    xs = [day.toordinal() for day in days]
    style: dict[str, Any] = {"color": _MARK, "markeredgecolor": _PAPER, "zorder": 3}
    axes.plot(xs, heights, marker=lane.mark, markersize=11, linestyle="none", **style)


def trend_png(trend: Trend, words: ChartWords) -> bytes:
    """Draw one person's scores over the whole scale."""
    figure, axes = _sheet(trend, words)
    _draw_points(axes, trend, words.number)
    return png_of(figure)


def programme_png(trend: Trend, words: ChartWords) -> bytes:
    """Draw a programme's means with their intervals as bars over the whole scale."""
    figure, axes = _sheet(trend, words)
    for x, point in enumerate(trend.points):
        if point.low is not None and point.high is not None:
            _draw_interval(axes, x, point.low, point.high)
    _draw_points(axes, trend, words.number)
    return png_of(figure)


def _sheet(trend: Trend, words: ChartWords) -> tuple[Figure, Axes]:
    """Lay out an empty chart: words, the whole scale, the waves in order and their gaps."""
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=_PAPER)
    axes = figure.add_axes((0.06, 0.18, 0.915, 0.62), facecolor=_PAPER)
    _write(figure, 0.02, 0.915, words.title, 66, size=19, color=_INK, weight="bold")
    _write(figure, 0.02, 0.85, words.subtitle, 105, size=13, color=_QUIET)
    _write(figure, 0.02, 0.03, words.footer, 120, size=11.5, color=_QUIET)
    _draw_scale(axes, trend, words)
    _draw_waves(axes, trend.points, words.gap)
    return figure, axes


def _draw_scale(axes: Axes, trend: Trend, words: ChartWords) -> None:
    low, high = trend.scale.low, trend.scale.high
    room = (high - low) * 0.12
    ticks = _ticks(low, high)
    axes.set_ylim(low - room, high + room)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=14, color=_INK, family=_FONT)
    axes.grid(axis="y", color=_RULE, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    style = lettering(size=12, color=_QUIET)
    across = axes.get_yaxis_transform()
    axes.text(0.004, high + room * 0.2, drawable(words.high, 80), transform=across, va="bottom", **style)
    axes.text(0.004, low - room * 0.25, drawable(words.low, 80), transform=across, va="top", **style)


def _draw_waves(axes: Axes, points: tuple[Point, ...], gap: str) -> None:
    step = -(-len(points) // MOST_LABELS) or 1
    shown = range((len(points) - 1) % step, len(points), step)  # so that the last wave always has its label
    axes.set_xlim(-0.5, max(len(points), 3) - 0.5)
    labels = [drawable(points[x].label, 14) for x in shown]
    axes.set_xticks(list(shown), labels, fontsize=14, color=_INK, family=_FONT, parse_math=False)
    low, high = axes.get_ylim()
    for x, point in enumerate(points):
        if point.value is None:
            axes.plot([x, x], [low, high], color=_RULE, linewidth=1.5, linestyle=(0, (2, 3)), zorder=1)
            halo = {"facecolor": _PAPER, "edgecolor": "none", "pad": 3}
            style = lettering(size=12, color=_QUIET)
            axes.text(x, (low + high) / 2, drawable(gap, 24), rotation=90, ha="center", va="center", bbox=halo, **style)


def _draw_points(axes: Axes, trend: Trend, number: Callable[[float], str]) -> None:
    for segment in trend.segments:
        heights = [trend.points[x].value or 0.0 for x in segment]
        axes.plot(list(segment), heights, color=_MARK, linewidth=2.5, zorder=2)
    step = -(-len(trend.points) // (2 * MOST_LABELS)) or 1
    for x, point in enumerate(trend.points):
        if point.value is None:
            continue
        axes.plot([x], [point.value], marker="o", markersize=12, color=_MARK, markeredgecolor=_PAPER, zorder=4)
        if (len(trend.points) - 1 - x) % step == 0:
            _write_value(axes, x, point, number(point.value))


def _write_value(axes: Axes, x: int, point: Point, written: str) -> None:
    """Write a value above its point and interval, or below where there is no room above."""
    value = point.value or 0.0
    top, bottom = (value if end is None else end for end in (point.high, point.low))
    low, high = axes.get_ylim()
    has_room = top < high - (high - low) * 0.17
    y, lift = (top, 7 if point.high is not None else 10) if has_room else (bottom, -23)
    style = lettering(size=14, color=_INK, weight="bold")
    halo = [withStroke(linewidth=3, foreground=_PAPER)]
    axes.annotate(
        written,
        (x, y),
        (0, lift),
        textcoords="offset points",
        ha="center",
        path_effects=halo,
        zorder=5,
        **style,
    )


def _draw_interval(axes: Axes, x: int, low: float, high: float) -> None:
    axes.plot([x, x], [low, high], color=_MARK, linewidth=2, alpha=0.75, zorder=3)
    for end in (low, high):
        axes.plot([x], [end], marker="_", markersize=16, markeredgewidth=2, color=_MARK, zorder=3)


def _ticks(low: float, high: float) -> list[float]:
    """Return steps over the whole scale, at most nine, the ends among them."""
    size = high - low
    step = next((step for step in (1, 2, 5, 10, 20, 25, 50) if size % step == 0 and size / step <= 8), size)
    return [low + step * index for index in range(round(size / step) + 1)]


def _write(figure: Figure, x: float, y: float, words: str, most: int, **style: Any) -> None:
    figure.text(x, y, drawable(words, most), ha="left", va="bottom", **lettering(**style))


def lettering(**style: Any) -> dict[str, Any]:
    """Return what every text on a chart is written with."""
    return {"family": _FONT, "parse_math": False, **style}


def drawable(words: str, most: int) -> str:
    """Leave out what the font cannot draw, such as emoji, and shorten what would not fit."""
    known = _characters()
    drawn = " ".join("".join(c for c in words if ord(c) in known or c.isspace()).split())
    return drawn if len(drawn) <= most else drawn[: most - 1].rstrip() + "…"


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    font = FT2Font(str(font_manager.findfont(_FONT, fallback_to_default=False)))
    return frozenset(cast("dict[int, int]", font.get_charmap()))


def png_of(figure: Figure) -> bytes:
    """Return a drawn figure as a picture."""
    out = BytesIO()
    FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})
    return out.getvalue()
