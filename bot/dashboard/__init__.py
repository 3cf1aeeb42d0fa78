"""A program's health as one picture for a report: key figures, and a panel for each thing that moderators watch.

Nothing is told by colour alone: areas and bars are hatched and named where they stand, values stand beside their marks.
Each panel names of how many people and of which time it tells.
"""

from bot.charts import png_of
from bot.dashboard.counts import draw_goals, draw_outcomes, draw_rotations
from bot.dashboard.course import draw_cohorts, draw_people, draw_pulses
from bot.dashboard.response import draw_grid, draw_response
from bot.dashboard.sheet import Sheet
from bot.dashboard.tiles import draw_tiles
from bot.domain.health import Health

__all__ = ["dashboard_png"]
PANELS = (
    draw_people,
    draw_response,
    draw_grid,
    draw_rotations,
    draw_cohorts,
    draw_pulses,
    draw_goals,
    draw_outcomes,
)


def dashboard_png(health: Health, locale: str) -> bytes:
    """Draw a program's health as a picture 1200 points wide."""
    sheet = Sheet(health, locale, panels=len(PANELS))
    draw_tiles(sheet)
    for draw in PANELS:
        draw(sheet)
    return png_of(sheet.figure)
