"""Drafting a rotation, changing the draft, and publishing it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation import Assignment, HardRuleBroken, Problem, evaluate
from bot.domain.states import AuditAction, DeliveryKind, OccurrenceState, ProgramState, RotationState
from bot.errors import Conflict, NotFound
from bot.services import circles, drafts
from bot.services.agendas import guide_newcomers
from bot.services.audit import record
from bot.services.deliveries import DM_LANE, circle_lane, enqueue
from bot.services.people import mark_gone
from bot.services.ports import Progress, World
from bot.services.problems import build_problem
from bot.services.rotation_cards import RotationCard, card_of
from bot.services.thread_room import make_room
from bot.services.work import reads, writes
from db import goals as goal_queries
from db import people as people_queries
from db import programs as program_queries
from db import rotations as queries
from db.engine import Database
from db.models import Circle, Membership, Occurrence, Program, Rotation

ALREADY_PUBLISHED = "rotation.already-published"


async def draft_rotation(
    database: Database,
    world: World,
    guild_id: int,
    program_id: int,
    now: datetime,
    seed: int,
    starts_at: datetime | None = None,
    *,
    progress: Progress | None = None,
    by: int | None = None,
) -> RotationCard:
    """Form circles from everybody who wants one and is still there, and keep them as the program's draft.

    It starts when it is said to, or else when the next rotation is planned.
    """
    await drop_the_gone(database, world, guild_id, program_id, now)
    problem = await _read_problem(database, guild_id, program_id, now, seed)
    assignment = await world.form(problem, progress)
    return await _store_draft(database, guild_id, problem, program_id, assignment, starts_at, now, by)


async def publish_rotation(
    database: Database,
    world: World,
    guild_id: int,
    rotation_id: int,
    now: datetime,
    occurrence_id: int | None = None,
    by: int | None = None,
) -> RotationCard:
    """Publish a draft, without those who left, paused or went since; refuse it where a rule no longer holds then.

    The occurrence that asked for it, if one did, is done in the same transaction.
    """
    draft = await get_rotation(database, guild_id, rotation_id)
    lobby = await _read_lobby(database, guild_id, draft.program_id)
    if lacks := world.lacking(guild_id, lobby):
        raise Conflict("rotation.lacks-permission", channel=lobby, permissions=", ".join(lacks))
    await drop_the_gone(database, world, guild_id, draft.program_id, now)
    await make_room(database, world, guild_id, draft.program_id, len(draft.circles))
    return await _publish(database, guild_id, rotation_id, now, occurrence_id, by)


async def drop_the_gone(database: Database, world: World, guild_id: int, program_id: int, now: datetime) -> None:
    """Ask who of the enrolled is no longer in the guild, and take them out of the program."""
    people = await _read_users(database, guild_id, program_id, now)
    gone = await world.gone(guild_id, list(people))
    if gone:
        await mark_gone(database, program_id, tuple(people[user_id] for user_id in gone), now)


@reads
async def get_rotation(session: AsyncSession, guild_id: int, rotation_id: int) -> RotationCard:
    """Return a rotation as moderators see it."""
    return await card_of(session, await queries.get_rotation(session, guild_id, rotation_id))


@reads
async def find_draft(session: AsyncSession, guild_id: int, program_id: int) -> RotationCard | None:
    """Return the program's draft, if there is one."""
    await program_queries.get_program(session, guild_id, program_id)
    rotation = await queries.find_rotation(session, program_id, RotationState.DRAFT)
    return None if rotation is None else await card_of(session, rotation)


@reads
async def list_history(session: AsyncSession, guild_id: int, program_id: int) -> Sequence[RotationCard]:
    """Return every published rotation of a program, the newest first."""
    await program_queries.get_program(session, guild_id, program_id)
    rotations = await queries.list_rotations(session, program_id)
    return [await card_of(session, await queries.get_rotation(session, guild_id, each.id)) for each in rotations]


async def has_begun(session: AsyncSession, program_id: int, due_at: datetime) -> bool:
    """Tell whether the rotation that runs is the one that was due at a moment, since it was published early."""
    running = await queries.find_rotation(session, program_id, RotationState.PUBLISHED)
    return running is not None and running.ends_at > due_at


@writes
async def swap(
    session: AsyncSession,
    guild_id: int,
    rotation_id: int,
    one_user: int,
    other_user: int,
    now: datetime,
    by: int | None = None,
) -> RotationCard:
    """Let two people of a draft change seats, where every hard rule still holds."""
    rotation = await queries.get_rotation(session, guild_id, rotation_id)
    _refuse_published(rotation)
    one, other = _seat_of(rotation, one_user), _seat_of(rotation, other_user)
    if one.circle_id == other.circle_id:
        raise Conflict("rotation.swap.same-circle")
    people = [seat.person for circle in rotation.circles for seat in circle.memberships]
    problem = await build_problem(session, rotation.program, people, rotation.number, now, rotation.seed)
    changed = {str(one.person_id): str(other.person_id), str(other.person_id): str(one.person_id)}
    seats = [[changed.get(key, key) for key in drafts.keys_of(circle)] for circle in rotation.circles]
    try:
        assignment = evaluate(problem, seats)
    except HardRuleBroken as error:
        # The rule is not named: it may be somebody's private wish to avoid another.
        raise Conflict("rotation.swap.rule") from error
    reasons = {line.person_id: line.reason for line in await queries.list_unplaced(session, rotation.id)}
    program, starts_at = rotation.program, rotation.starts_at
    about = (one.person_id, other.person_id)
    record(session, guild_id, program.id, by, AuditAction.DRAFT_SWAPPED, now, people=about, rotation=rotation.number)
    changed_draft = await drafts.replace_draft(session, program, problem, assignment, reasons, starts_at, now)
    return await card_of(session, changed_draft)


@reads
async def _read_lobby(session: AsyncSession, guild_id: int, program_id: int) -> int:
    return (await program_queries.get_program(session, guild_id, program_id)).lobby_channel_id


@reads
async def _read_users(session: AsyncSession, guild_id: int, program_id: int, now: datetime) -> dict[int, int]:
    """Return the person of each user who wants a circle now."""
    await program_queries.get_program(session, guild_id, program_id)
    candidates = await people_queries.list_candidates(session, program_id, now)
    return {each.person.user_id: each.person_id for each in candidates if each.person.user_id is not None}


@reads
async def _read_problem(session: AsyncSession, guild_id: int, program_id: int, now: datetime, seed: int) -> Problem:
    program = await _get_running(session, guild_id, program_id)
    people = [each.person for each in await people_queries.list_candidates(session, program_id, now)]
    number = await queries.count_published(session, program_id) + 1
    return await build_problem(session, program, people, number, now, seed)


@writes
async def _store_draft(
    session: AsyncSession,
    guild_id: int,
    problem: Problem,
    program_id: int,
    assignment: Assignment,
    starts_at: datetime | None,
    now: datetime,
    by: int | None,
) -> RotationCard:
    """Keep what was formed, unless the program stopped or another rotation was published meanwhile."""
    program = await _get_running(session, guild_id, program_id)
    if await queries.count_published(session, program_id) + 1 != problem.rotation:
        raise Conflict(ALREADY_PUBLISHED, number=problem.rotation)
    starts_at = starts_at or await drafts.planned_start(session, program, now)
    draft = await drafts.replace_draft(session, program, problem, assignment, {}, starts_at, now)
    await _audit(session, program, draft, by, AuditAction.ROTATION_DRAFTED, now)
    return await card_of(session, draft)


async def _get_running(session: AsyncSession, guild_id: int, program_id: int) -> Program:
    """Return a program; raise Conflict where it rests or is over."""
    program = await program_queries.get_program(session, guild_id, program_id)
    if program.state is not ProgramState.ACTIVE:
        raise Conflict("program.not-running", name=program.name)
    return program


@writes
async def _publish(
    session: AsyncSession, guild_id: int, rotation_id: int, now: datetime, occurrence_id: int | None, by: int | None
) -> RotationCard:
    """Turn a draft into the running rotation, end the one before, and write every delivery both need."""
    rotation = await queries.get_rotation(session, guild_id, rotation_id)
    _refuse_published(rotation)
    program = await _get_running(session, guild_id, rotation.program_id)
    if not rotation.circles:
        raise Conflict("rotation.nobody", least=program.size_least)
    rotation = await drafts.drop_absent(session, rotation, now)
    await drafts.judge_again(session, rotation, now)
    await circles.end_running(session, program, now)
    rotation.state, rotation.published_at = RotationState.PUBLISHED, now
    rotation.starts_at, rotation.ends_at = now, await drafts.end_of(session, program, now)
    await goal_queries.adopt(session, program.id, rotation.id)
    for circle in rotation.circles:
        _open_circle(session, program, circle, now)
    await guide_newcomers(session, program, rotation, now)
    for line in await queries.list_unplaced(session, rotation.id):
        enqueue(
            session,
            DeliveryKind.NOT_PLACED,
            DM_LANE,
            program.id,
            now,
            rotation_id=rotation.id,
            person_id=line.person_id,
        )
    for enrollment in await people_queries.list_skipping(session, program.id):
        enrollment.skip_next, enrollment.skipped = False, rotation.number
    if occurrence_id is not None:
        await settle(session, occurrence_id)
    await session.flush()
    await _audit(session, program, rotation, by, AuditAction.ROTATION_PUBLISHED, now)
    return await card_of(session, rotation)


async def _audit(
    session: AsyncSession, program: Program, rotation: Rotation, by: int | None, action: AuditAction, now: datetime
) -> None:
    """Keep that a moderator drafted or published a rotation, and how large it is."""
    circles, placed = len(rotation.circles), sum(len(circle.memberships) for circle in rotation.circles)
    unplaced = len(await queries.list_unplaced(session, rotation.id))
    guild_id, number = program.guild_id, rotation.number
    record(
        session,
        guild_id,
        program.id,
        by,
        action,
        now,
        rotation=number,
        circles=circles,
        placed=placed,
        unplaced=unplaced,
    )


async def settle(session: AsyncSession, occurrence_id: int) -> None:
    """Record that a claimed occurrence was carried out."""
    claimed = await session.get_one(Occurrence, occurrence_id)
    claimed.state = OccurrenceState.DONE


def _open_circle(session: AsyncSession, program: Program, circle: Circle, now: datetime) -> None:
    lane = circle_lane(circle.id)
    enqueue(session, DeliveryKind.OPEN_THREAD, lane, program.id, now, circle_id=circle.id)
    for seat in circle.memberships:
        enqueue(
            session,
            DeliveryKind.ADD_MEMBER,
            lane,
            program.id,
            now,
            circle_id=circle.id,
            person_id=seat.person_id,
        )
    enqueue(session, DeliveryKind.WELCOME, lane, program.id, now, circle_id=circle.id)


def _refuse_published(rotation: Rotation) -> None:
    if rotation.state is not RotationState.DRAFT:
        raise Conflict(ALREADY_PUBLISHED, number=rotation.number)


def _seat_of(rotation: Rotation, user_id: int) -> Membership:
    for circle in rotation.circles:
        for seat in circle.memberships:
            if seat.person.user_id == user_id:
                return seat
    raise NotFound("rotation.swap.not-seated")
