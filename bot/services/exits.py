"""Leaving well: a short question that may be skipped."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import EnrollmentState, ExitReason
from bot.errors import Conflict, NotFound
from bot.services.telling import Subject, until_of
from bot.services.work import reads, writes
from db import exits as queries
from db import people as people_queries
from db import programs as program_queries
from db.models import Enrollment, ExitWord

LEAST_GROUP = 5  # of fewer people nothing is told


@reads
async def list_words(session: AsyncSession, guild_id: int, program_id: int) -> tuple[str, ...]:
    """Return what people wrote when they left, without names or order; nothing of fewer than five.

    A word comes up with the batch of reasons that its own is in: nobody can tell who left in between.
    """
    await program_queries.get_program(session, guild_id, program_id)
    until = await until_of(session, program_id, Subject.EXITS)
    words = [
        word.words
        for word in await queries.list_words(session, program_id)
        if word.reason in until and word.at <= until[word.reason]
    ]
    return tuple(sorted(words)) if len(words) >= LEAST_GROUP else ()


@writes
async def say_why(
    session: AsyncSession, guild_id: int, program_id: int, user_id: int, reason: ExitReason, now: datetime
) -> str:
    """Keep why somebody left, in the place of what they said before of the same leaving; return the program's name."""
    left, name = await _left(session, guild_id, program_id, user_id)
    word = await queries.find_word_since(session, program_id, left.person_id, left.left_at)
    if word is None:
        session.add(ExitWord(program_id=program_id, person_id=left.person_id, reason=reason, at=now))
    else:
        word.reason = reason
    return name


@writes
async def add_words(session: AsyncSession, guild_id: int, program_id: int, user_id: int, words: str) -> str:
    """Keep the words beside the reason; return the program's name."""
    left, name = await _left(session, guild_id, program_id, user_id)
    word = await queries.find_word_since(session, program_id, left.person_id, left.left_at)
    if word is None:
        raise NotFound("control.gone")
    word.words = words.strip()
    return name


async def _left(session: AsyncSession, guild_id: int, program_id: int, user_id: int) -> tuple[Enrollment, str]:
    """Return the place that somebody gave up; raise Conflict once they are back."""
    program = await program_queries.get_program(session, guild_id, program_id)
    person = await people_queries.get_person(session, guild_id, user_id)
    enrollment = await people_queries.find_enrollment(session, program.id, person.id)
    if enrollment is None:
        raise NotFound("person.not-enrolled", program=program.name)
    if enrollment.state is not EnrollmentState.LEFT:
        raise Conflict("exit.not-left", program=program.name)
    return enrollment, program.name
