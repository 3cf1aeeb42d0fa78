"""The opportunities that somebody shared: taken along, forgotten, and deleted in time."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.opportunity_digests import redraw_digest
from bot.services.work import writes
from db import opportunities as queries
from db.models import Person

WORDS_KEPT = timedelta(days=90)


async def list_shared(session: AsyncSession, person: Person) -> list[dict[str, Any]]:
    """Return everything that a person shared."""
    return [
        {
            "program": each.program.name,
            "kind": each.kind.value,
            "title": each.title,
            "topics": each.topics,
            "place": each.place,
            "remote": each.remote,
            "link": each.link,
            "words": each.words,
            "deadline": each.deadline.isoformat() if each.deadline else None,
            "created_at": each.created_at.isoformat(),
            "expires_at": each.expires_at.isoformat(),
            "taken_down_at": each.taken_down_at.isoformat() if each.taken_down_at else None,
        }
        for each in await queries.list_of(session, person.id)
    ]


async def forget_shared(session: AsyncSession, person: Person, now: datetime) -> None:
    """Delete what a person shared, and have the digests that told of it drawn anew."""
    shared = await queries.list_of(session, person.id)
    for program_id, digest_id in {(each.program_id, each.digest_id) for each in shared}:
        await redraw_digest(session, program_id, digest_id, now)
    for each in shared:
        await session.delete(each)


@writes
async def forget_old_words(session: AsyncSession, now: datetime) -> int:
    """Delete the words of what has been over for long; return of how many."""
    return await queries.forget_words(session, now - WORDS_KEPT)
