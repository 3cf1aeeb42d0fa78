"""The very best seating of a few people, by dynamic programming over all sets of them."""

from functools import cache
from random import Random

from bot.domain.formation.index import Index
from bot.domain.formation.rest import Rest
from bot.domain.formation.seating import circle_cost

EXACT_UP_TO = 9

Price = tuple[int, float, int]  # not placed, cost, unevenness of the new people met


def best_seating(index: Index, rng: Random) -> list[list[int]]:
    """Circles with the fewest people left out, then the least cost, then new people most evenly met.

    Every set of people is solved once: its first person is left out or sits in one of the lawful circles within it.
    """
    order = list(range(index.n))
    rng.shuffle(order)

    @cache
    def price_of(circle: int) -> Price | None:
        return _price(index, [order[b] for b in range(index.n) if circle >> b & 1])

    @cache
    def solve(people: int) -> tuple[Price, int]:
        """Give the least price for a set of people, and the circle of its first person (0: left out)."""
        if not people:
            return (0, 0.0, 0), 0
        first = people & -people
        others = people ^ first
        best = _plus(solve(others)[0], (1, 0.0, -len(index.met[order[first.bit_length() - 1]]))), 0
        companions = others
        while companions:
            circle = companions | first
            price = price_of(circle)
            if price is not None:
                best = min(best, (_plus(solve(people ^ circle)[0], price), circle))
            companions = (companions - 1) & others
        return best

    circles: list[list[int]] = []
    people = (1 << index.n) - 1
    while people:
        circle = solve(people)[1]
        if circle:
            circles.append([order[b] for b in range(index.n) if circle >> b & 1])
        people ^= circle or people & -people
    return circles


def _price(index: Index, members: list[int]) -> Price | None:
    """Give what one circle adds, or nothing if it breaks a hard rule."""
    sizes = index.problem.sizes
    if not sizes.least <= len(members) <= sizes.most or not lawful(index, members):
        return None
    new = [sum(j not in index.met[i] for j in members) - 1 for i in members]
    unevenness = sum((index.n - count) ** 2 for count in new)
    return 0, round(circle_cost(index, members), 9), unevenness


def _plus(one: Price, other: Price) -> Price:
    return one[0] + other[0], round(one[1] + other[1], 9), one[2] + other[2]


def lawful(index: Index, members: list[int]) -> bool:
    """Whether a circle holds every hard rule but its size."""
    if any(not index.avoid[i].isdisjoint(members) for i in members):
        return False
    return Rest(index, members[:-1]).allows(members[-1])
