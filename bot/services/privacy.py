"""What a person may ask of their data: to take it along, and to be forgotten."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, DeliveryState
from bot.errors import NotFound
from bot.services import (
    audit_privacy,
    concern_privacy,
    exit_privacy,
    goal_privacy,
    help_privacy,
    meeting_privacy,
    mentor_privacy,
    opportunity_privacy,
    past_privacy,
    people,
    pulse_privacy,
    sections,
    win_privacy,
)
from bot.services.deliveries import circle_lane, enqueue
from bot.services.ports import Surveys
from bot.services.work import reads, writes
from db import audit as audit_queries
from db import avoid as avoid_queries
from db import history as history_queries
from db import people as people_queries
from db import privacy as queries
from db import rotations as rotation_queries
from db.engine import Database
from db.models import Delivery, Person

Eraser = Callable[[AsyncSession, Person, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is stored about somebody, over all the servers asked about."""

    servers: int
    programs: int
    circles: int
    answers: int
    avoided: int


@dataclass(frozen=True, slots=True)
class SentWelcome:
    """A circle's welcome card on Discord; the message is not known where Discord's word was never heard."""

    key: str
    thread_id: int
    message_id: int | None
    sent_at: datetime


@reads
async def count_holdings(session: AsyncSession, user_id: int, guild_id: int | None) -> Holdings:
    """Count what is stored about somebody in one guild, or (None) in all; raise NotFound where nothing is."""
    persons = await _persons(session, user_id, guild_id)
    each = [person.id for person in persons]
    return Holdings(
        servers=max(1, len(persons)),
        programs=sum([len(await queries.list_all_enrollments(session, one)) for one in each]),
        circles=sum([len(await rotation_queries.list_circles_of(session, one)) for one in each]),
        answers=sum([len(await history_queries.list_answers_of(session, one)) for one in each]),
        avoided=sum([len(await avoid_queries.list_avoids_of(session, one)) for one in each]),
    )


@reads
async def export(session: AsyncSession, user_id: int, now: datetime) -> dict[str, Any]:
    """Return everything that is stored about somebody in every guild, ready for JSON; ids are strings."""
    persons = await _persons(session, user_id, None)
    joined = {person.guild_id for person in persons}
    return {
        "exported_at": now.isoformat(),
        "user_id": str(user_id),
        "guilds": [
            {"guild_id": str(person.guild_id)}
            | {table: await section(session, person) for table, section in sections.SECTIONS.items()}
            for person in persons
        ],
        "moderated": await audit_privacy.list_foreign_actions(session, user_id, joined),
    }


@reads
async def get_welcome(session: AsyncSession, circle_id: int) -> SentWelcome:
    """Return where a circle's welcome card is; raise NotFound where it has none, or no thread any longer."""
    sent = await queries.find_welcome(session, circle_id)
    circle = await rotation_queries.get_circle(session, circle_id)
    if sent is None or circle.thread_id is None:
        raise NotFound("circle.no-thread")
    return SentWelcome(sent.key, circle.thread_id, sent.result_id, sent.finished_at or sent.created_at)


async def export_all(database: Database, surveys: Surveys, user_id: int, now: datetime) -> dict[str, Any]:
    """Return everything that is stored about somebody, their own pulse answers too, ready for JSON."""
    found = await export(database, user_id, now)
    pulses = await pulse_privacy.export_pulses(database, surveys, user_id) if found["guilds"] else {}
    raised = await concern_privacy.export_concerns(database, surveys, user_id)
    guilds = [
        guild | {"pulses": pulses[guild_id], "concerns": raised.get(guild_id, [])}
        for guild in found["guilds"]
        for guild_id in (int(guild["guild_id"]),)
    ]
    return found | {"guilds": guilds}


async def erase_all(database: Database, surveys: Surveys, user_id: int, guild_id: int | None, now: datetime) -> int:
    """Forget somebody in one guild, or (None) in all, the vault first: without a person nobody would find it again."""
    for guild in await _list_guilds(database, user_id, guild_id):
        await surveys.vault.withdraw(guild, user_id)
    await concern_privacy.erase_concerns(database, surveys, user_id, guild_id)
    return await erase(database, user_id, guild_id, now)


@reads
async def _list_guilds(session: AsyncSession, user_id: int, guild_id: int | None) -> tuple[int, ...]:
    return tuple(person.guild_id for person in await _persons(session, user_id, guild_id))


async def erase(database: Database, user_id: int, guild_id: int | None, now: datetime) -> int:
    """Forget somebody in one guild, or (None) in all; return in how many, once no byte of them is on the disk."""
    erased = await _erase(database, user_id, guild_id, now)
    await database.empty_log()
    return erased


@writes
async def _erase(session: AsyncSession, user_id: int, guild_id: int | None, now: datetime) -> int:
    persons = await _persons(session, user_id, guild_id)
    for person in persons:
        for eraser in ERASERS.values():
            await eraser(session, person, now)
    moderated = await audit_queries.forget_actor(session, guild_id, user_id)
    await session.flush()
    return len(persons) + moderated


async def _persons(session: AsyncSession, user_id: int, guild_id: int | None) -> Sequence[Person]:
    """Return what somebody is in the guilds asked about; raise NotFound where they neither joined nor moderated."""
    persons = await people_queries.list_people_of_user(session, user_id)
    asked = [person for person in persons if guild_id in (None, person.guild_id)]
    if not asked and not await audit_queries.list_by_actor(session, user_id, guild_id):
        raise NotFound("privacy.nothing")
    return asked


async def _redraw_welcomes(session: AsyncSession, person: Person, now: datetime) -> None:
    """Have the welcome cards of the person's circles drawn anew; the seats stay, as anonymous encounters."""
    for welcome in await queries.list_welcomes(session, person.id):
        if _may_be_on_discord(welcome) and welcome.circle_id is not None:
            lane = circle_lane(welcome.circle_id)
            enqueue(session, DeliveryKind.WELCOME_EDIT, lane, welcome.program_id, now, circle_id=welcome.circle_id)


async def _withdraw_deliveries(session: AsyncSession, person: Person, now: datetime) -> None:
    """Send nothing more on account of the person, and take their answers out of the threads."""
    for delivery in await queries.list_deliveries_about(session, person.id):
        if delivery.kind is DeliveryKind.CHECKIN_ANSWER and _may_be_on_discord(delivery):
            _delete_post(session, delivery, now)
        elif delivery.state is DeliveryState.PENDING and delivery.kind is not DeliveryKind.CHECKIN_ANSWER_DELETE:
            delivery.state, delivery.finished_at = DeliveryState.DEAD, now


def _may_be_on_discord(delivery: Delivery) -> bool:
    """Tell whether Discord may ever have seen it; whoever takes it back looks first."""
    return delivery.attempts > 0


def _delete_post(session: AsyncSession, post: Delivery, now: datetime) -> None:
    if post.circle_id is not None:
        enqueue(
            session,
            DeliveryKind.CHECKIN_ANSWER_DELETE,
            circle_lane(post.circle_id),
            post.program_id,
            now,
            circle_id=post.circle_id,
            checkin_id=post.checkin_id,
            person_id=post.person_id,
        )


async def _end_enrollments(session: AsyncSession, person: Person, now: datetime) -> None:
    for enrollment in await queries.list_all_enrollments(session, person.id):
        people.end(enrollment, now)
        enrollment.silent_checkins, enrollment.silent_asked_at = 0, None


async def _delete_answers(session: AsyncSession, person: Person, _now: datetime) -> None:
    await queries.delete_answers(session, person.id)


async def _delete_avoids(session: AsyncSession, person: Person, _now: datetime) -> None:
    await queries.delete_avoids(session, person.id)


async def _delete_feedback(session: AsyncSession, person: Person, _now: datetime) -> None:
    await queries.delete_feedback(session, person.id)


async def _forget(_session: AsyncSession, person: Person, _now: datetime) -> None:
    """Leave only a number that no user belongs to; who joins again starts as somebody new."""
    person.user_id = None
    person.zone, person.hours, person.experience = "UTC", "0", None
    person.helps_with = person.wants_help_with = person.languages = ""


async def _keep_anonymous(_session: AsyncSession, _person: Person, _now: datetime) -> None:
    """Keep rows that say nothing but that somebody was there: no words, no user."""


# What becomes of each table with a person in it, in this order; a test holds it to the schema.
ERASERS: dict[str, Eraser] = {
    "membership": _redraw_welcomes,
    "unplaced": _keep_anonymous,
    "delivery": _withdraw_deliveries,
    "checkin_answer": _delete_answers,
    "avoid": _delete_avoids,
    "feedback": _delete_feedback,
    "enrollment": _end_enrollments,
    "audit": audit_privacy.forget_actions,
    "exit_word": exit_privacy.erase_words,
    "mentor_offer": mentor_privacy.erase,
    "lead_word": mentor_privacy.erase,
    "lead_step": mentor_privacy.erase,
    "goal": goal_privacy.erase_goals,
    "goal_note": goal_privacy.erase_goals,
    "win": win_privacy.erase_wins,
    "meeting": _keep_anonymous,
    "meeting_vote": meeting_privacy.delete_votes,
    "meeting_word": _keep_anonymous,
    "help_post": help_privacy.forget_posts,
    "introduction": help_privacy.step_out,
    "introduction_outcome": help_privacy.delete_outcomes,
    "opportunity": opportunity_privacy.forget_shared,
    "past_encounter": past_privacy.erase_encounters,
    "person": _forget,
}
