"""Rotations in a row, each over all the history before it."""

from collections.abc import Callable

from bot.domain.formation import Assignment, Problem, form
from bot.domain.formation.season import after, plan_season

Progress = Callable[[float], None]


def form_rotations(problem: Problem, rotations: int, progress: Progress) -> tuple[Assignment, ...]:
    """Form one rotation, or a whole season at once; each has the problem's budget."""
    if rotations == 1:
        return (form(problem, progress),)
    return plan_season(problem, rotations, progress).assignments(problem)


def form_mentor_rotations(problem: Problem, rotations: int, progress: Progress) -> tuple[Assignment, ...]:
    """Form circles around mentors rotation by rotation; who met a mentor meets another one next where that can be."""
    # Imported here because it brings numpy, which other rotations do without.
    from bot.domain.formation.mentor_circles import form_around_mentors  # noqa: PLC0415

    formed: list[Assignment] = []
    for done in range(rotations):
        formed.append(form_around_mentors(problem))
        progress((done + 1) / rotations)
        problem = after(problem, formed[-1])
    return tuple(formed)
