"""Whom members had met before a program: told by a history beside the roster, so that formation counts it too."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.past import Encounter, History, encounters_of
from bot.domain.table import Fault
from db import imports as queries
from db import past as past_queries
from db.models import PastEncounter, Program


@dataclass(frozen=True, slots=True)
class PastRun:
    """What a history would add: encounters of members or of who joins with it; the others' rows count for nothing."""

    added: int
    known: int
    people: int
    rotations: int
    strangers: int
    faults: tuple[Fault, ...]


async def plan_past(session: AsyncSession, program: Program, history: History, newcomers: frozenset[int]) -> PastRun:
    """Say what a history would add once the newcomers have joined."""
    users = await _users(session, program)
    ours = [seat for seat in history.seats if seat.user_id in newcomers or seat.user_id in users]
    found = encounters_of(ours)
    added = found - await _known(session, program, users)
    return PastRun(
        added=len(added),
        known=len(found) - len(added),
        people=len({user for _, *pair in added for user in pair}),
        rotations=len({rotation for rotation, *_ in added}),
        strangers=len(history.seats) - len(ours),
        faults=history.faults,
    )


async def keep_past(session: AsyncSession, program: Program, history: History) -> None:
    """Keep each encounter of two members that is not known yet."""
    users = await _users(session, program)
    found = encounters_of(seat for seat in history.seats if seat.user_id in users)
    for rotation, one, other in sorted(found - await _known(session, program, users)):
        first, second = sorted((users[one], users[other]))
        session.add(PastEncounter(program_id=program.id, rotation=rotation, one_id=first, other_id=second))
    await session.flush()


async def _users(session: AsyncSession, program: Program) -> dict[int, int]:
    """Return the person of each user who ever joined the program."""
    enrolled = await queries.list_enrollments(session, program.id)
    return {each.person.user_id: each.person_id for each in enrolled if each.person.user_id is not None}


async def _known(session: AsyncSession, program: Program, users: dict[int, int]) -> set[Encounter]:
    """Return the encounters that are kept already, by their users."""
    of = {person: user for user, person in users.items()}
    found: set[Encounter] = set()
    for rotation, *pair in await past_queries.list_encounters(session, program.id):
        one, other = sorted(of.get(person, 0) for person in pair)
        found.add((rotation, one, other))
    return found
