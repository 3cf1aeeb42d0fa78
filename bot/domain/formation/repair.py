"""Mending the circles of a rotation that runs: small ones filled or merged, late joiners placed, few people moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.formation.evaluate import HardRule, HardRuleBroken
from bot.domain.formation.latecomers import place_latecomers
from bot.domain.formation.mending import NOWHERE, Mending, Seats
from bot.domain.formation.mending_search import fewest_moves
from bot.domain.formation.problem import Problem


class Why(StrEnum):
    """Why somebody changes circles."""

    PLACED = "placed"  # had no circle
    MERGED = "merged"  # the own circle was too small and closes
    FILLS = "fills"  # another circle was too small
    MAKES_ROOM = "makes-room"  # so that somebody else finds a seat
    ASKED = "asked"  # a moderator wanted it


class Obstacle(StrEnum):
    """Why somebody without a circle still has none; which rule it is, is not told."""

    FULL = "full"
    HOURS = "hours"
    RULES = "rules"


@dataclass(frozen=True, slots=True)
class Running:
    """A circle as it is: who takes part, and who rests but keeps the seat."""

    number: int
    members: tuple[str, ...]
    resting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody takes a seat in another circle; no origin where they had none."""

    key: str
    origin: int | None
    target: int
    why: Why


@dataclass(frozen=True, slots=True)
class Repair:
    """What is to change: who moves, which circles close, which stay too small, and who still has no circle."""

    moves: tuple[Move, ...] = ()
    closed: tuple[int, ...] = ()
    short: tuple[int, ...] = ()
    left_out: tuple[tuple[str, Obstacle], ...] = ()


def repair(problem: Problem, circles: Sequence[Running]) -> Repair:
    """Mend the circles below the least size or without a lead, then place who has none.

    As few people as possible stay in a circle that cannot be mended, then as few as possible move; whoever had no
    circle is placed where a seat is free and the circle keeps two shared hours or as many as it had. The problem's
    people are all who sit in a circle, resting or not, and all who look for one.
    """
    mending = _mending_of(problem, circles)
    found = fewest_moves(mending)
    seats = place_latecomers(mending, found)
    closed = tuple(circles[c].number for c in range(len(circles)) if not mending.members(seats, c))
    return Repair(
        moves=_moves(mending, circles, seats, {}),
        closed=closed,
        short=tuple(circles[c].number for c in sorted(seats.kept)),
        left_out=tuple(
            (problem.people[i].key, _obstacle(mending, seats, i)) for i in mending.homeless if i not in seats.at
        ),
    )


def rearrange(problem: Problem, circles: Sequence[Running], targets: Mapping[str, int]) -> Repair:
    """Weigh moves that a moderator wants, each person's circle by number; raise HardRuleBroken where a rule forbids.

    A circle that is too small already may grow, and one that everybody leaves closes.
    """
    mending = _mending_of(problem, circles)
    place = {circle.number: c for c, circle in enumerate(circles)}
    at = {mending.index.number[key]: place[number] for key, number in targets.items()}
    seats = Seats(at)
    for c in sorted({*at.values(), *(mending.home[i] for i in at)} - {NOWHERE}):
        _demand_lawful(mending, seats, c)
    closed = tuple(circles[c].number for c in range(len(circles)) if not mending.members(seats, c))
    return Repair(moves=_moves(mending, circles, seats, dict.fromkeys(at, Why.ASKED)), closed=closed)


def _mending_of(problem: Problem, circles: Sequence[Running]) -> Mending:
    return Mending(problem, [each.members for each in circles], [each.resting for each in circles])


def _moves(mending: Mending, circles: Sequence[Running], seats: Seats, why: Mapping[int, Why]) -> tuple[Move, ...]:
    """List the moves, those out of one circle side by side."""
    found = [
        Move(
            mending.index.people[i].key,
            None if mending.home[i] == NOWHERE else circles[mending.home[i]].number,
            circles[c].number,
            why.get(i) or _why(mending, seats, i, c),
        )
        for i, c in seats.at.items()
    ]
    return tuple(sorted(found, key=lambda move: (move.origin is None, move.origin or 0, move.target, move.key)))


def _why(mending: Mending, seats: Seats, person: int, target: int) -> Why:
    home = mending.home[person]
    if home == NOWHERE:
        return Why.PLACED
    if not mending.members(seats, home):
        return Why.MERGED
    return Why.FILLS if target in mending.broken else Why.MAKES_ROOM


def _obstacle(mending: Mending, seats: Seats, person: int) -> Obstacle:
    """Say what keeps somebody out of every circle; free seats first, then the rules, then the hours."""
    free = [c for c in mending.open_circles(seats) if mending.has_room(seats, c)]
    if not free:
        return Obstacle.FULL
    return Obstacle.HOURS if any(mending.admits(seats, c, person) for c in free) else Obstacle.RULES


def _demand_lawful(mending: Mending, seats: Seats, circle: int) -> None:
    """Raise for the first hard rule that a circle breaks through what is asked for."""
    before, after = mending.base[circle], mending.members(seats, circle)
    sizes, keys = mending.index.problem.sizes, mending.index.keys(after)
    came = [i for i in after if i not in before]
    full = bool(came) and len(after) + len(mending.resting[circle]) > sizes.most
    if after and (full or len(after) < min(sizes.least, len(before))):
        raise HardRuleBroken(HardRule.SIZE, keys)
    if after and mending.is_led(before) and not mending.is_led(after):
        raise HardRuleBroken(HardRule.FACILITATOR, keys)
    for i in came:
        if not mending.fits_among(i, [j for j in after if j != i], circle):
            raise HardRuleBroken(HardRule.AVOID)
