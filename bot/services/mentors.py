"""Offering to mentor: how many mentees, and on what."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import InvalidInput, NotFound
from bot.services.people import get_enrolled
from bot.services.work import reads, writes
from db import mentors as queries
from db.models import Enrollment, MentorOffer, Program

MOST_MENTEES = 11  # a circle has at most twelve people
LONGEST_TOPICS = 300


@dataclass(frozen=True, slots=True)
class OfferCard:
    """Somebody's offer in a program; without a capacity there is none yet.

    `mentor_mode` tells whether the program forms its circles around mentors.
    """

    program_id: int
    program: str
    mentor_mode: bool
    least: int
    capacity: int | None
    topics: str


@writes
async def offer(
    session: AsyncSession, program_id: int, user_id: int, capacity: int, topics: str, now: datetime
) -> OfferCard:
    """Keep somebody's offer to mentor, in the place of an earlier one."""
    if not 1 <= capacity <= MOST_MENTEES:
        raise InvalidInput("mentor.invalid.capacity", most=MOST_MENTEES)
    program, enrollment = await _enrolled(session, program_id, user_id)
    made = await queries.find_offer(session, program.id, enrollment.person_id)
    if made is None:
        made = MentorOffer(program_id=program.id, person_id=enrollment.person_id, created_at=now)
        session.add(made)
    made.capacity, made.topics = capacity, topics.strip()[:LONGEST_TOPICS]
    return _card(program, made)


@writes
async def withdraw(session: AsyncSession, program_id: int, user_id: int) -> OfferCard:
    """Take an offer back; circles that run stay as they are."""
    program, enrollment = await _enrolled(session, program_id, user_id)
    made = await queries.find_offer(session, program.id, enrollment.person_id)
    if made is None:
        raise NotFound("mentor.none", program=program.name)
    await session.delete(made)
    return _card(program, None)


@reads
async def get_offer(session: AsyncSession, program_id: int, user_id: int) -> OfferCard:
    """Return somebody's offer in a program, or how an offer could look there."""
    program, enrollment = await _enrolled(session, program_id, user_id)
    return _card(program, await queries.find_offer(session, program.id, enrollment.person_id))


async def _enrolled(session: AsyncSession, program_id: int, user_id: int) -> tuple[Program, Enrollment]:
    program = await session.get(Program, program_id)
    if program is None:
        raise NotFound("program.not-found")
    enrollment, _ = await get_enrolled(session, program.guild_id, program.id, user_id)
    return program, enrollment


def _card(program: Program, made: MentorOffer | None) -> OfferCard:
    return OfferCard(
        program_id=program.id,
        program=program.name,
        mentor_mode=program.mentor_mode,
        least=max(1, program.size_least - 1),
        capacity=made.capacity if made else None,
        topics=made.topics if made else "",
    )
