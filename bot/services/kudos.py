"""Kudos: a good word for a circle-mate, which lands in their file and, if both wish, in the circle."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.goals import WinKind
from bot.domain.states import DeliveryKind
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services.deliveries import circle_lane, enqueue
from bot.services.goals import day_of
from bot.services.wins import WinCard, card_of, get_own
from bot.services.withdrawals import delete_messages
from bot.services.work import reads, writes
from db import avoid as avoid_queries
from db import deliveries as delivery_queries
from db import people as people_queries
from db import wins as queries
from db.models import Circle, Person, Win

LONGEST_KUDOS = 450
MOST_A_WEEK = 3  # from one person to another
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Offer:
    """Kudos that may be written; `can_show` means that both sit in one open circle now."""

    can_show: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Who is told in their own circle that kudos wait for them."""

    user_id: int
    locale: str
    thread_id: int | None


@dataclass(frozen=True, slots=True)
class Post:
    """Kudos as the circle reads them."""

    giver: int
    receiver: int
    words: str
    locale: str
    thread_id: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message about kudos that is no longer to stand; its id is not known where Discord's word was never heard."""

    key: str
    guild_id: int
    thread_id: int | None
    message_id: int | None
    circle_is_closed: bool


@reads
async def get_offer(session: AsyncSession, guild_id: int, giver: int, receiver: int, now: datetime) -> Offer:
    """Tell whether somebody may give kudos to a user now, and whether the circle could read them."""
    sender, person, circle = await _pair(session, guild_id, giver, receiver, now)
    return Offer(can_show=await _both_sit_in(session, circle, sender, person))


@writes
async def give(
    session: AsyncSession, guild_id: int, giver: int, receiver: int, words: str, now: datetime, *, may_show: bool
) -> None:
    """Put kudos into the receiver's file, and let a line in their own circle tell them that there are some."""
    if not 0 < len(words) <= LONGEST_KUDOS:
        raise InvalidInput("kudos.invalid.words", most=LONGEST_KUDOS)
    sender, person, circle = await _pair(session, guild_id, giver, receiver, now)
    win = Win(
        person_id=person.id,
        giver_id=sender.id,
        circle_id=circle.id,
        kind=WinKind.KUDOS,
        words=words,
        day=day_of(person, now),
        may_show=may_show and await _both_sit_in(session, circle, sender, person),
        created_at=now,
    )
    session.add(win)
    await session.flush()
    own = await queries.find_open_circle(session, circle.rotation.program_id, person.id)
    if own is not None and await _may_call(session, person, giver, own, circle):
        _enqueue(session, DeliveryKind.KUDOS_NOTE, win, own, circle.rotation.program_id, now)


async def _both_sit_in(session: AsyncSession, circle: Circle, one: Person, other: Person) -> bool:
    return await _sits_in(session, circle, one) and await _sits_in(session, circle, other)


async def _sits_in(session: AsyncSession, circle: Circle, person: Person) -> bool:
    """Tell whether somebody sits in a circle at this moment, and not only earlier."""
    own = await queries.find_open_circle(session, circle.rotation.program_id, person.id)
    return own is not None and own.id == circle.id


async def _may_call(session: AsyncSession, person: Person, giver: int, own: Circle, shared: Circle) -> bool:
    """Tell whether a line may call somebody to kudos: not to those of a user they avoid.

    In a circle that both read the line stands all the same; that it is missing would tell of the wish.
    """
    return own.id == shared.id or await avoid_queries.find_avoid(session, person.id, giver) is None


@reads
async def get_by_key(session: AsyncSession, key: str, user_id: int) -> WinCard:
    """Return the kudos that a line in the circle told of, to whom they are for only."""
    delivery = await delivery_queries.find_by_key(session, key)
    if delivery is None or delivery.win_id is None:
        raise NotFound("win.not-found")
    win = await queries.get_win(session, delivery.win_id)
    if win.person.user_id != user_id:
        raise NotAllowed("kudos.not-for-you")
    return card_of(win)


@writes
async def show(session: AsyncSession, guild_id: int, win_id: int, user_id: int, now: datetime) -> WinCard:
    """Have kudos shown in the circle, as the giver wished and the receiver agrees; once."""
    win = await get_own(session, guild_id, win_id, user_id)
    if not win.may_show or win.circle is None:
        raise NotAllowed("kudos.stays-private")
    if not await _sits_in(session, win.circle, win.person):
        raise Conflict("kudos.circle-over")
    if win.shown_at is None:
        win.shown_at = now
        _enqueue(session, DeliveryKind.KUDOS, win, win.circle, win.circle.rotation.program_id, now)
    return card_of(win)


@writes
async def take_down(session: AsyncSession, key: str, user_id: int, now: datetime) -> None:
    """Take kudos out of the circle's thread, as either of the two may ask; they stay in the receiver's file."""
    delivery = await delivery_queries.find_by_key(session, key)
    if delivery is None or delivery.win_id is None:
        raise NotFound("win.not-found")
    win = await queries.get_win(session, delivery.win_id)
    if user_id not in (win.person.user_id, win.giver.user_id if win.giver else None):
        raise NotAllowed("kudos.not-between-you")
    win.shown_at, win.may_show = None, False
    await delete_messages(session, win, now)


@reads
async def get_note(session: AsyncSession, win_id: int, circle_id: int) -> Note:
    """Return whom to tell of kudos, and where; raise NotFound where they were removed."""
    win = await queries.get_win(session, win_id)
    circle = await queries.get_circle(session, circle_id)
    if win.person.user_id is None:
        raise NotFound("person.not-joined")
    return Note(win.person.user_id, circle.rotation.program.locale, circle.thread_id)


@reads
async def get_post(session: AsyncSession, win_id: int) -> Post:
    """Return kudos as the circle reads them; raise NotFound where they are not to be shown, or no longer."""
    win = await queries.get_win(session, win_id)
    circle, giver, receiver = win.circle, win.giver and win.giver.user_id, win.person.user_id
    if win.shown_at is None or circle is None or giver is None or receiver is None:
        raise NotFound("win.not-found")
    return Post(giver, receiver, win.words, circle.rotation.program.locale, circle.thread_id)


@reads
async def list_outdated(session: AsyncSession, win_id: int, circle_id: int) -> tuple[Sent, ...]:
    """Return the messages in a circle about kudos that are no longer to stand: shown ones, or all where removed."""
    win = await session.get_one(Win, win_id)
    circle = await queries.get_circle(session, circle_id)
    return tuple(
        Sent(
            key=each.key,
            guild_id=circle.rotation.program.guild_id,
            thread_id=each.result_channel_id or circle.thread_id,
            message_id=each.result_id,
            circle_is_closed=circle.closed_at is not None,
        )
        for each in await queries.list_sent(session, win_id)
        if each.circle_id == circle_id
        and each.attempts > 0
        and (win.removed_at is not None or (each.kind is DeliveryKind.KUDOS and win.shown_at is None))
    )


async def _pair(
    session: AsyncSession, guild_id: int, giver: int, receiver: int, now: datetime
) -> tuple[Person, Person, Circle]:
    """Return both people and the newest circle they shared; refuse oneself, strangers and too many at once."""
    if giver == receiver:
        raise InvalidInput("kudos.yourself")
    sender = await people_queries.get_person(session, guild_id, giver)
    person = await people_queries.find_person(session, guild_id, receiver)
    circle = await queries.find_shared_circle(session, sender.id, person.id) if person else None
    if person is None or circle is None:
        raise NotAllowed("kudos.not-a-mate")
    if await queries.count_kudos(session, sender.id, person.id, now - A_WEEK) >= MOST_A_WEEK:
        raise Conflict("kudos.enough", most=MOST_A_WEEK)
    return sender, person, circle


def _enqueue(
    session: AsyncSession, kind: DeliveryKind, win: Win, circle: Circle, program_id: int, now: datetime
) -> None:
    lane = circle_lane(circle.id)
    enqueue(session, kind, lane, program_id, now, circle_id=circle.id, person_id=win.person_id, win_id=win.id)
