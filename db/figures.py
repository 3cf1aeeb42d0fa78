"""Queries about what a program came to, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.goals import GoalState, WinKind
from bot.domain.states import DeliveryKind, DeliveryState, Helped, MeetingState
from db.models import (
    CheckIn,
    CheckInAnswer,
    Circle,
    Delivery,
    Enrollment,
    Goal,
    HelpPost,
    Introduction,
    IntroductionOutcome,
    LeadWord,
    Meeting,
    MentorOffer,
    Opportunity,
    Person,
    Rotation,
    Win,
)


@dataclass(frozen=True, slots=True)
class CheckInCount:
    """How many answered one check-in of one circle."""

    rotation: int
    circle_id: int
    opened_at: datetime
    closed_at: datetime | None
    answered: int


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    """How many deliveries of one kind are in one state; `sent` where Discord gave an id, a code where it refused."""

    kind: DeliveryKind
    state: DeliveryState
    error_code: int | None
    sent: bool
    n: int


async def list_checkin_counts(session: AsyncSession, program_id: int) -> Sequence[CheckInCount]:
    """Return every check-in of a program with its number of answers, the oldest first."""
    query = (
        select(Rotation.number, CheckIn.circle_id, CheckIn.opened_at, CheckIn.closed_at, func.count(CheckInAnswer.id))
        .join(Circle, CheckIn.circle_id == Circle.id)
        .join(Rotation, Circle.rotation_id == Rotation.id)
        .outerjoin(CheckInAnswer, CheckInAnswer.checkin_id == CheckIn.id)
        .where(Rotation.program_id == program_id)
        .group_by(CheckIn.id, Rotation.number, CheckIn.circle_id, CheckIn.opened_at, CheckIn.closed_at)
        .order_by(CheckIn.id)
    )
    return [CheckInCount(*row) for row in await session.execute(query)]


async def count_deliveries(session: AsyncSession, program_id: int) -> Sequence[DeliveryCount]:
    """Return how many deliveries of a program there are, by kind, state, error code and whether Discord gave an id."""
    by = (Delivery.kind, Delivery.state, Delivery.error_code, Delivery.result_id.is_not(None))
    query = select(*by, func.count()).where(Delivery.program_id == program_id).group_by(*by).order_by(*by)
    return [DeliveryCount(*row) for row in await session.execute(query)]


async def count_zones(session: AsyncSession, program_id: int) -> int:
    """Return in how many zones the people live who ever joined a program, without those who were forgotten."""
    query = _joined(select(func.count(Person.zone.distinct())), program_id)
    return await session.scalar(query.where(Person.user_id.is_not(None))) or 0


async def count_erased(session: AsyncSession, program_id: int) -> int:
    """Return how many who joined a program asked to be forgotten."""
    query = _joined(select(func.count(Person.id)), program_id)
    return await session.scalar(query.where(Person.user_id.is_(None))) or 0


async def count_deeds(session: AsyncSession, program_id: int) -> dict[str, int]:
    """Return how much members of a program did beside the check-ins, by what it is."""
    wins = _joined(select(func.count(Win.id)).join(Person, Win.person_id == Person.id), program_id)
    meetings = select(func.count(Meeting.id)).join(Meeting.circle).join(Circle.rotation)
    words = select(func.count(LeadWord.id)).join(Circle, Circle.id == LeadWord.circle_id).join(Circle.rotation)
    counted = {
        "goals-set": select(func.count(Goal.id)).where(Goal.program_id == program_id),
        "goals-reached": select(func.count(Goal.id)).where(Goal.program_id == program_id, Goal.state == GoalState.DONE),
        "wins": wins,
        "kudos": wins.where(Win.kind == WinKind.KUDOS),
        "help-posts": select(func.count(HelpPost.id)).where(HelpPost.program_id == program_id),
        "introductions": select(func.count(Introduction.id)).where(
            Introduction.program_id == program_id, Introduction.introduced_at.is_not(None)
        ),
        "helped": select(func.count(IntroductionOutcome.id))
        .join(Introduction, Introduction.id == IntroductionOutcome.introduction_id)
        .where(Introduction.program_id == program_id, IntroductionOutcome.helped == Helped.YES),
        "mentor-offers": select(func.count(MentorOffer.id)).where(MentorOffer.program_id == program_id),
        "lead-words": words.where(Rotation.program_id == program_id),
        "opportunities": select(func.count(Opportunity.id)).where(Opportunity.program_id == program_id),
        "meetings": meetings.where(Rotation.program_id == program_id, Meeting.state == MeetingState.FIXED),
    }
    return {name: await session.scalar(query) or 0 for name, query in counted.items()}


def _joined(query: Select[int], program_id: int) -> Select[int]:
    return query.join(Enrollment, Enrollment.person_id == Person.id).where(Enrollment.program_id == program_id)
