"""Session guides: which one suits a circle, posting one in its thread, and the guide for a first session."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.agenda import Guide, suggest
from bot.domain.formation.problem import Role
from bot.domain.states import DeliveryKind
from bot.errors import NotAllowed, NotFound
from bot.services.deliveries import DM_LANE, circle_lane, enqueue
from bot.services.topics import split_topics
from bot.services.work import reads, writes
from db import meetings as queries
from db import people as people_queries
from db import programs as program_queries
from db import rotations as rotation_queries
from db.models import Agenda, Circle, Membership, Program, Rotation


@dataclass(frozen=True, slots=True)
class Shelf:
    """The guides as somebody sees them: where they sit, whether they may pick, what suits, and what there was."""

    program_id: int
    program: str
    circle_id: int | None
    thread_id: int | None
    may_pick: bool
    suggested: Guide | None
    used: tuple[Guide, ...]


@dataclass(frozen=True, slots=True)
class AgendaPost:
    """A picked guide on its way into its circle's thread."""

    guide: Guide
    locale: str
    thread_id: int | None


@dataclass(frozen=True, slots=True)
class FirstSession:
    """The guide for a first session on its way to whoever leads it."""

    user_id: int
    program: str
    locale: str
    thread_id: int | None


@reads
async def get_shelf(session: AsyncSession, guild_id: int, program_id: int, user_id: int) -> Shelf:
    """Return the guides as somebody sees them; whoever sits in no circle may look, too."""
    program = await program_queries.get_program(session, guild_id, program_id)
    circle = await queries.find_open_circle(session, program.id, user_id)
    if circle is None:
        return Shelf(program.id, program.name, None, None, may_pick=False, suggested=None, used=())
    return Shelf(
        program_id=program.id,
        program=program.name,
        circle_id=circle.id,
        thread_id=circle.thread_id,
        may_pick=_may_pick(circle, user_id),
        suggested=await suggest_guide(session, circle),
        used=tuple(await queries.list_guides(session, circle.id)),
    )


@writes
async def pick(session: AsyncSession, guild_id: int, program_id: int, user_id: int, guide: Guide, now: datetime) -> int:
    """Post a guide in somebody's circle, whose facilitator they are; return the thread."""
    program = await program_queries.get_program(session, guild_id, program_id)
    circle = await queries.find_open_circle(session, program.id, user_id)
    if circle is None:
        raise NotFound("agenda.no-circle", program=program.name)
    if not _may_pick(circle, user_id):
        raise NotAllowed("agenda.facilitators-only")
    if circle.thread_id is None:
        raise NotFound("circle.no-thread")
    picked = Agenda(circle_id=circle.id, guide=guide, picked_at=now)
    session.add(picked)
    await session.flush()
    enqueue(
        session,
        DeliveryKind.AGENDA,
        circle_lane(circle.id),
        program.id,
        now,
        circle_id=circle.id,
        agenda_id=picked.id,
    )
    return circle.thread_id


@reads
async def get_post(session: AsyncSession, agenda_id: int) -> AgendaPost:
    """Return a picked guide with where it goes."""
    picked, circle, program = await queries.get_agenda(session, agenda_id)
    return AgendaPost(picked.guide, program.locale, circle.thread_id)


@reads
async def get_first_session(session: AsyncSession, circle_id: int, person_id: int) -> FirstSession:
    """Return to whom the guide for a first session goes; raise NotFound once there is nobody to tell."""
    circle = await rotation_queries.get_circle(session, circle_id)
    program = circle.rotation.program
    seat = next((each for each in circle.memberships if each.person_id == person_id), None)
    if seat is None or seat.person.user_id is None:
        raise NotFound("circle.not-found")
    return FirstSession(seat.person.user_id, program.name, program.locale, circle.thread_id)


async def guide_newcomers(session: AsyncSession, program: Program, rotation: Rotation, now: datetime) -> None:
    """Send whoever leads a circle for the first time the guide for it, privately.

    Whoever never offered to lead, and only has their turn, gets no message unasked: the welcome card shows the guide.
    """
    leading = {seat.person_id: circle.id for circle in rotation.circles for seat in circle.memberships if _leads(seat)}
    mentors = {seat.person_id for circle in rotation.circles for seat in circle.memberships if seat.role is Role.MENTOR}
    offered = mentors | await people_queries.list_facilitators(session, program.id)
    before = await queries.list_led_before(session, leading, rotation.id)
    for person_id, circle_id in leading.items():
        if person_id in offered - before:
            enqueue(
                session,
                DeliveryKind.FIRST_SESSION,
                DM_LANE,
                program.id,
                now,
                circle_id=circle_id,
                person_id=person_id,
            )


async def suggest_guide(session: AsyncSession, circle: Circle) -> Guide | None:
    """Return the guide that suits the goals and topics of a circle best, of those it has not had."""
    people = [seat.person for seat in circle.memberships]
    paths = await queries.list_paths(session, circle.rotation.program_id, [person.id for person in people])
    topics = [topic for person in people for topic in split_topics(person.wants_help_with)]
    return suggest(paths, topics, await queries.list_guides(session, circle.id))


def _leads(seat: Membership) -> bool:
    return seat.role is not Role.MEMBER


def _may_pick(circle: Circle, user_id: int) -> bool:
    """Tell whether somebody leads a circle, or sits in one that nobody leads."""
    leading = [seat for seat in circle.memberships if _leads(seat) and seat.person.user_id is not None]
    among = leading or circle.memberships
    return any(seat.person.user_id == user_id for seat in among)
