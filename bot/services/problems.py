"""From what the database knows to a formation problem."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.availability import to_utc_mask
from bot.domain.formation import PRESETS, Budget, PastCircle, Problem, Sizes
from bot.domain.formation import Person as Seeker
from bot.domain.formation.problem import Role
from bot.services.people import EXPERIENCES, profile_of
from bot.services.topics import split_topics
from db import people as people_queries
from db import rotations as queries
from db.models import Person, Program

LEAST_ITERATIONS = 20_000
ITERATIONS_A_PERSON = 40


async def build_problem(
    session: AsyncSession, program: Program, people: Sequence[Person], number: int, now: datetime, seed: int
) -> Problem:
    """Describe one rotation for these people: wishes, avoid pairs and every encounter so far."""
    return Problem(
        people=tuple(seeker_of(person, now) for person in people),
        sizes=Sizes(program.size_least, program.size_wanted, program.size_most),
        rotation=number,
        history=await _history(session, program.id),
        avoid=await _avoid_pairs(session, people),
        weights=PRESETS[program.preset],
        budget=Budget(iterations=max(LEAST_ITERATIONS, ITERATIONS_A_PERSON * len(people))),
        seed=seed,
    )


def seeker_of(person: Person, now: datetime) -> Seeker:
    """Describe one person to formation: hours in UTC, topics and languages as sets."""
    profile = profile_of(person)
    offset = now.astimezone(ZoneInfo(profile.zone)).utcoffset() or timedelta(0)
    return Seeker(
        key=str(person.id),
        hours=to_utc_mask(profile.hours, int(offset.total_seconds() // 60)),
        offers=split_topics(profile.helps_with),
        wants=split_topics(profile.wants_help_with),
        experience=EXPERIENCES.index(profile.experience) if profile.experience else None,
        languages=split_topics(profile.languages),
    )


async def _history(session: AsyncSession, program_id: int) -> tuple[PastCircle, ...]:
    seats: dict[tuple[int, int], dict[str, Role]] = {}
    for number, circle_id, membership in await queries.list_past_circles(session, program_id):
        seats.setdefault((number, circle_id), {})[str(membership.person_id)] = membership.role
    return tuple(
        PastCircle(
            number,
            frozenset(members),
            next((key for key, role in members.items() if role is not Role.MEMBER), None),
        )
        for (number, _), members in seats.items()
    )


async def _avoid_pairs(session: AsyncSession, people: Sequence[Person]) -> frozenset[frozenset[str]]:
    by_user = {str(person.user_id): str(person.id) for person in people}
    avoids = await people_queries.list_avoids(session, [person.id for person in people])
    return frozenset(
        frozenset((str(avoid.person_id), by_user[avoid.about_user])) for avoid in avoids if avoid.about_user in by_user
    )
