"""What a person may ask of their words on leaving: a copy, and that they are gone."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import exits as queries
from db.models import Person


async def export_words(session: AsyncSession, person: Person) -> list[dict[str, Any]]:
    """Return everything that somebody said when they left."""
    return [
        {"program": program, "reason": word.reason.value, "words": word.words, "at": word.at.isoformat()}
        for word, program in await queries.list_words_of(session, person.id)
    ]


async def erase_words(session: AsyncSession, person: Person, _now: datetime) -> None:
    """Remove everything that somebody said when they left."""
    await queries.delete_words_of(session, person.id)
