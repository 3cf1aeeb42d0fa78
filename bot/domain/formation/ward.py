"""A part of the community as bitsets, so that all who fit into a circle are found by a few ANDs."""

from collections.abc import Iterable, Sequence
from random import Random

from bot.domain.formation.index import ANY_HOUR, Index

KEPT_MASKS = 20_000  # so many answers about hours are remembered before starting anew


class Ward:
    """Some people of the community; bit p of every bitset stands for `people[p]`."""

    def __init__(self, index: Index, people: Sequence[int]) -> None:
        self.index = index
        self.people = list(people)
        self.place = {i: p for p, i in enumerate(self.people)}
        self.everyone = (1 << len(self.people)) - 1
        self.leads = self.bits(i for i in self.people if index.leads[i])
        self._at = self._people_by_hour() if index.told_hours else []
        self._sharing: dict[int, int] = {}
        self._speaking: dict[int, int] = {}
        self._strange: dict[int, int] = {}

    def bits(self, people: Iterable[int]) -> int:
        """Give the bitset of those of these people who belong to the ward."""
        marks = bytearray(len(self.people) // 8 + 1)
        for i in people:
            p = self.place.get(i)
            if p is not None:
                marks[p >> 3] |= 1 << (p & 7)
        return int.from_bytes(marks, "little")

    def _people_by_hour(self) -> list[int]:
        rows = [bytearray(len(self.people) // 8 + 1) for _ in range(ANY_HOUR.bit_length())]
        for p, i in enumerate(self.people):
            byte, bit = p >> 3, 1 << (p & 7)
            for hour in hours_in(self.index.free[i]):
                rows[hour][byte] |= bit
        return [int.from_bytes(row, "little") for row in rows]

    def sharing(self, hours: int) -> int:
        """Those free in at least two of these hours."""
        if not self.index.told_hours:
            return self.everyone
        if hours not in self._sharing:
            if len(self._sharing) > KEPT_MASKS:
                self._sharing.clear()
            once = twice = 0
            for hour in hours_in(hours):
                twice |= once & self._at[hour]
                once |= self._at[hour]
            self._sharing[hours] = twice
        return self._sharing[hours]

    def speaking(self, languages: int) -> int:
        """Those who speak one of these languages."""
        if languages == -1:
            return self.everyone
        if languages not in self._speaking:
            speaks = self.index.speaks
            self._speaking[languages] = self.bits(i for i in self.people if speaks[i] & languages)
        return self._speaking[languages]

    def strangers(self, person: int) -> int:
        """Those whom this person has never met."""
        if person not in self._strange:
            self._strange[person] = self.everyone & ~self.bits(self.index.met[person])
        return self._strange[person]

    def draw(self, bits: int, count: int, rng: Random) -> list[int]:
        """Up to `count` different people of a bitset, nearly at random."""
        drawn: list[int] = []
        size = len(self.people)
        while bits and len(drawn) < count:
            turn = int(rng.random() * size)
            above = bits >> turn
            low = (above & -above) << turn if above else bits & -bits
            drawn.append(self.people[low.bit_length() - 1])
            bits ^= low
        return drawn


def hours_in(mask: int) -> list[int]:
    """Give the hours of a mask, in order."""
    hours: list[int] = []
    while mask:
        low = mask & -mask
        hours.append(low.bit_length() - 1)
        mask ^= low
    return hours
