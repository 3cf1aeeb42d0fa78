"""The draft of a rotation: written from an assignment, and judged again before it is published."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import WEEK, end_from, first_from, occurrence
from bot.domain.formation import Assignment, HardRuleBroken, Problem, Reason, Role, best_hours, evaluate
from bot.domain.formation import Circle as Formed
from bot.domain.formation import Person as Seeker
from bot.domain.states import RotationState, ScheduleKind
from bot.errors import Conflict
from bot.services.problems import build_problem
from bot.services.programs import rule_of
from db import people as people_queries
from db import programs as program_queries
from db import rotations as queries
from db.models import Circle, Membership, Program, Rotation, Unplaced

OUTDATED = "rotation.outdated"
SHOWN_HOURS = 3  # best hours a circle is shown


async def planned_start(session: AsyncSession, program: Program, now: datetime) -> datetime:
    """Return when a rotation formed now is to start: when its draft was, unless that is long past, or what comes next.

    So a draft that is formed anew while it waits for a moderator's word keeps its day.
    """
    schedule = await program_queries.find_schedule(session, program.id, ScheduleKind.ROTATION)
    if schedule is None:
        raise Conflict("program.not-running", name=program.name)
    rule = rule_of(schedule)
    draft = await queries.find_rotation(session, program.id, RotationState.DRAFT)
    if draft is not None and draft.starts_at > now - rule.every_weeks * WEEK / 2:
        return draft.starts_at
    return occurrence(rule, first_from(rule, now))


async def end_of(session: AsyncSession, program: Program, start: datetime) -> datetime:
    """Return when a rotation that starts at a moment ends."""
    schedule = await program_queries.find_schedule(session, program.id, ScheduleKind.ROTATION)
    if schedule is None:
        raise Conflict("program.not-running", name=program.name)
    return end_from(rule_of(schedule), start)


async def replace_draft(
    session: AsyncSession,
    program: Program,
    problem: Problem,
    assignment: Assignment,
    unplaced: dict[int, Reason],
    starts_at: datetime,
    now: datetime,
) -> Rotation:
    """Write an assignment as the program's only draft, beside those who were left out before."""
    await queries.delete_drafts(session, program.id)
    rotation = Rotation(
        program_id=program.id,
        number=await queries.count_published(session, program.id) + 1,
        starts_at=starts_at,
        ends_at=await end_of(session, program, starts_at),
        seed=assignment.seed,
        quality=_quality(assignment),
        created_at=now,
    )
    session.add(rotation)
    await session.flush()
    reasons = unplaced | {int(each.key): each.reason for each in assignment.unplaced}
    session.add_all(Unplaced(rotation_id=rotation.id, person_id=key, reason=why) for key, why in reasons.items())
    await _seat(session, rotation, problem, assignment)
    return await queries.get_rotation(session, program.guild_id, rotation.id)


async def drop_absent(session: AsyncSession, rotation: Rotation, now: datetime) -> Rotation:
    """Take everybody out of a draft who no longer wants a circle, also off the list of those without one."""
    wanting = {each.person_id for each in await people_queries.list_candidates(session, rotation.program_id, now)}
    seats = [seat for circle in rotation.circles for seat in circle.memberships]
    for each in (*seats, *await queries.list_unplaced(session, rotation.id)):
        if each.person_id not in wanting:
            await session.delete(each)
    await session.flush()
    return await queries.get_rotation(session, rotation.program.guild_id, rotation.id)


async def judge_again(session: AsyncSession, rotation: Rotation, now: datetime) -> None:
    """Hold a draft to every rule of this moment, and bring its figures and facilitators up to date.

    Which rule stands in the way is not told: it may be somebody's new wish to avoid another.
    """
    people = [seat.person for circle in rotation.circles for seat in circle.memberships]
    problem = await build_problem(session, rotation.program, people, rotation.number, now, rotation.seed)
    try:
        judged = evaluate(problem, [keys_of(circle) for circle in rotation.circles])
    except HardRuleBroken as error:
        raise Conflict(OUTDATED) from error
    rotation.quality = _quality(judged) | {"relax": rotation.quality.get("relax")}
    formed = {frozenset(each.members): each for each in judged.circles}
    seekers = {seeker.key: seeker for seeker in problem.people}
    for circle in rotation.circles:
        found = formed[frozenset(keys_of(circle))]
        circle.facts = facts_of(found, seekers)
        for seat in circle.memberships:
            seat.role = _role(str(seat.person_id), found, seekers)


def keys_of(circle: Circle) -> list[str]:
    """Return by which keys formation knows who sits in a circle."""
    return [str(seat.person_id) for seat in circle.memberships]


async def _seat(session: AsyncSession, rotation: Rotation, problem: Problem, assignment: Assignment) -> None:
    """Write the circles of an assignment and who sits in them."""
    seekers = {seeker.key: seeker for seeker in problem.people}
    for number, formed in enumerate(assignment.circles, 1):
        circle = Circle(rotation_id=rotation.id, number=number, facts=facts_of(formed, seekers))
        session.add(circle)
        await session.flush()
        session.add_all(
            Membership(circle_id=circle.id, person_id=int(key), role=_role(key, formed, seekers))
            for key in formed.members
        )
    await session.flush()


def _quality(assignment: Assignment) -> dict[str, Any]:
    return asdict(assignment.quality) | {"relax": assignment.relax}


def facts_of(formed: Formed, seekers: dict[str, Seeker]) -> dict[str, Any]:
    """Return what is kept of a formed circle beside who sits in it."""
    return {
        "new_pairs": formed.new_pairs,
        "repeated_pairs": formed.repeated_pairs,
        "shared_hours": formed.shared_hours,
        "hours": list(best_hours([seekers[key] for key in formed.members], SHOWN_HOURS)),
    }


def _role(key: str, formed: Formed, seekers: dict[str, Seeker]) -> Role:
    if key != formed.lead:
        return Role.MEMBER
    return Role.MENTOR if seekers[key].role is Role.MENTOR else Role.FACILITATOR
