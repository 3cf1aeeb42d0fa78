"""Queries about a circle's meetings, and the session guides that were picked for it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from bot.domain.agenda import Guide
from bot.domain.formation.problem import Role
from bot.domain.goals import GoalPath, GoalState
from bot.domain.states import DeliveryKind, DeliveryState, MeetingHow, MeetingState, RotationState
from bot.errors import NotFound
from db.models import (
    Agenda,
    Circle,
    Delivery,
    Goal,
    Meeting,
    MeetingSlot,
    MeetingVote,
    MeetingWord,
    Membership,
    Person,
    Program,
    Rotation,
)
from db.prepared import prepared


def _whole() -> Select[Meeting]:
    """Select meetings with their hours, ticks, circle, people, rotation and program, as they are now."""
    return (
        select(Meeting)
        .options(
            selectinload(Meeting.slots),
            selectinload(Meeting.votes),
            joinedload(Meeting.proposer, innerjoin=True),
            joinedload(Meeting.circle, innerjoin=True).options(
                selectinload(Circle.ever).joinedload(Membership.person, innerjoin=True),
                joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True),
            ),
        )
        .execution_options(populate_existing=True)
    )


@prepared
def _meeting(meeting_id: int) -> Select[Meeting]:
    return _whole().where(Meeting.id == meeting_id)


async def get_meeting(session: AsyncSession, meeting_id: int) -> Meeting:
    """Return a meeting with everything around it; raise NotFound where there is none."""
    meeting = await session.scalar(*_meeting(meeting_id))
    if meeting is None:
        raise NotFound("control.gone")
    return meeting


async def find_current(session: AsyncSession, circle_id: int, ended_before: datetime) -> Meeting | None:
    """Return a circle's meeting that is being agreed on, or that is fixed and began after a moment."""
    waiting: ColumnElement[bool] = Meeting.state == MeetingState.PROPOSED
    ahead = (Meeting.state == MeetingState.FIXED) & (Meeting.starts_at > ended_before)
    query = _whole().where(Meeting.circle_id == circle_id, or_(waiting, ahead))
    return await session.scalar(query.order_by(Meeting.id.desc()).limit(1))


async def list_undecided(session: AsyncSession, now: datetime) -> Sequence[Meeting]:
    """Return the proposed meetings whose ticks are to be counted by now, and those of circles that ended."""
    over = or_(Meeting.decide_at <= now, Circle.closed_at.is_not(None))
    query = _whole().join(Meeting.circle).where(Meeting.state == MeetingState.PROPOSED, over)
    return (await session.scalars(query.order_by(Meeting.id))).all()


@prepared
def _open_circle(program_id: int, user_id: int) -> Select[Circle]:
    return (
        select(Circle)
        .join(Circle.rotation)
        .join(Circle.ever)
        .join(Membership.person)
        .where(
            Rotation.program_id == program_id,
            Rotation.state == RotationState.PUBLISHED,
            Circle.closed_at.is_(None),
            Membership.left_at.is_(None),
            Person.user_id == user_id,
        )
        .options(
            selectinload(Circle.ever).joinedload(Membership.person, innerjoin=True),
            joinedload(Circle.rotation, innerjoin=True).joinedload(Rotation.program, innerjoin=True),
        )
        .execution_options(populate_existing=True)
        .limit(1)
    )


async def find_open_circle(session: AsyncSession, program_id: int, user_id: int) -> Circle | None:
    """Return the circle of a program's running rotation in which a user sits, with everybody in it."""
    return await session.scalar(*_open_circle(program_id, user_id))


async def find_word(session: AsyncSession, meeting_id: int, person_id: int) -> MeetingWord | None:
    """Return what somebody said of how a meeting went."""
    query = select(MeetingWord).where(MeetingWord.meeting_id == meeting_id, MeetingWord.person_id == person_id)
    return await session.scalar(query)


async def list_hows(session: AsyncSession, circle_id: int, person_id: int) -> Sequence[MeetingHow]:
    """Return what somebody said of each meeting of a circle."""
    query = (
        select(MeetingWord.how)
        .join(Meeting, Meeting.id == MeetingWord.meeting_id)
        .where(Meeting.circle_id == circle_id, MeetingWord.person_id == person_id)
    )
    return (await session.scalars(query)).all()


@prepared
def _delivery(meeting_id: int, kind: DeliveryKind) -> Select[Delivery]:
    query = select(Delivery).where(
        Delivery.meeting_id == meeting_id,
        Delivery.kind == kind,
        Delivery.state == DeliveryState.DONE,
        Delivery.result_id.is_not(None),
    )
    return query.order_by(Delivery.id.desc()).limit(1)


async def find_delivery(session: AsyncSession, meeting_id: int, kind: DeliveryKind) -> Delivery | None:
    """Return the newest delivery of a kind for a meeting that Discord took."""
    return await session.scalar(*_delivery(meeting_id, kind))


async def list_orphaned(session: AsyncSession, now: datetime) -> Sequence[Meeting]:
    """Return the fixed meetings that lie ahead although their circle ended."""
    query = (
        _whole()
        .join(Meeting.circle)
        .where(Meeting.state == MeetingState.FIXED, Meeting.starts_at > now, Circle.closed_at.is_not(None))
    )
    return (await session.scalars(query.order_by(Meeting.id))).all()


async def withdraw_pending(session: AsyncSession, meeting_id: int, now: datetime) -> None:
    """Let nothing more leave that was to tell of a meeting; its event is kept in line by a later delivery."""
    query = update(Delivery).where(
        Delivery.meeting_id == meeting_id,
        Delivery.kind != DeliveryKind.MEETING_EVENT,
        Delivery.state == DeliveryState.PENDING,
    )
    await session.execute(query.values(state=DeliveryState.DEAD, finished_at=now))


async def list_proposed_by(session: AsyncSession, person_id: int) -> Sequence[Meeting]:
    """Return every meeting that a person proposed."""
    query = select(Meeting).where(Meeting.proposer_id == person_id).order_by(Meeting.id)
    return (await session.scalars(query)).all()


async def list_votes_of(session: AsyncSession, person_id: int) -> Sequence[tuple[MeetingVote, Sequence[MeetingSlot]]]:
    """Return every vote of a person, with the hours that could be ticked."""
    votes = (
        await session.scalars(select(MeetingVote).where(MeetingVote.person_id == person_id).order_by(MeetingVote.id))
    ).all()
    slots = (
        await session.scalars(
            select(MeetingSlot)
            .where(MeetingSlot.meeting_id.in_([vote.meeting_id for vote in votes]))
            .order_by(MeetingSlot.number)
        )
    ).all()
    return [(vote, [slot for slot in slots if slot.meeting_id == vote.meeting_id]) for vote in votes]


async def list_words_of(session: AsyncSession, person_id: int) -> Sequence[tuple[MeetingWord, Meeting]]:
    """Return all that a person said of how meetings went, with the meetings."""
    query = (
        select(MeetingWord, Meeting)
        .join(Meeting, Meeting.id == MeetingWord.meeting_id)
        .where(MeetingWord.person_id == person_id)
        .order_by(MeetingWord.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def delete_votes(session: AsyncSession, person_id: int) -> None:
    """Remove every tick of a person."""
    await session.execute(delete(MeetingVote).where(MeetingVote.person_id == person_id))


async def delete_old_votes(session: AsyncSession) -> None:
    """Remove the ticks of circles that ended: by then they only tell who is free when."""
    over = select(Meeting.id).join(Meeting.circle).where(Circle.closed_at.is_not(None))
    await session.execute(delete(MeetingVote).where(MeetingVote.meeting_id.in_(over)))


async def list_guides(session: AsyncSession, circle_id: int) -> Sequence[Guide]:
    """Return the session guides that were picked for a circle."""
    query = select(Agenda.guide).where(Agenda.circle_id == circle_id).order_by(Agenda.id)
    return (await session.scalars(query)).all()


async def get_agenda(session: AsyncSession, agenda_id: int) -> tuple[Agenda, Circle, Program]:
    """Return a picked session guide with its circle and program; raise NotFound where there is none."""
    query = (
        select(Agenda, Circle, Program)
        .join(Circle, Circle.id == Agenda.circle_id)
        .join(Rotation, Rotation.id == Circle.rotation_id)
        .join(Program, Program.id == Rotation.program_id)
        .where(Agenda.id == agenda_id)
    )
    row = (await session.execute(query)).first()
    if row is None:
        raise NotFound("control.gone")
    return row[0], row[1], row[2]


async def list_paths(session: AsyncSession, program_id: int, people: Collection[int]) -> Sequence[GoalPath]:
    """Return the path of each open goal that these people have in a program."""
    query = select(Goal.path).where(
        Goal.program_id == program_id, Goal.person_id.in_(people), Goal.state == GoalState.OPEN
    )
    return (await session.scalars(query)).all()


async def list_led_before(session: AsyncSession, people: Collection[int], rotation_id: int) -> frozenset[int]:
    """Return which of these people led a circle of a rotation that was published before."""
    query = (
        select(Membership.person_id)
        .join(Membership.circle)
        .join(Circle.rotation)
        .where(
            Membership.person_id.in_(people),
            Membership.role != Role.MEMBER,
            Rotation.id != rotation_id,
            Rotation.state != RotationState.DRAFT,
        )
    )
    return frozenset((await session.scalars(query)).all())
