"""The season as four pictures: who answered, who met whom, how often anew, and how many hours circles share."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves its keyword arguments untyped

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from io import BytesIO
from itertools import pairwise
from math import ceil, cos, hypot, pi, sin
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from bot.services.figures import Figures, Pair, RotationFigures
from bot.text import text

INK, QUIET, RULE, PAPER, BAND = "#1f2430", "#5b6270", "#dfe2e8", "#ffffff", "#f4f2f9"
FIRST, AGAIN = "#5a3e9b", "#e08a1e"
DPI = 130
PANELS_A_ROW = 4
ENOUGH_HOURS = 2
BENT = 0.65  # how far a chord between distant people is drawn to the middle of the ring
Spots = dict[int, tuple[float, float]]


def draw_all(figures: Figures) -> dict[str, bytes]:
    """Return each picture as a PNG, by its file name; only rotations that are over count."""
    ended = [rotation for rotation in figures.rotations if rotation.ended and rotation.circles]
    if not ended:
        return {}
    return {
        "response-by-week.png": draw_response(ended),
        "encounters-by-rotation.png": draw_encounters(ended),
        "who-met-whom.png": draw_network(ended),
        "shared-hours.png": draw_shared_hours(ended),
    }


def draw_response(rotations: Sequence[RotationFigures]) -> bytes:
    """Draw the share of answered check-ins, week by week."""
    weeks = [week for rotation in rotations for week in rotation.weeks]
    answered, asked = sum(week.answered for week in weeks), sum(week.asked for week in weeks)
    figure, axes = _sheet(
        text("demo.chart.response"),
        text("demo.chart.response.of", answered=answered, asked=asked, period=_period(rotations)),
    )
    shares = [100 * week.answered / week.asked for week in weeks]
    axes.bar(range(1, len(weeks) + 1), shares, width=0.62, color=FIRST, zorder=2)
    for x, (week, share) in enumerate(zip(weeks, shares, strict=True), 1):
        axes.text(
            x,
            share + 1.5,
            text("demo.chart.share", share=share),
            ha="center",
            color=INK,
            fontsize=12,
            fontweight="bold",
        )
        axes.text(
            x,
            2,
            text("demo.chart.of", part=week.answered, whole=week.asked),
            ha="center",
            va="bottom",
            color=PAPER,
            fontsize=9.5,
        )
    _band(axes, rotations)
    axes.set_ylim(0, 112)
    axes.set_yticks(range(0, 101, 25), [text("demo.chart.share", share=share) for share in range(0, 101, 25)])
    axes.set_xticks(range(1, len(weeks) + 1))
    axes.set_xlim(0.4, len(weeks) + 0.6)
    axes.set_xlabel(text("demo.chart.week"), fontsize=12, color=INK)
    axes.set_ylabel(text("demo.chart.response.share"), fontsize=12, color=INK)
    return _png(figure)


def draw_encounters(rotations: Sequence[RotationFigures]) -> bytes:
    """Draw how many pairs of each rotation had never shared a circle before, and how many had."""
    first, again = [len(each.first) for each in rotations], [len(each.again) for each in rotations]
    counted = text("demo.chart.encounters.of", first=sum(first), again=sum(again), period=_period(rotations))
    figure, axes = _sheet(text("demo.chart.encounters"), counted)
    places = range(len(rotations))
    axes.bar(places, first, width=0.55, color=FIRST, label=text("demo.chart.encounters.first"), zorder=2)
    looks: dict[str, Any] = {"color": PAPER, "edgecolor": AGAIN, "hatch": "////", "linewidth": 1.5}
    widths = [0.55 if number else 0.0 for number in again]  # without any, not even a line is drawn
    axes.bar(places, again, width=widths, bottom=first, label=text("demo.chart.encounters.again"), zorder=2, **looks)
    for x, (new, old) in enumerate(zip(first, again, strict=True)):
        axes.text(
            x,
            new / 2,
            text("demo.chart.first", number=new),
            ha="center",
            va="center",
            color=PAPER,
            fontsize=13,
            fontweight="bold",
        )
        axes.text(
            x, new + old + max(first) * 0.02, text("demo.chart.again", number=old), ha="center", color=INK, fontsize=12
        )
    labels = [
        text("demo.chart.encounters.rotation", number=each.number, people=each.people, circles=len(each.circles))
        for each in rotations
    ]
    axes.set_xticks(places, labels)
    axes.set_xlim(-0.6, max(len(rotations) - 0.4, 1.6))
    axes.set_ylim(0, max(new + old for new, old in zip(first, again, strict=True)) * 1.22)
    axes.set_ylabel(text("demo.chart.pairs"), fontsize=12, color=INK)
    axes.legend(loc="upper center", ncols=2, frameon=False, fontsize=11)
    return _png(figure)


def draw_network(rotations: Sequence[RotationFigures]) -> bytes:
    """Draw who met whom: everybody on a ring in the order of the first rotation's circles, a chord for each pair."""
    order = dict.fromkeys(who for each in rotations for circle in each.circles for who in circle.people)
    spots = {who: _spot(index, len(order)) for index, who in enumerate(order)}
    times = Counter(pair for each in rotations for pair in each.first | each.again)
    columns = min(PANELS_A_ROW, len(rotations) + 1)
    rows = ceil((len(rotations) + 1) / columns)
    figure = Figure(figsize=(3.6 * columns, 3.9 * rows + 1.3), dpi=DPI, facecolor=PAPER)
    subtitle = text("demo.chart.network.of", people=len(order), pairs=len(times), period=_period(rotations))
    _head(figure, text("demo.chart.network"), subtitle)
    for place, rotation in enumerate(rotations, 1):
        axes = figure.add_subplot(rows, columns, place)
        seated = {who for circle in rotation.circles for who in circle.people}
        _ring(axes, spots, seated, rotation.first, rotation.again)
        axes.set_title(text("demo.chart.rotation", number=rotation.number), fontsize=13, color=INK)
        axes.set_xlabel(
            text("demo.chart.network.rotation", first=len(rotation.first), again=len(rotation.again)),
            fontsize=10.5,
            color=QUIET,
        )
    axes = figure.add_subplot(rows, columns, len(rotations) + 1)
    again = frozenset(pair for pair, number in times.items() if number > 1)
    _ring(axes, spots, set(spots), times.keys() - again, again)
    axes.set_title(text("demo.chart.network.all"), fontsize=13, color=INK)
    axes.set_xlabel(
        text("demo.chart.network.often", once=len(times) - len(again), often=len(again)), fontsize=10.5, color=QUIET
    )
    figure.subplots_adjust(left=0.02, right=0.98, top=1 - 1.35 / figure.get_figheight(), bottom=0.09, wspace=0.05)
    return _png(figure)


def draw_shared_hours(rotations: Sequence[RotationFigures]) -> bytes:
    """Draw for each circle how many hours of the week suit all its members."""
    circles = sum(len(each.circles) for each in rotations)
    counted = text("demo.chart.hours.of", circles=circles, period=_period(rotations))
    figure, axes = _sheet(text("demo.chart.hours"), counted)
    labels: list[str] = []
    for place, rotation in enumerate(rotations):
        hours = sorted(circle.shared_hours for circle in rotation.circles)
        xs = [place + offset for offset in _spread(hours)]
        axes.scatter(xs, hours, s=110, color=FIRST, edgecolors=PAPER, linewidths=1, zorder=3)
        labels.append(
            text("demo.chart.hours.rotation", number=rotation.number, circles=len(hours), median=median(hours))
        )
    most = max(circle.shared_hours for each in rotations for circle in each.circles)
    axes.axhline(ENOUGH_HOURS, color=AGAIN, linestyle=(0, (4, 3)), linewidth=1.5, zorder=1)
    axes.text(-0.58, ENOUGH_HOURS + most * 0.015, text("demo.chart.hours.two"), va="bottom", color=QUIET, fontsize=10.5)
    axes.set_xticks(range(len(rotations)), labels)
    axes.set_xlim(-0.6, len(rotations) - 0.4)
    axes.set_ylim(-max(most, 4) * 0.05, max(most, 4) * 1.1)
    axes.set_ylabel(text("demo.chart.hours.shared"), fontsize=12, color=INK)
    return _png(figure)


def _sheet(title: str, subtitle: str) -> tuple[Figure, Axes]:
    """Lay out an empty chart under its title."""
    figure = Figure(figsize=(11, 5.8), dpi=DPI, facecolor=PAPER)
    _head(figure, title, subtitle)
    axes = figure.add_axes((0.085, 0.13, 0.895, 0.68))
    axes.grid(axis="y", color=RULE, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=11, colors=INK)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def _head(figure: Figure, title: str, subtitle: str) -> None:
    height = figure.get_figheight()
    figure.text(0.02, 1 - 0.48 / height, title, fontsize=18, fontweight="bold", color=INK)
    figure.text(0.02, 1 - 0.82 / height, subtitle, fontsize=11.5, color=QUIET)


def _period(rotations: Sequence[RotationFigures]) -> str:
    return text("demo.chart.period", first=rotations[0].starts_at, last=rotations[-1].ends_at)


def _band(axes: Axes, rotations: Sequence[RotationFigures]) -> None:
    """Shade every other rotation and name each above its weeks."""
    begin = 0.5
    for index, rotation in enumerate(rotations):
        end = begin + len(rotation.weeks)
        if index % 2 == 0:
            axes.axvspan(begin, end, color=BAND, zorder=0)
        axes.text(
            (begin + end) / 2,
            106,
            text("demo.chart.rotation", number=rotation.number),
            ha="center",
            color=QUIET,
            fontsize=12,
        )
        begin = end


def _spot(index: int, people: int) -> tuple[float, float]:
    angle = pi / 2 - 2 * pi * index / people
    return cos(angle), sin(angle)


def _ring(axes: Axes, spots: Spots, seated: Collection[int], solid: Iterable[Pair], dashed: Iterable[Pair]) -> None:
    """Draw people on a ring, hollow where they have no circle, and their chords."""
    for pair in solid:
        axes.add_patch(PathPatch(_chord(spots, pair), fill=False, edgecolor=FIRST, linewidth=0.9, alpha=0.6))
    for pair in dashed:
        looks: dict[str, Any] = {"edgecolor": AGAIN, "linewidth": 1.8, "linestyle": (0, (4, 2))}
        axes.add_patch(PathPatch(_chord(spots, pair), fill=False, zorder=3, **looks))
    xs, ys = zip(*spots.values(), strict=True)
    fills = [INK if who in seated else PAPER for who in spots]
    axes.scatter(xs, ys, s=20, c=fills, edgecolors=INK, linewidths=0.8, zorder=4)
    axes.set_xlim(-1.1, 1.1)
    axes.set_ylim(-1.1, 1.1)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _chord(spots: Spots, pair: Pair) -> Path:
    """Return a curve between two people, bent towards the middle of the ring, the more the farther apart they are."""
    (x1, y1), (x2, y2) = (spots[who] for who in sorted(pair))
    kept = 1 - BENT * min(1.0, hypot(x2 - x1, y2 - y1))
    bend = (kept * (x1 + x2) / 2, kept * (y1 + y2) / 2)
    return Path([(x1, y1), bend, (x2, y2)], [Path.MOVETO, Path.CURVE3, Path.CURVE3])


def _spread(values: Sequence[int]) -> list[float]:
    """Return how far to the side each of the sorted values is drawn, so that equal ones stand beside each other."""
    places, run = [0], 0
    for before, value in pairwise(values):
        run = run + 1 if value == before else 0
        places.append(run)
    sizes = Counter(values)
    step = min(0.06, 0.66 / max(sizes.values()))
    return [(place - (sizes[value] - 1) / 2) * step for place, value in zip(places, values, strict=True)]


def _png(figure: Figure) -> bytes:
    made = BytesIO()
    FigureCanvasAgg(figure).print_png(made)
    return made.getvalue()
