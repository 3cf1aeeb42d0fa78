"""The market of a program: what is asked for and offered is described to the domain, and its proposals are made."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.matching import Ask, Helper, Market, Offer, Pair, propose
from bot.domain.states import DeliveryKind, Direction, IntroductionState, ProgramState, Word
from bot.services.deliveries import DM_LANE, enqueue
from bot.services.problems import avoid_pairs, language_name
from bot.services.topics import split_topics
from db import help as queries
from db.models import HelpPost, Introduction, Person, Program

LAPSES_AFTER = timedelta(days=5)


async def match(session: AsyncSession, program_id: int, now: datetime) -> None:
    """Propose to each other whatever fits now in a program."""
    program = await session.get_one(Program, program_id)
    if program.state is not ProgramState.ACTIVE:
        return
    await session.flush()
    posts = {post.id: post for post in await queries.list_standing(session, program_id, now)}
    market = await _market(session, program, tuple(posts.values()), now)
    for pair in propose(market):
        await _propose(session, program_id, posts, pair, now)


async def match_weekly(session: AsyncSession, program: Program, now: datetime) -> None:
    """Look again once a week: people come back from pauses and change what they told."""
    await match(session, program.id, now)


def write_to(session: AsyncSession, kind: DeliveryKind, found: Introduction, person_id: int, now: datetime) -> None:
    """Write to one of the two privately."""
    enqueue(session, kind, DM_LANE, found.program_id, now, introduction_id=found.id, person_id=person_id)


async def _propose(
    session: AsyncSession, program_id: int, posts: dict[int, HelpPost], pair: Pair, now: datetime
) -> None:
    ask, offer = posts[pair.ask], posts[pair.offer]
    made = Introduction(
        program_id=program_id,
        ask_id=ask.id,
        offer_id=offer.id,
        asker_id=ask.person_id,
        helper_id=offer.person_id,
        proposed_at=now,
        attend_at=now + LAPSES_AFTER,
    )
    session.add(made)
    await session.flush()
    for person_id in (made.helper_id, made.asker_id):
        write_to(session, DeliveryKind.INTRODUCTION_OFFER, made, person_id, now)


async def _market(session: AsyncSession, program: Program, posts: Sequence[HelpPost], now: datetime) -> Market:
    """Describe to the domain who asks, who offers, and what may not be."""
    past = await queries.list_introductions(session, program.id)
    proposals = Counter(each.ask_id for each in past if _takes_place(each, each.asker_says))
    people = {post.person_id: post.person for post in posts}
    apart = await avoid_pairs(session, tuple(people.values()))
    offers = [post for post in posts if post.direction is Direction.OFFER]
    return Market(
        asks=tuple(
            Ask(*_parts(post, program.locale), proposals[post.id], (now - post.created_at).days)
            for post in posts
            if post.direction is Direction.ASK
        ),
        offers=tuple(Offer(*_parts(post, program.locale)) for post in offers),
        helpers=_helpers(offers, past),
        apart=frozenset(frozenset(int(key) for key in pair) for pair in apart),
        barred=frozenset((each.asker_id, each.helper_id) for each in past if _bars(each)),
        tried=frozenset((each.ask_id, each.offer_id) for each in past),
    )


def _helpers(offers: Sequence[HelpPost], past: Sequence[Introduction]) -> tuple[Helper, ...]:
    """Return how many introductions each helper has open; an introduction counts until its outcome is asked for."""
    busy = Counter(
        each.helper_id
        for each in past
        if _takes_place(each, each.helper_says)
        or (each.state is IntroductionState.INTRODUCED and each.attend_at is not None)
    )
    most: dict[int, int] = {}
    for offer in offers:
        most[offer.person_id] = max(offer.at_once, most.get(offer.person_id, 0))
    return tuple(Helper(person_id, busy[person_id], taken) for person_id, taken in most.items())


def _parts(post: HelpPost, locale: str) -> tuple[int, int, str, frozenset[str], frozenset[str]]:
    """Return what an ask and an offer are compared by; who names no language is taken to speak the program's."""
    person: Person = post.person
    spoken = split_topics(person.languages) or frozenset((language_name(locale),))
    return post.id, post.person_id, post.kind.value, split_topics(post.topics), spoken


def _takes_place(found: Introduction, said: Word | None) -> bool:
    """Tell whether a proposal still takes one of somebody's places, as far as they themselves can know."""
    return found.state is IntroductionState.PROPOSED and said is not Word.NO


def _bars(found: Introduction) -> bool:
    return found.state is IntroductionState.PROPOSED or Word.NO in (found.asker_says, found.helper_says)
