"""Who answers the check-ins: week by week, and circle by circle."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves its keyword arguments untyped

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle

from bot.dashboard.sheet import INK, MARK, MARK_LIGHT, PAPER, QUIET, RULE, SECOND, Sheet, mark, name_ticks, percents
from bot.domain.health import CircleGrid, GridRow, ResponseWeek

MOST_ROWS, MOST_WEEKS = 8, 10
_SHADES = LinearSegmentedColormap.from_list("answers", [PAPER, MARK_LIGHT, MARK])
_DARK = 0.62  # from this share on, letters on a cell are white


def draw_response(sheet: Sheet) -> None:
    """Draw the share of answers week by week, with each circle's own as a small stroke."""
    title, weeks = sheet.say("health.response.title"), sheet.health.response
    if not weeks:
        sheet.empty(title, sheet.say("health.response.none"))
        return
    about = sheet.say("health.response.about", weeks=len(weeks), n=sum(week.asked for week in weeks))
    axes = sheet.panel(title, about)
    percents(axes)
    axes.set_xlim(-0.6, len(weeks) - 0.4)
    for place, week in enumerate(weeks):
        _draw_shares(axes, place, week, min(13, 200 / len(weeks)))
    shares = [week.answered / week.asked for week in weeks]
    axes.plot(range(len(weeks)), shares, color=MARK, linewidth=2.5, marker="o", markersize=7, zorder=3)
    for place in _labelled(len(weeks)):
        mark(axes, place, shares[place] + 0.045, f"{shares[place]:.0%}", weight="bold", zorder=4)
    name_ticks(axes, [float(place) for place in range(len(weeks))], [sheet.day(week.opened_at) for week in weeks])
    mark(axes, 0.012, 0.03, sheet.say("health.response.key"), 80, ha="left", size=11.5, color=QUIET,
         transform=axes.transAxes)  # fmt: skip


def draw_grid(sheet: Sheet) -> None:
    """Draw the newest rotation's answers as a table of circles and weeks, the number of answers in each cell."""
    grid = sheet.health.grid
    if grid is None or not grid.rows or not grid.weeks:
        reason = "health.grid.hidden" if grid is not None and grid.hidden and grid.weeks else "health.grid.none"
        sheet.empty(sheet.say("health.grid.title"), sheet.say(reason))
        return
    rows = grid.rows[:MOST_ROWS]
    title = sheet.say("health.grid.title.of", number=grid.rotation)
    axes = sheet.panel(title, _grid_words(sheet, grid, len(rows)), left=112)
    weeks = grid.weeks[-MOST_WEEKS:]
    height = max(len(rows), 4)
    axes.set_xlim(0, max(len(weeks), 4))
    axes.set_ylim(height, 0)
    for place, row in enumerate(rows):
        _draw_row(axes, place, row, len(weeks))
    axes.set_yticks([place + 0.5 for place in range(len(rows))], [_row_name(sheet, row) for row in rows])
    name_ticks(axes, [place + 0.5 for place in range(len(weeks))], [sheet.day(week) for week in weeks])


def _draw_shares(axes: Axes, place: int, week: ResponseWeek, width: float) -> None:
    axes.plot([place] * len(week.shares), list(week.shares), linestyle="", marker="_", markersize=width,
              markeredgewidth=2, color=SECOND, alpha=0.65, zorder=2)  # fmt: skip


def _draw_row(axes: Axes, place: int, row: GridRow, weeks: int) -> None:
    for column, answered in enumerate(row.answered[-weeks:]):
        if answered is None:
            mark(axes, column + 0.5, place + 0.5, "–", color=QUIET, va="center")
            continue
        share = min(1.0, answered / row.people)
        shade = to_hex(_SHADES(share))
        axes.add_patch(Rectangle((column + 0.03, place + 0.06), 0.94, 0.88, facecolor=shade, edgecolor=RULE))
        ink = PAPER if share >= _DARK else INK
        mark(axes, column + 0.5, place + 0.5, f"{answered} / {row.people}", color=ink, va="center", path_effects=[])


def _row_name(sheet: Sheet, row: GridRow) -> str:
    return sheet.say("health.grid.circle", number=row.number)


def _grid_words(sheet: Sheet, grid: CircleGrid, shown: int) -> str:
    words = sheet.say("health.grid.about", n=sum(row.people for row in grid.rows[:shown]))
    if len(grid.rows) > shown:
        words = sheet.say("health.grid.lowest", n=shown, all=len(grid.rows))
    return f"{words}; {sheet.say('health.grid.kept-back', n=grid.hidden)}" if grid.hidden else words


def _labelled(count: int) -> list[int]:
    """Return which values are written out: all of a few, or every second or third, always the last."""
    step = -(-count // 10) or 1
    return [place for place in range(count) if (count - 1 - place) % step == 0]
