"""The hours of the week that suit a circle best."""

from collections.abc import Sequence

from bot.domain.formation.problem import HOURS_A_WEEK, Person


def best_hours(people: Sequence[Person], count: int) -> tuple[int, ...]:
    """Give the UTC hours of the week in which most of these people are free, best first, then earliest in the week.

    Only people who told hours count; an hour that suits none of them is left out.
    """
    free = [sum(person.hours >> hour & 1 for person in people) for hour in range(HOURS_A_WEEK)]
    ranked = sorted((hour for hour in range(HOURS_A_WEEK) if free[hour]), key=lambda hour: (-free[hour], hour))
    return tuple(ranked[:count])
