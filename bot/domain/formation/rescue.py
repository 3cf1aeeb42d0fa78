"""Seats for those whom the first placing left on the bench, by insertion, new circles and guided ejection.

The ejection follows Nagata and Bräysy (2009): whoever is hard to seat gathers weight and may push out lighter ones.
"""

from random import Random

from bot.domain.formation.index import Index
from bot.domain.formation.meter import Meter
from bot.domain.formation.seating import BENCH, Seating
from bot.domain.formation.sizes import most_seats

LOOKED_AT = 40  # circles looked at for one ejection
EFFORT = 30  # ejections tried for each person on the bench
MOST_EFFORT = 300


def rescue(seating: Seating, hopeless: frozenset[int], rng: Random, meter: Meter) -> None:
    """Leave as few people on the bench as can be found; every circle is lawful afterwards or empty."""
    _close_short_circles(seating, rng)
    goal = most_bearable(seating.index, hopeless)
    waiting = [i for i in seating.bench if i not in hopeless]
    weight = dict.fromkeys(range(seating.index.n), 1)
    best, best_circles = len(waiting), [list(members) for members in seating.circles]
    for _ in range(min(MOST_EFFORT, EFFORT * len(waiting))):
        if best <= goal or meter.look() >= 1:
            break
        person = waiting.pop()
        seated = _insert(seating, person, rng) or (weight[person] == 1 and _found(seating, person, rng))
        if not seated:
            waiting += _eject_for(seating, person, weight, rng)
        waiting = [i for i in waiting if seating.where[i] == BENCH]
        if len(waiting) < best:
            best, best_circles = len(waiting), [list(members) for members in seating.circles]
    seating.restore(best_circles)


def most_bearable(index: Index, hopeless: frozenset[int]) -> int:
    """How many people besides the hopeless must stay out by the size band and the number of leads alone."""
    hopeful = index.n - len(hopeless)
    return hopeful - most_seats(hopeful, index.problem.sizes, lead_limit(index))


def lead_limit(index: Index) -> int:
    """How many circles can be led."""
    return sum(index.leads) if index.ask_lead else index.n


def find_hopeless(index: Index) -> frozenset[int]:
    """Those who can share a circle with too few others to fill one, found again after each such person."""
    hopeless: set[int] = set()
    if not index.any_avoid and not index.ask_language:
        return frozenset()
    needed = index.problem.sizes.least - 1
    found = True
    while found:
        left = [i for i in range(index.n) if i not in hopeless]
        lost = [i for i in left if not _has_companions(index, i, left, needed)]
        hopeless.update(lost)
        found = bool(lost)
    return frozenset(hopeless)


def _has_companions(index: Index, person: int, people: list[int], needed: int) -> bool:
    speaks, avoid = index.speaks[person], index.avoid[person]
    if not speaks:
        return False
    found = 0
    for i in people:
        if found >= needed:
            break
        found += i != person and i not in avoid and bool(index.speaks[i] & speaks)
    return found >= needed


def _close_short_circles(seating: Seating, rng: Random) -> None:
    """Fill circles under the least size from the bench and from larger circles, or close them."""
    for circle, members in enumerate(seating.circles):
        if members and not _is_whole(seating, circle):
            _fill(seating, circle, rng)
            if not _is_whole(seating, circle):
                for person in list(seating.circles[circle]):
                    seating.send_off(person)


def _is_whole(seating: Seating, circle: int) -> bool:
    """Whether a circle has the least size and whoever it needs to lead it."""
    members, index = seating.circles[circle], seating.index
    led = not index.ask_lead or any(index.leads[i] for i in members)
    return led and len(members) >= index.problem.sizes.least


def _insert(seating: Seating, person: int, rng: Random) -> bool:
    """Seat a person in the circle with room where it costs least."""
    best: tuple[float, float, int] | None = None
    most = seating.index.problem.sizes.most
    for circle, members in enumerate(seating.circles):
        if members and len(members) < most and seating.joined(circle).allows(person):
            price = seating.joined(circle).cost_with(person) - seating.costs[circle]
            best = min(best or (price, 2.0, 0), (price, rng.random(), circle))
    if best is None:
        return False
    seating.take(person, best[2])
    return True


def _found(seating: Seating, person: int, rng: Random) -> bool:
    """Found a new circle around a person, from the bench and from circles that can spare someone."""
    before = [list(members) for members in seating.circles]
    circle = seating.empty_circle()
    seating.take(person, circle)
    _fill(seating, circle, rng)
    if _is_whole(seating, circle):
        return True
    seating.restore([*before, *([[]] * (len(seating.circles) - len(before)))])
    return False


def _fill(seating: Seating, circle: int, rng: Random) -> None:
    """Bring a circle to its least size, with someone to lead it."""
    index = seating.index
    bench = seating.bench
    spare = [i for c in range(len(seating.circles)) if c != circle for i in _spare(seating, c)]
    rng.shuffle(bench)
    rng.shuffle(spare)
    candidates = bench + spare
    if index.ask_lead:
        candidates.sort(key=lambda i: not index.leads[i])
    for person in candidates:
        if _is_whole(seating, circle):
            return
        led = not index.ask_lead or any(index.leads[i] for i in seating.circles[circle])
        if seating.where[person] != BENCH and person not in _spare(seating, seating.where[person]):
            continue
        if index.ask_lead and led and index.leads[person] and seating.where[person] != BENCH:
            continue
        if _has_room_for(seating, circle, person):
            if seating.where[person] != BENCH:
                seating.send_off(person)
            seating.take(person, circle)


def _has_room_for(seating: Seating, circle: int, person: int) -> bool:
    """Tell whether somebody may join a circle; one that is full and lacks a lead sends somebody off for theirs."""
    members = seating.circles[circle]
    if len(members) < seating.index.problem.sizes.most:
        return seating.joined(circle).admits(person)
    if not seating.index.leads[person]:
        return False
    other = next((i for i in members if seating.rest(circle, i).admits(person)), None)
    if other is not None:
        seating.send_off(other)
    return other is not None


def _spare(seating: Seating, circle: int) -> list[int]:
    """Those whom a circle can do without."""
    members, index = seating.circles[circle], seating.index
    if len(members) <= index.problem.sizes.least:
        return []
    leads = sum(index.leads[i] for i in members)
    return [i for i in members if not index.ask_lead or not index.leads[i] or leads > 1]


def _eject_for(seating: Seating, person: int, weight: dict[int, int], rng: Random) -> list[int]:
    """Seat a person in place of the lightest who can be pushed out; who must wait now, who waits longest last."""
    weight[person] += 1
    circles = [c for c, members in enumerate(seating.circles) if members]
    best: tuple[int, float, int] | None = None
    for circle in rng.sample(circles, min(LOOKED_AT, len(circles))):
        for other in seating.circles[circle]:
            if weight[other] <= (best[0] if best else weight[person]) and seating.rest(circle, other).allows(person):
                best = min(best or (weight[other], 2.0, other), (weight[other], rng.random(), other))
    if best is None:
        return [person]
    circle = seating.where[best[2]]
    seating.send_off(best[2])
    seating.take(person, circle)
    return [best[2]]
