"""What changes over time: who takes part, who stays, and what the pulses published."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves its keyword arguments untyped

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bot.charts import drawable
from bot.dashboard.sheet import (
    DENSE,
    INK,
    MARK,
    MARK_LIGHT,
    PAPER,
    QUIET,
    RULE,
    SECOND,
    SPARSE,
    THIRD,
    Sheet,
    draw_key,
    mark,
    name_ticks,
    percents,
)
from bot.domain.health import Cohort, PulseHealth

A_WEEK = 7
LINES = ((MARK, "-"), (SECOND, (0, (5, 2))), ("#9a5b00", (0, (1, 1.5))), (QUIET, (0, (4, 1, 1, 1))))


def draw_people(sheet: Sheet) -> None:
    """Draw how many take part, rest and have left, week by week, on top of each other."""
    weeks, now = sheet.health.people, sheet.health.now
    shown = (*weeks, now) if not weeks or now.at > weeks[-1].at else weeks
    title = sheet.say("health.people.title")
    if sheet.health.is_small:
        sheet.empty(title, sheet.say("health.few"))
        return
    axes = sheet.panel(title, sheet.say("health.people.about", n=sheet.health.joined, weeks=len(weeks)))
    places = [float(place) for place in range(len(shown))]
    base = [0.0] * len(shown)
    kinds = (("active", MARK, ""), ("paused", MARK_LIGHT, DENSE), ("left", "#eceef2", SPARSE))
    for kind, colour, hatch in kinds:
        values = [float(getattr(week, kind)) for week in shown]
        axes.bar(places, values, 0.82, bottom=base, color=colour, hatch=hatch, edgecolor=QUIET if hatch else PAPER,
                 linewidth=0.5, zorder=2)  # fmt: skip
        _write_values(axes, places, base, values)
        base = [low + value for low, value in zip(base, values, strict=True)]
    top = max(base) or 1
    axes.set_ylim(0, top * 1.2)
    axes.set_xlim(-0.6, max(len(shown), 6) - 0.4)
    axes.grid(axis="y", color=RULE, linewidth=1)
    name_ticks(axes, places, [sheet.day(week.at) for week in shown])
    draw_key(axes, [(sheet.say(f"health.people.{kind}"), colour, hatch) for kind, colour, hatch in kinds])


def draw_cohorts(sheet: Sheet) -> None:
    """Draw the share that stays, everybody's with its interval, and each cohort's own."""
    title, cohorts = sheet.say("health.stay.title"), sheet.health.cohorts
    if not cohorts or cohorts[0].longest_days < A_WEEK:
        sheet.empty(title, sheet.say("health.few" if sheet.health.is_small else "health.stay.none"))
        return
    everybody = cohorts[0]
    left = everybody.people - everybody.still
    axes = sheet.panel(title, sheet.say("health.stay.about", n=everybody.people, left=left))
    percents(axes)
    weeks = everybody.longest_days / A_WEEK
    axes.set_xlim(0, weeks * 1.02)
    step = max(1, round(weeks / 6))
    ticks = list(range(0, int(weeks) + 1, step))
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    _draw_interval(axes, everybody)
    for number, cohort in enumerate(cohorts):
        _draw_curve(axes, cohort, number)
    names = [_cohort_name(sheet, cohort) for cohort in cohorts]
    _draw_names(axes, names)


def draw_pulses(sheet: Sheet) -> None:
    """Draw the published means of each pulse with their intervals, each on its own whole scale."""
    title, pulses = sheet.say("health.pulses.title"), sheet.health.pulses
    if not pulses:
        sheet.empty(title, sheet.say("health.pulses.none"))
        return
    axes = sheet.panel(title, sheet.say("health.pulses.about"), left=8)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([])
    for number, pulse in enumerate(pulses):
        _draw_pulse(sheet, axes, pulse, number, len(pulses))


def _write_values(axes: Axes, places: list[float], base: list[float], values: list[float]) -> None:
    """Write each value into its bar where it fits, of many bars only every second or third."""
    step = -(-len(places) // 12) or 1
    total = max(low + value for low, value in zip(base, values, strict=True)) or 1
    for number, place in enumerate(places):
        if values[number] >= total * 0.07 and (len(places) - 1 - number) % step == 0:
            ground = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.2, "alpha": 0.85}
            middle = base[number] + values[number] / 2
            mark(axes, place, middle, f"{values[number]:.0f}", size=11, va="center", bbox=ground, zorder=4)


def _draw_interval(axes: Axes, cohort: Cohort) -> None:
    known = [step for step in cohort.steps if step.low is not None and step.high is not None]
    if not known:
        return
    days = [step.days / A_WEEK for step in known] + [cohort.longest_days / A_WEEK]
    low = [step.low or 0.0 for step in known]
    high = [step.high or 0.0 for step in known]
    axes.fill_between(days, [*low, low[-1]], [*high, high[-1]], step="post", color=MARK_LIGHT, alpha=0.7, zorder=1)


def _draw_curve(axes: Axes, cohort: Cohort, number: int) -> None:
    colour, line = LINES[number]
    days = [0.0, *(step.days / A_WEEK for step in cohort.steps), cohort.longest_days / A_WEEK]
    shares = [1.0, *(step.share for step in cohort.steps)]
    axes.step(days, [*shares, shares[-1]], where="post", color=colour, linestyle=line,
              linewidth=2.6 if number == 0 else 1.8, zorder=4 - number * 0.1)  # fmt: skip


def _draw_names(axes: Axes, names: list[str]) -> None:
    """Name each curve beside a piece of its line, on a ground that lets what is behind be guessed."""
    ground = Rectangle((0.005, 0.015), 0.62, 0.085 * len(names) + 0.02, facecolor=PAPER, alpha=0.8, zorder=5)
    ground.set_transform(axes.transAxes)
    axes.add_patch(ground)
    for number, name in enumerate(names):
        (colour, line), y = LINES[number], 0.07 + 0.085 * (len(names) - 1 - number)
        across = axes.transAxes
        axes.plot([0.02, 0.085], [y, y], color=colour, linestyle=line, linewidth=2.4, transform=across, zorder=6)
        mark(axes, 0.1, y, name, 60, ha="left", va="center", size=11.5, transform=across, zorder=6)


def _cohort_name(sheet: Sheet, cohort: Cohort) -> str:
    share = f"{cohort.steps[-1].share if cohort.steps else 1:.0%}"
    if cohort.month is None:
        return sheet.say("health.stay.everybody", n=cohort.people, share=share)
    return sheet.say("health.stay.cohort", month=f"{cohort.month:%b %Y}", n=cohort.people, share=share)


def _draw_pulse(sheet: Sheet, axes: Axes, pulse: PulseHealth, number: int, of: int) -> None:
    """Draw one pulse in its share of the panel's width."""
    left, width = number / of, 1 / of
    lane = axes.inset_axes((left + 0.06 * width + 0.015, 0.0, width * 0.86 - 0.015, 0.8))
    trend = pulse.trend
    low, high = trend.scale.low, trend.scale.high
    room = (high - low) * 0.08
    lane.set_ylim(low - room, high + room)
    lane.set_xlim(-0.5, max(len(trend.points), 3) - 0.5)
    lane.set_yticks([low, (low + high) / 2, high], [f"{value:g}" for value in (low, (low + high) / 2, high)])
    lane.grid(axis="y", color=RULE, linewidth=1)
    lane.tick_params(length=0, labelsize=11, labelcolor=INK)
    for side in lane.spines.values():
        side.set_visible(False)
    _draw_means(lane, pulse)
    step = -(-len(trend.points) // 4) or 1
    shown = [place for place in range(len(trend.points)) if (len(trend.points) - 1 - place) % step == 0]
    lane.set_xticks(shown, [drawable(trend.points[place].label, 8) for place in shown])
    most = 54 // of  # letters that fit into a lane
    mark(axes, left + 0.01, 0.97, pulse.title, most - 1, ha="left", va="center", size=12, weight="bold")
    answered = sheet.say("health.pulses.newest", answered=pulse.answered, n=pulse.asked)
    mark(axes, left + 0.01, 0.89, answered, most, ha="left", va="center", size=11, color=QUIET)


def _draw_means(lane: Axes, pulse: PulseHealth) -> None:
    points = pulse.trend.points
    for segment in pulse.trend.segments:
        lane.plot(list(segment), [points[place].value or 0.0 for place in segment], color=MARK, linewidth=2)
    for place, point in enumerate(points):
        if point.value is None:
            mark(lane, place, sum(lane.get_ylim()) / 2, "×", color=THIRD, va="center", size=15)
            continue
        if point.low is not None and point.high is not None:
            lane.plot([place, place], [point.low, point.high], color=MARK, linewidth=1.6)
        lane.plot([place], [point.value], marker="o", markersize=8, color=MARK, markeredgecolor=PAPER, zorder=3)
        if (len(points) - 1 - place) % (-(-len(points) // 6)):
            continue
        top = point.high if point.high is not None else point.value
        mark(lane, place, top + (lane.get_ylim()[1] - lane.get_ylim()[0]) * 0.03, f"{point.value:.1f}", size=11,
             weight="bold")  # fmt: skip
