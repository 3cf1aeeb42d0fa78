"""What a circle is: who sits in it, what they can help with, and when they could meet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation.problem import Role
from bot.domain.states import DeliveryKind, Met, RotationState
from bot.errors import NotFound
from bot.services import closing
from bot.services.deliveries import circle_lane, enqueue
from bot.services.leads import find_stand_in
from bot.services.topics import split_topics
from bot.services.work import reads
from db import programs as program_queries
from db import rotations as queries
from db.models import Circle, Person, Program, Rotation


@dataclass(frozen=True, slots=True)
class SeatCard:
    """One person in a circle; no user id where the person asked to be forgotten."""

    user_id: int | None
    role: Role
    helps_with: str
    wants_help_with: str
    met: Met | None


@dataclass(frozen=True, slots=True)
class Match:
    """What one person in a circle offers and another wants."""

    offers: int | None
    wants: int | None
    topic: str


@dataclass(frozen=True, slots=True)
class CircleCard:
    """One circle as its members see it.

    `hours` are the hours of the week in UTC that suit most of them, best
    first; `shared_hours` is how many hours a week suit all of them.
    """

    id: int
    number: int
    rotation: int
    program_id: int
    program: str
    locale: str
    guild_id: int
    lobby_channel_id: int
    moderator_role_id: int | None
    thread_id: int | None
    closed_at: datetime | None
    seats: tuple[SeatCard, ...]
    hours: tuple[int, ...]
    shared_hours: int
    matches: tuple[Match, ...]
    new_pairs: int
    repeated_pairs: int
    stands_by: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One person on the way into their circle's thread."""

    guild_id: int
    thread_id: int
    user_id: int


@reads
async def get_circle(session: AsyncSession, circle_id: int) -> CircleCard:
    """Return a circle with everybody in it, and with who stands by a lead who is new to it."""
    circle = await queries.get_circle(session, circle_id)
    stands_by = await find_stand_in(session, circle)
    return replace(card_of(circle, circle.rotation, circle.rotation.program), stands_by=stands_by)


@reads
async def get_entry(session: AsyncSession, circle_id: int, person_id: int) -> Entry:
    """Return whom to bring into which thread; raise NotFound once there is nobody, or no thread, any more."""
    circle, guild_id, user_id = await queries.get_entry(session, circle_id, person_id)
    if circle.thread_id is None:
        raise NotFound("circle.no-thread")
    if user_id is None:
        raise NotFound("person.not-joined")
    return Entry(guild_id, circle.thread_id, user_id)


@reads
async def list_running(session: AsyncSession, guild_id: int, program_id: int) -> tuple[tuple[int, int], ...]:
    """Return the number of each circle that runs, and how many people sit in it."""
    program = await program_queries.get_program(session, guild_id, program_id)
    found = await queries.list_open_circles(session, program.id)
    return tuple((circle.number, len(circle.memberships)) for circle in found)


def card_of(circle: Circle, rotation: Rotation, program: Program) -> CircleCard:
    """Describe a circle whose seats and people are loaded."""
    return CircleCard(
        id=circle.id,
        number=circle.number,
        rotation=rotation.number,
        program_id=program.id,
        program=program.name,
        locale=program.locale,
        guild_id=program.guild_id,
        lobby_channel_id=program.lobby_channel_id,
        moderator_role_id=program.moderator_role_id,
        thread_id=circle.thread_id,
        closed_at=circle.closed_at,
        seats=tuple(
            SeatCard(seat.person.user_id, seat.role, seat.person.helps_with, seat.person.wants_help_with, seat.met)
            for seat in circle.memberships
        ),
        hours=tuple(circle.facts["hours"]),
        shared_hours=circle.facts["shared_hours"],
        matches=_matches([seat.person for seat in circle.memberships]),
        new_pairs=circle.facts["new_pairs"],
        repeated_pairs=circle.facts["repeated_pairs"],
    )


async def end_running(session: AsyncSession, program: Program, now: datetime) -> None:
    """Close the open check-ins, say goodbye to the circles of the rotation that runs, and archive them."""
    await closing.close_all(session, program, now)
    running = await queries.find_rotation(session, program.id, RotationState.PUBLISHED)
    if running is None:
        return
    running.state, running.ends_at = RotationState.ENDED, now
    for circle in running.circles:
        if circle.closed_at is not None:
            continue  # it was merged into others
        circle.closed_at = now
        for kind in (DeliveryKind.FAREWELL, DeliveryKind.ARCHIVE_THREAD):
            enqueue(session, kind, circle_lane(circle.id), program.id, now, circle_id=circle.id)


def _matches(people: Sequence[Person]) -> tuple[Match, ...]:
    """Return what these people offer and want of each other, each topic of a pair once."""
    wants = [(person, split_topics(person.wants_help_with)) for person in people]
    return tuple(
        Match(helper.user_id, asker.user_id, topic)
        for helper in people
        for asker, wanted in wants
        if asker is not helper
        for topic in sorted(split_topics(helper.helps_with) & wanted)
    )
