"""Who takes which seat of a ready schedule, so that the hard rules hold in all of its rounds."""

from collections.abc import Sequence
from random import Random

from bot.domain.formation.closed_form import Round
from bot.domain.formation.index import Index

ATTEMPTS = 12


def take_seats(index: Index, rounds: Sequence[Round], rng: Random) -> list[int] | None:
    """Give the person in each seat, or None where no way was found to keep avoid pairs apart and each circle led.

    Leads take seats of which each circle of each round has one, such as a column of a lattice; people who avoid one
    another take seats that never meet, such as two of one column.
    """
    led: list[int] = []
    if index.ask_lead:
        led = _seats_in_each_circle(rounds, index.n)
        if not led or len(led) > sum(index.leads):
            return None
    together = _together(rounds, index.n) if index.any_avoid else []
    for _ in range(ATTEMPTS):
        people = list(range(index.n))
        rng.shuffle(people)
        people.sort(key=lambda i: (index.leads[i], -len(index.avoid[i])))
        taken = _Taking(index, together, led, rng).take(people)
        if taken is not None:
            return taken
    return None


class _Taking:
    """One attempt, with seats as bitsets."""

    def __init__(self, index: Index, together: Sequence[int], led: Sequence[int], rng: Random) -> None:
        self.index, self.together, self.rng = index, together, rng
        self.seat_of: dict[int, int] = {}
        self.for_leads = sum(1 << seat for seat in led)
        self.others = ((1 << index.n) - 1) & ~self.for_leads

    def take(self, people: list[int]) -> list[int] | None:
        """Seat those who avoid somebody one by one, who can lead last, then all others in the seats left."""
        picky = [i for i in people if self.index.avoid[i]]
        for person in picky:
            if not self._seat(person):
                return None
        rest = [i for i in people if not self.index.avoid[i]]
        rest.sort(key=lambda i: not self.index.leads[i])
        free = _bits(self.for_leads) + _bits(self.others)
        if self.for_leads.bit_count() > sum(self.index.leads[i] for i in rest):
            return None
        self.seat_of.update(zip(rest, free, strict=True))
        person_in = {seat: person for person, seat in self.seat_of.items()}
        return [person_in[seat] for seat in range(self.index.n)]

    def _seat(self, person: int) -> bool:
        met = 0
        for other in self.index.avoid[person]:
            if other in self.seat_of:
                met |= self.together[self.seat_of[other]]
        free = (self.for_leads if self.index.leads[person] else 0) & ~met or self.others & ~met
        if not free:
            return False
        seat = self.rng.choice(_bits(free))
        self.seat_of[person] = seat
        self.for_leads &= ~(1 << seat)
        self.others &= ~(1 << seat)
        return True


def _together(rounds: Sequence[Round], seats: int) -> list[int]:
    """Give the seats that each seat ever meets, as bitsets."""
    met = [0] * seats
    for circle in (circle for round_ in rounds for circle in round_):
        members = sum(1 << seat for seat in circle)
        for seat in circle:
            met[seat] |= members
    return met


def _seats_in_each_circle(rounds: Sequence[Round], seats: int) -> list[int]:
    """Seats of which each circle of each round has at least one, few if the greedy choice is lucky."""
    circles = [circle for round_ in rounds for circle in round_]
    of_seat: list[list[int]] = [[] for _ in range(seats)]
    for number, circle in enumerate(circles):
        for seat in circle:
            of_seat[seat].append(number)
    gain = [len(numbers) for numbers in of_seat]
    led, left, chosen = [False] * len(circles), len(circles), list[int]()
    while left:
        seat = max(range(seats), key=gain.__getitem__)
        chosen.append(seat)
        for number in of_seat[seat]:
            if not led[number]:
                led[number] = True
                left -= 1
                for other in circles[number]:
                    gain[other] -= 1
    return chosen


def _bits(mask: int) -> list[int]:
    """Give the numbers of the bits that are set."""
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
