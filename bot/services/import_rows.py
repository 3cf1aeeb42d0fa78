"""What one row of a roster does to one person: it fills in what is empty, and overwrites nothing."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation.problem import Role
from bot.domain.roster import Entry
from bot.domain.states import DeliveryKind
from bot.services.deliveries import DM_LANE, enqueue
from db import avoid as avoid_queries
from db import mentors as mentor_queries
from db import people as people_queries
from db.models import Avoid, Enrollment, MentorOffer, Person, Program

MENTEES = 4  # of a mentor whose row names no capacity


async def adds(session: AsyncSession, program: Program, person: Person, enrollment: Enrollment, entry: Entry) -> bool:
    """Tell whether a row says anything that somebody's profile leaves empty."""
    listed = [int(each.about_user) for each in await avoid_queries.list_avoids_of(session, person.id)]
    mentors = entry.role is Role.MENTOR and await mentor_queries.find_offer(session, program.id, person.id) is None
    leads = entry.role in (Role.FACILITATOR, Role.MENTOR) and not enrollment.facilitates
    return bool(_filled(person, entry)) or bool(set(entry.avoid) - set(listed)) or leads or mentors


def _filled(person: Person, entry: Entry) -> dict[str, str]:
    """Return the fields of a profile that a row fills in."""
    told = {
        "zone": (entry.zone or "", person.zone == "UTC"),
        "hours": (format(entry.hours, "x") if entry.hours else "", int(person.hours, 16) == 0),
        "helps_with": (entry.helps_with, not person.helps_with),
        "wants_help_with": (entry.wants_help_with, not person.wants_help_with),
        "languages": (entry.languages, not person.languages),
        "experience": (entry.experience or "", person.experience is None),
    }
    return {name: said for name, (said, free) in told.items() if said and free and said != getattr(person, name)}


async def bring(session: AsyncSession, program: Program, entry: Entry, now: datetime) -> None:
    """Enrol somebody if they are not, with a private notice, and fill in what their profile leaves empty."""
    person = await people_queries.find_person(session, program.guild_id, entry.user_id)
    if person is None:
        person = Person(
            guild_id=program.guild_id,
            user_id=entry.user_id,
            zone="UTC",
            hours="0",
            helps_with="",
            wants_help_with="",
            languages="",
            created_at=now,
        )
        session.add(person)
        await session.flush()
    enrollment = await people_queries.find_enrollment(session, program.id, person.id)
    if enrollment is None:
        enrollment = Enrollment(program_id=program.id, person_id=person.id, joined_at=now, facilitates=False)
        session.add(enrollment)
        enqueue(session, DeliveryKind.IMPORT_NOTICE, DM_LANE, program.id, now, person_id=person.id)
    for name, said in _filled(person, entry).items():
        setattr(person, name, said)
    enrollment.facilitates = enrollment.facilitates or entry.role in (Role.FACILITATOR, Role.MENTOR)
    await _add_wishes(session, program, person, entry, now)
    await session.flush()


async def _add_wishes(session: AsyncSession, program: Program, person: Person, entry: Entry, now: datetime) -> None:
    """Keep whom somebody avoids, and that they mentor."""
    for about in entry.avoid:
        if await avoid_queries.find_avoid(session, person.id, about) is None:
            session.add(Avoid(person_id=person.id, about_user=str(about)))
    if entry.role is Role.MENTOR and await mentor_queries.find_offer(session, program.id, person.id) is None:
        capacity = entry.capacity or MENTEES
        session.add(MentorOffer(program_id=program.id, person_id=person.id, capacity=capacity, created_at=now))
