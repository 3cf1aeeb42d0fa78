"""A season ahead: all rotations of a stable roster at once, never worse than rotation by rotation."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from bot.domain.formation.closed_form import Round
from bot.domain.formation.evaluate import evaluate
from bot.domain.formation.form import form
from bot.domain.formation.index import Index
from bot.domain.formation.problem import Assignment, Budget, PastCircle, Problem, Unplaced
from bot.domain.formation.schedule import Schedule, columns_apart, near_misses, schedule
from bot.domain.formation.seats import take_seats

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]
Circles = tuple[tuple[str, ...], ...]
"""One rotation: the keys of each circle."""


class Method(StrEnum):
    """Where a plan comes from."""

    STRUCTURE = "structure"  # formulas and the bank alone
    BOTH = "structure-and-search"  # formulas as far as they reach, the rest rotation by rotation
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """The circles of rotation `first` and those after it; `unplaced[r]` is who sits out and why."""

    first: int
    rotations: tuple[Circles, ...]
    unplaced: tuple[tuple[Unplaced, ...], ...]
    method: Method

    def assignments(self, problem: Problem) -> tuple[Assignment, ...]:
        """Judge each rotation over the problem's history and the rotations before it."""
        asked = replace(problem, rotation=self.first)
        judged: list[Assignment] = []
        for circles in self.rotations:
            judged.append(evaluate(asked, circles))
            asked = after(asked, judged[-1])
        return tuple(judged)

    def cost(self, problem: Problem) -> float:
        """Tell what all rotations cost together."""
        return sum(assignment.quality.cost for assignment in self.assignments(problem))


def plan_season(
    problem: Problem,
    rotations: int,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> SeasonPlan:
    """Plan so many rotations for the problem's people, from its rotation on.

    Where people only wish to meet new ones, formulas and the bank answer at once, as long as the hard rules fit
    their structure. Otherwise rotations are searched one by one, each with the problem's budget, and the cheaper
    plan is taken.
    """
    index = Index(problem)
    plain = _only_new_people(index)
    plans: list[SeasonPlan] = []
    for made in _schedules(index, rotations):
        taken = take_seats(index, made.rounds, Random(problem.seed))
        if taken is not None:
            structured = _by_structure(index, made.rounds, taken)
            if plain and len(made.rounds) == rotations:
                return structured
            if len(made.rounds) < rotations:
                problem = _with_half_the_time(problem)
            plans.append(_continued(problem, structured, rotations, progress, cancelled))
            break
    empty = SeasonPlan(problem.rotation, (), (), Method.SEARCH)
    plans.append(_continued(problem, empty, rotations, progress, cancelled))
    return min(plans, key=lambda plan: plan.cost(problem)) if len(plans) > 1 else plans[0]


def _with_half_the_time(problem: Problem) -> Problem:
    """Leave each of two ways half of a limit in seconds, so that both together keep it."""
    seconds = problem.budget.seconds
    return problem if seconds is None else replace(problem, budget=Budget(seconds=seconds / 2, iterations=None))


def after(problem: Problem, assignment: Assignment) -> Problem:
    """Give the problem of the next rotation: these circles have become history, with who led them."""
    past = tuple(PastCircle(problem.rotation, frozenset(circle.members), circle.lead) for circle in assignment.circles)
    return _next(problem, past)


def following(problem: Problem, circles: Iterable[Sequence[str]]) -> Problem:
    """Give the problem of the next rotation after circles of which only the members are known."""
    return _next(problem, tuple(PastCircle(problem.rotation, frozenset(members)) for members in circles))


def _next(problem: Problem, past: tuple[PastCircle, ...]) -> Problem:
    return replace(problem, history=problem.history + past, rotation=problem.rotation + 1, seed=problem.seed + 1)


def _schedules(index: Index, rotations: int) -> Iterator[Schedule]:
    """Ready schedules to try, the best first; none where people differ in ways that no schedule can heed."""
    if any(index.mentors) or not _one_language(index):
        return
    sizes = index.problem.sizes
    exact = schedule(index.n, sizes, rotations)
    if len(exact.rounds) < rotations:
        yield from near_misses(index.n, sizes, rotations)
    if exact.rounds:
        yield exact
    if index.ask_lead or index.any_avoid:
        apart = columns_apart(index.n, sizes, rotations, sum(index.leads) if index.ask_lead else index.n)
        if apart.rounds:
            yield apart


def _only_new_people(index: Index) -> bool:
    """Whether nothing but new encounters counts, and nobody has met anybody yet."""
    wishes = index.told_hours and index.weights.hours
    return not (wishes or index.any_topics or index.any_mix or any(index.rows))


def _one_language(index: Index) -> bool:
    """Whether there is a language that everybody speaks, or none is asked for."""
    common = -1
    for speaks in index.speaks:
        common &= speaks
    return bool(common)


def _by_structure(index: Index, rounds: Sequence[Round], taken: Sequence[int]) -> SeasonPlan:
    """Give the plan in which the person taken[seat] sits in each seat."""
    keys = [index.people[person].key for person in taken]
    rotations = tuple(tuple(tuple(sorted([keys[seat] for seat in circle])) for circle in round_) for round_ in rounds)
    return SeasonPlan(index.problem.rotation, rotations, ((),) * len(rounds), Method.STRUCTURE)


def _continued(
    problem: Problem,
    plan: SeasonPlan,
    rotations: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> SeasonPlan:
    """Give the plan with the rotations that it lacks, each formed over all before it."""
    for circles in plan.rotations:
        problem = following(problem, circles)
    made, unplaced = list(plan.rotations), list(plan.unplaced)
    for number in range(len(made), rotations):

        def share(part: float, number: int = number) -> None:
            if progress is not None:
                progress((number + part) / rotations)

        assignment = form(problem, share, cancelled)
        made.append(tuple(circle.members for circle in assignment.circles))
        unplaced.append(assignment.unplaced)
        problem = following(problem, made[-1])
    method = plan.method if len(made) == len(plan.rotations) or not plan.rotations else Method.BOTH
    return SeasonPlan(plan.first, tuple(made), tuple(unplaced), method)
