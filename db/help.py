"""Queries about asks and offers, the introductions proposed between them, and what came of those."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from bot.domain.states import (
    DeliveryKind,
    Direction,
    EnrollmentState,
    PostState,
)
from bot.errors import NotFound
from db.models import Delivery, Enrollment, HelpPost, Introduction, IntroductionOutcome, Person

WHOLE = (
    joinedload(Introduction.ask),
    joinedload(Introduction.offer),
    joinedload(Introduction.asker),
    joinedload(Introduction.helper),
    joinedload(Introduction.program),
)


async def get_post(session: AsyncSession, guild_id: int, post_id: int, user_id: int) -> HelpPost:
    """Return somebody's own ask or offer, with its program; raise NotFound where it is not theirs."""
    query = (
        select(HelpPost)
        .join(HelpPost.person)
        .where(HelpPost.id == post_id, Person.guild_id == guild_id, Person.user_id == user_id)
        .options(joinedload(HelpPost.program))
    )
    post = await session.scalar(query)
    if post is None:
        raise NotFound("help.not-yours")
    return post


async def list_posts_of(session: AsyncSession, person_id: int, direction: Direction | None = None) -> list[HelpPost]:
    """Return a person's asks, offers, or both, the newest first, with their programs."""
    query = select(HelpPost).where(HelpPost.person_id == person_id)
    if direction is not None:
        query = query.where(HelpPost.direction == direction)
    query = query.options(joinedload(HelpPost.program)).order_by(HelpPost.id.desc())
    return list((await session.scalars(query)).all())


async def count_open(session: AsyncSession, program_id: int, person_id: int, direction: Direction) -> int:
    """Return how many open asks or offers a person has in a program."""
    query = select(func.count(HelpPost.id)).where(
        HelpPost.program_id == program_id,
        HelpPost.person_id == person_id,
        HelpPost.direction == direction,
        HelpPost.state == PostState.OPEN,
    )
    return await session.scalar(query) or 0


async def list_standing(session: AsyncSession, program_id: int, now: datetime) -> Sequence[HelpPost]:
    """Return a program's open asks and offers of those who take part now, the oldest first, with the people."""
    query = (
        select(HelpPost)
        .join(HelpPost.person)
        .join(Enrollment, and_(Enrollment.person_id == Person.id, Enrollment.program_id == HelpPost.program_id))
        .where(
            HelpPost.program_id == program_id,
            HelpPost.state == PostState.OPEN,
            HelpPost.expires_at > now,
            Enrollment.state == EnrollmentState.ACTIVE,
            Person.user_id.is_not(None),
        )
        .options(contains_eager(HelpPost.person))
        .order_by(HelpPost.id)
    )
    return (await session.scalars(query)).all()


async def list_introductions(session: AsyncSession, program_id: int) -> Sequence[Introduction]:
    """Return every introduction that was ever proposed in a program."""
    query = select(Introduction).where(Introduction.program_id == program_id).order_by(Introduction.id)
    return (await session.scalars(query)).all()


async def list_introductions_for(session: AsyncSession, post_id: int) -> Sequence[Introduction]:
    """Return every introduction that was ever proposed for an ask or offer, the oldest first."""
    query = select(Introduction).where(or_(Introduction.ask_id == post_id, Introduction.offer_id == post_id))
    return (await session.scalars(query.order_by(Introduction.id))).all()


async def list_introductions_of(session: AsyncSession, person_id: int) -> Sequence[Introduction]:
    """Return every introduction that was ever proposed to a person, with all that belongs to it."""
    mine = or_(Introduction.asker_id == person_id, Introduction.helper_id == person_id)
    query = select(Introduction).where(mine).options(*WHOLE).order_by(Introduction.id)
    return (await session.scalars(query)).all()


async def get_introduction(session: AsyncSession, introduction_id: int) -> Introduction:
    """Return an introduction with all that belongs to it; raise NotFound where there is none."""
    found = await session.scalar(select(Introduction).where(Introduction.id == introduction_id).options(*WHOLE))
    if found is None:
        raise NotFound("control.gone")
    return found


async def list_sent(session: AsyncSession, introduction_id: int) -> Sequence[Delivery]:
    """Return the messages in an introduction's thread that name the two and may be on Discord."""
    query = select(Delivery).where(
        Delivery.introduction_id == introduction_id,
        Delivery.kind.in_((DeliveryKind.INTRODUCTION_CARD, DeliveryKind.INTRODUCTION_OUTCOME)),
        Delivery.attempts > 0,
    )
    return (await session.scalars(query.order_by(Delivery.id))).all()


async def find_waiting(session: AsyncSession, now: datetime, spared: Collection[int]) -> int | None:
    """Return a program in which an introduction needs a look or an ask's or offer's time is over."""
    introduction = select(Introduction.program_id).where(
        Introduction.attend_at <= now, Introduction.program_id.not_in(spared)
    )
    found = await session.scalar(introduction.limit(1))
    if found is not None:
        return found
    post = select(HelpPost.program_id).where(
        HelpPost.state == PostState.OPEN, HelpPost.expires_at <= now, HelpPost.program_id.not_in(spared)
    )
    return await session.scalar(post.limit(1))


async def find_next_moment(session: AsyncSession) -> datetime | None:
    """Return the earliest moment at which an introduction needs a look or the time of an ask or offer is over."""
    moments = (
        await session.scalar(select(func.min(Introduction.attend_at))),
        await session.scalar(select(func.min(HelpPost.expires_at)).where(HelpPost.state == PostState.OPEN)),
    )
    return min((moment for moment in moments if moment is not None), default=None)


async def list_to_attend(session: AsyncSession, program_id: int, now: datetime) -> Sequence[Introduction]:
    """Return the introductions of a program that need a look at this moment."""
    query = (
        select(Introduction)
        .where(Introduction.program_id == program_id, Introduction.attend_at <= now)
        .order_by(Introduction.id)
    )
    return (await session.scalars(query)).all()


async def expire_posts(session: AsyncSession, program_id: int, now: datetime) -> None:
    """Close a program's asks and offers whose time is over."""
    over = (HelpPost.program_id == program_id, HelpPost.state == PostState.OPEN, HelpPost.expires_at <= now)
    await session.execute(update(HelpPost).where(*over).values(state=PostState.EXPIRED, closed_at=now))


async def forget_words(session: AsyncSession, before: datetime) -> int:
    """Delete the words of asks and offers that were over before a moment; return of how many."""
    old = (await session.scalars(select(HelpPost).where(HelpPost.closed_at < before))).all()
    worded = [post for post in old if post.topics or post.words]
    for post in worded:
        post.topics = post.words = ""
    return len(worded)


async def find_outcome(session: AsyncSession, introduction_id: int, person_id: int) -> IntroductionOutcome | None:
    """Return what one of the two said of an introduction afterwards."""
    query = select(IntroductionOutcome).where(
        IntroductionOutcome.introduction_id == introduction_id, IntroductionOutcome.person_id == person_id
    )
    return await session.scalar(query)


async def list_outcomes_of(session: AsyncSession, person_id: int) -> Sequence[IntroductionOutcome]:
    """Return everything that a person said of introductions afterwards."""
    query = select(IntroductionOutcome).where(IntroductionOutcome.person_id == person_id)
    return (await session.scalars(query.order_by(IntroductionOutcome.id))).all()


async def delete_outcomes(session: AsyncSession, person_id: int) -> None:
    """Delete everything that a person said of introductions afterwards."""
    await session.execute(delete(IntroductionOutcome).where(IntroductionOutcome.person_id == person_id))


async def list_posts(session: AsyncSession, program_id: int) -> Sequence[HelpPost]:
    """Return every ask and offer of a program."""
    return (await session.scalars(select(HelpPost).where(HelpPost.program_id == program_id))).all()


async def list_outcomes(session: AsyncSession, program_id: int) -> Sequence[IntroductionOutcome]:
    """Return what those who had asked said afterwards of a program's introductions."""
    query = (
        select(IntroductionOutcome)
        .join(Introduction, Introduction.id == IntroductionOutcome.introduction_id)
        .where(Introduction.program_id == program_id, IntroductionOutcome.person_id == Introduction.asker_id)
    )
    return (await session.scalars(query)).all()
