"""What somebody asked for, offered and said of introductions: taken along, forgotten, and deleted in time."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import Direction, IntroductionState, PostState
from bot.services.introductions import proposal_of, redraw, step_back
from bot.services.work import writes
from db import help as queries
from db.models import Person

WORDS_KEPT = timedelta(days=90)
Rows = list[dict[str, Any]]


async def list_posts(session: AsyncSession, person: Person) -> Rows:
    """Return everything that a person asked for or offered."""
    return [
        {
            "program": each.program.name,
            "direction": each.direction.value,
            "kind": each.kind.value,
            "topics": each.topics,
            "words": each.words,
            "at_once": each.at_once,
            "state": each.state.value,
            "created_at": each.created_at.isoformat(),
            "expires_at": each.expires_at.isoformat(),
            "closed_at": each.closed_at.isoformat() if each.closed_at else None,
        }
        for each in await queries.list_posts_of(session, person.id)
    ]


async def list_introductions(session: AsyncSession, person: Person) -> Rows:
    """Return a person's introductions as far as they may know of them: never what the other said."""
    rows: Rows = []
    for each in await queries.list_introductions_of(session, person.id):
        direction = Direction.ASK if each.asker_id == person.id else Direction.OFFER
        seen = proposal_of(each, direction, each.attend_at or each.proposed_at)
        said = each.asker_says if direction is Direction.ASK else each.helper_says
        rows.append(
            {
                "program": seen.program,
                "direction": direction.value,
                "kind": seen.kind.value,
                "said": said.value if said else None,
                "introduced_to": str(seen.other_user) if seen.other_user else None,
                "thread_id": str(seen.thread_id) if seen.thread_id else None,
                "proposed_at": each.proposed_at.isoformat(),
                "introduced_at": each.introduced_at.isoformat() if each.introduced_at else None,
            }
        )
    return rows


async def list_outcomes(session: AsyncSession, person: Person) -> Rows:
    """Return everything that a person said of introductions afterwards."""
    return [
        {
            "helped": each.helped.value,
            "came_of": each.came_of.value if each.came_of else None,
            "reported_at": each.reported_at.isoformat(),
        }
        for each in await queries.list_outcomes_of(session, person.id)
    ]


async def forget_posts(session: AsyncSession, person: Person, now: datetime) -> None:
    """Take down what a person asked for and offered, and leave no word of it."""
    for each in await queries.list_posts_of(session, person.id):
        each.topics = each.words = ""
        if each.state is PostState.OPEN:
            each.state, each.closed_at = PostState.WITHDRAWN, now


async def step_out(session: AsyncSession, person: Person, now: datetime) -> None:
    """Say no to what is proposed to a person; introductions stay as anonymous numbers, without a word in them."""
    for each in await queries.list_introductions_of(session, person.id):
        if each.state is IntroductionState.PROPOSED:
            await step_back(session, each, person.id, now)
        elif each.state is IntroductionState.INTRODUCED:
            await redraw(session, each, now)


async def delete_outcomes(session: AsyncSession, person: Person, _now: datetime) -> None:
    """Delete what a person said of introductions."""
    await queries.delete_outcomes(session, person.id)


@writes
async def forget_old_words(session: AsyncSession, now: datetime) -> int:
    """Delete the words of asks and offers that have been over for long; return of how many."""
    return await queries.forget_words(session, now - WORDS_KEPT)
