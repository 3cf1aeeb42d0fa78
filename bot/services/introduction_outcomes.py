"""What came of introductions: each of the two is asked two weeks later, and a program's health counts it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import CameOf, DeliveryKind, Direction, Helped, IntroductionState
from bot.errors import Conflict, NotAllowed, NotFound
from bot.services.work import reads, writes
from db import deliveries as delivery_queries
from db import help as queries
from db.models import Introduction, IntroductionOutcome


@dataclass(frozen=True, slots=True)
class Report:
    """What one of the two said afterwards; `ask_id` is theirs where they had asked."""

    introduction_id: int
    direction: Direction
    ask_id: int
    helped: Helped
    came_of: CameOf | None


@dataclass(frozen=True, slots=True)
class HelpFigures:
    """What asking and offering came to in a program in a period; outcomes are in the words of those who asked."""

    asks: int
    offers: int
    introductions: int
    helped: dict[Helped, int]
    came_of: dict[CameOf, int]


@writes
async def say_helped(session: AsyncSession, key: str, user_id: int, helped: Helped, now: datetime) -> Report:
    """Keep whether an introduction helped, in the word of whoever pressed a button of its question."""
    question = await delivery_queries.find_by_key(session, key)
    if question is None or question.kind is not DeliveryKind.INTRODUCTION_OUTCOME or not question.introduction_id:
        raise NotFound("control.gone")
    found = await queries.get_introduction(session, question.introduction_id)
    person_id = _person(found, user_id)
    said = await queries.find_outcome(session, found.id, person_id)
    if said is None:
        said = IntroductionOutcome(introduction_id=found.id, person_id=person_id, helped=helped, reported_at=now)
        session.add(said)
    said.helped, said.reported_at = helped, now
    if helped in (Helped.NO, Helped.NOT_MET):
        said.came_of = None
    return _report(found, said)


@writes
async def say_came_of(
    session: AsyncSession, introduction_id: int, user_id: int, came_of: CameOf, now: datetime
) -> Report:
    """Keep what came of an introduction, from somebody who said that it helped."""
    found = await queries.get_introduction(session, introduction_id)
    said = await queries.find_outcome(session, found.id, _person(found, user_id))
    if said is None or said.helped in (Helped.NO, Helped.NOT_MET):
        raise Conflict("outcome.helped-first")
    said.came_of, said.reported_at = came_of, now
    return _report(found, said)


@reads
async def count_help(session: AsyncSession, program_id: int, since: datetime, until: datetime) -> HelpFigures:
    """Count what asking and offering came to in a program in a period."""
    return await help_figures(session, program_id, since, until)


async def help_figures(session: AsyncSession, program_id: int, since: datetime, until: datetime) -> HelpFigures:
    """Count, within a transaction, what asking and offering came to in a program in a period."""
    posts: Counter[Direction] = Counter()
    for direction, _kind, n in await queries.count_posts(session, program_id, since, until):
        posts[direction] += n
    helped: Counter[Helped] = Counter()
    came_of: Counter[CameOf] = Counter()
    for said, came, n in await queries.count_outcomes(session, program_id, since, until):
        helped[said] += n
        if came is not None:
            came_of[came] += n
    return HelpFigures(
        asks=posts[Direction.ASK],
        offers=posts[Direction.OFFER],
        introductions=await queries.count_introduced(session, program_id, since, until),
        helped={each: helped[each] for each in Helped},
        came_of={each: came_of[each] for each in CameOf},
    )


def _person(found: Introduction, user_id: int) -> int:
    """Return which of the two somebody is."""
    if found.state is not IntroductionState.INTRODUCED:
        raise NotFound("control.gone")
    for person in (found.asker, found.helper):
        if person.user_id == user_id:
            return person.id
    raise NotAllowed("introduction.not-yours")


def _report(found: Introduction, said: IntroductionOutcome) -> Report:
    direction = Direction.ASK if said.person_id == found.asker_id else Direction.OFFER
    return Report(found.id, direction, found.ask_id, said.helped, said.came_of)
