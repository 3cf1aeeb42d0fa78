"""The outbox: deliveries are written with the decision, claimed with a lease, and finished under a fence."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.shards import WHOLE, Share
from bot.domain.states import DeliveryKind, DeliveryState
from bot.errors import NotFound
from bot.services.work import claims, reads, writes
from db import deliveries as queries
from db.models import Circle, Delivery, Introduction, Notice

LEASE = timedelta(minutes=5)
LOOK_AFTER = timedelta(minutes=1)  # by then Discord has done what an attempt asked for, or never will
LONGEST_WAIT = timedelta(hours=6)
KEY_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
KEY_LENGTH = 10
DM_LANE, DMS_TOO_FAST = queries.DM_LANE, queries.DMS_TOO_FAST
UNKNOWN_CHANNEL = 10003
WAITING = "notice.delivery-waits"
TELL_AFTER = 3  # failed attempts
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed delivery; `tried_before` means that an earlier attempt may have reached Discord."""

    id: int
    key: str
    kind: DeliveryKind
    fence: int
    tried_before: bool
    attempts: int
    program_id: int
    rotation_id: int | None
    circle_id: int | None
    checkin_id: int | None
    wave_id: int | None
    win_id: int | None
    introduction_id: int | None
    digest_id: int | None
    concern_digest_id: int | None
    person_id: int | None
    notice_id: int | None
    meeting_id: int | None
    agenda_id: int | None


CLAIMED = tuple(field.name for field in fields(Job) if field.name != "tried_before")


class Result(StrEnum):
    """What an attempt comes to: done, tried again later, not tried yet, or given up for good."""

    DONE = "done"
    RETRIED = "retried"
    PUT_OFF = "put-off"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: an id of Discord's, or its error code and whether to try again.

    A time to try again without an error code says that it was put off rather than tried. `sure` is whether
    there is only one of it on Discord: nobody knows where an attempt before was not heard of any more.
    """

    result_id: int | None = None
    channel_id: int | None = None
    sure: bool = True
    error_code: int | None = None
    retry_after: timedelta | None = None

    @property
    def result(self) -> Result:
        """What it comes to."""
        if self.retry_after is None:
            return Result.DONE if self.error_code is None else Result.DEAD
        return Result.PUT_OFF if self.error_code is None else Result.RETRIED


@dataclass(frozen=True, slots=True)
class Subject:
    """What a control on a message of ours is about."""

    kind: DeliveryKind
    program_id: int
    rotation_id: int | None
    circle_id: int | None
    checkin_id: int | None
    person_id: int | None
    introduction_id: int | None


def enqueue(
    session: AsyncSession,
    kind: DeliveryKind,
    lane: str,
    program_id: int,
    now: datetime,
    *,
    rotation_id: int | None = None,
    circle_id: int | None = None,
    checkin_id: int | None = None,
    wave_id: int | None = None,
    win_id: int | None = None,
    introduction_id: int | None = None,
    digest_id: int | None = None,
    concern_digest_id: int | None = None,
    person_id: int | None = None,
    notice_id: int | None = None,
    meeting_id: int | None = None,
    agenda_id: int | None = None,
) -> Delivery:
    """Write one effect on Discord into the transaction that decides it."""
    subject: dict[str, int | None] = {
        "rotation_id": rotation_id,
        "circle_id": circle_id,
        "checkin_id": checkin_id,
        "wave_id": wave_id,
        "win_id": win_id,
        "introduction_id": introduction_id,
        "digest_id": digest_id,
        "concern_digest_id": concern_digest_id,
        "person_id": person_id,
        "notice_id": notice_id,
        "meeting_id": meeting_id,
        "agenda_id": agenda_id,
    }
    delivery = Delivery(**row_of(kind, lane, program_id, now, **subject))
    session.add(delivery)
    return delivery


def row_of(kind: DeliveryKind, lane: str, program_id: int, now: datetime, **subject: int | None) -> dict[str, Any]:
    """Return the values of a new delivery under a key of its own, due at once."""
    key = "".join(KEY_LETTERS[byte % len(KEY_LETTERS)] for byte in secrets.token_bytes(KEY_LENGTH))
    return {
        "key": key,
        "lane": lane,
        "kind": kind,
        "program_id": program_id,
        "due_at": now,
        "created_at": now,
        **subject,
    }


def circle_lane(circle_id: int) -> str:
    """Return the lane in which everything of one circle leaves in order."""
    return f"circle:{circle_id}"


async def note_for_moderators(
    session: AsyncSession, program_id: int, message: str, now: datetime, **values: object
) -> Notice:
    """Write a line on the program's card."""
    notice = Notice(program_id=program_id, message=message, values=values, created_at=now)
    session.add(notice)
    await session.flush()
    return notice


async def tell_moderators(
    session: AsyncSession, program_id: int, message: str, now: datetime, **values: object
) -> None:
    """Write a line to the moderators, for the program's card and for their channel where there is one."""
    notice = await note_for_moderators(session, program_id, message, now, **values)
    enqueue(session, DeliveryKind.NOTICE, f"moderators:{program_id}", program_id, now, notice_id=notice.id)


@writes
async def recover(session: AsyncSession, now: datetime, share: Share = WHOLE) -> int:
    """At start: whatever was in flight when the process ended is looked up and taken on; return how much."""
    return await queries.abandon_inflight(session, now, share)


@claims
async def claim(session: AsyncSession, now: datetime, share: Share = WHOLE, held: Collection[int] = ()) -> Job | None:
    """Take the next delivery of the share that may leave, commit the intent, and return it; spare what one holds."""
    row = await queries.claim(session, now, now + LEASE, share, held)
    return None if row is None else Job(**{name: row[name] for name in CLAIMED}, tried_before=row["attempts"] > 1)


@writes
async def finish(session: AsyncSession, job: Job, outcome: Outcome, now: datetime) -> datetime | None:
    """Record what Discord answered; return when to look whether there is only one of it, where that is not sure.

    A late answer to a claim that was lost meanwhile changes nothing else: somebody else has tried, too.
    """
    look_at = now + LOOK_AFTER
    if not await queries.settle(session, job.id, job.fence, _settled(job, outcome, now)):
        await queries.look_again(session, job.id, look_at)
        return look_at
    await _tell(session, job, outcome, now)
    return None if outcome.sure else look_at


async def _tell(session: AsyncSession, job: Job, outcome: Outcome, now: datetime) -> None:
    """Let everything know that waits to hear how a delivery stands."""
    if outcome.result is Result.RETRIED and job.attempts == TELL_AFTER:
        await _tell_of_delay(session, job, outcome, now)
    if outcome.retry_after is not None:
        return
    if job.kind is DeliveryKind.INTRODUCTION_THREAD and job.introduction_id is not None:
        await _tell_introduction(session, job, outcome, job.introduction_id, now)
    if job.circle_id is not None and (job.kind is DeliveryKind.OPEN_THREAD or outcome.error_code is not None):
        await _tell_circle(session, job, outcome, await session.get_one(Circle, job.circle_id), now)


def _settled(job: Job, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Return how a delivery stands after an attempt; one that was put off did not count."""
    stands: dict[str, Any] = {"error_code": outcome.error_code, "lease_until": None}
    if outcome.retry_after is not None:
        spent = job.attempts - (outcome.result is Result.PUT_OFF)
        return stands | {"state": DeliveryState.PENDING, "due_at": now + outcome.retry_after, "attempts": spent}
    state = DeliveryState.DONE if outcome.result is Result.DONE else DeliveryState.DEAD
    ids = {"result_id": outcome.result_id, "result_channel_id": outcome.channel_id}
    look_at = None if outcome.sure else now + LOOK_AFTER
    return stands | {"state": state, "finished_at": now, "look_at": look_at} | ids


async def _tell_of_delay(session: AsyncSession, job: Job, outcome: Outcome, now: datetime) -> None:
    """Let moderators know, once a day at most, that Discord refuses something and that it is tried on."""
    if await queries.find_notice(session, job.program_id, WAITING, now - A_DAY) is None:
        await tell_moderators(session, job.program_id, WAITING, now, code=outcome.error_code)


async def _tell_circle(session: AsyncSession, job: Job, outcome: Outcome, circle: Circle, now: datetime) -> None:
    """Let a circle know its thread once it is open; let moderators know, once, when a thread is not to be had."""
    opens = job.kind is DeliveryKind.OPEN_THREAD
    if outcome.result is Result.DONE:
        circle.thread_id = outcome.result_id if opens else circle.thread_id
    elif opens or (outcome.error_code == UNKNOWN_CHANNEL and circle.thread_id is not None):
        circle.thread_id = None
        message = "notice.thread-not-opened" if opens else "notice.thread-gone"
        await tell_moderators(session, job.program_id, message, now, circle=circle.number, code=outcome.error_code)


async def _tell_introduction(
    session: AsyncSession, job: Job, outcome: Outcome, introduction_id: int, now: datetime
) -> None:
    """Let an introduction know its thread once it is open; let moderators know where it is not to be had."""
    if outcome.result is Result.DONE:
        (await session.get_one(Introduction, introduction_id)).thread_id = outcome.result_id
    else:
        message = "notice.introduction-not-opened"
        await tell_moderators(session, job.program_id, message, now, code=outcome.error_code)


@reads
async def get_subject(session: AsyncSession, key: str) -> Subject:
    """Return what a control is about; raise NotFound for a key that is not ours or no longer."""
    delivery = await queries.find_by_key(session, key)
    if delivery is None:
        raise NotFound("control.gone")
    return Subject(
        delivery.kind,
        delivery.program_id,
        delivery.rotation_id,
        delivery.circle_id,
        delivery.checkin_id,
        delivery.person_id,
        delivery.introduction_id,
    )


@reads
async def list_finished(
    session: AsyncSession, kinds: Collection[DeliveryKind], after: datetime, share: Share = WHOLE
) -> Sequence[datetime]:
    """Return when each delivery of some kinds ended after a moment, the first one first."""
    return await queries.list_finished(session, kinds, after, share)


@reads
async def count_unfinished(session: AsyncSession) -> int:
    """Return how many deliveries have still to leave."""
    return await queries.count_unfinished(session)


def wait_before_attempt(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 2 s, doubling, at most six hours."""
    return min(LONGEST_WAIT, timedelta(seconds=2 ** min(attempts, 20)))
