"""What the audit holds of somebody: what they did as a moderator, and what was done about them."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.audit import people_in
from db import audit as queries
from db.models import Audit, Person


async def list_actions(session: AsyncSession, person: Person) -> list[dict[str, Any]]:
    """Return a person's own actions as a moderator of their guild, and those about them, ready for JSON."""
    entries = await queries.list_of_guild(session, person.guild_id)
    own = person.user_id
    return [_row(entry, own) for entry in entries if entry.actor_user_id == own or person.id in people_in(entry)]


async def list_foreign_actions(session: AsyncSession, user_id: int, joined: set[int]) -> list[dict[str, Any]]:
    """Return the guilds that somebody moderates without ever having joined there, with their actions."""
    entries = [entry for entry in await queries.list_by_actor(session, user_id, None) if entry.guild_id not in joined]
    guilds = dict.fromkeys(entry.guild_id for entry in entries)
    return [
        {"guild_id": str(guild), "audit": [_row(entry, user_id) for entry in entries if entry.guild_id == guild]}
        for guild in guilds
    ]


async def forget_actions(session: AsyncSession, person: Person, _now: datetime) -> None:
    """Take a person's user id off what they did as a moderator; what was done about them names only a number."""
    if person.user_id is not None:
        await queries.forget_actor(session, person.guild_id, person.user_id)


def _row(entry: Audit, user_id: int | None) -> dict[str, Any]:
    values = {name: value for name, value in entry.values.items() if name != "people"}
    return {
        "action": entry.action.value,
        "done_by_you": entry.actor_user_id == user_id,
        "at": entry.at.isoformat(),
        "values": values,
    }
