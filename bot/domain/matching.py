"""Who may help whom: asks and offers are scored, and the best of them spread fairly over the helpers.

Scores are whole numbers; 1,000 is what the right kind of help is worth by itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import optimize

KIND = 1_000
TOPICS = 2_000  # every topic of the ask is covered
UNNAMED = 500  # one of the two names no topic, so that nothing speaks against it
LANGUAGES = 300  # they speak exactly the same ones
BUSY = 400  # what each introduction that a helper has already takes off
WAITING = 25  # what each day that an ask has waited adds
LONGEST_WAIT = 40  # days that count
ALIKE = 0.5  # topics that share at least this much of their words are told from each other no more
MOST_AN_ASK = 2  # proposals that one ask has at a time
NEVER = -(10**9)  # below any sum of scores: a pair that may not be, and an ask left without a proposal
FILLERS = frozenset(("a", "an", "and", "at", "for", "in", "of", "on", "or", "the", "to", "with"))


@dataclass(frozen=True, slots=True)
class Ask:
    """One ask that waits; topics and languages are trimmed and in lower case."""

    id: int
    person: int
    kind: str
    topics: frozenset[str]
    languages: frozenset[str]
    proposals: int = 0  # how many are open
    waited: int = 0  # days


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer that stands."""

    id: int
    person: int
    kind: str
    topics: frozenset[str]
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Helper:
    """How many introductions a person has open, and how many they take at a time."""

    person: int
    busy: int
    most: int


@dataclass(frozen=True, slots=True)
class Market:
    """Everything that proposals are made of.

    `apart` holds pairs of people of whom one avoids the other; `barred`, who asks and who would help where either
    said no before, or may still say something; `tried`, asks and offers that were proposed to each other before.
    """

    asks: tuple[Ask, ...]
    offers: tuple[Offer, ...]
    helpers: tuple[Helper, ...]
    apart: frozenset[frozenset[int]] = frozenset()
    barred: frozenset[tuple[int, int]] = frozenset()
    tried: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Pair:
    """An ask and an offer that are to be proposed to each other, by their ids."""

    ask: int
    offer: int
    score: int


def propose(market: Market) -> tuple[Pair, ...]:
    """Return the proposals to make now: first one for each ask, then second ones where helpers have room."""
    made: list[Pair] = []
    for already in range(MOST_AN_ASK):
        asks = [ask for ask in market.asks if ask.proposals == already]
        pairs = _assign(asks, market)
        made += pairs
        market = _after(market, pairs)
    return tuple(made)


def score(ask: Ask, offer: Offer) -> int:
    """Return how well an offer answers an ask, or 0 where it does not at all."""
    shared = ask.languages & offer.languages
    if ask.kind != offer.kind or not shared:
        return 0
    topics = _topics_score(ask.topics, offer.topics)
    return topics and KIND + topics + LANGUAGES * len(shared) // len(ask.languages | offer.languages)


def covered(wanted: frozenset[str], given: frozenset[str]) -> float:
    """Return how much of some topics others cover, from 0 to 1."""
    if not wanted:
        return 0.0
    return sum(max((likeness(one, other) for other in given), default=0.0) for one in sorted(wanted)) / len(wanted)


@cache
def likeness(one: str, other: str) -> float:
    """Return 1 for the same topic, less where they share words, 0 where too few."""
    if one == other:
        return 1.0
    words, others = _words(one), _words(other)
    shared = len(words & others) / max(1, len(words | others))
    return shared if shared >= ALIKE else 0.0


def fitting(interests: frozenset[str], topics: frozenset[str], title: str) -> tuple[str, ...]:
    """Return which of somebody's interests something is about, by its topics or by the words of its title."""
    spoken = _words(title.casefold())
    return tuple(
        interest
        for interest in sorted(interests)
        if any(likeness(interest, topic) for topic in topics) or (_words(interest) and _words(interest) <= spoken)
    )


def _words(topic: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", topic)) - FILLERS


def _topics_score(wanted: frozenset[str], given: frozenset[str]) -> int:
    if not wanted or not given:
        return UNNAMED
    return int(TOPICS * covered(wanted, given))


def _assign(asks: Sequence[Ask], market: Market) -> list[Pair]:
    """Give as many asks as possible one helper each, in the way that fits best in all."""
    free = {helper.person: helper for helper in market.helpers if helper.busy < helper.most}
    offers: dict[str, list[Offer]] = {}
    for offer in market.offers:
        if offer.person in free:
            offers.setdefault(offer.kind, []).append(offer)
    served = [(ask, best) for ask in asks if (best := _best(ask, offers.get(ask.kind, ()), market))]
    wanted = sorted({person for _, best in served for person in best})
    places = [(person, busy) for person in wanted for busy in range(free[person].busy, free[person].most)]
    worth = np.full((len(served), len(places) + len(served)), NEVER, dtype=np.int64)
    for row, (ask, best) in enumerate(served):
        for column, (person, busy) in enumerate(places):
            if person in best:
                worth[row, column] = _worth(ask, best[person], busy)
    taken = [(row, column) for row, column in _solve(worth) if worth[row, column] > NEVER]
    return [served[row][1][places[column][0]] for row, column in taken]


def _solve(worth: npt.NDArray[np.int64]) -> Iterable[tuple[int, int]]:
    """Choose one column for each row so that the sum is greatest."""
    rows, columns = cast("Any", optimize).linear_sum_assignment(worth, maximize=True)
    return zip(rows.tolist(), columns.tolist(), strict=True)


def _worth(ask: Ask, pair: Pair, busy: int) -> int:
    return pair.score + WAITING * min(ask.waited, LONGEST_WAIT) - BUSY * busy


def _best(ask: Ask, offers: Sequence[Offer], market: Market) -> dict[int, Pair]:
    """Return for each person who may help the offer of theirs that answers an ask best, the older one of equals."""
    best: dict[int, Pair] = {}
    for offer in offers:
        fits = score(ask, offer) if _may_meet(ask, offer, market) else 0
        if fits > (best[offer.person].score if offer.person in best else 0):
            best[offer.person] = Pair(ask.id, offer.id, fits)
    return best


def _may_meet(ask: Ask, offer: Offer, market: Market) -> bool:
    people = (ask.person, offer.person)
    return (
        ask.person != offer.person
        and frozenset(people) not in market.apart
        and people not in market.barred
        and (ask.id, offer.id) not in market.tried
    )


def _after(market: Market, pairs: Sequence[Pair]) -> Market:
    """Return the market once some proposals are made; nobody is proposed to one ask twice."""
    asker = {ask.id: ask.person for ask in market.asks}
    person = {offer.id: offer.person for offer in market.offers}
    proposed = {pair.ask for pair in pairs}
    more = Counter(person[pair.offer] for pair in pairs)
    return replace(
        market,
        asks=tuple(replace(ask, proposals=ask.proposals + (ask.id in proposed)) for ask in market.asks),
        helpers=tuple(replace(each, busy=each.busy + more[each.person]) for each in market.helpers),
        barred=market.barred | {(asker[pair.ask], person[pair.offer]) for pair in pairs},
    )
