"""What a person may ask of their mentoring: a copy, and that it is gone."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import mentors as queries
from db.models import Person

Rows = list[dict[str, Any]]


async def export_offers(session: AsyncSession, person: Person) -> Rows:
    """Return somebody's offers to mentor."""
    return [
        {
            "program": program,
            "capacity": offer.capacity,
            "topics": offer.topics,
            "created_at": offer.created_at.isoformat(),
        }
        for offer, program in await queries.list_offers_of(session, person.id)
    ]


async def export_words(session: AsyncSession, person: Person) -> Rows:
    """Return what somebody wrote to those who led their circles, and what reached them as a lead, without names."""
    written = [
        {"circle": word.circle_id, "written": word.words, "also_alone": word.alone}
        for word in await queries.list_words_of(session, person.id)
    ]
    received = [
        {"program": program, "rotation": rotation, "received": word.words}
        for word, rotation, program in await queries.list_told(session, person.id)
    ]
    return [*written, *received]


async def export_steps(session: AsyncSession, person: Person) -> Rows:
    """Return the next steps that somebody chose after leading."""
    return [
        {"program": program, "step": step.step.value, "at": step.at.isoformat()}
        for step, program in await queries.list_steps_of(session, person.id)
    ]


async def erase(session: AsyncSession, person: Person, _now: datetime) -> None:
    """Remove somebody's offers, steps and words, and what others wrote to them."""
    await queries.delete_of(session, person)
