"""The sheet that a dashboard is drawn on: its measures, colours, lettering, and the next free place for a panel."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves its keyword arguments untyped

from datetime import date, datetime
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from bot.charts import drawable, lettering
from bot.domain.health import Health
from bot.text import text

WIDTH, DPI = 1200, 100
HEAD, TILES, PANEL, FOOT = 104, 120, 352, 60
MARGIN, GUTTER = 36, 32
LETTERS = 66  # so many stand in a panel's width
PANEL_WIDTH = (WIDTH - 2 * MARGIN - GUTTER) / 2

PAPER, INK, QUIET, RULE = "#ffffff", "#1f2430", "#5b6270", "#dfe2e8"
MARK, MARK_LIGHT, SECOND, THIRD = "#5a3e9b", "#d9d0ee", "#0f766e", "#b6bcc8"
DENSE, SPARSE = "////", ".."


class Sheet:
    """A figure filled from the top, two panels beside each other."""

    def __init__(self, health: Health, locale: str, panels: int) -> None:
        self.health = health
        self.locale = locale
        self.height = HEAD + TILES + -(-panels // 2) * PANEL + FOOT
        self.figure = Figure(figsize=(WIDTH / DPI, self.height / DPI), dpi=DPI, facecolor=PAPER)
        self._taken = 0
        self.write(MARGIN, 52, self.say("health.chart.title", program=health.program), 70, size=25, weight="bold")
        self.write(MARGIN, 82, self.say("health.chart.period", **self.period(), n=health.joined), 120, color=QUIET)
        self.write(MARGIN, self.height - 26, self.say("health.chart.footer"), 150, size=11.5, color=QUIET)

    def say(self, message: str, **values: object) -> str:
        """Return words in the sheet's language."""
        return text(message, self.locale, **values)

    def day(self, moment: datetime | date) -> str:
        """Write a day briefly."""
        return f"{moment.day} {moment:%b}"

    def period(self) -> dict[str, str]:
        """Return the days that the whole sheet tells of."""
        since, until = self.health.since, self.health.until
        return {"since": f"{self.day(since)} {since:%Y}", "until": f"{self.day(until)} {until:%Y}"}

    def write(self, x: float, y: float, words: str, most: int, **style: Any) -> None:
        """Write words at points from the left and the top."""
        given = {"size": 13, "color": INK, "ha": "left", "va": "baseline"} | style
        self.figure.text(x / WIDTH, 1 - y / self.height, drawable(words, most), **lettering(**given))

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        """Draw a rectangle at points from the left and the top."""
        corner = (x / WIDTH, 1 - (y + height) / self.height)
        self.figure.add_artist(
            Rectangle(corner, width / WIDTH, height / self.height, transform=self.figure.transFigure, **style)
        )

    def panel(self, title: str, about: str, *, left: float = 60, bottom: float = 34) -> Axes:
        """Return the axes of the next panel, under its title and what it is about."""
        x, y = self._take(title, about)
        width, height = PANEL_WIDTH - left - 8, PANEL - 66 - 26 - bottom
        corner = ((x + left) / WIDTH, 1 - (y + 66 + height) / self.height)
        axes = self.figure.add_axes((*corner, width / WIDTH, height / self.height), facecolor=PAPER)
        axes.tick_params(length=0, labelsize=12, labelcolor=INK, pad=5)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.set_axisbelow(True)
        return axes

    def empty(self, title: str, about: str) -> None:
        """Fill the next panel with why there is nothing in it."""
        x, y = self._take(title, "")
        self.box(x, y + 50, PANEL_WIDTH, PANEL - 84, facecolor="#f6f7f9", edgecolor="none")
        for number, line in enumerate(_folded(about, 58)):
            self.write(x + 22, y + 90 + 22 * number, line, 70, color=QUIET)

    def _take(self, title: str, about: str) -> tuple[float, float]:
        x = MARGIN + (self._taken % 2) * (PANEL_WIDTH + GUTTER)
        y = HEAD + TILES + self._taken // 2 * PANEL
        self._taken += 1
        self.write(x, y + 24, title, 56, size=16.5, weight="bold")
        self.write(x, y + 46, about, LETTERS, size=12.5, color=QUIET)
        return x, y


def mark(axes: Axes, x: float, y: float, words: str, most: int = 40, **style: Any) -> None:
    """Write words beside a mark, in the panel's own measures."""
    halo = [] if style.get("color") == PAPER else [withStroke(linewidth=3, foreground=PAPER)]
    given = {"size": 12, "color": INK, "ha": "center", "va": "bottom", "path_effects": halo} | style
    axes.text(x, y, drawable(words, most), **lettering(**given))


def name_ticks(axes: Axes, places: list[float], names: list[str]) -> None:
    """Name places along the foot of a panel, at most seven of them, the last one among them."""
    step = -(-len(places) // 7) or 1
    kept = [number for number in range(len(places)) if (len(places) - 1 - number) % step == 0]
    axes.set_xticks([places[number] for number in kept], [drawable(names[number], 16) for number in kept])


def percents(axes: Axes) -> None:
    """Give a panel the scale from 0 to 100 %."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axes.grid(axis="y", color=RULE, linewidth=1)


def draw_key(axes: Axes, kinds: list[tuple[str, str, str]]) -> None:
    """Name what each colour and hatch stands for, in a row at the top of a panel."""
    x = 0.01
    for name, colour, hatch in kinds:
        swatch = Rectangle((x, 0.925), 0.038, 0.06, facecolor=colour, hatch=hatch, edgecolor=QUIET, linewidth=0.6)
        swatch.set_transform(axes.transAxes)
        axes.add_patch(swatch)
        mark(axes, x + 0.05, 0.955, name, 30, ha="left", va="center", size=11.5, transform=axes.transAxes)
        x += 0.1 + 0.0165 * len(name)


def _folded(words: str, most: int) -> list[str]:
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) + 1 > most and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
