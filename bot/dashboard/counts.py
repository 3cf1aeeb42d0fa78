"""What is counted: circles and first encounters by rotation, goals that were reached, and what came of them."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves its keyword arguments untyped

from bot.charts import drawable
from bot.dashboard.sheet import DENSE, INK, MARK, MARK_LIGHT, PAPER, QUIET, RULE, Sheet, draw_key, mark
from bot.domain.health import RotationHealth, Split

MOST_BARS, MOST_ROTATIONS = 8, 6


def draw_rotations(sheet: Sheet) -> None:
    """Draw each rotation's pairs, those who met first and those who met again, and how many circles met."""
    title, rotations = sheet.say("health.rotations.title"), sheet.health.rotations[-MOST_ROTATIONS:]
    if not rotations:
        sheet.empty(title, sheet.say("health.few" if sheet.health.is_small else "health.rotations.none"))
        return
    sizes = [each.people for each in rotations]
    n = str(sizes[0]) if min(sizes) == max(sizes) else f"{min(sizes)}–{max(sizes)}"
    days = {"since": sheet.day(rotations[0].starts_at), "until": sheet.day(rotations[-1].ends_at)}
    axes = sheet.panel(title, sheet.say("health.rotations.about", people=n, n=len(rotations), **days), bottom=52)
    axes.set_xlim(-0.6, max(len(rotations), 4) - 0.4)
    top = max(max(each.first, each.again) for each in rotations) or 1
    axes.set_ylim(0, top * 1.3)
    axes.grid(axis="y", color=RULE, linewidth=1)
    for place, each in enumerate(rotations):
        for shift, value, colour, hatch in ((-0.2, each.first, MARK, ""), (0.2, each.again, MARK_LIGHT, DENSE)):
            axes.bar([place + shift], [value], 0.36, color=colour, hatch=hatch, edgecolor=QUIET, linewidth=0.5)
            mark(axes, place + shift, value + top * 0.02, str(value), weight="bold")
    names = [_rotation_name(sheet, each) for each in rotations]
    labels = [f"{drawable(one, 18)}\n{drawable(other, 18)}" for one, other in names]
    axes.set_xticks(range(len(rotations)), labels, fontsize=11.5)
    kinds = [(sheet.say("health.rotations.first"), MARK, ""), (sheet.say("health.rotations.again"), MARK_LIGHT, DENSE)]
    draw_key(axes, kinds)


def draw_goals(sheet: Sheet) -> None:
    """Draw the goals that were reached, by where they lead."""
    done, begun = sheet.health.goals_done, sheet.health.goals_set
    title = sheet.say("health.goals.title")
    if done.until is None:
        sheet.empty(title, sheet.say("health.untold"))
        return
    about = sheet.say("health.goals.about", n=done.total, until=sheet.day(done.until), begun=begun.total)
    _draw_split(sheet, title, about, done, "goal.path.")


def draw_outcomes(sheet: Sheet) -> None:
    """Draw what came of goals, as members reported it."""
    outcomes, title = sheet.health.outcomes, sheet.say("health.outcomes.title")
    if outcomes.until is None:
        sheet.empty(title, sheet.say("health.untold"))
        return
    about = sheet.say("health.outcomes.about", n=outcomes.total, until=sheet.day(outcomes.until))
    _draw_split(sheet, title, about, outcomes, "goal.outcome.")


def _draw_split(sheet: Sheet, title: str, about: str, found: Split, names: str) -> None:
    """Draw a bar for each kind, the largest on top, and say what is kept back."""
    axes = sheet.panel(title, about, left=168)
    bars = found.parts[:MOST_BARS]
    top = max((count for _, count in bars), default=1)
    axes.set_xlim(0, top * 1.15)
    axes.set_ylim(max(len(bars) + 2 * bool(found.rest), 4) - 0.4, -0.6)
    axes.set_xticks([])
    for place, (_, count) in enumerate(bars):
        axes.barh([place], [count], 0.62, color=MARK, edgecolor=PAPER)
        mark(axes, count + top * 0.015, place, str(count), ha="left", va="center", weight="bold", size=13)
    labels = [sheet.say(f"{names}{kind}") for kind, _ in bars]
    if rest := found.rest:
        axes.barh([len(bars)], [rest], 0.62, color=MARK_LIGHT, hatch=DENSE, edgecolor=QUIET, linewidth=0.5)
        mark(axes, rest + top * 0.015, len(bars), str(rest), ha="left", va="center", weight="bold", size=13)
        axes.set_xlim(0, max(top, rest) * 1.15)
        labels.append(sheet.say("health.split.rest"))
        why = {"ha": "left", "va": "bottom", "size": 11.5, "color": QUIET, "transform": axes.transAxes}
        mark(axes, -0.44, 0, sheet.say("health.split.why"), 80, **why)
    axes.set_yticks(range(len(labels)), [drawable(label, 24) for label in labels], color=INK)


def _rotation_name(sheet: Sheet, rotation: RotationHealth) -> tuple[str, str]:
    name = sheet.say("health.rotations.name", number=rotation.number)
    if not rotation.told:
        return name, sheet.say("health.rotations.untold", n=rotation.circles)
    return name, sheet.say("health.rotations.met", met=rotation.met, told=rotation.told)
