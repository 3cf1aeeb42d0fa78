"""The first seating: hardest people first, each circle filled from those who fit it best."""

from collections.abc import Iterator, Sequence
from random import Random

from bot.domain.formation.index import ANY_HOUR
from bot.domain.formation.meter import Meter
from bot.domain.formation.rest import unhelped, within_capacity
from bot.domain.formation.ward import Ward

LOTS = 40  # how many are asked whether they are strangers, before anyone will do
TRIED = 8  # how many of those who fit are looked at for one seat


def place(ward: Ward, sizes: Sequence[int], rng: Random, meter: Meter) -> list[list[int]]:
    """Fill circles of these sizes; no hard rule but the least size is broken, some people may be left over."""
    if ward.index.only_history:
        return _place_freely(ward, sizes, rng)
    filling = _Filling(ward, len(sizes), rng)
    circles: list[list[int]] = []
    for size in sizes:
        meter.look()
        members = filling.open_circle()
        while members and len(members) < size and filling.add_one(members):
            pass
        if members:
            circles.append(members)
    return circles


def _place_freely(ward: Ward, sizes: Sequence[int], rng: Random) -> list[list[int]]:
    """Fill circles with strangers by lot, where nothing else counts; who has met most people gets the smallest."""
    met = ward.index.met
    pool = list(ward.people)
    rng.shuffle(pool)
    pool.sort(key=lambda i: len(met[i]))
    circles: list[list[int]] = []
    for size in sorted(sizes):
        members = [pool.pop()]
        known = set(met[members[0]])
        while len(members) < size:
            k = next((k for k in _lots(rng, len(pool)) if pool[k] not in known), -1)
            person, pool[k] = pool[k], pool[-1]
            pool.pop()
            members.append(person)
            known |= met[person]
        circles.append(members)
    return circles


def _lots(rng: Random, size: int) -> Iterator[int]:
    for _ in range(LOTS):
        yield int(rng.random() * size)


class _Filling:
    """The people still without a seat while circles are filled one after the other."""

    def __init__(self, ward: Ward, circles: int, rng: Random) -> None:
        self.ward = ward
        self.index = ward.index
        self.rng = rng
        self.free = ward.everyone
        self.circles_left = circles
        self.leads_left = ward.leads.bit_count()
        self.waiting = iter(_hardest_first(ward, rng))

    def open_circle(self) -> list[int]:
        """Begin a circle with the hardest person left and, where one is asked for, someone to lead it."""
        self.hours, self.speaks, self.strangers, self.avoided = ANY_HOUR, -1, self.ward.everyone, 0
        self.circles_left -= 1
        first = next((i for i in self.waiting if self.free >> self.ward.place[i] & 1), None)
        if first is None:
            return []
        members: list[int] = []
        self._seat(members, first)
        if self.index.ask_lead and not self.index.leads[first]:
            self._seat_best(members, self.free & self.ward.leads)
        return members

    def add_one(self, members: list[int]) -> bool:
        """Seat one more; say whether anyone could be seated."""
        free = self.free
        if self.index.ask_lead and self.leads_left <= self.circles_left:
            free &= ~self.ward.leads
        return self._seat_best(members, free)

    def _seat_best(self, members: list[int], allowed: int) -> bool:
        lawful = allowed & self.ward.speaking(self.speaks) & ~self.avoided
        unmet = lawful & self.strangers
        for fitting in (unmet & self.ward.sharing(self.hours), unmet, lawful):
            drawn = self.ward.draw(fitting, TRIED, self.rng)
            if self.index.any_capacity:
                drawn = [i for i in drawn if within_capacity(self.index, [*members, i])]
            if drawn:
                self._seat(members, min(drawn, key=lambda i: self._price(members, i)))
                return True
        return False

    def _price(self, members: list[int], person: int) -> float:
        """Give what joining costs, and how much it narrows the hours left to the others."""
        index = self.index
        price = sum(index.pair(person, i) for i in members)
        if index.told_hours:
            kept = (self.hours & index.free[person]).bit_count()
            price += index.weights.hours * (1 - kept / max(1, index.free[person].bit_count()))
        if index.any_topics:
            price += index.one_unhelped * unhelped(index, [*members, person])
        return price

    def _seat(self, members: list[int], person: int) -> None:
        index, ward = self.index, self.ward
        members.append(person)
        self.free &= ~(1 << ward.place[person])
        self.leads_left -= index.leads[person]
        self.hours &= index.free[person]
        self.speaks &= index.speaks[person]
        self.strangers &= ward.strangers(person)
        if index.avoid[person]:
            self.avoided |= ward.bits(index.avoid[person])


def _hardest_first(ward: Ward, rng: Random) -> list[int]:
    """People by how few hours they have times how few strangers, with those who can talk to few before all."""
    index = ward.index
    people = list(ward.people)
    rng.shuffle(people)

    def ease(i: int) -> tuple[int, int]:
        talkable = ward.speaking(index.speaks[i]).bit_count()
        return talkable, index.free[i].bit_count() * (index.n - len(index.met[i]) - len(index.avoid[i]))

    return sorted(people, key=ease)
