"""Letting people change circles within a rotation: seats, open check-ins, and every effect on Discord."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation.index import Index
from bot.domain.formation.judge import judge
from bot.domain.formation.leads import Duty
from bot.domain.formation.problem import Role
from bot.domain.formation.repair import Repair
from bot.domain.formation.seating import Seating
from bot.domain.states import AuditAction, DeliveryKind
from bot.errors import NotFound
from bot.services import closing, drafts
from bot.services.audit import record
from bot.services.circles import Entry
from bot.services.deliveries import circle_lane, enqueue
from bot.services.problems import build_problem
from bot.services.running import takes_part
from bot.services.work import reads
from db import checkins as checkin_queries
from db import repair as queries
from db.models import Circle, Enrollment, Membership, Rotation


@dataclass(frozen=True, slots=True)
class CircleNews:
    """What a circle's thread is told of a change; users and, of who left, the number of the circle they sit in now.

    `closes` where everybody went elsewhere.
    """

    locale: str
    number: int
    thread_id: int | None
    joined: tuple[int, ...]
    left: tuple[tuple[int, int | None], ...]
    closes: bool


async def carry_out(session: AsyncSession, program_id: int, decided: Repair, now: datetime) -> None:
    """Change the seats of the running rotation as decided, and write every delivery that follows."""
    rotation = await queries.find_running(session, program_id)
    if rotation is None:
        raise NotFound("repair.no-rotation")
    enrolled = {each.person_id: each for each in await queries.list_enrolled(session, program_id)}
    circles = {circle.number: circle for circle in rotation.circles}
    touched = {move.target for move in decided.moves} | set(decided.closed)
    touched |= {move.origin for move in decided.moves if move.origin is not None}
    for number in touched:
        _end_seats_of_the_gone(circles[number], enrolled, now, closes=number in decided.closed)
    for move in decided.moves:
        if move.origin is not None:
            _leave(circles[move.origin], int(move.key), now, keeps_role=move.origin in decided.closed)
        await _enter(session, circles[move.target], int(move.key), now)
    await queries.delete_unplaced(session, rotation.id, [int(move.key) for move in decided.moves])
    await session.flush()
    await _close(session, rotation, [circles[number] for number in decided.closed], now)
    await _judge_again(session, program_id, enrolled, now)
    for number in sorted(touched):
        _enqueue_effects(session, rotation, circles[number], decided, now)


def audit(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    rotation: int,
    decided: Repair,
    now: datetime,
    by: int | None,
    *,
    asked: int,
) -> None:
    """Keep that a moderator changed circles: a repair where nobody was asked for by name, a move or a swap."""
    action = (AuditAction.ROTATION_REPAIRED, AuditAction.SEAT_MOVED, AuditAction.SEATS_SWAPPED)[asked]
    people = [int(move.key) for move in decided.moves]
    placed = sum(move.origin is None for move in decided.moves)
    counts = {"moved": len(people) - placed, "placed": placed, "closed": len(decided.closed)}
    record(session, guild_id, program_id, by, action, now, people=people, rotation=rotation, **counts)


def _end_seats_of_the_gone(circle: Circle, enrolled: dict[int, Enrollment], now: datetime, *, closes: bool) -> None:
    """Take away the seats of whoever left the program, and in a circle that closes of whoever rests."""
    for seat in circle.ever:
        enrollment = enrolled.get(seat.person_id)
        gone = enrollment is None or enrollment.left_at is not None or enrollment.person.user_id is None
        if seat.left_at is None and (gone or (closes and not takes_part(enrollment, now))):
            seat.left_at = min(enrollment.left_at, now) if enrollment and enrollment.left_at else now


def _leave(circle: Circle, person_id: int, now: datetime, *, keeps_role: bool) -> None:
    seat = next(each for each in circle.ever if each.person_id == person_id)
    seat.left_at = now
    seat.role = seat.role if keeps_role else Role.MEMBER


async def _enter(session: AsyncSession, circle: Circle, person_id: int, now: datetime) -> None:
    """Give somebody a seat; who comes back takes the one they left."""
    for seat in circle.ever:
        if seat.person_id == person_id:
            seat.left_at, seat.role = None, Role.MEMBER
            return
    session.add(Membership(circle_id=circle.id, person_id=person_id, joined_at=now))


async def _close(session: AsyncSession, rotation: Rotation, circles: Sequence[Circle], now: datetime) -> None:
    """Close circles that nobody sits in any more, with their open check-ins."""
    for circle in circles:
        circle.closed_at = now
    ids = await queries.list_open_checkins(session, [circle.id for circle in circles])
    checkins = [await checkin_queries.get_checkin(session, each) for each in ids]
    await closing.close(session, rotation.program, checkins, now)


async def _judge_again(session: AsyncSession, program_id: int, enrolled: dict[int, Enrollment], now: datetime) -> None:
    """Bring the figures of the rotation and its circles up to date, and see that each circle has its lead."""
    rotation = await queries.find_running(session, program_id)
    if rotation is None:
        raise NotFound("repair.no-rotation")
    open_circles = [circle for circle in rotation.circles if circle.closed_at is None]
    seated = {circle.id: [seat for seat in circle.ever if seat.left_at is None] for circle in open_circles}
    people = [seat.person for seats in seated.values() for seat in seats]
    problem = await build_problem(session, rotation.program, people, rotation.number, now, rotation.seed)
    problem = replace(problem, history=tuple(each for each in problem.history if each.rotation < rotation.number))
    index = Index(problem)
    circles = [[index.number[str(seat.person_id)] for seat in seated[circle.id]] for circle in open_circles]
    judged = judge(Seating(index, circles))
    rotation.quality = rotation.quality | asdict(judged.quality)
    formed = {frozenset(each.members): each for each in judged.circles}
    for circle in open_circles:
        seats = seated[circle.id]
        found = formed.get(frozenset(str(seat.person_id) for seat in seats))
        if found is not None:
            circle.facts = drafts.facts_of(found, {seeker.key: seeker for seeker in problem.people})
            _appoint([seat for seat in seats if takes_part(enrolled.get(seat.person_id), now)], seats, index)


def _appoint(present: Sequence[Membership], seats: Sequence[Membership], index: Index) -> None:
    """Let whoever leads a circle and is there go on; where nobody does, the fair choice takes over."""
    if not present or any(seat.role is not Role.MEMBER for seat in present):
        return
    lead = index.people[Duty(index).lead_of([index.number[str(seat.person_id)] for seat in present])]
    leads = Role.MENTOR if lead.role is Role.MENTOR else Role.FACILITATOR
    for seat in seats:
        seat.role = leads if str(seat.person_id) == lead.key else Role.MEMBER


def _enqueue_effects(session: AsyncSession, rotation: Rotation, circle: Circle, decided: Repair, now: datetime) -> None:
    """Write what a circle's thread needs: who comes and goes, a line about it, and the card or the farewell."""
    joined = [int(move.key) for move in decided.moves if move.target == circle.number]
    left = [int(move.key) for move in decided.moves if move.origin == circle.number]
    closes = circle.number in decided.closed

    def add(kind: DeliveryKind, person_id: int | None = None) -> None:
        lane = circle_lane(circle.id)
        enqueue(session, kind, lane, rotation.program_id, now, circle_id=circle.id, person_id=person_id)

    for person_id in joined:
        add(DeliveryKind.ADD_MEMBER, person_id)
    add(DeliveryKind.CIRCLE_CHANGED)
    if closes:
        # Who sat here keeps the thread to read; the farewell asks whether the circle met.
        add(DeliveryKind.FAREWELL)
        add(DeliveryKind.ARCHIVE_THREAD)
        return
    for person_id in left:
        add(DeliveryKind.REMOVE_MEMBER, person_id)
    add(DeliveryKind.WELCOME_EDIT)


@reads
async def get_news(session: AsyncSession, delivery_id: int) -> CircleNews:
    """Return what to tell a circle of the change that a delivery is about; raise NotFound where nothing is left."""
    at, circle = await queries.get_change(session, delivery_id)
    came = await queries.list_added(session, circle.id, delivery_id)
    joined = [seat for seat in circle.ever if seat.person_id in came and seat.left_at is None]
    left = [seat for seat in circle.ever if seat.left_at == at]
    sits = await queries.list_seats_at(session, circle.rotation_id, [seat.person_id for seat in left])
    return CircleNews(
        locale=circle.rotation.program.locale,
        number=circle.number,
        thread_id=circle.thread_id,
        joined=tuple(seat.person.user_id for seat in joined if seat.person.user_id is not None),
        left=tuple((seat.person.user_id, sits.get(seat.person_id)) for seat in left if seat.person.user_id is not None),
        closes=circle.closed_at is not None,
    )


@reads
async def get_exit(session: AsyncSession, circle_id: int, person_id: int) -> Entry:
    """Return whom to take out of which thread; raise NotFound where they sit there again, or nothing is left."""
    found = await queries.find_left_seat(session, circle_id, person_id)
    if found is None or found[1].thread_id is None or found[0].person.user_id is None:
        raise NotFound("circle.not-found")
    seat, circle = found
    return Entry(seat.person.guild_id, circle.thread_id or 0, seat.person.user_id or 0)
