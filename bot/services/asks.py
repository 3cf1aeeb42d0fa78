"""What members ask for and what they offer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import Direction, HelpKind, PostState
from bot.errors import Conflict, InvalidInput
from bot.services.help_market import match
from bot.services.introductions import Proposal, proposal_of, step_back
from bot.services.people import get_enrolled, profile_of
from bot.services.work import reads, writes
from db import help as queries
from db import people as people_queries
from db.models import HelpPost, Introduction

STAYS_OPEN = {Direction.ASK: timedelta(days=60), Direction.OFFER: timedelta(days=180)}
MOST_OPEN = 5
MOST_AT_ONCE = 3
LONGEST_TOPICS = 200
LONGEST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for or offers; topics are a list parted by commas."""

    kind: HelpKind
    topics: str
    words: str = ""
    at_once: int = 1


@dataclass(frozen=True, slots=True)
class PostCard:
    """One's own ask or offer, with the introductions that were proposed for it."""

    id: int
    program: str
    direction: Direction
    wish: Wish
    state: PostState
    expires_at: datetime
    proposals: tuple[Proposal, ...]

    @property
    def may_reopen(self) -> bool:
        """Whether it is over, though its author did not withdraw it, and its words are still there."""
        return self.state in (PostState.ANSWERED, PostState.EXPIRED) and bool(self.wish.topics or self.wish.words)


@writes
async def post(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    user_id: int,
    direction: Direction,
    wish: Wish,
    now: datetime,
) -> PostCard:
    """Put an ask or offer up and propose whatever fits it at once."""
    enrollment, _ = await get_enrolled(session, guild_id, program_id, user_id)
    _check(wish)
    await _check_room(session, program_id, enrollment.person_id, direction)
    made = HelpPost(
        program_id=program_id,
        person_id=enrollment.person_id,
        direction=direction,
        kind=wish.kind,
        topics=wish.topics.strip(),
        words=wish.words.strip(),
        at_once=wish.at_once,
        created_at=now,
        expires_at=now + STAYS_OPEN[direction],
    )
    session.add(made)
    await match(session, program_id, now)
    return await _own(session, guild_id, made.id, user_id, now)


@writes
async def withdraw(session: AsyncSession, guild_id: int, post_id: int, user_id: int, now: datetime) -> PostCard:
    """Take an ask or offer down; what it was proposed to passes like a proposal that nobody answered."""
    mine = await queries.get_post(session, guild_id, post_id, user_id)
    if mine.state is PostState.WITHDRAWN:
        raise Conflict("help.withdrawn-already")
    mine.state, mine.closed_at = PostState.WITHDRAWN, now
    for each in await queries.list_introductions_of(session, mine.person_id):
        if mine.id in (each.ask_id, each.offer_id):
            await step_back(session, each, mine.person_id, now)
    return await _own(session, guild_id, post_id, user_id, now)


@writes
async def reopen(session: AsyncSession, guild_id: int, post_id: int, user_id: int, now: datetime) -> PostCard:
    """Put an ask or offer up again that was answered or whose time was over."""
    mine = await queries.get_post(session, guild_id, post_id, user_id)
    if not _card(mine, (), now).may_reopen:
        raise Conflict("help.not-to-reopen")
    await get_enrolled(session, guild_id, mine.program_id, user_id)
    await _check_room(session, mine.program_id, mine.person_id, mine.direction)
    mine.state, mine.closed_at, mine.expires_at = PostState.OPEN, None, now + STAYS_OPEN[mine.direction]
    await match(session, mine.program_id, now)
    return await _own(session, guild_id, post_id, user_id, now)


@reads
async def list_own(
    session: AsyncSession, guild_id: int, user_id: int, direction: Direction, now: datetime
) -> tuple[PostCard, ...]:
    """Return one's own asks or offers that are not withdrawn, the newest first, with their proposals."""
    person = await people_queries.get_person(session, guild_id, user_id)
    proposed = await queries.list_introductions_of(session, person.id)
    posts = await queries.list_posts_of(session, person.id, direction)
    return tuple(_card(each, proposed, now) for each in posts if each.state is not PostState.WITHDRAWN)


@reads
async def get_own(session: AsyncSession, guild_id: int, post_id: int, user_id: int, now: datetime) -> PostCard:
    """Return one of one's own asks or offers."""
    return await _own(session, guild_id, post_id, user_id, now)


@reads
async def suggest_topics(session: AsyncSession, guild_id: int, user_id: int, direction: Direction) -> str:
    """Return the topics of somebody's profile that an ask or an offer may begin with."""
    profile = profile_of(await people_queries.get_person(session, guild_id, user_id))
    topics = profile.wants_help_with if direction is Direction.ASK else profile.helps_with
    return topics if len(topics) <= LONGEST_TOPICS else ""


async def _own(session: AsyncSession, guild_id: int, post_id: int, user_id: int, now: datetime) -> PostCard:
    mine = await queries.get_post(session, guild_id, post_id, user_id)
    return _card(mine, await queries.list_introductions_of(session, mine.person_id), now)


def _card(mine: HelpPost, proposed: Sequence[Introduction], now: datetime) -> PostCard:
    return PostCard(
        id=mine.id,
        program=mine.program.name,
        direction=mine.direction,
        wish=Wish(mine.kind, mine.topics, mine.words, mine.at_once),
        state=mine.state,
        expires_at=mine.expires_at,
        proposals=tuple(
            proposal_of(each, mine.direction, now) for each in proposed if mine.id in (each.ask_id, each.offer_id)
        ),
    )


def _check(wish: Wish) -> None:
    if not wish.topics.strip() and not wish.words.strip():
        raise InvalidInput("help.invalid.empty")
    if len(wish.topics) > LONGEST_TOPICS or len(wish.words) > LONGEST_WORDS:
        raise InvalidInput("help.invalid.long", topics=LONGEST_TOPICS, words=LONGEST_WORDS)
    if not 1 <= wish.at_once <= MOST_AT_ONCE:
        raise InvalidInput("help.invalid.at-once", most=MOST_AT_ONCE)


async def _check_room(session: AsyncSession, program_id: int, person_id: int, direction: Direction) -> None:
    if await queries.count_open(session, program_id, person_id, direction) >= MOST_OPEN:
        raise Conflict(f"help.too-many.{direction}", most=MOST_OPEN)
