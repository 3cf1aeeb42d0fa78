"""The sections of an export: for each table with a person in it, what it holds of them, ready for JSON."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.week import written
from bot.services import (
    audit_privacy,
    exit_privacy,
    goal_privacy,
    help_privacy,
    meeting_privacy,
    mentor_privacy,
    opportunity_privacy,
    past_privacy,
    win_privacy,
)
from bot.services.feedback import read_feedback
from bot.services.history import read_history
from bot.services.people import profile_of
from bot.text import text
from db import avoid as avoid_queries
from db import history as history_queries
from db import people as people_queries
from db import privacy as queries
from db.models import Person

Rows = list[dict[str, Any]]
Section = Callable[[AsyncSession, Person], Awaitable[Rows]]


async def _person(_session: AsyncSession, person: Person) -> Rows:
    profile = asdict(profile_of(person)) | {"hours": written(int(person.hours, 16))}
    return [profile | {"user_id": str(person.user_id), "created_at": _when(person.created_at)}]


async def _enrollments(session: AsyncSession, person: Person) -> Rows:
    return [
        {
            "program": each.program.name,
            "state": each.state.value,
            "paused_until": _when(each.paused_until),
            "skips_next": each.skip_next,
            "skipped_rotation": each.skipped,
            "facilitates": each.facilitates,
            "silent_checkins": each.silent_checkins,
            "silent_asked_at": _when(each.silent_asked_at),
            "joined_at": _when(each.joined_at),
            "left_at": _when(each.left_at),
        }
        for each in await queries.list_all_enrollments(session, person.id)
    ]


async def _avoids(session: AsyncSession, person: Person) -> Rows:
    return [{"user_id": each.about_user} for each in await avoid_queries.list_avoids_of(session, person.id)]


async def _feedback(session: AsyncSession, person: Person) -> Rows:
    rows: Rows = []
    for kept in await people_queries.list_feedback(session, (person.id,)):
        said = read_feedback(kept.said)
        about = await session.get(Person, said.about)
        rows.append({"user_id": str(about.user_id) if about and about.user_id else None, "wish": said.wish})
    return rows


async def _circles(session: AsyncSession, person: Person) -> Rows:
    return [
        {
            "program": circle.program,
            "rotation": circle.rotation,
            "circle": circle.number,
            "thread_id": None if circle.thread_id is None else str(circle.thread_id),
            "starts_at": _when(circle.starts_at),
            "ends_at": _when(circle.ends_at),
            "role": circle.role.value,
            "met": circle.met.value if circle.met else None,
            "companions": [str(user_id) if user_id else None for user_id in circle.companions],
        }
        for circle in await read_history(session, person.id)
    ]


async def _answers(session: AsyncSession, person: Person) -> Rows:
    return [
        {
            "checkin": answer.checkin.number,
            "opened_at": _when(answer.checkin.opened_at),
            "week": answer.week,
            "win": answer.win,
            "challenge": answer.challenge,
            "ask": answer.ask,
            "progress": answer.progress,
            "created_at": _when(answer.created_at),
            "updated_at": _when(answer.updated_at),
        }
        for answer in await history_queries.list_answers_of(session, person.id)
    ]


async def _unplaced(session: AsyncSession, person: Person) -> Rows:
    """Give the reason in words, which never tell of another's wish to avoid somebody."""
    return [
        {
            "rotation": rotation.number,
            "starts_at": _when(rotation.starts_at),
            "reason": text(f"reason.{line.reason}"),
        }
        for line, rotation in await queries.list_unplaced_lines(session, person.id)
    ]


async def _deliveries(session: AsyncSession, person: Person) -> Rows:
    return [
        {
            "kind": each.kind.value,
            "state": each.state.value,
            "created_at": _when(each.created_at),
            "finished_at": _when(each.finished_at),
            "message_id": None if each.result_id is None else str(each.result_id),
        }
        for each in await queries.list_deliveries_about(session, person.id)
    ]


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# A test holds the names to the schema: each table with a person in it has its section.
SECTIONS: dict[str, Section] = {
    "person": _person,
    "enrollment": _enrollments,
    "avoid": _avoids,
    "feedback": _feedback,
    "membership": _circles,
    "unplaced": _unplaced,
    "checkin_answer": _answers,
    "delivery": _deliveries,
    "audit": audit_privacy.list_actions,
    "exit_word": exit_privacy.export_words,
    "mentor_offer": mentor_privacy.export_offers,
    "lead_word": mentor_privacy.export_words,
    "lead_step": mentor_privacy.export_steps,
    "goal": goal_privacy.export_goals,
    "goal_note": goal_privacy.export_notes,
    "win": win_privacy.export_wins,
    "meeting": meeting_privacy.export_meetings,
    "meeting_vote": meeting_privacy.export_votes,
    "meeting_word": meeting_privacy.export_words,
    "help_post": help_privacy.list_posts,
    "introduction": help_privacy.list_introductions,
    "introduction_outcome": help_privacy.list_outcomes,
    "opportunity": opportunity_privacy.list_shared,
    "past_encounter": past_privacy.export_encounters,
}
