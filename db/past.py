"""Queries about encounters from before a program."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import PastEncounter, Person, Program

Encounter = tuple[int, int, int]  # rotation, and the two people, the smaller id first


async def list_encounters(session: AsyncSession, program_id: int) -> Sequence[Encounter]:
    """Return who had met before a program, the oldest rotation first."""
    query = (
        select(PastEncounter.rotation, PastEncounter.one_id, PastEncounter.other_id)
        .where(PastEncounter.program_id == program_id)
        .order_by(PastEncounter.rotation, PastEncounter.one_id, PastEncounter.other_id)
    )
    return [(rotation, one, other) for rotation, one, other in await session.execute(query)]


async def list_encounters_of(session: AsyncSession, person_id: int) -> Sequence[tuple[str, int, int | None]]:
    """Return (program, rotation, the other's user id) for everybody whom a person had met."""
    found: list[tuple[str, int, int | None]] = []
    for mine, others in (
        (PastEncounter.one_id, PastEncounter.other_id),
        (PastEncounter.other_id, PastEncounter.one_id),
    ):
        query = (
            select(Program.name, PastEncounter.rotation, Person.user_id)
            .join(Program, Program.id == PastEncounter.program_id)
            .join(Person, Person.id == others)
            .where(mine == person_id)
            .order_by(PastEncounter.id)
        )
        found += [(program, rotation, user_id) for program, rotation, user_id in await session.execute(query)]
    return found


async def delete_encounters(session: AsyncSession, person_id: int) -> None:
    """Delete every past encounter of a person."""
    mine = or_(PastEncounter.one_id == person_id, PastEncounter.other_id == person_id)
    await session.execute(delete(PastEncounter).where(mine))
