"""A member's goals in a program: set, changed, moved by notes of progress, reached or let go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.goals import MOST_GOALS, GoalPath, GoalState, Outcome, has_room, is_late
from bot.errors import Conflict, InvalidInput
from bot.services.people import get_enrolled
from bot.services.work import reads, writes
from db import goals as queries
from db import people as people_queries
from db.models import Goal, GoalNote, Person, Rotation

LONGEST_AIM = 200
LONGEST_NOTE = 450
FARTHEST = timedelta(days=730)
USUAL_TIME = timedelta(weeks=4)  # where no rotation runs whose end could be the day


@dataclass(frozen=True, slots=True)
class Wording:
    """What a member writes about a goal: where it leads, what it is, the next step, and by which day."""

    path: GoalPath
    aim: str
    next_step: str
    by: date


@dataclass(frozen=True, slots=True)
class NoteCard:
    """One word on how far a goal has come."""

    words: str
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class GoalCard:
    """A goal as its owner sees it; `waits` means that its rotation ended and nobody said yet what becomes of it."""

    id: int
    program_id: int
    program: str
    said: Wording
    state: GoalState
    outcome: Outcome | None
    late: bool
    waits: bool
    carried: int
    notes: tuple[NoteCard, ...]
    created_at: datetime
    done_at: datetime | None


@reads
async def suggest_day(session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime) -> date:
    """Return the day that a new goal is offered; raise Conflict where the rotation has its three already."""
    enrollment, _ = await get_enrolled(session, guild_id, program_id, user_id)
    person = await people_queries.get_person(session, guild_id, user_id)
    running = await queries.find_running(session, program_id)
    await _require_room(session, program_id, enrollment.person_id, running)
    ends_at = (await session.get_one(Rotation, running)).ends_at if running is not None else now
    return day_of(person, ends_at if ends_at > now else now + USUAL_TIME)


@writes
async def add(
    session: AsyncSession, guild_id: int, program_id: int, user_id: int, said: Wording, now: datetime
) -> GoalCard:
    """Set a goal for the rotation that runs, or for the next one where none does."""
    enrollment, _ = await get_enrolled(session, guild_id, program_id, user_id)
    person = await people_queries.get_person(session, guild_id, user_id)
    running = await queries.find_running(session, program_id)
    await _require_room(session, program_id, enrollment.person_id, running)
    _require_words(said)
    _require_day(said.by, day_of(person, now))
    goal = Goal(
        program_id=program_id,
        person_id=person.id,
        rotation_id=running,
        path=said.path,
        aim=said.aim,
        next_step=said.next_step,
        by=said.by,
        created_at=now,
    )
    session.add(goal)
    await session.flush()
    return await _own_card(session, guild_id, goal.id, user_id, now)


@writes
async def change(
    session: AsyncSession, guild_id: int, goal_id: int, user_id: int, said: Wording, now: datetime
) -> GoalCard:
    """Put new words on a goal; a day that is over may stay as it was."""
    goal = await _get_open(session, guild_id, goal_id, user_id)
    person = await people_queries.load_person(session, goal.person_id)
    _require_words(said)
    if said.by != goal.by:
        _require_day(said.by, day_of(person, now))
    goal.path, goal.aim, goal.next_step, goal.by = said.path, said.aim, said.next_step, said.by
    return await _own_card(session, guild_id, goal_id, user_id, now)


@writes
async def note(
    session: AsyncSession, guild_id: int, goal_id: int, user_id: int, words: str, next_step: str, now: datetime
) -> GoalCard:
    """Keep a note of progress, and the next step."""
    goal = await _get_open(session, guild_id, goal_id, user_id)
    if len(words) > LONGEST_NOTE or len(next_step) > LONGEST_AIM:
        raise InvalidInput("checkin.invalid.length", most=LONGEST_NOTE)
    if words:
        session.add(GoalNote(goal_id=goal.id, person_id=goal.person_id, words=words, created_at=now))
    goal.next_step = next_step
    await session.flush()
    return await _own_card(session, guild_id, goal_id, user_id, now)


@writes
async def reach(
    session: AsyncSession, guild_id: int, goal_id: int, user_id: int, outcome: Outcome | None, now: datetime
) -> GoalCard:
    """Record that a goal is reached, with what came of it where that is known; said again, it adds the outcome."""
    goal = await queries.get_goal(session, guild_id, goal_id, user_id)
    if goal.state is GoalState.LET_GO:
        raise Conflict("goal.settled")
    if goal.state is GoalState.OPEN:
        goal.state, goal.done_at = GoalState.DONE, now
    _say(goal, outcome or goal.outcome, now)
    return await _own_card(session, guild_id, goal_id, user_id, now)


@writes
async def say_outcome(
    session: AsyncSession, guild_id: int, goal_id: int, user_id: int, outcome: Outcome | None, now: datetime
) -> GoalCard:
    """Record what came of a goal that was reached, or (None) that nothing is to be counted."""
    goal = await queries.get_goal(session, guild_id, goal_id, user_id)
    if goal.state is not GoalState.DONE:
        raise Conflict("goal.not-reached")
    _say(goal, outcome, now)
    return await _own_card(session, guild_id, goal_id, user_id, now)


@writes
async def let_go(session: AsyncSession, guild_id: int, goal_id: int, user_id: int, now: datetime) -> GoalCard:
    """Let a goal go; it stays among the past ones and can be opened again."""
    goal = await _get_open(session, guild_id, goal_id, user_id)
    goal.state, goal.done_at = GoalState.LET_GO, now
    return await _own_card(session, guild_id, goal_id, user_id, now)


@writes
async def reopen(session: AsyncSession, guild_id: int, goal_id: int, user_id: int, now: datetime) -> GoalCard:
    """Open a goal again that was reached or let go, where there is room for it."""
    goal = await queries.get_goal(session, guild_id, goal_id, user_id)
    if goal.state is not GoalState.OPEN:
        goal.state, goal.done_at = GoalState.LET_GO, None  # it does not stand in its own way
        goal.outcome, goal.outcome_at = None, None
        await session.flush()
        running = await queries.find_running(session, goal.program_id)
        await _require_room(session, goal.program_id, goal.person_id, running)
        goal.state = GoalState.OPEN
    return await _own_card(session, guild_id, goal_id, user_id, now)


@writes
async def carry(session: AsyncSession, guild_id: int, goal_id: int, user_id: int, now: datetime) -> GoalCard:
    """Carry an open goal on into the rotation that runs, or into the next one."""
    goal = await _get_open(session, guild_id, goal_id, user_id)
    running = await queries.find_running(session, goal.program_id)
    if goal.rotation_id != running:
        goal.rotation_id, goal.carried = running, goal.carried + 1
    return await _own_card(session, guild_id, goal_id, user_id, now)


@reads
async def get_goal(session: AsyncSession, guild_id: int, goal_id: int, user_id: int, now: datetime) -> GoalCard:
    """Return a person's own goal."""
    return await _own_card(session, guild_id, goal_id, user_id, now)


@reads
async def list_goals(
    session: AsyncSession, guild_id: int, user_id: int, now: datetime, program_id: int | None = None
) -> tuple[GoalCard, ...]:
    """Return a person's goals in one program, or (None) in all of a guild: the open ones, then the newest first."""
    person = await people_queries.get_person(session, guild_id, user_id)
    cards = await cards_of(session, person, await queries.list_goals(session, person.id, program_id), now)
    past = sorted((each for each in cards if each.done_at), key=lambda each: (each.done_at, each.id), reverse=True)
    return (*(each for each in cards if each.state is GoalState.OPEN), *past)


@reads
async def list_waiting(
    session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime
) -> tuple[GoalCard, ...]:
    """Return a person's open goals whose rotation ended, so that each is asked about."""
    person = await people_queries.get_person(session, guild_id, user_id)
    found = await queries.list_goals(session, person.id, program_id, GoalState.OPEN)
    return tuple(card for card in await cards_of(session, person, found, now) if card.waits)


async def cards_of(session: AsyncSession, person: Person, goals: Sequence[Goal], now: datetime) -> tuple[GoalCard, ...]:
    """Describe a person's goals whose notes and programs are loaded."""
    today = day_of(person, now)
    running = {each: await queries.find_running(session, each) for each in {goal.program_id for goal in goals}}
    return tuple(_card(goal, running[goal.program_id], today) for goal in goals)


def _say(goal: Goal, outcome: Outcome | None, now: datetime) -> None:
    """Put on a goal what came of it; a word in the place of another keeps its moment, so that it counts once."""
    if goal.outcome is None or outcome is None:
        goal.outcome_at = None if outcome is None else now
    goal.outcome = outcome


def day_of(person: Person, moment: datetime) -> date:
    """Return which day a moment is where a person lives."""
    return moment.astimezone(ZoneInfo(person.zone)).date()


async def _own_card(session: AsyncSession, guild_id: int, goal_id: int, user_id: int, now: datetime) -> GoalCard:
    await session.flush()
    goal = await queries.get_goal(session, guild_id, goal_id, user_id)
    (card,) = await cards_of(session, await people_queries.load_person(session, goal.person_id), [goal], now)
    return card


async def _get_open(session: AsyncSession, guild_id: int, goal_id: int, user_id: int) -> Goal:
    goal = await queries.get_goal(session, guild_id, goal_id, user_id)
    if goal.state is not GoalState.OPEN:
        raise Conflict("goal.settled")
    return goal


async def _require_room(session: AsyncSession, program_id: int, person_id: int, running: int | None) -> None:
    open_goals = await queries.list_goals(session, person_id, program_id, GoalState.OPEN)
    done = await queries.count_done(session, person_id, program_id, running)
    if not has_room(len(open_goals), done):
        raise Conflict("goal.enough", most=MOST_GOALS)


def _require_words(said: Wording) -> None:
    if not said.aim:
        raise InvalidInput("goal.invalid.aim")
    if max(len(said.aim), len(said.next_step)) > LONGEST_AIM:
        raise InvalidInput("checkin.invalid.length", most=LONGEST_AIM)


def _require_day(by: date, today: date) -> None:
    if not today <= by <= today + FARTHEST:
        raise InvalidInput("goal.invalid.day", days=FARTHEST.days)


def _card(goal: Goal, running: int | None, today: date) -> GoalCard:
    is_open = goal.state is GoalState.OPEN
    return GoalCard(
        id=goal.id,
        program_id=goal.program_id,
        program=goal.program.name,
        said=Wording(goal.path, goal.aim, goal.next_step, goal.by),
        state=goal.state,
        outcome=goal.outcome,
        late=is_open and is_late(goal.by, today),
        waits=is_open and goal.rotation_id not in (None, running),
        carried=goal.carried,
        notes=tuple(NoteCard(each.words, each.created_at) for each in goal.notes),
        created_at=goal.created_at,
        done_at=goal.done_at,
    )
