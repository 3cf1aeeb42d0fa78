"""Who may help whom: asks and offers are scored, and the best of them spread fairly over the helpers.

Scores are whole numbers; 1,000 is what the right kind of help is worth by itself.
"""

import re
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

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
    """Give as many asks as possible one helper each, in the way that fits best in all.

    Each ask in turn takes the chain of moves that is worth most, by which those before it may change helpers or give
    way; with falling worth of a helper's further places this stays the best way in all (successive shortest paths).
    """
    free = {helper.person: helper for helper in market.helpers if helper.busy < helper.most}
    offers: dict[str, list[Offer]] = {}
    for offer in market.offers:
        if offer.person in free:
            offers.setdefault(offer.kind, []).append(offer)
    places = _Places(free)
    found: dict[int, dict[int, Pair]] = {}
    for ask in asks:
        if best := _best(ask, offers.get(ask.kind, ()), market):
            found[ask.id] = best
            waiting = WAITING * min(ask.waited, LONGEST_WAIT)
            places.seat(ask.id, {person: pair.score + waiting for person, pair in best.items()})
    return [found[ask][person] for person, seated in places.seated.items() for ask in seated]


class _Places:
    """Which asks are proposed to which helper so far, all by their ids, and what each would be worth with whom."""

    def __init__(self, helpers: Mapping[int, Helper]) -> None:
        self.helpers = helpers
        self.worths: dict[int, dict[int, int]] = {}
        self.seated: dict[int, list[int]] = {person: [] for person in helpers}

    def seat(self, ask: int, worths: dict[int, int]) -> None:
        """Take up one more ask, by the best chain of moves; at its end a place is filled or an ask has none."""
        self.worths[ask] = worths
        gains, moves = self._chains(ask)
        ends: list[tuple[int, int, int | None]] = []
        for person, gain in gains.items():
            helper, seated = self.helpers[person], self.seated[person]
            if helper.busy + len(seated) < helper.most:
                ends.append((gain - BUSY * (helper.busy + len(seated)), person, None))
            ends += [(gain - self.worths[other][person] + NEVER, person, other) for other in seated]
        gain, person, leaves = max(ends, key=lambda end: end[0], default=(NEVER, 0, None))
        if gain > NEVER:
            if leaves is not None:
                self.seated[person].remove(leaves)
            self._move(moves, person)

    def _chains(self, ask: int) -> tuple[dict[int, int], dict[int, tuple[int, int | None]]]:
        """Return what the best chain of moves that brings one more to each helper is worth, and its last moves."""
        gains = dict(self.worths[ask])
        moves: dict[int, tuple[int, int | None]] = dict.fromkeys(gains, (ask, None))
        waiting = deque(gains)
        while waiting:
            person = waiting.popleft()
            for other in self.seated[person]:
                without = gains[person] - self.worths[other][person]
                for target, worth in self.worths[other].items():
                    gain = without + worth
                    if target != person and gain > gains.get(target, NEVER):
                        gains[target], moves[target] = gain, (other, person)
                        waiting.append(target)
        return gains, moves

    def _move(self, moves: Mapping[int, tuple[int, int | None]], person: int) -> None:
        """Carry a chain of moves out, from its end."""
        came_from: int | None = person
        while came_from is not None:
            person = came_from
            ask, came_from = moves[person]
            self.seated[person].append(ask)
            if came_from is not None:
                self.seated[came_from].remove(ask)


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
