"""Introductions: an ask and an offer are proposed to both their authors, who meet only where both say yes.

A no is never told: to the other it looks like a proposal that nobody answered, until its time is over, and keeps
their place taken for so long.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import (
    DeliveryKind,
    Direction,
    EnrollmentState,
    HelpKind,
    IntroductionState,
    PostState,
    Word,
)
from bot.errors import NotAllowed, NotFound
from bot.services.deliveries import enqueue
from bot.services.help_market import match, write_to
from bot.services.problems import avoid_pairs
from bot.services.work import reads, writes
from db import help as queries
from db import people as people_queries
from db.models import HelpPost, Introduction

ASKED_AFTER = timedelta(days=14)
UNHEEDED = 3  # proposals in a row without a word: whoever has gone silent holds up nobody else


class Status(StrEnum):
    """What one of the two may know of an introduction."""

    OPEN = "open"
    SAID_YES = "said-yes"
    SAID_NO = "said-no"
    INTRODUCED = "introduced"
    NO_MATCH = "no-match"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An introduction as one of the two sees it; who the other is stays hidden until both have said yes."""

    id: int
    program: str
    locale: str
    direction: Direction  # whether the reader asked or offered
    kind: HelpKind
    topics: str  # the other's, like the words
    words: str
    status: Status
    lapses_at: datetime | None
    other_user: int | None
    thread_id: int | None


@dataclass(frozen=True, slots=True)
class Note:
    """A short private message: that there is a proposal, or that nothing came of one."""

    introduction_id: int
    user_id: int
    locale: str
    program: str
    direction: Direction
    kind: HelpKind
    status: Status


@reads
async def get_proposal(session: AsyncSession, introduction_id: int, user_id: int, now: datetime) -> Proposal:
    """Return a proposal to one of the two, wherever they read it."""
    found = await queries.get_introduction(session, introduction_id)
    return proposal_of(found, _direction(found, user_id), now)


@reads
async def get_note(session: AsyncSession, introduction_id: int, person_id: int, now: datetime) -> Note:
    """Return what one of the two is to be written."""
    found = await queries.get_introduction(session, introduction_id)
    direction, person = (Direction.ASK, found.asker) if found.asker_id == person_id else (Direction.OFFER, found.helper)
    if person.user_id is None:
        raise NotFound("control.gone")
    seen = proposal_of(found, direction, now)
    return Note(found.id, person.user_id, seen.locale, seen.program, direction, seen.kind, seen.status)


@writes
async def answer(session: AsyncSession, introduction_id: int, user_id: int, word: Word, now: datetime) -> Proposal:
    """Keep what one of the two says; where both say yes they are introduced."""
    found = await queries.get_introduction(session, introduction_id)
    direction = _direction(found, user_id)
    if proposal_of(found, direction, now).status in (Status.OPEN, Status.SAID_YES):
        if direction is Direction.ASK:
            found.asker_says = word
        else:
            found.helper_says = word
        await _follow(session, found, now)
    return proposal_of(found, direction, now)


def proposal_of(found: Introduction, direction: Direction, now: datetime) -> Proposal:
    """Return an introduction as who asked, or who offered, may see it."""
    theirs, other = (found.offer, found.helper) if direction is Direction.ASK else (found.ask, found.asker)
    status = _status(found, direction, now)
    known = status is Status.INTRODUCED
    return Proposal(
        id=found.id,
        program=found.program.name,
        locale=found.program.locale,
        direction=direction,
        kind=found.ask.kind,
        topics=theirs.topics,
        words=theirs.words,
        status=status,
        lapses_at=found.attend_at if found.state is IntroductionState.PROPOSED else None,
        other_user=other.user_id if known else None,
        thread_id=found.thread_id if known else None,
    )


@writes
async def attend(session: AsyncSession, program_id: int, now: datetime) -> None:
    """See to everything whose moment has come, then propose what fits now."""
    await queries.expire_posts(session, program_id, now)
    for found in await queries.list_to_attend(session, program_id, now):
        found.attend_at = None
        if found.state is IntroductionState.PROPOSED:
            await _lapse(session, found, now)
        elif found.state is IntroductionState.INTRODUCED:
            _enqueue(session, DeliveryKind.INTRODUCTION_OUTCOME, found, now)
    await match(session, program_id, now)


async def redraw(session: AsyncSession, found: Introduction, now: datetime) -> None:
    """Have what stands in an introduction's thread drawn anew, without whoever asked to be forgotten."""
    if found.thread_id is not None and await queries.list_sent(session, found.id):
        _enqueue(session, DeliveryKind.INTRODUCTION_EDIT, found, now)


async def step_back(session: AsyncSession, found: Introduction, person_id: int, now: datetime) -> None:
    """Say no to a proposal for somebody who withdraws; an introduction that was made stays."""
    if found.state is IntroductionState.PROPOSED:
        if found.asker_id == person_id:
            found.asker_says = Word.NO
        else:
            found.helper_says = Word.NO
        await _follow(session, found, now)


def _direction(found: Introduction, user_id: int) -> Direction:
    if user_id == found.asker.user_id:
        return Direction.ASK
    if user_id == found.helper.user_id:
        return Direction.OFFER
    raise NotAllowed("introduction.not-yours")


def _status(found: Introduction, direction: Direction, now: datetime) -> Status:
    """Tell somebody nothing of what the other said, until both said yes."""
    said = found.asker_says if direction is Direction.ASK else found.helper_says
    if found.state is IntroductionState.INTRODUCED:
        return Status.INTRODUCED
    if said is Word.NO:
        return Status.SAID_NO
    if found.state is IntroductionState.PAST or found.attend_at is None or found.attend_at <= now:
        return Status.NO_MATCH
    return Status.SAID_YES if said is Word.YES else Status.OPEN


async def _follow(session: AsyncSession, found: Introduction, now: datetime) -> None:
    """Do what follows from what both have said by now."""
    said = (found.asker_says, found.helper_says)
    if said == (Word.YES, Word.YES):
        if await _may_meet(session, found):
            _introduce(session, found, now)
        return
    if said == (Word.NO, Word.NO):
        found.state, found.attend_at = IntroductionState.PAST, None
    if Word.NO in said:
        await match(session, found.program_id, now)


async def _may_meet(session: AsyncSession, found: Introduction) -> bool:
    """Tell whether both still take part and neither has come to avoid the other."""
    for person in (found.asker, found.helper):
        enrollment = await people_queries.find_enrollment(session, found.program_id, person.id)
        if enrollment is None or enrollment.state is EnrollmentState.LEFT or person.user_id is None:
            return False
    return not await avoid_pairs(session, (found.asker, found.helper))


def _introduce(session: AsyncSession, found: Introduction, now: datetime) -> None:
    found.state, found.introduced_at = IntroductionState.INTRODUCED, now
    found.attend_at = now + ASKED_AFTER
    if found.ask.state is PostState.OPEN:
        found.ask.state, found.ask.closed_at = PostState.ANSWERED, now
    _enqueue(session, DeliveryKind.INTRODUCTION_THREAD, found, now)
    for person_id in (found.asker_id, found.helper_id):
        _enqueue(session, DeliveryKind.INTRODUCTION_MEMBER, found, now, person_id)
    _enqueue(session, DeliveryKind.INTRODUCTION_CARD, found, now)


async def _lapse(session: AsyncSession, found: Introduction, now: datetime) -> None:
    """End a proposal; who said yes hears that nothing came of it, and whatever the reason the words are the same."""
    found.state = IntroductionState.PAST
    for person_id, said, post_id in (
        (found.asker_id, found.asker_says, found.ask_id),
        (found.helper_id, found.helper_says, found.offer_id),
    ):
        if said is Word.YES:
            write_to(session, DeliveryKind.INTRODUCTION_MISSED, found, person_id, now)
        elif said is None:
            await _close_unheeded(session, post_id, now)


async def _close_unheeded(session: AsyncSession, post_id: int, now: datetime) -> None:
    """Close an ask or offer whose author left several proposals in a row without a word; a click opens it again."""
    post = await session.get_one(HelpPost, post_id)
    past = [each for each in await queries.list_introductions_for(session, post_id) if each.attend_at is None]
    latest = past[-UNHEEDED:]
    silent = [each for each in latest if (each.asker_says if each.ask_id == post_id else each.helper_says) is None]
    if post.state is PostState.OPEN and len(silent) == UNHEEDED:
        post.state, post.closed_at = PostState.EXPIRED, now


def _enqueue(
    session: AsyncSession, kind: DeliveryKind, found: Introduction, now: datetime, person_id: int | None = None
) -> None:
    """Let something happen in the introduction's thread, in order."""
    lane = f"introduction:{found.id}"
    enqueue(session, kind, lane, found.program_id, now, introduction_id=found.id, person_id=person_id)
