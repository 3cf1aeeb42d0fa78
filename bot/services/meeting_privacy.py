"""What is kept of a person around meetings: what they proposed, ticked and said; to take along, or to be forgotten."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import meetings as queries
from db.models import Person

Rows = list[dict[str, Any]]


async def export_meetings(session: AsyncSession, person: Person) -> Rows:
    """Return the meetings that somebody proposed."""
    return [
        {
            "state": meeting.state.value,
            "created_at": meeting.created_at.isoformat(),
            "starts_at": meeting.starts_at.isoformat() if meeting.starts_at else None,
        }
        for meeting in await queries.list_proposed_by(session, person.id)
    ]


async def export_votes(session: AsyncSession, person: Person) -> Rows:
    """Return the hours that somebody ticked."""
    return [
        {
            "voted_at": vote.voted_at.isoformat(),
            "ticked": [slot.starts_at.isoformat() for slot in slots if vote.ticks >> slot.number & 1],
        }
        for vote, slots in await queries.list_votes_of(session, person.id)
    ]


async def export_words(session: AsyncSession, person: Person) -> Rows:
    """Return what somebody said of how meetings went."""
    return [
        {
            "starts_at": meeting.starts_at.isoformat() if meeting.starts_at else None,
            "how": word.how.value,
            "said_at": word.said_at.isoformat(),
        }
        for word, meeting in await queries.list_words_of(session, person.id)
    ]


async def delete_votes(session: AsyncSession, person: Person, _now: datetime) -> None:
    """Forget when somebody was free."""
    await queries.delete_votes(session, person.id)
