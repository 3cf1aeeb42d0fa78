"""What export and erasure know of evidence files and kudos."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.goals import WinKind
from bot.services.withdrawals import withdraw
from db import wins as queries
from db.models import Person


async def export_wins(session: AsyncSession, person: Person) -> list[dict[str, Any]]:
    """Return a person's file and the kudos that they gave, ready for JSON; ids are strings."""
    return [
        {
            "kind": win.kind.value,
            "for": str(win.person.user_id) if win.person.user_id else None,
            "from": str(win.giver.user_id) if win.giver and win.giver.user_id else None,
            "words": win.words,
            "effect": win.effect,
            "day": win.day.isoformat(),
            "may_be_shown": win.may_show,
            "shown_at": win.shown_at.isoformat() if win.shown_at else None,
            "created_at": win.created_at.isoformat(),
            "removed_at": win.removed_at.isoformat() if win.removed_at else None,
        }
        for win in await queries.list_known(session, person.id)
        if win.person_id == person.id or win.removed_at is None  # whoever gave them is not told of a removal
    ]


async def erase_wins(session: AsyncSession, person: Person, now: datetime) -> None:
    """Remove a person's file and take back the kudos that they gave or got, out of threads and files alike."""
    await queries.delete_own(session, person.id)
    for win in await queries.list_known(session, person.id):
        if win.kind is WinKind.KUDOS:
            await withdraw(session, win, now)
