"""Why people are on the bench: the one rule that, relaxed, would let each of them in."""

from collections import Counter
from collections.abc import Sequence

from bot.domain.formation.index import Index
from bot.domain.formation.problem import Reason, Unplaced
from bot.domain.formation.rest import within_capacity
from bot.domain.formation.seating import Seating
from bot.domain.formation.sizes import most_seats


def reasons(seating: Seating) -> tuple[Unplaced, ...]:
    """Everyone on the bench with the rule that stands in their way, by key."""
    index = seating.index
    bench = seating.bench
    found = [Unplaced(index.people[i].key, _reason(seating, i, bench)) for i in bench]
    return tuple(sorted(found, key=lambda unplaced: unplaced.key))


def rule_to_relax(unplaced: Sequence[Unplaced]) -> Reason | None:
    """Give the rule that keeps most people out."""
    counted = Counter(person.reason for person in unplaced)
    return max(counted, key=lambda reason: (counted[reason], reason.value), default=None)


def _reason(seating: Seating, person: int, bench: list[int]) -> Reason:
    index = seating.index
    sizes = index.problem.sizes
    if index.n < sizes.least:
        return Reason.TOO_FEW_PEOPLE
    alone = _kept_apart(index, person)
    if alone:
        return alone
    circles = [members for members in seating.circles if members]
    with_room = [members for members in circles if len(members) < sizes.most]
    barriers = [barrier for members in with_room if len(barrier := _barriers(index, members, person)) == 1]
    if barriers:
        return Counter(rule for barrier in barriers for rule in barrier).most_common(1)[0][0]
    return _reason_among_full(index, circles, person, len(bench))


def _reason_among_full(index: Index, circles: list[list[int]], person: int, left_out: int) -> Reason:
    """Say why there is no seat anywhere: by sizes alone, by too few leads, or by a rule in every circle."""
    sizes = index.problem.sizes
    if left_out <= index.n - most_seats(index.n, sizes, index.n):
        return Reason.SIZES_DO_NOT_ADD_UP
    if index.ask_lead and left_out <= index.n - most_seats(index.n, sizes, sum(index.leads)):
        return Reason.NO_FACILITATOR
    barriers = [_barriers(index, members, person) for members in circles]
    if barriers and all(barriers):
        return Counter(rule for barrier in barriers for rule in barrier).most_common(1)[0][0]
    return Reason.SIZES_DO_NOT_ADD_UP


def _kept_apart(index: Index, person: int) -> Reason | None:
    """Give the rule that leaves a person too few others to sit with, if there is one."""
    needed = index.problem.sizes.least - 1
    others = [i for i in range(index.n) if i != person]
    speaking = [i for i in others if index.speaks[i] & index.speaks[person]]
    if len(speaking) < needed:
        return Reason.NO_COMMON_LANGUAGE
    if sum(i not in index.avoid[person] for i in speaking) < needed:
        return Reason.AVOID
    if index.ask_lead and not any(index.leads):
        return Reason.NO_FACILITATOR
    return None


def _barriers(index: Index, members: list[int], person: int) -> list[Reason]:
    """Give the rules that keep a person out of a circle."""
    found: list[Reason] = []
    speaks = index.speaks[person]
    for i in members:
        speaks &= index.speaks[i]
    if not speaks:
        found.append(Reason.NO_COMMON_LANGUAGE)
    if not index.avoid[person].isdisjoint(members):
        found.append(Reason.AVOID)
    if not within_capacity(index, [*members, person]):
        found.append(Reason.MENTOR_CAPACITY)
    return found
