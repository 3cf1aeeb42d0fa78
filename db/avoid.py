"""Queries about whom a person avoids; whom it is about lies encrypted, so rows are compared once they are read."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Avoid


async def list_avoids_of(session: AsyncSession, person_id: int) -> Sequence[Avoid]:
    """Return whom one person avoids, in the order of their wishes."""
    return (await session.scalars(select(Avoid).where(Avoid.person_id == person_id).order_by(Avoid.id))).all()


async def find_avoid(session: AsyncSession, person_id: int, about_user: int) -> Avoid | None:
    """Return the wish of one person never to share a circle with a user, if there is one."""
    avoids = await list_avoids_of(session, person_id)
    return next((avoid for avoid in avoids if avoid.about_user == str(about_user)), None)
