"""Questions sent to one person in private: whom each is about, so that nobody else answers it."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind
from bot.errors import NotAllowed, NotFound
from db import deliveries as delivery_queries
from db import people as people_queries
from db.models import Enrollment, Person, Program


async def asked_of(
    session: AsyncSession, key: str, kind: DeliveryKind, user_id: int, not_yours: str
) -> tuple[Program, Enrollment]:
    """Return the program and enrolment that a question is about; refuse others by the message `not_yours`."""
    question = await delivery_queries.find_by_key(session, key)
    if question is None or question.kind is not kind or question.person_id is None:
        raise NotFound("control.gone")
    person = await session.get_one(Person, question.person_id)
    if person.user_id != user_id:
        raise NotAllowed(not_yours)
    enrollment = await people_queries.find_enrollment(session, question.program_id, person.id)
    if enrollment is None:
        raise NotFound("control.gone")
    return await session.get_one(Program, question.program_id), enrollment
