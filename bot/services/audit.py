"""The audit: what moderators did, written with the action itself, and read by moderators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import AuditAction
from bot.services.work import reads, writes
from db import audit as queries
from db import programs as program_queries
from db.models import Audit

A_PAGE = 10


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One action; who did it and whom it was about are None where they asked to be forgotten."""

    action: AuditAction
    actor: int | None
    at: datetime
    values: dict[str, Any]
    people: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of a program's audit, the newest action first."""

    program: str
    lines: tuple[AuditLine, ...]
    page: int
    pages: int
    entries: int


def record(
    session: AsyncSession,
    guild_id: int,
    program_id: int | None,
    by: int | None,
    action: AuditAction,
    now: datetime,
    *,
    people: Sequence[int] = (),
    **values: Any,
) -> None:
    """Write what a moderator does into the transaction that does it; where nobody does (a schedule), write nothing.

    Values are numbers and settings that fit into JSON, never a member's words or user id; `people` are person ids.
    """
    if by is not None:
        about = {"people": list(people)} if people else {}
        session.add(
            Audit(
                guild_id=guild_id, program_id=program_id, actor_user_id=by, action=action, values=values | about, at=now
            )
        )


@reads
async def read_audit(
    session: AsyncSession, guild_id: int, program_id: int, action: AuditAction | None = None, page: int = 0
) -> AuditPage:
    """Return a page of what moderators did to a program and to the guild as a whole, of one action or of all."""
    program = await program_queries.get_program(session, guild_id, program_id)
    entries = await queries.count_entries(session, guild_id, program_id, action)
    pages = max(1, -(-entries // A_PAGE))
    page = max(0, min(page, pages - 1))
    found = await queries.list_entries(session, guild_id, program_id, action, page, A_PAGE)
    users = await queries.list_users(session, {each for entry in found for each in people_in(entry)})
    return AuditPage(program.name, tuple(_line(entry, users) for entry in found), page, pages, entries)


@writes
async def delete_old(session: AsyncSession, days: int, now: datetime) -> int:
    """Delete what was done longer ago than so many days; return how many entries that were."""
    return await queries.delete_before(session, now - timedelta(days=days))


def people_in(entry: Audit) -> list[int]:
    """Return the person ids of those whom an action was about."""
    return list(entry.values.get("people", ()))


def _line(entry: Audit, users: dict[int, int | None]) -> AuditLine:
    values = {name: value for name, value in entry.values.items() if name != "people"}
    people = tuple(users.get(person) for person in people_in(entry))
    return AuditLine(entry.action, entry.actor_user_id, entry.at, values, people)
