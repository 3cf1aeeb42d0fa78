"""Whom a person never wants to share a circle with: a private list, which nobody else is told of."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import InvalidInput, NotFound
from bot.services.work import reads, writes
from db import avoid as queries
from db import people as people_queries
from db.models import Avoid


@writes
async def add_avoid(session: AsyncSession, guild_id: int, user_id: int, about_user: int) -> tuple[int, ...]:
    """Never place a person with a user from now on, whether that user joined or not; return the whole list."""
    if about_user == user_id:
        raise InvalidInput("avoid.yourself")
    person = await people_queries.get_person(session, guild_id, user_id)
    if await queries.find_avoid(session, person.id, about_user) is None:
        session.add(Avoid(person_id=person.id, about_user=str(about_user)))
        await session.flush()
    return await _users(session, person.id)


@writes
async def remove_avoid(session: AsyncSession, guild_id: int, user_id: int, about_user: int) -> tuple[int, ...]:
    """Take a wish back; return what is left of the list."""
    person = await people_queries.get_person(session, guild_id, user_id)
    avoid = await queries.find_avoid(session, person.id, about_user)
    if avoid is None:
        raise NotFound("avoid.not-listed")
    await session.delete(avoid)
    await session.flush()
    return await _users(session, person.id)


@reads
async def list_avoids(session: AsyncSession, guild_id: int, user_id: int) -> tuple[int, ...]:
    """Return the users that a person avoids."""
    return await _users(session, (await people_queries.get_person(session, guild_id, user_id)).id)


async def _users(session: AsyncSession, person_id: int) -> tuple[int, ...]:
    return tuple(int(avoid.about_user) for avoid in await queries.list_avoids_of(session, person_id))
