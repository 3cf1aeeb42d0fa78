"""What export and erasure know of goals."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import goals as queries
from db.models import Person

Rows = list[dict[str, Any]]


async def export_goals(session: AsyncSession, person: Person) -> Rows:
    """Return a person's goals, ready for JSON."""
    return [
        {
            "goal": goal.id,
            "program": goal.program.name,
            "path": goal.path.value,
            "aim": goal.aim,
            "next_step": goal.next_step,
            "by": goal.by.isoformat(),
            "state": goal.state.value,
            "outcome": goal.outcome.value if goal.outcome else None,
            "carried": goal.carried,
            "created_at": goal.created_at.isoformat(),
            "done_at": goal.done_at.isoformat() if goal.done_at else None,
            "outcome_at": goal.outcome_at.isoformat() if goal.outcome_at else None,
        }
        for goal in await queries.list_goals(session, person.id)
    ]


async def export_notes(session: AsyncSession, person: Person) -> Rows:
    """Return a person's notes of progress, ready for JSON."""
    return [
        {"goal": note.goal_id, "words": note.words, "created_at": note.created_at.isoformat()}
        for note in await queries.list_notes_of(session, person.id)
    ]


async def erase_goals(session: AsyncSession, person: Person, _now: datetime) -> None:
    """Remove a person's goals with every note."""
    await queries.delete_goals(session, person.id)
