"""One rotation, from the problem to the Assignment."""

from collections.abc import Callable, Sequence
from random import Random
from time import monotonic

from bot.domain.formation.exact import EXACT_UP_TO, best_seating
from bot.domain.formation.index import Index
from bot.domain.formation.judge import judge
from bot.domain.formation.mend import mend
from bot.domain.formation.meter import Clock, Meter
from bot.domain.formation.place import place
from bot.domain.formation.problem import Assignment, Problem
from bot.domain.formation.rescue import find_hopeless, lead_limit, most_bearable, rescue
from bot.domain.formation.seating import Seating
from bot.domain.formation.sizes import balanced, circle_counts
from bot.domain.formation.ward import Ward

WARD = 2_500  # people searched over at once; larger communities are dealt into wards of this size
PLANS = 4  # numbers of circles tried when not everyone finds a seat
RETRIED_UP_TO = 400  # people, so that trying again stays quick


def form(
    problem: Problem,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    clock: Clock = monotonic,
) -> Assignment:
    """Form one rotation's circles within the budget; the same problem with counted iterations gives the same circles.

    `progress` hears shares from 0 to 1; once `cancelled` answers true, FormationCancelled is raised.
    """
    if problem.rules.around_mentors:
        # Imported here because it brings numpy, which other rotations do without.
        from bot.domain.formation.mentor_circles import form_around_mentors  # noqa: PLC0415

        return form_around_mentors(problem)
    meter = Meter(problem.budget, progress, cancelled, clock)
    meter.look()
    index = Index(problem)
    meter.keep_as_much()
    rng = Random(problem.seed)
    if index.n <= EXACT_UP_TO:
        seating = Seating(index, best_seating(index, rng))
    else:
        seating = _first_seating(index, rng, meter)
        _mend_all(seating, rng, meter)
    assignment = judge(seating)
    meter.finish()
    return assignment


def _first_seating(index: Index, rng: Random, meter: Meter) -> Seating:
    """Give the seating with the fewest people on the bench among a few plans of circle sizes."""
    hopeless = find_hopeless(index)
    unavoidable = most_bearable(index, hopeless) + len(hopeless)
    best: Seating | None = None
    for sizes in _plans(index, len(hopeless)):
        seating = _seat(index, sizes, hopeless, rng, meter)
        if best is None or _rank(seating) < _rank(best):
            best = seating
        if len(best.bench) <= unavoidable or index.n > RETRIED_UP_TO or meter.look() >= 0.5:
            break
    return best or Seating(index, [])


def _plans(index: Index, hopeless: int) -> list[list[int]]:
    """List the circle sizes worth trying, the best first; all circles full where not everyone can be seated."""
    sizes = index.problem.sizes
    people, limit = index.n - hopeless, lead_limit(index)
    plans = [balanced(people, count) for count in circle_counts(people, sizes, limit)[:PLANS]]
    most = min(limit, people // max(1, sizes.least))
    if not plans and most:
        plans = [balanced(min(people, most * sizes.most), most)]
    return plans


def _rank(seating: Seating) -> tuple[int, float]:
    return len(seating.bench), seating.total()


def _seat(index: Index, sizes: Sequence[int], hopeless: frozenset[int], rng: Random, meter: Meter) -> Seating:
    circles: list[list[int]] = []
    people = [i for i in range(index.n) if i not in hopeless]
    for part, part_sizes in _deal(index, people, sizes, rng):
        circles += place(Ward(index, part), part_sizes, rng, meter)
    seating = Seating(index, circles)
    rescue(seating, hopeless, rng, meter)
    return seating


def _deal(index: Index, people: list[int], sizes: Sequence[int], rng: Random) -> list[tuple[list[int], Sequence[int]]]:
    """Deal people and circle sizes into wards, leads and speakers of each language evenly."""
    parts = -(-len(people) // WARD)
    if parts <= 1:
        return [(people, sizes)]
    shuffled = list(people)
    rng.shuffle(shuffled)
    shuffled.sort(key=lambda i: (index.leads[i], index.speaks[i]))
    return [(shuffled[k::parts], sizes[k::parts]) for k in range(parts)]


def _mend_all(seating: Seating, rng: Random, meter: Meter) -> None:
    """Search ward by ward, each with its share of the budget and its own random numbers."""
    circles = [c for c, members in enumerate(seating.circles) if members]
    parts = min(len(circles), -(-len(seating.where) // WARD))
    begun = meter.look()
    for k in range(parts):
        until = begun + (1 - begun) * (k + 1) / parts
        mend(seating, circles[k::parts], Random(rng.random()), meter, until)
