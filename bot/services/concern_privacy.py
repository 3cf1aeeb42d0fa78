"""What becomes of concerns with time, and what a person may ask of those that they raised by name."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.concerns import Concern, first_day_after, quarter_of
from bot.services import concern_store as store
from bot.services import concerns
from bot.services.ports import Surveys
from bot.services.work import reads
from db import concerns as queries
from db.engine import Database

KEPT_DAYS = 30  # after closing
LONGEST_OPEN = timedelta(days=365)
LONGEST_COUNTED = timedelta(days=200)  # after its quarter: no digest counts a concern then any more


async def forget(database: Database, surveys: Surveys, now: datetime) -> None:
    """Erase the words of concerns that were closed some time ago or rested for a year, and turns that are over.

    Of a concern that a digest has still to count, its theme stays so long.
    """
    today = now.date()
    for program_id in await _list_programs(database):
        counted = await _list_counted(database, program_id)
        for card in await store.list_of(surveys, program_id):
            is_waiting = _is_waiting(card.concern, counted, today)
            if (card.concern.lines and _is_over(card.concern, today)) or not (card.concern.lines or is_waiting):
                await store.change(surveys, card.key, Concern.emptied if is_waiting else _nothing)
    await surveys.vault.concerns.forget_turns(today)


async def export_concerns(database: Database, surveys: Surveys, user_id: int) -> dict[int, list[dict[str, Any]]]:
    """Return the concerns that somebody raised by name, by guild; of others nobody knows whose they are."""
    found: dict[int, list[dict[str, Any]]] = {}
    for card in await concerns.list_own(database, surveys, user_id, None):
        found.setdefault(card.concern.guild_id, []).append(_exported(card.concern))
    return found


async def erase_concerns(database: Database, surveys: Surveys, user_id: int, guild_id: int | None) -> None:
    """Delete the concerns that somebody raised by name, and their user id in those of others.

    From concerns about them they stay kept apart, by their pseudonym.
    """
    for program_id in await concerns.list_programs(database, user_id, guild_id):
        for card in await store.list_of(surveys, program_id):
            if card.concern.by == user_id:
                await store.change(surveys, card.key, _nothing)
            elif user_id in card.concern.about:
                await store.change(surveys, card.key, lambda concern: concern.without(user_id))


def _is_over(concern: Concern, today: date) -> bool:
    if concern.closed_on is not None:
        return today >= concern.closed_on + timedelta(days=KEPT_DAYS)
    return today >= concern.last_week + LONGEST_OPEN


def _is_waiting(concern: Concern, counted: frozenset[str], today: date) -> bool:
    """Tell whether a digest has still to count a concern."""
    quarter = concern.quarter
    is_recent = quarter == quarter_of(today) or today < first_day_after(quarter) + LONGEST_COUNTED
    return concern.counts and quarter not in counted and is_recent


def _nothing(_concern: Concern) -> None:
    """Leave nothing of a concern."""


def _exported(concern: Concern) -> dict[str, Any]:
    return {
        "kind": concern.kind.value,
        "theme": concern.theme.value,
        "week": concern.week.isoformat(),
        "about": [str(user) for user in concern.about],
        "admins_only": concern.admins_only,
        "closed_on": concern.closed_on.isoformat() if concern.closed_on else None,
        "lines": [
            {"from": line.voice.value, "week": line.week.isoformat(), "words": line.words} for line in concern.lines
        ],
    }


@reads
async def _list_programs(session: AsyncSession) -> tuple[int, ...]:
    return tuple(await queries.list_all_programs(session))


@reads
async def _list_counted(session: AsyncSession, program_id: int) -> frozenset[str]:
    return frozenset(await queries.list_published_quarters(session, program_id))
