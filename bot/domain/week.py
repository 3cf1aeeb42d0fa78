"""The hours of a local week as a mask of 168 bits: bit 0 is Monday 00:00, bit 24 Tuesday 00:00."""

from collections.abc import Iterable, Sequence

from bot.domain.availability import DAYS, DAYS_A_WEEK, HOURS_A_DAY

WHOLE_DAY = (1 << HOURS_A_DAY) - 1


def hours_on(mask: int, day: int) -> tuple[int, ...]:
    """Return the hours (0 to 23) that are set on a day (0 is Monday)."""
    return tuple(hour for hour in range(HOURS_A_DAY) if mask >> (day * HOURS_A_DAY + hour) & 1)


def hours_on_all(mask: int, days: Iterable[int]) -> tuple[int, ...]:
    """Return the hours that are set on every one of these days."""
    common = WHOLE_DAY
    for day in days:
        common &= mask >> day * HOURS_A_DAY
    return hours_on(common, 0)


def with_hours(mask: int, days: Iterable[int], hours: Iterable[int]) -> int:
    """Return the mask with exactly these hours on these days, and every other day as it was."""
    chosen = sum(1 << hour for hour in set(hours))
    for day in set(days):
        mask = mask & ~(WHOLE_DAY << day * HOURS_A_DAY) | chosen << day * HOURS_A_DAY
    return mask


def spans(hours: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Join neighbouring hours into spans of (first hour, hour at which it ends)."""
    found: list[tuple[int, int]] = []
    for hour in sorted(hours):
        if found and found[-1][1] == hour:
            found[-1] = (found[-1][0], hour + 1)
        else:
            found.append((hour, hour + 1))
    return tuple(found)


def written(mask: int) -> str:
    """Write a mask as `Mon 18-21; Wed 12-13`, which `parse_hours` reads back."""
    return "; ".join(
        f"{DAYS[day][:3].title()} {begin}-{end}"
        for day in range(DAYS_A_WEEK)
        for begin, end in spans(hours_on(mask, day))
    )
