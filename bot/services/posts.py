"""How an answer stands in its circle's thread: what is posted, where, and how a change follows."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, DeliveryState
from bot.errors import NotFound
from bot.services.deliveries import circle_lane, enqueue, row_of
from bot.services.work import reads
from db import checkins as queries
from db import deliveries as delivery_queries
from db.models import CheckIn, CheckInAnswer, Delivery


@dataclass(frozen=True, slots=True)
class Reflection:
    """What a member says about a week; `week` runs from 1 (very hard) to 5 (very good)."""

    week: int
    win: str = ""
    challenge: str = ""
    ask: str = ""
    progress: str = ""


@dataclass(frozen=True, slots=True)
class AnswerPost:
    """One answer as its circle reads it."""

    user_id: int
    locale: str
    thread_id: int | None
    given: Reflection


@dataclass(frozen=True, slots=True)
class Posted:
    """Where an answer stands on Discord; no message id where Discord's answer was never heard."""

    key: str
    guild_id: int
    thread_id: int | None
    message_id: int | None
    circle_is_closed: bool


@reads
async def get_post(session: AsyncSession, checkin_id: int, person_id: int) -> AnswerPost:
    """Return an answer as its circle reads it; raise NotFound where it was taken back."""
    found = await queries.find_post(session, checkin_id, person_id)
    answer, user_id, locale, thread_id = found or (None, None, "", None)
    if answer is None or user_id is None:
        raise NotFound("checkin.no-answer")
    return AnswerPost(user_id, locale, thread_id, reflection_of(answer))


@reads
async def get_posted(session: AsyncSession, checkin_id: int, person_id: int) -> Posted:
    """Return where somebody's answer stands on Discord; raise NotFound where it was never posted."""
    delivery = await delivery_queries.find_answer_post(session, checkin_id, person_id)
    if delivery is None:
        raise NotFound("checkin.no-answer")
    circle = (await queries.get_checkin(session, checkin_id)).circle
    return Posted(
        key=delivery.key,
        guild_id=circle.rotation.program.guild_id,
        thread_id=delivery.result_channel_id or circle.thread_id,
        message_id=delivery.result_id,
        circle_is_closed=circle.closed_at is not None,
    )


async def post_answers(session: AsyncSession, first: Sequence[tuple[CheckIn, int, datetime]]) -> None:
    """Write the posts of first answers, each to a check-in, by a person, at a moment."""
    kind = DeliveryKind.CHECKIN_ANSWER
    await delivery_queries.add_deliveries(session, [row_of(kind, **_about(*each)) for each in first])


async def follow_change(session: AsyncSession, checkin: CheckIn, person_id: int, now: datetime) -> None:
    """Have a changed answer's post changed too, unless that has still to leave and will say the new words anyway."""
    sent = [each for each in await queries.list_posts(session, checkin.id) if each.person_id == person_id]
    if any(_has_still_to_leave(each) for each in sent):
        return
    post = sent[0]
    if post.state is DeliveryState.DEAD:
        _try_again(post, now)
    else:
        enqueue(session, DeliveryKind.CHECKIN_ANSWER_EDIT, **_about(checkin, person_id, now))


def reflection_of(answer: CheckInAnswer) -> Reflection:
    """Return what an answer says."""
    return Reflection(**{field.name: getattr(answer, field.name) for field in fields(Reflection)})


def _has_still_to_leave(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.PENDING and delivery.attempts == 0


def _try_again(post: Delivery, now: datetime) -> None:
    """Let a post that Discord refused leave once more; the attempt that counts lets it be looked up first."""
    post.state, post.due_at, post.attempts = DeliveryState.PENDING, now, 1


def _about(checkin: CheckIn, person_id: int, now: datetime) -> dict[str, Any]:
    circle = checkin.circle
    return {
        "lane": circle_lane(circle.id),
        "program_id": circle.rotation.program_id,
        "now": now,
        "circle_id": circle.id,
        "checkin_id": checkin.id,
        "person_id": person_id,
    }
