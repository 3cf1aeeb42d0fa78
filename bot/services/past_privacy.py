"""What export and erasure know of encounters from before a program."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import past as queries
from db.models import Person

Rows = list[dict[str, Any]]


async def export_encounters(session: AsyncSession, person: Person) -> Rows:
    """Return whom a person had met before a program, ready for JSON; who was forgotten has no id."""
    return [
        {"program": program, "rotation": rotation, "user_id": str(user_id) if user_id else None}
        for program, rotation, user_id in await queries.list_encounters_of(session, person.id)
    ]


async def erase_encounters(session: AsyncSession, person: Person, _now: datetime) -> None:
    """Delete whom a person had met: formation never meets them again under this number."""
    await queries.delete_encounters(session, person.id)
