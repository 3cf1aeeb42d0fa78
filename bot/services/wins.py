"""A member's evidence file: their own wins, those out of check-ins, kudos, and the goals that they reached."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.goals import GoalPath, GoalState, Outcome, WinKind
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services.goals import day_of
from bot.services.withdrawals import withdraw
from bot.services.work import reads, writes
from db import goals as goal_queries
from db import people as people_queries
from db import wins as queries
from db.models import CheckInAnswer, Person, Win

LONGEST_WORDS = 600
LONGEST_EFFECT = 300
FARTHEST_BACK = timedelta(days=366 * 50)


@dataclass(frozen=True, slots=True)
class Said:
    """What a member writes about a win: what it was, what came of it, and on which day."""

    words: str
    effect: str
    day: date


@dataclass(frozen=True, slots=True)
class WinCard:
    """One entry of a file; `giver` is the user whose kudos it holds.

    `can_show` means that the giver wished these kudos to be shown in the circle and that they still can be.
    """

    id: int
    kind: WinKind
    said: Said
    giver: int | None
    can_show: bool
    shown: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal that was reached, as evidence."""

    day: date
    path: GoalPath
    aim: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Somebody's whole file, the newest first."""

    today: date
    wins: tuple[WinCard, ...]
    reached: tuple[Reached, ...]


@reads
async def get_today(session: AsyncSession, guild_id: int, user_id: int, now: datetime) -> date:
    """Return which day it is where a member lives; raise NotFound for who never joined."""
    return day_of(await people_queries.get_person(session, guild_id, user_id), now)


@writes
async def add(session: AsyncSession, guild_id: int, user_id: int, said: Said, now: datetime) -> WinCard:
    """Put a win into somebody's own file."""
    person = await people_queries.get_person(session, guild_id, user_id)
    _require(said, day_of(person, now))
    win = Win(person_id=person.id, kind=WinKind.OWN, created_at=now)
    win.words, win.effect, win.day = said.words, said.effect, said.day
    session.add(win)
    await session.flush()
    return card_of(await queries.get_win(session, win.id))


@writes
async def change(session: AsyncSession, guild_id: int, win_id: int, user_id: int, said: Said, now: datetime) -> WinCard:
    """Put new words on a win; what somebody else said stays as it was said."""
    win = await get_own(session, guild_id, win_id, user_id)
    if win.kind is WinKind.KUDOS:
        raise Conflict("win.not-yours-to-change")
    _require(said, day_of(win.person, now))
    win.words, win.effect, win.day = said.words, said.effect, said.day
    return card_of(win)


@writes
async def remove(session: AsyncSession, guild_id: int, win_id: int, user_id: int, now: datetime) -> None:
    """Take an entry out of a file; kudos leave the circle's thread too."""
    win = await get_own(session, guild_id, win_id, user_id)
    if win.kind is WinKind.KUDOS:
        await withdraw(session, win, now)
    else:
        await session.delete(win)


@reads
async def get_win(session: AsyncSession, guild_id: int, win_id: int, user_id: int) -> WinCard:
    """Return one entry of somebody's own file."""
    return card_of(await get_own(session, guild_id, win_id, user_id))


@reads
async def get_evidence(session: AsyncSession, guild_id: int, user_id: int, now: datetime) -> Evidence:
    """Return somebody's whole file."""
    person = await people_queries.get_person(session, guild_id, user_id)
    goals = await goal_queries.list_goals(session, person.id, state=GoalState.DONE)
    reached = [Reached(day_of(person, goal.done_at or now), goal.path, goal.aim, goal.outcome) for goal in goals]
    return Evidence(
        today=day_of(person, now),
        wins=tuple(card_of(win) for win in await queries.list_wins(session, person.id)),
        reached=tuple(sorted(reached, key=lambda each: each.day, reverse=True)),
    )


async def follow_win(session: AsyncSession, answer: CheckInAnswer, before: str, person: Person, now: datetime) -> None:
    """Let the entry out of an answer say what its win says now; one that was removed comes back only with new words."""
    if answer.win == before:
        return
    win = await queries.find_of_answer(session, answer.id) if before else None
    if not answer.win:
        if win is not None:
            await session.delete(win)
    elif win is not None:
        win.words = answer.win
    else:
        session.add(Win(**win_of(answer.id, person, answer.win, now)))


def win_of(answer_id: int, person: Person, words: str, now: datetime) -> dict[str, Any]:
    """Return the values of a new entry out of an answer."""
    return {
        "person_id": person.id,
        "answer_id": answer_id,
        "kind": WinKind.CHECKIN,
        "words": words,
        "day": day_of(person, now),
        "created_at": now,
    }


async def get_own(session: AsyncSession, guild_id: int, win_id: int, user_id: int) -> Win:
    """Return an entry of somebody's own file; raise NotFound for anybody else's."""
    win = await queries.get_win(session, win_id)
    if (win.person.guild_id, win.person.user_id) != (guild_id, user_id):
        raise NotFound("win.not-found")
    return win


def card_of(win: Win) -> WinCard:
    """Describe an entry whose people and circle are loaded."""
    circle = win.circle
    return WinCard(
        id=win.id,
        kind=win.kind,
        said=Said(win.words, win.effect, win.day),
        giver=win.giver.user_id if win.giver else None,
        can_show=win.may_show and win.shown_at is None and circle is not None and circle.closed_at is None,
        shown=win.shown_at is not None,
    )


def _require(said: Said, today: date) -> None:
    if not said.words:
        raise InvalidInput("win.invalid.words")
    if len(said.words) > LONGEST_WORDS or len(said.effect) > LONGEST_EFFECT:
        raise InvalidInput("checkin.invalid.length", most=LONGEST_WORDS)
    if not today - FARTHEST_BACK <= said.day <= today:
        raise InvalidInput("win.invalid.day")
