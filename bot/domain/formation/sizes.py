"""How many circles of which sizes a number of people makes."""

from bot.domain.formation.problem import Sizes


def circle_counts(people: int, sizes: Sizes, most_circles: int) -> list[int]:
    """All numbers of circles that seat everyone within the band, nearest to the wanted size first."""
    least, most = max(1, sizes.least), max(1, sizes.most)
    counts = range(-(-people // most), min(people // least, most_circles) + 1)
    return sorted(counts, key=lambda count: (deviation(balanced(people, count), sizes), -count))


def balanced(people: int, circles: int) -> list[int]:
    """Sizes that differ by at most one, the larger first."""
    if not circles:
        return []
    size, larger = divmod(people, circles)
    return [size + 1] * larger + [size] * (circles - larger)


def deviation(made: list[int], sizes: Sizes) -> int:
    """How far circle sizes are from the wanted one: the sum of squares."""
    return sum((size - sizes.wanted) ** 2 for size in made)


def most_seats(people: int, sizes: Sizes, most_circles: int) -> int:
    """How many of these people the size band can seat at most."""
    circles = min(people // max(1, sizes.least), most_circles)
    return min(people, circles * sizes.most)
