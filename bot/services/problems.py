"""From what the database knows to a formation problem."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.core import Locale
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.availability import to_utc_mask
from bot.domain.formation import PRESETS, Budget, Feedback, Problem, Rules, Sizes
from bot.domain.formation import Person as Seeker
from bot.domain.formation.problem import Role
from bot.services.feedback import read_feedback
from bot.services.past import read_past
from bot.services.people import EXPERIENCES, profile_of
from bot.services.topics import split_topics
from db import mentors as mentor_queries
from db import people as people_queries
from db.models import MentorOffer, Person, Program

LEAST_ITERATIONS = 10_000
ITERATIONS_A_PERSON = 40


async def build_problem(
    session: AsyncSession, program: Program, people: Sequence[Person], number: int, now: datetime, seed: int
) -> Problem:
    """Describe one rotation for these people: wishes, avoid pairs and every encounter so far.

    Around mentors, only they lead, and each circle needs one.
    """
    mentored = program.mentor_mode
    facilitators = frozenset[int]() if mentored else await people_queries.list_facilitators(session, program.id)
    offers = {each.person_id: each for each in await mentor_queries.list_offers(session, program.id)}
    seekers = [seeker_of(person, now, program.locale, facilitates=person.id in facilitators) for person in people]
    return Problem(
        people=tuple(
            as_mentor(seeker, offers[person.id]) if mentored and person.id in offers else seeker
            for person, seeker in zip(people, seekers, strict=True)
        ),
        sizes=Sizes(program.size_least, program.size_wanted, program.size_most),
        rotation=number,
        history=await read_past(session, program.id),
        avoid=await avoid_pairs(session, people),
        rules=Rules(program.facilitator_in_each or mentored, program.common_language, mentored),
        feedback=await _feedback(session, people),
        weights=PRESETS[program.preset],
        budget=Budget(iterations=max(LEAST_ITERATIONS, ITERATIONS_A_PERSON * len(people))),
        seed=seed,
    )


def seeker_of(person: Person, now: datetime, locale: str, *, facilitates: bool) -> Seeker:
    """Describe one person to formation: hours in UTC, topics and languages as sets.

    Whoever names no language is taken to speak the program's.
    """
    profile = profile_of(person)
    offset = now.astimezone(ZoneInfo(profile.zone)).utcoffset() or timedelta(0)
    return Seeker(
        key=str(person.id),
        hours=to_utc_mask(profile.hours, int(offset.total_seconds() // 60)),
        offers=split_topics(profile.helps_with),
        wants=split_topics(profile.wants_help_with),
        experience=EXPERIENCES.index(profile.experience) if profile.experience else None,
        languages=split_topics(profile.languages) or frozenset((language_name(locale),)),
        role=Role.FACILITATOR if facilitates else Role.MEMBER,
    )


def as_mentor(seeker: Seeker, offer: MentorOffer) -> Seeker:
    """Describe somebody as the mentor they offer to be."""
    offers = seeker.offers | split_topics(offer.topics)
    return replace(seeker, role=Role.MENTOR, capacity=offer.capacity, offers=offers)


async def _feedback(session: AsyncSession, people: Sequence[Person]) -> tuple[Feedback, ...]:
    """Return what these people privately said of each other, the latest word of each."""
    present = {person.id for person in people}
    latest: dict[tuple[int, int], int] = {}
    for row in await people_queries.list_feedback(session, present):
        said = read_feedback(row.said)
        if said.about in present:
            latest[row.person_id, said.about] = said.wish
    return tuple(Feedback(str(person), str(about), wish) for (person, about), wish in latest.items() if wish)


def language_name(locale: str) -> str:
    """Return what people who speak a language would call it in English, as formation compares it."""
    return (Locale.parse(locale, sep="-").english_name or locale).casefold()


async def avoid_pairs(session: AsyncSession, people: Sequence[Person]) -> frozenset[frozenset[str]]:
    """Return the pairs of these people, by their ids, of whom one wishes never to meet the other."""
    by_user = {str(person.user_id): str(person.id) for person in people}
    avoids = await people_queries.list_avoids(session, [person.id for person in people])
    return frozenset(
        frozenset((str(avoid.person_id), by_user[avoid.about_user])) for avoid in avoids if avoid.about_user in by_user
    )
