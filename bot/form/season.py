"""Rotations one after the other, each over all the history before it."""

from collections.abc import Callable
from dataclasses import replace

from bot.domain.formation import Assignment, PastCircle, Problem, form

Progress = Callable[[float], None]


def form_rotations(problem: Problem, rotations: int, progress: Progress) -> tuple[Assignment, ...]:
    """Form rotations in a row, each with the problem's budget and the next seed."""
    formed: list[Assignment] = []
    for done in range(rotations):
        assignment = form(problem, lambda share, done=done: progress((done + share) / rotations))
        formed.append(assignment)
        problem = following(problem, assignment)
    return tuple(formed)


def following(problem: Problem, assignment: Assignment) -> Problem:
    """Give the next rotation's problem: these circles have become history."""
    past = tuple(PastCircle(problem.rotation, frozenset(circle.members), circle.lead) for circle in assignment.circles)
    return replace(problem, history=problem.history + past, rotation=problem.rotation + 1, seed=problem.seed + 1)
