"""The key figures at the head of a dashboard, each with what it is of."""

from bot.dashboard.sheet import GUTTER, HEAD, INK, MARGIN, MARK, QUIET, TILES, WIDTH, Sheet
from bot.domain.survival import share_after

TWELVE_WEEKS = 84
NONE = "–"


def draw_tiles(sheet: Sheet) -> None:
    """Draw the key figures beside each other."""
    tiles = (_people(sheet), _response(sheet), _met(sheet), _first(sheet), _stay(sheet), _goals(sheet))
    width = (WIDTH - 2 * MARGIN - (len(tiles) - 1) * GUTTER / 2) / len(tiles)
    for number, (figure, name, about) in enumerate(tiles):
        x, y = MARGIN + number * (width + GUTTER / 2), float(HEAD)
        sheet.box(x, y, width, TILES - 36, facecolor="#f6f4fb", edgecolor="none")
        sheet.box(x, y, 4, TILES - 36, facecolor=MARK, edgecolor="none")
        sheet.write(x + 16, y + 36, figure, 12, size=23, weight="bold", color=INK)
        sheet.write(x + 16, y + 56, name, 24, size=11.5, color=INK)
        sheet.write(x + 16, y + 73, about, 28, size=10.5, color=QUIET)


Tile = tuple[str, str, str]


def _people(sheet: Sheet) -> Tile:
    now = sheet.health.now
    about = sheet.say("health.tile.people.about", paused=now.paused, left=now.left)
    return str(now.active), sheet.say("health.tile.people"), about


def _response(sheet: Sheet) -> Tile:
    name, weeks = sheet.say("health.tile.response"), sheet.health.response[-4:]
    asked = sum(week.asked for week in weeks)
    if not asked:
        return NONE, name, sheet.say("health.tile.none")
    answered = sum(week.answered for week in weeks)
    about = sheet.say("health.tile.response.about", answered=answered, asked=asked)
    return f"{answered / asked:.0%}", name, about


def _met(sheet: Sheet) -> Tile:
    name, told = sheet.say("health.tile.met"), sum(each.told for each in sheet.health.rotations)
    if not told:
        return NONE, name, sheet.say("health.tile.none")
    met = sum(each.met for each in sheet.health.rotations)
    return f"{met / told:.0%}", name, sheet.say("health.tile.met.about", met=met, told=told)


def _first(sheet: Sheet) -> Tile:
    name, rotations = sheet.say("health.tile.first"), sheet.health.rotations
    first, again = sum(each.first for each in rotations), sum(each.again for each in rotations)
    if not first + again:
        return NONE, name, sheet.say("health.tile.none")
    return str(first), name, sheet.say("health.tile.first.about", n=again)


def _stay(sheet: Sheet) -> Tile:
    name, cohorts = sheet.say("health.tile.stay"), sheet.health.cohorts
    if not cohorts or cohorts[0].longest_days < TWELVE_WEEKS:
        return NONE, name, sheet.say("health.tile.stay.early")
    step = share_after(cohorts[0].steps, TWELVE_WEEKS)
    if step is None or step.low is None or step.high is None:
        return f"{1 if step is None else step.share:.0%}", name, sheet.say("health.tile.stay.of", n=cohorts[0].people)
    about = sheet.say("health.tile.stay.about", low=f"{step.low:.0%}", high=f"{step.high:.0%}")
    return f"{step.share:.0%}", name, about


def _goals(sheet: Sheet) -> Tile:
    name, done = sheet.say("health.tile.goals"), sheet.health.goals_done
    if done.until is None:
        return NONE, name, sheet.say("health.tile.none")
    return str(done.total), name, sheet.say("health.tile.goals.about", until=sheet.day(done.until))
