"""What one person was sent, where and when, and if not, why not; for moderators who are asked "did she hear from us?".

Only what the program itself says is told. What passes between members, what answers a concern, and whether somebody
answered a pulse stays out: such kinds are not named here, and a pulse's invitation goes to whole circles.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import AuditAction, DeliveryKind, DeliveryState
from bot.errors import Conflict, NotFound
from bot.services.audit import record
from bot.services.work import reads, writes
from db import people as people_queries
from db import programs as program_queries
from db import sent as queries
from db.models import Delivery, Person

TO_PERSON = frozenset(
    (
        DeliveryKind.ADD_MEMBER,
        DeliveryKind.REMOVE_MEMBER,
        DeliveryKind.SILENT_QUESTION,
        DeliveryKind.NOT_PLACED,
    )
)
TO_CIRCLE = frozenset((
    DeliveryKind.OPEN_THREAD,
    DeliveryKind.WELCOME,
    DeliveryKind.CIRCLE_CHANGED,
    DeliveryKind.CHECKIN_CARD,
    DeliveryKind.CHECKIN_REMINDER,
    DeliveryKind.CHECKIN_SUMMARY,
    DeliveryKind.PULSE_INVITATION,
    DeliveryKind.PULSE_REMINDER,
    DeliveryKind.MEETING_CARD,
    DeliveryKind.MEETING_FIXED,
    DeliveryKind.MEETING_LAPSED,
    DeliveryKind.MEETING_CANCELLED,
    DeliveryKind.MEETING_REMINDER,
    DeliveryKind.MEETING_QUESTION,
    DeliveryKind.AGENDA,
    DeliveryKind.FIRST_SESSION,
    DeliveryKind.FAREWELL,
))  # fmt: skip
SHOWN = TO_PERSON | TO_CIRCLE
REACHES = TO_PERSON | {DeliveryKind.OPEN_THREAD}
BY_DM = frozenset((DeliveryKind.SILENT_QUESTION, DeliveryKind.NOT_PLACED))
A_PAGE = 6


@dataclass(frozen=True, slots=True)
class SentLine:
    """One thing that was to be sent; `arrived` where Discord took it, `reached` where the person is in the thread.

    `code` is why Discord refused it; without one it was not needed any more. `waits_behind` is set while
    something before it in the same circle has still to leave.
    """

    id: int
    kind: DeliveryKind
    state: DeliveryState
    rotation: int | None
    circle: int | None
    thread_id: int | None
    at: datetime
    due_at: datetime
    attempts: int
    code: int | None
    arrived: bool
    reached: bool
    waits_behind: bool

    @property
    def may_be_retried(self) -> bool:
        """Whether it was given up because Discord refused it."""
        return _is_given_up(self.state, self.code)


@dataclass(frozen=True, slots=True)
class SentPage:
    """One page of what a person was sent in one program, the newest first."""

    program: str
    user_id: int
    lines: tuple[SentLine, ...]
    page: int
    pages: int
    total: int


@writes
async def look_up(
    session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime, by: int
) -> SentPage:
    """Return the first page of what a person was sent, and keep that a moderator looked it up."""
    person = await people_queries.get_person(session, guild_id, user_id)
    found = await _page(session, guild_id, program_id, person, 0)
    record(session, guild_id, program_id, by, AuditAction.DELIVERIES_READ, now, people=(person.id,))
    return found


@reads
async def turn(session: AsyncSession, guild_id: int, program_id: int, user_id: int, page: int) -> SentPage:
    """Return another page of what a person was sent."""
    return await _page(session, guild_id, program_id, await people_queries.get_person(session, guild_id, user_id), page)


@reads
async def get_program_of(session: AsyncSession, guild_id: int, delivery_id: int) -> int:
    """Return the program that something was sent for; raise NotFound for what is not shown."""
    return (await _get_shown(session, guild_id, delivery_id)).program_id


@writes
async def retry(session: AsyncSession, guild_id: int, delivery_id: int, now: datetime, by: int) -> None:
    """Let something that was given up be tried once more; Discord is asked first whether it has arrived after all."""
    delivery = await _get_shown(session, guild_id, delivery_id)
    if not _is_given_up(delivery.state, delivery.error_code):
        raise Conflict("sent.not-given-up")
    record(
        session,
        guild_id,
        delivery.program_id,
        by,
        AuditAction.DELIVERY_RETRIED,
        now,
        people=() if delivery.person_id is None else (delivery.person_id,),
        kind=delivery.kind.value,
        delivery=delivery.id,
        code=delivery.error_code,
    )
    delivery.state, delivery.due_at, delivery.finished_at = DeliveryState.PENDING, now, None
    delivery.attempts = 1  # not none: what was tried before is looked for on Discord first


async def _get_shown(session: AsyncSession, guild_id: int, delivery_id: int) -> Delivery:
    delivery = await queries.find_delivery(session, guild_id, delivery_id)
    if delivery is None or delivery.kind not in SHOWN:
        raise NotFound("control.gone")
    if delivery.person_id is not None and (await session.get_one(Person, delivery.person_id)).user_id is None:
        raise NotFound("control.gone")
    return delivery


async def _page(session: AsyncSession, guild_id: int, program_id: int, person: Person, page: int) -> SentPage:
    program = await program_queries.get_program(session, guild_id, program_id)
    circles = await queries.list_circles(session, program_id, person.id)
    wanted = queries.about(program_id, person.id, circles.keys(), TO_PERSON, TO_CIRCLE)
    total = await queries.count(session, wanted)
    pages = max(1, -(-total // A_PAGE))
    page = max(0, min(page, pages - 1))
    found = await queries.list_page(session, wanted, page, A_PAGE)
    heads = await queries.list_heads(session, {each.lane for each in found})
    added = await queries.list_added(session, program_id, person.id)
    lines = tuple(_line(each, circles, added, heads) for each in found)
    return SentPage(program.name, person.user_id or 0, lines, page, pages, total)


def _line(
    sent: Delivery, circles: dict[int, tuple[int, int, int | None]], added: frozenset[int], heads: frozenset[int]
) -> SentLine:
    rotation, number, thread_id = circles.get(sent.circle_id or 0, (None, None, None))
    waits = sent.state is DeliveryState.PENDING and sent.id not in heads
    return SentLine(
        id=sent.id,
        kind=sent.kind,
        state=sent.state,
        rotation=rotation,
        circle=number,
        thread_id=thread_id,
        at=sent.finished_at or sent.created_at,
        due_at=sent.due_at,
        attempts=sent.attempts,
        code=sent.error_code,
        arrived=sent.state is DeliveryState.DONE and sent.result_id is not None,
        reached=sent.kind in REACHES or sent.circle_id in added,
        waits_behind=waits,
    )


def _is_given_up(state: DeliveryState, code: int | None) -> bool:
    """Tell whether Discord refused something for good; what was withdrawn for privacy has no code and never leaves."""
    return state is DeliveryState.DEAD and code is not None
