"""Queries about mentors' offers, and what circles said to those who led them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation.problem import Role
from bot.domain.states import DeliveryKind, NextStep
from db.models import Circle, Delivery, LeadStep, LeadWord, Membership, MentorOffer, Person, Program, Rotation


async def find_offer(session: AsyncSession, program_id: int, person_id: int) -> MentorOffer | None:
    """Return somebody's offer to mentor in a program."""
    query = select(MentorOffer).where(MentorOffer.program_id == program_id, MentorOffer.person_id == person_id)
    return await session.scalar(query)


async def list_offers(session: AsyncSession, program_id: int) -> Sequence[MentorOffer]:
    """Return every offer to mentor in a program."""
    query = select(MentorOffer).where(MentorOffer.program_id == program_id).order_by(MentorOffer.id)
    return (await session.scalars(query)).all()


async def list_offers_of(session: AsyncSession, person_id: int) -> Sequence[tuple[MentorOffer, str]]:
    """Return a person's offers to mentor, each with the program's name."""
    query = (
        select(MentorOffer, Program.name)
        .join(Program, Program.id == MentorOffer.program_id)
        .where(MentorOffer.person_id == person_id)
        .order_by(MentorOffer.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def find_word(session: AsyncSession, circle_id: int, person_id: int) -> LeadWord | None:
    """Return what somebody wrote to whoever led their circle."""
    query = select(LeadWord).where(LeadWord.circle_id == circle_id, LeadWord.person_id == person_id)
    return await session.scalar(query)


async def list_words(session: AsyncSession, circle_id: int) -> Sequence[LeadWord]:
    """Return what a circle wrote to whoever led it."""
    return (await session.scalars(select(LeadWord).where(LeadWord.circle_id == circle_id).order_by(LeadWord.id))).all()


async def list_words_of(session: AsyncSession, person_id: int) -> Sequence[LeadWord]:
    """Return what somebody wrote to those who led their circles."""
    return (await session.scalars(select(LeadWord).where(LeadWord.person_id == person_id).order_by(LeadWord.id))).all()


async def list_told(session: AsyncSession, person_id: int) -> Sequence[tuple[LeadWord, int, str]]:
    """Return what reached somebody who led circles, with the rotation's number and the program's name."""
    query = (
        select(LeadWord, Rotation.number, Program.name)
        .join(Circle, Circle.id == LeadWord.circle_id)
        .join(Rotation, Rotation.id == Circle.rotation_id)
        .join(Program, Program.id == Rotation.program_id)
        .join(Membership, Membership.circle_id == Circle.id)
        .where(Membership.person_id == person_id, Membership.role != Role.MEMBER, LeadWord.told_at.is_not(None))
        .order_by(Circle.id.desc(), LeadWord.id)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def list_told_to_user(session: AsyncSession, guild_id: int, user_id: int) -> Sequence[tuple[LeadWord, int, str]]:
    """Return what reached a user of a guild who led circles, as `list_told` does."""
    person = await session.scalar(select(Person.id).where(Person.guild_id == guild_id, Person.user_id == user_id))
    return [] if person is None else await list_told(session, person)


async def list_untold_circles(
    session: AsyncSession, after: datetime, before: datetime
) -> Sequence[tuple[Circle, int, int]]:
    """Return (circle, lead, program) for circles that closed between two moments and whose lead was sent nothing."""
    sent = select(Delivery.id).where(Delivery.kind == DeliveryKind.LEAD_CARD, Delivery.circle_id == Circle.id)
    query = (
        select(Circle, Membership.person_id, Rotation.program_id)
        .join(Rotation, Rotation.id == Circle.rotation_id)
        .join(Membership, Membership.circle_id == Circle.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Circle.closed_at > after,
            Circle.closed_at <= before,
            Membership.role != Role.MEMBER,
            Membership.left_at.is_(None),
            Person.user_id.is_not(None),
            ~sent.exists(),
        )
        .order_by(Circle.id, Membership.id)
    )
    found = {row[0].id: (row[0], row[1], row[2]) for row in reversed((await session.execute(query)).all())}
    return [found[circle] for circle in sorted(found)]


async def find_step(session: AsyncSession, program_id: int, person_id: int) -> LeadStep | None:
    """Return the next step that somebody chose in a program."""
    query = select(LeadStep).where(LeadStep.program_id == program_id, LeadStep.person_id == person_id)
    return await session.scalar(query)


async def list_standing_by(session: AsyncSession, program_id: int) -> frozenset[int]:
    """Return the people of a program who stand by whoever leads for the first time."""
    query = select(LeadStep.person_id).where(LeadStep.program_id == program_id, LeadStep.step == NextStep.STAND_BY)
    return frozenset((await session.scalars(query)).all())


async def list_leads_before(session: AsyncSession, program_id: int, rotation: int) -> frozenset[int]:
    """Return the people who led a circle in a rotation before a numbered one."""
    query = (
        select(Membership.person_id)
        .join(Circle, Circle.id == Membership.circle_id)
        .join(Rotation, Rotation.id == Circle.rotation_id)
        .where(
            Rotation.program_id == program_id,
            Rotation.number < rotation,
            Rotation.published_at.is_not(None),
            Membership.role != Role.MEMBER,
        )
    )
    return frozenset((await session.scalars(query)).all())


async def list_steps_of(session: AsyncSession, person_id: int) -> Sequence[tuple[LeadStep, str]]:
    """Return the next steps that a person chose, each with the program's name."""
    query = (
        select(LeadStep, Program.name)
        .join(Program, Program.id == LeadStep.program_id)
        .where(LeadStep.person_id == person_id)
        .order_by(LeadStep.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def delete_old_words(session: AsyncSession, before: datetime) -> None:
    """Remove what was told to those who led before a moment."""
    await session.execute(delete(LeadWord).where(LeadWord.told_at < before))


async def delete_of(session: AsyncSession, person: Person) -> None:
    """Remove a person's offers, steps and words, and the words that others wrote to them."""
    led = select(Membership.circle_id).where(Membership.person_id == person.id, Membership.role != Role.MEMBER)
    mine = or_(LeadWord.person_id == person.id, LeadWord.circle_id.in_(led))
    await session.execute(delete(LeadWord).where(mine))
    await session.execute(delete(MentorOffer).where(MentorOffer.person_id == person.id))
    await session.execute(delete(LeadStep).where(LeadStep.person_id == person.id))
