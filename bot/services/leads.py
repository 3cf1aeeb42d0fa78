"""What circles write to those who led them, and what these do next.

Words reach a lead a few days after the circle ended, all at once, without names and in no order. Of fewer than three
only those do whose author said that they may also come alone; the others are deleted unread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation.problem import Role
from bot.domain.states import DeliveryKind, NextStep
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services.deliveries import DM_LANE, enqueue
from bot.services.people import get_enrolled
from bot.services.work import reads, writes
from db import deliveries as delivery_queries
from db import mentors as queries
from db import rotations as rotation_queries
from db.models import Circle, LeadStep, LeadWord, Membership, Person, Program

LEAST_WRITERS = 3
TELL_AFTER = timedelta(days=6)
TELL_WITHIN = timedelta(days=60)
LONGEST_WORDS = 600
KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class WordForm:
    """What somebody may write to whoever led their circle, with what they wrote before."""

    circle_id: int
    lead: int
    words: str
    alone: bool


@dataclass(frozen=True, slots=True)
class LeadCard:
    """What reaches somebody who led a circle: words without names, and the offer of a next step."""

    user_id: int
    program_id: int
    program: str
    locale: str
    rotation: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldWords:
    """What one circle wrote to whoever led it."""

    program: str
    rotation: int
    words: tuple[str, ...]


@reads
async def find_form(session: AsyncSession, circle_id: int, user_id: int, now: datetime) -> WordForm | None:
    """Return what a member may write to whoever led their circle; None for the lead, or once it is too late."""
    return await _form(session, circle_id, user_id, now)


async def _form(session: AsyncSession, circle_id: int, user_id: int, now: datetime) -> WordForm | None:
    circle = await rotation_queries.get_circle(session, circle_id)
    seat = _seat_of(circle, user_id)
    lead = next((each for each in circle.memberships if each.role is not Role.MEMBER), None)
    if lead is None or lead is seat or lead.person.user_id is None or _is_late(circle, now):
        return None
    word = await queries.find_word(session, circle_id, seat.person_id)
    return WordForm(circle_id, lead.person.user_id, word.words if word else "", word.alone if word else False)


@reads
async def get_form(session: AsyncSession, circle_id: int, user_id: int, now: datetime) -> WordForm:
    """Return what a member may write to whoever led their circle; raise Conflict where they may not."""
    form = await _form(session, circle_id, user_id, now)
    if form is None:
        raise Conflict("lead.word.late")
    return form


@writes
async def write_word(
    session: AsyncSession, circle_id: int, user_id: int, words: str, now: datetime, *, alone: bool
) -> None:
    """Keep what a member writes to whoever led their circle; no words take it back."""
    circle = await rotation_queries.get_circle(session, circle_id)
    seat = _seat_of(circle, user_id)
    if _is_late(circle, now):
        raise Conflict("lead.word.late")
    if seat.role is not Role.MEMBER:
        raise NotAllowed("lead.word.own")
    if len(words) > LONGEST_WORDS:
        raise InvalidInput("lead.word.long", most=LONGEST_WORDS)
    word = await queries.find_word(session, circle_id, seat.person_id)
    if word is not None:
        await session.delete(word)
        await session.flush()
    if words.strip():
        session.add(LeadWord(circle_id=circle_id, person_id=seat.person_id, words=words.strip(), alone=alone))


@writes
async def tell_due(session: AsyncSession, now: datetime) -> int:
    """Let everybody who led a circle that ended some days ago have their words and the offer; return how many."""
    await queries.delete_old_words(session, now - KEPT)
    circles = await queries.list_untold_circles(session, now - TELL_WITHIN, now - TELL_AFTER)
    for circle, lead_id, program_id in circles:
        words = await queries.list_words(session, circle.id)
        for word in words:
            if len(words) >= LEAST_WRITERS or word.alone:
                word.told_at = now
            else:
                await session.delete(word)
        enqueue(session, DeliveryKind.LEAD_CARD, DM_LANE, program_id, now, circle_id=circle.id, person_id=lead_id)
    return len(circles)


@reads
async def get_card(session: AsyncSession, circle_id: int, person_id: int) -> LeadCard:
    """Return what somebody who led a circle is sent; raise NotFound once there is nobody to send it to."""
    circle = await rotation_queries.get_circle(session, circle_id)
    person = await session.get_one(Person, person_id)
    if person.user_id is None:
        raise NotFound("person.not-joined")
    program = circle.rotation.program
    told = [word.words for word in await queries.list_words(session, circle_id) if word.told_at is not None]
    return LeadCard(
        person.user_id, program.id, program.name, program.locale, circle.rotation.number, tuple(sorted(told))
    )


@reads
async def list_told(session: AsyncSession, guild_id: int, user_id: int) -> Sequence[ToldWords]:
    """Return everything that circles wrote to somebody who led them, the newest circle first."""
    found: dict[int, tuple[str, int, list[str]]] = {}
    for word, rotation, program in await queries.list_told_to_user(session, guild_id, user_id):
        found.setdefault(word.circle_id, (program, rotation, []))[2].append(word.words)
    return [ToldWords(program, rotation, tuple(sorted(words))) for program, rotation, words in found.values()]


@writes
async def choose(session: AsyncSession, key: str, user_id: int, step: NextStep, now: datetime) -> int:
    """Keep what somebody who led a circle does next, and do it; return the program's id."""
    sent = await delivery_queries.find_by_key(session, key)
    if sent is None or sent.kind is not DeliveryKind.LEAD_CARD or sent.person_id is None:
        raise NotFound("control.gone")
    person = await session.get_one(Person, sent.person_id)
    if person.user_id != user_id:
        raise NotAllowed("lead.not-yours")
    program = await session.get_one(Program, sent.program_id)
    enrollment, _ = await get_enrolled(session, program.guild_id, program.id, user_id)
    chosen = await queries.find_step(session, program.id, person.id)
    if chosen is None:
        session.add(LeadStep(program_id=program.id, person_id=person.id, step=step, at=now))
    else:
        chosen.step, chosen.at = step, now
    if step is NextStep.AGAIN:
        enrollment.facilitates = True
    elif step is NextStep.STAND_BY:
        enrollment.facilitates = False
    return program.id


async def find_stand_in(session: AsyncSession, circle: Circle) -> int | None:
    """Return the user who stands by whoever leads a circle, where they lead for the first time and somebody does."""
    program_id, number = circle.rotation.program_id, circle.rotation.number
    lead = next((seat for seat in circle.memberships if seat.role is not Role.MEMBER), None)
    if lead is None or lead.person_id in await queries.list_leads_before(session, program_id, number):
        return None
    standing_by = await queries.list_standing_by(session, program_id)
    found = (seat.person.user_id for seat in circle.memberships if seat is not lead and seat.person_id in standing_by)
    return next((user for user in found if user is not None), None)


def _seat_of(circle: Circle, user_id: int) -> Membership:
    for seat in circle.memberships:
        if seat.person.user_id == user_id:
            return seat
    raise NotAllowed("circle.not-yours")


def _is_late(circle: Circle, now: datetime) -> bool:
    """Tell whether a circle's words were told, or its end is so long ago that they are."""
    return circle.closed_at is not None and now >= circle.closed_at + TELL_AFTER
