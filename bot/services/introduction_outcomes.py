"""What came of introductions: each of the two is asked two weeks later, and says so in a word."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import CameOf, DeliveryKind, Direction, Helped, IntroductionState
from bot.errors import Conflict, NotAllowed, NotFound
from bot.services.work import writes
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
    said.helped = helped
    if helped in (Helped.NO, Helped.NOT_MET):
        said.came_of = None
    return _report(found, said)


@writes
async def say_came_of(session: AsyncSession, introduction_id: int, user_id: int, came_of: CameOf) -> Report:
    """Keep what came of an introduction, from somebody who said that it helped."""
    found = await queries.get_introduction(session, introduction_id)
    said = await queries.find_outcome(session, found.id, _person(found, user_id))
    if said is None or said.helped in (Helped.NO, Helped.NOT_MET):
        raise Conflict("outcome.helped-first")
    said.came_of = came_of
    return _report(found, said)


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
