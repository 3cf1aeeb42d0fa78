"""Changing circles while their rotation runs: what a repair or a moderator's move would do, and doing it."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation import HardRule, HardRuleBroken
from bot.domain.formation.repair import Obstacle, Repair, Running, Why, rearrange, repair
from bot.errors import Conflict, NotFound
from bot.services import moves
from bot.services.people import mark_gone
from bot.services.ports import World
from bot.services.rotations import drop_the_gone
from bot.services.running import Standing, read_standing
from bot.services.work import reads, writes
from db.engine import Database


@dataclass(frozen=True, slots=True)
class Wish:
    """What a moderator asks for: a repair (no users), a move of one user to a circle, or a swap of two users."""

    users: tuple[int, ...] = ()
    circle: int | None = None


REPAIR = Wish()


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One person's move; circles by number."""

    user_id: int | None
    origin: int | None
    target: int
    why: Why


@dataclass(frozen=True, slots=True)
class Change:
    """One circle before and after: its users, its shared hours, and how many pairs are new or meet again."""

    number: int
    before: tuple[int | None, ...]
    after: tuple[int | None, ...]
    hours_before: int
    hours_after: int
    new_pairs: int
    repeated_pairs: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would change in a rotation that runs; `fingerprint` stands for it, so that nothing else is published.

    `short` are circles that stay too small, `left_out` who has no circle and why, `losing` who rests and loses a seat
    because the circle closes.
    """

    program_id: int
    program: str
    rotation: int
    fingerprint: str
    moves: tuple[MoveLine, ...]
    changes: tuple[Change, ...]
    closed: tuple[int, ...]
    short: tuple[int, ...]
    left_out: tuple[tuple[int | None, Obstacle], ...]
    losing: tuple[int | None, ...]

    @property
    def has_changes(self) -> bool:
        """Tell whether anything is to be done."""
        return bool(self.moves or self.closed)


async def propose(
    database: Database, world: World, guild_id: int, program_id: int, wish: Wish, now: datetime
) -> Proposal:
    """Return what a wish would change, nobody being moved who left the guild."""
    return _describe(*await _decide(database, world, guild_id, program_id, wish, now))


async def publish(
    database: Database,
    world: World,
    guild_id: int,
    program_id: int,
    wish: Wish,
    fingerprint: str,
    now: datetime,
    by: int | None = None,
) -> Proposal:
    """Carry a proposal out as it was shown; raise Conflict where anything it rests on has changed since."""
    standing, decided = await _decide(database, world, guild_id, program_id, wish, now)
    proposal = _describe(standing, decided)
    if proposal.fingerprint != fingerprint:
        raise Conflict("repair.stale")
    await _carry_out(database, guild_id, program_id, standing, decided, now, by, wish)
    return proposal


async def _decide(
    database: Database, world: World, guild_id: int, program_id: int, wish: Wish, now: datetime
) -> tuple[Standing, Repair]:
    if wish.users:
        await _drop_gone(database, world, guild_id, program_id, wish, now)
    else:
        await drop_the_gone(database, world, guild_id, program_id, now)
    standing = await _read(database, guild_id, program_id, now)
    # Large communities take a moment; the bot answers meanwhile.
    return standing, await asyncio.to_thread(_repair_for, standing, wish)


@reads
async def _read(session: AsyncSession, guild_id: int, program_id: int, now: datetime) -> Standing:
    return await read_standing(session, guild_id, program_id, now)


async def _drop_gone(
    database: Database, world: World, guild_id: int, program_id: int, wish: Wish, now: datetime
) -> None:
    """Take those who are to move, and left the guild, out of the program; then there is nobody to move."""
    gone = await world.gone(guild_id, wish.users)
    if gone:
        users = (await _read(database, guild_id, program_id, now)).users
        people = tuple(int(key) for key, user in users.items() if user in gone)
        await mark_gone(database, program_id, people, now)


def _repair_for(standing: Standing, wish: Wish) -> Repair:
    if not wish.users:
        return repair(standing.problem, standing.circles)
    try:
        return rearrange(standing.problem, standing.circles, _targets(standing, wish))
    except HardRuleBroken as error:
        # Sizes are there for everybody to see; any other rule may be somebody's private wish.
        sizes = standing.problem.sizes
        if error.rule is HardRule.SIZE:
            raise Conflict("repair.size", least=sizes.least, most=sizes.most) from error
        raise Conflict("repair.rule") from error


def _targets(standing: Standing, wish: Wish) -> dict[str, int]:
    """Return which circle each person is to sit in; refuse what would change nothing."""
    keys = [_key_of(standing, user) for user in wish.users]
    homes = {key: circle.number for circle in standing.circles for key in circle.members}
    if wish.circle is not None:
        if wish.circle not in [circle.number for circle in standing.circles]:
            raise NotFound("repair.no-circle", circle=wish.circle)
        if homes.get(keys[0]) == wish.circle:
            raise Conflict("repair.sits-there", circle=wish.circle)
        return {keys[0]: wish.circle}
    one, other = keys
    if one not in homes or other not in homes:
        raise NotFound("repair.not-seated")
    if homes[one] == homes[other]:
        raise Conflict("rotation.swap.same-circle")
    return {one: homes[other], other: homes[one]}


def _key_of(standing: Standing, user: int) -> str:
    """Return under which key formation knows somebody who takes part; raise NotFound where they do not."""
    movable = {*standing.seeking, *(key for circle in standing.circles for key in circle.members)}
    for key, known in standing.users.items():
        if known == user and key in movable:
            return key
    raise NotFound("repair.not-enrolled")


@writes
async def _carry_out(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    standing: Standing,
    decided: Repair,
    now: datetime,
    by: int | None,
    wish: Wish,
) -> None:
    """Write the changes, their effects and the audit in one transaction, unless anything changed meanwhile."""
    if await read_standing(session, guild_id, program_id, now) != standing:
        raise Conflict("repair.stale")
    if not decided.moves and not decided.closed:
        raise Conflict("repair.nothing")
    await moves.carry_out(session, program_id, decided, now)
    moves.audit(session, guild_id, program_id, standing.rotation, decided, now, by, asked=len(wish.users))


def _describe(standing: Standing, decided: Repair) -> Proposal:
    users = standing.users
    after = _seats_after(standing.circles, decided)
    touched = {move.target for move in decided.moves} | {move.origin for move in decided.moves} | set(decided.closed)
    changes = [_change(standing, circle, after[circle.number]) for circle in standing.circles]
    return Proposal(
        program_id=standing.program_id,
        program=standing.program,
        rotation=standing.rotation,
        fingerprint=_fingerprint(standing, decided),
        moves=tuple(MoveLine(users.get(move.key), move.origin, move.target, move.why) for move in decided.moves),
        changes=tuple(change for change in changes if change.number in touched),
        closed=decided.closed,
        short=decided.short,
        left_out=tuple((users.get(key), why) for key, why in decided.left_out),
        losing=tuple(
            users.get(key) for circle in standing.circles if circle.number in decided.closed for key in circle.resting
        ),
    )


def _seats_after(circles: Sequence[Running], decided: Repair) -> dict[int, list[str]]:
    seats = {circle.number: list(circle.members) for circle in circles}
    for move in decided.moves:
        if move.origin is not None:
            seats[move.origin].remove(move.key)
        seats[move.target].append(move.key)
    return seats


def _change(standing: Standing, circle: Running, after: Sequence[str]) -> Change:
    """Describe one circle; only pairs that did not sit in one circle just now are counted."""
    home = {key: each.number for each in standing.circles for key in each.members}
    pairs = [
        (one, other)
        for place, one in enumerate(after)
        for other in after[place + 1 :]
        if home.get(one) is None or home.get(one) != home.get(other)
    ]
    again = sum(standing.have_met(one, other) for one, other in pairs)
    return Change(
        number=circle.number,
        before=tuple(standing.users.get(key) for key in circle.members),
        after=tuple(standing.users.get(key) for key in after),
        hours_before=standing.shared_hours(circle.members),
        hours_after=standing.shared_hours(after),
        new_pairs=len(pairs) - again,
        repeated_pairs=again,
    )


def _fingerprint(standing: Standing, decided: Repair) -> str:
    """Return what stands for the circles as they are and what is to become of them; no private wish is in it."""
    circles = [(each.number, sorted(each.members), sorted(each.resting)) for each in standing.circles]
    moved = [(move.key, move.origin, move.target) for move in decided.moves]
    told = repr((standing.rotation_id, circles, moved, decided.closed, decided.short, decided.left_out))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
