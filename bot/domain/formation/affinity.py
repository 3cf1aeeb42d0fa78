"""How well mentees and mentors suit each other: whole scores for many pairs at once, in thousandths of a weight."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.domain.formation.problem import HOURS_A_WEEK, PastCircle, Person, Problem

ENOUGH_HOURS = 10  # with so many shared hours with each mentee, a circle easily finds an hour for all
UNIT = 1_000  # scores are whole thousandths of a weight
FORBIDDEN = -(1 << 40)  # below any score
BLOCK = 1_000  # mentees scored at a time, so that the whole matrix never stands in memory

Floats = npt.NDArray[np.float32]
Scores = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Affinity:
    """What scores are made of; one row a mentee in `wants`, `mentee_hours` and so on, one a mentor in the others."""

    wants: Floats
    offers: Floats
    mentee_hours: Floats
    mentor_hours: Floats
    mentee_languages: Floats
    mentor_languages: Floats
    apart: dict[int, list[int]]
    met: dict[int, list[int]]
    topics: float
    hours: float
    repeats: float
    common_language: bool

    def blocks(self) -> Iterator[tuple[int, Scores]]:
        """Give the scores of some mentees after the others, each block with the number of its first mentee."""
        for first in range(0, len(self.wants), BLOCK):
            yield first, self.scores(first, first + BLOCK)

    def scores(self, first: int, last: int) -> Scores:
        """Give the scores of the mentees from first to last with every mentor."""
        rows = slice(first, last)
        covered = self.wants[rows] @ self.offers.T
        shared = np.minimum(self.mentee_hours[rows] @ self.mentor_hours.T, ENOUGH_HOURS)
        worth = covered * np.float32(UNIT * self.topics) + shared * np.float32(UNIT * self.hours / ENOUGH_HOURS)
        made = np.rint(worth).astype(np.int64)
        for mentee in range(first, min(last, len(self.wants))):
            for mentor in self.met.get(mentee, ()):
                made[mentee - first, mentor] -= round(UNIT * self.repeats)
            for mentor in self.apart.get(mentee, ()):
                made[mentee - first, mentor] = FORBIDDEN
        if self.common_language:
            made[self.mentee_languages[rows] @ self.mentor_languages.T == 0] = FORBIDDEN
        return made


def affinity(problem: Problem, mentees: Sequence[Person], mentors: Sequence[Person]) -> Affinity:
    """Tell what the problem says about these mentees and mentors.

    A pair is worth the topics weight times the share of the mentee's wants that the mentor offers, plus the hours
    weight times the share of ten hours that both are free, less the repeats weight where they have met.
    """
    wants, offers = _table((p.wants for p in mentees), (p.offers for p in mentors))
    wants /= np.maximum(wants.sum(axis=1, keepdims=True), 1)
    languages = _table((p.languages for p in mentees), (p.languages for p in mentors))
    return Affinity(
        wants=wants,
        offers=offers,
        mentee_hours=_hours(mentees),
        mentor_hours=_hours(mentors),
        mentee_languages=languages[0],
        mentor_languages=languages[1],
        apart=_pairs(problem.avoid, mentees, mentors),
        met=_pairs(_led_circles(problem.history), mentees, mentors),
        topics=problem.weights.topics,
        hours=problem.weights.hours,
        repeats=problem.weights.repeats,
        common_language=problem.rules.common_language,
    )


def _table(rows: Iterable[frozenset[str]], others: Iterable[frozenset[str]]) -> tuple[Floats, Floats]:
    """Two lists of sets of words as tables of ones over the words of both."""
    left, right = list(rows), list(others)
    column = {word: k for k, word in enumerate(sorted(frozenset[str]().union(*left, *right)))}
    tables = (np.zeros((len(sets), len(column)), np.float32) for sets in (left, right))
    made = [(sets, table) for sets, table in zip((left, right), tables, strict=True)]
    for sets, table in made:
        for row, words in enumerate(sets):
            table[row, [column[word] for word in words]] = 1
    return made[0][1], made[1][1]


def _hours(people: Sequence[Person]) -> Floats:
    """Who is free in which hour of the week; somebody who told none is free in all."""
    every = (1 << HOURS_A_WEEK) - 1
    raw = b"".join((person.hours or every).to_bytes(HOURS_A_WEEK // 8, "little") for person in people)
    bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")
    return bits.reshape(len(people), HOURS_A_WEEK).astype(np.float32)


def _led_circles(history: Iterable[PastCircle]) -> Iterator[frozenset[str]]:
    """Give the members of every past circle."""
    return (past.members for past in history)


def _pairs(
    groups: Iterable[frozenset[str]], mentees: Sequence[Person], mentors: Sequence[Person]
) -> dict[int, list[int]]:
    """For each mentee the mentors who are in a group with them."""
    mentee_number = {person.key: i for i, person in enumerate(mentees)}
    mentor_number = {person.key: j for j, person in enumerate(mentors)}
    found: dict[int, list[int]] = {}
    for group in groups:
        present = [mentor_number[key] for key in group if key in mentor_number]
        for key in group if present else ():
            if key in mentee_number:
                found.setdefault(mentee_number[key], []).extend(present)
    return found
