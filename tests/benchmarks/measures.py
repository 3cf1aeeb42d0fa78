"""What a season is worth, recounted from its circles alone."""

from collections.abc import Sequence

from bot.domain.formation import HOURS_A_WEEK, Problem

Rotations = Sequence[Sequence[Sequence[int]]]


def recount(people: int, rotations: Rotations) -> dict[str, float]:
    """Count the rotations, the repeats, and how often the most frequent pair meets (up to three times)."""
    once, twice, thrice = [0] * people, [0] * people, 0
    repeats = 0
    for circles in rotations:
        for circle in circles:
            members = 0
            for person in circle:
                members |= 1 << person
            for person in circle:
                others = members & ~(1 << person)
                again = once[person] & others
                repeats += again.bit_count()
                thrice += (twice[person] & again).bit_count()
                twice[person] |= again
                once[person] |= others
    return {"rotations": len(rotations), "repeats": repeats // 2, "third_meetings": thrice // 2}


def sharing_two_hours(problem: Problem, rotations: Rotations) -> float:
    """Give the share of circles in which all are free in two hours of the week."""
    good = circles_made = 0
    for circle in (circle for circles in rotations for circle in circles):
        shared = (1 << HOURS_A_WEEK) - 1
        for person in circle:
            shared &= problem.people[person].hours
        good += shared.bit_count() >= 2
        circles_made += 1
    return good / max(1, circles_made)
