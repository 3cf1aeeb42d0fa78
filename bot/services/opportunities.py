"""Jobs, talks, grants and collaborations that members share with their program."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import resolve
from bot.domain.links import checked_link
from bot.domain.matching import fitting
from bot.domain.states import AuditAction, OpportunityKind
from bot.errors import Conflict, InvalidInput, NotAllowed
from bot.services import audit
from bot.services.opportunity_digests import redraw_digest
from bot.services.people import get_enrolled, profile_of
from bot.services.topics import split_topics
from bot.services.work import reads, writes
from db import opportunities as queries
from db import people as people_queries
from db import programs as program_queries
from db.models import Opportunity, Person

STAYS_OPEN = timedelta(days=60)  # without a deadline
FURTHEST = timedelta(days=366)
MOST_OPEN = 10
LONGEST_TITLE = 100
LONGEST_LINE = 200
LONGEST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Sharing:
    """What somebody shares; topics are a list parted by commas, a deadline is the last day on which it counts."""

    kind: OpportunityKind
    title: str
    topics: str = ""
    place: str = ""
    link: str = ""
    words: str = ""
    remote: bool = False
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class OpportunityCard:
    """One opportunity as a member reads it; `fits` are the interests of their profile that it is about."""

    id: int
    program_id: int
    shared: Sharing
    expires_at: datetime
    user_id: int | None
    is_over: bool
    fits: tuple[str, ...]


@writes
async def share(
    session: AsyncSession, guild_id: int, program_id: int, user_id: int, given: Sharing, now: datetime
) -> OpportunityCard:
    """Share an opportunity with a program; it is over after its deadline, or after 60 days."""
    enrollment, _ = await get_enrolled(session, guild_id, program_id, user_id)
    program = await program_queries.get_program(session, guild_id, program_id)
    _check(given)
    if await queries.count_open_of(session, program_id, enrollment.person_id, now) >= MOST_OPEN:
        raise Conflict("opportunity.too-many", most=MOST_OPEN)
    made = Opportunity(
        program_id=program_id,
        person_id=enrollment.person_id,
        kind=given.kind,
        title=given.title.strip(),
        topics=given.topics.strip(),
        place=given.place.strip(),
        link=checked_link(given.link),
        words=given.words.strip(),
        remote=given.remote,
        deadline=given.deadline,
        created_at=now,
        expires_at=_end(given.deadline, program.zone, now),
    )
    session.add(made)
    await session.flush()
    person = await session.get_one(Person, enrollment.person_id)
    return _card(made, person, person, now)


@reads
async def browse(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    user_id: int,
    now: datetime,
    *,
    kind: OpportunityKind | None = None,
    remote: bool = False,
    moderates: bool = False,
) -> tuple[OpportunityCard, ...]:
    """Return what is open in a program, first what fits the reader's profile, then what ends soonest."""
    if not moderates:
        await get_enrolled(session, guild_id, program_id, user_id)
    await program_queries.get_program(session, guild_id, program_id)
    reader = await people_queries.find_person(session, guild_id, user_id)
    cards = [
        _card(each, each.person, reader, now)
        for each in await queries.list_open(session, program_id, now)
        if kind in (None, each.kind) and (each.remote or not remote)
    ]
    return tuple(sorted(cards, key=lambda each: (-len(each.fits), each.expires_at)))


@reads
async def get_opportunity(
    session: AsyncSession, guild_id: int, opportunity_id: int, user_id: int, now: datetime
) -> OpportunityCard:
    """Return one opportunity of a guild, to somebody who may take it down."""
    found = await queries.get_opportunity(session, guild_id, opportunity_id)
    return _card(found, found.person, await people_queries.find_person(session, guild_id, user_id), now)


@writes
async def take_down(
    session: AsyncSession, guild_id: int, opportunity_id: int, user_id: int, now: datetime, *, moderates: bool
) -> OpportunityCard:
    """Take an opportunity down, also out of the lobby's digest: for its sharer, or for who moderates the program."""
    found = await queries.get_opportunity(session, guild_id, opportunity_id)
    if found.person.user_id != user_id and not moderates:
        raise NotAllowed("opportunity.not-yours")
    if found.taken_down_at is None:
        found.taken_down_at = now
        await redraw_digest(session, found.program_id, found.digest_id, now)
        if found.person.user_id != user_id:
            action = AuditAction.OPPORTUNITY_TAKEN_DOWN
            audit.record(session, guild_id, found.program_id, user_id, action, now, people=(found.person_id,))
    return _card(found, found.person, None, now)


def _check(given: Sharing) -> None:
    if not given.title.strip() or len(given.title) > LONGEST_TITLE:
        raise InvalidInput("opportunity.invalid.title", most=LONGEST_TITLE)
    if len(given.words) > LONGEST_WORDS or max(len(given.topics), len(given.place)) > LONGEST_LINE:
        raise InvalidInput("opportunity.invalid.long", words=LONGEST_WORDS, line=LONGEST_LINE)


def check_deadline(deadline: date | None, now: datetime) -> None:
    """Raise InvalidInput for a day that is over everywhere, or too far ahead."""
    if deadline is None:
        return
    if deadline < (now - timedelta(hours=12)).date():
        raise InvalidInput("opportunity.invalid.past")
    if deadline > (now + FURTHEST).date():
        raise InvalidInput("opportunity.invalid.far")


def _end(deadline: date | None, zone: str, now: datetime) -> datetime:
    """Return when an opportunity is over: at the end of its last day in the program's zone."""
    check_deadline(deadline, now)
    if deadline is None:
        return now + STAYS_OPEN
    ends = resolve(deadline + timedelta(days=1), 0, zone)
    if ends <= now:
        raise InvalidInput("opportunity.invalid.past")
    return ends


def _card(found: Opportunity, sharer: Person, reader: Person | None, now: datetime) -> OpportunityCard:
    return OpportunityCard(
        id=found.id,
        program_id=found.program_id,
        shared=Sharing(
            found.kind,
            found.title,
            found.topics,
            found.place,
            found.link,
            found.words,
            found.remote,
            found.deadline,
        ),
        expires_at=found.expires_at,
        user_id=sharer.user_id,
        is_over=found.expires_at <= now or found.taken_down_at is not None,
        fits=_fits(found, reader),
    )


def _fits(found: Opportunity, reader: Person | None) -> tuple[str, ...]:
    if reader is None:
        return ()
    profile = profile_of(reader)
    interests = split_topics(profile.helps_with) | split_topics(profile.wants_help_with)
    return fitting(interests, split_topics(found.topics), found.title)
