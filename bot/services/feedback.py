"""What members say privately of each other after a rotation: "together again", or "rather not"."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import InvalidInput, NotAllowed
from bot.services.work import reads, writes
from db import people as people_queries
from db import rotations as queries
from db.models import Feedback

AGAIN, RATHER_NOT, NOTHING = 1, -1, 0


@dataclass(frozen=True, slots=True)
class Said:
    """One word about one person."""

    about: int
    wish: int


@dataclass(frozen=True, slots=True)
class Mates:
    """Whom a member may speak of: the others of a circle, by user, with what was said before."""

    circle_id: int
    said: dict[int, int]


@reads
async def get_mates(session: AsyncSession, circle_id: int, user_id: int) -> Mates:
    """Return the others of a circle, to one of its members only."""
    me, others = await _circle(session, circle_id, user_id)
    wishes = await _list_wishes(session, me)
    return Mates(circle_id, {user: wishes.get(person, NOTHING) for user, person in others.items()})


@writes
async def say(session: AsyncSession, circle_id: int, user_id: int, about: Collection[int], wish: int) -> None:
    """Keep a member's private word about some of the others; whoever had the same word and is not named loses it."""
    me, others = await _circle(session, circle_id, user_id)
    if not set(about) <= set(others):
        raise InvalidInput("feedback.not-a-mate")
    wishes = await _list_wishes(session, me)
    for user, person in others.items():
        before = wishes.get(person, NOTHING)
        wanted = wish if user in about else (NOTHING if before == wish else before)
        if wanted != before:
            session.add(Feedback(person_id=me, said=write_feedback(Said(person, wanted))))
    await session.flush()


def write_feedback(said: Said) -> str:
    """Return a word as it is kept, before it is encrypted."""
    return json.dumps({"about": said.about, "wish": said.wish})


def read_feedback(kept: str) -> Said:
    """Return a word that was kept."""
    said = json.loads(kept)
    return Said(said["about"], said["wish"])


async def _circle(session: AsyncSession, circle_id: int, user_id: int) -> tuple[int, dict[int, int]]:
    """Return who somebody is in a circle, and the person of each other user in it."""
    circle = await queries.get_circle(session, circle_id)
    people = {seat.person.user_id: seat.person_id for seat in circle.ever if seat.person.user_id}
    if user_id not in people:
        raise NotAllowed("circle.not-yours")
    return people.pop(user_id), people


async def _list_wishes(session: AsyncSession, person_id: int) -> dict[int, int]:
    """Return what somebody said last of each person."""
    kept = [read_feedback(row.said) for row in await people_queries.list_feedback(session, (person_id,))]
    return {said.about: said.wish for said in kept}
