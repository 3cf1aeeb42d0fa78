"""Bringing people along: a file is looked at first, each problem named, and carried out after one question."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation.problem import Role
from bot.domain.roster import Entry, Roster, read_roster
from bot.domain.states import AuditAction, DeliveryKind, EnrollmentState, ProgramState
from bot.domain.table import Fault
from bot.errors import Conflict, InvalidInput, NotAllowed, NotFound
from bot.services import people
from bot.services.audit import record
from bot.services.deliveries import DM_LANE, enqueue
from bot.services.people import EXPERIENCES
from bot.services.ports import World
from bot.services.work import reads, writes
from db import avoid as avoid_queries
from db import deliveries as delivery_queries
from db import imports as queries
from db import mentors as mentor_queries
from db import people as people_queries
from db import programs as program_queries
from db.engine import Database
from db.models import Avoid, Enrollment, ImportFile, MentorOffer, Person, Program

MOST_BYTES = 1_000_000
KEPT = timedelta(hours=1)
MENTEES = 4  # of a mentor whose row names no capacity


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a file would do; `key` carries it out, None where there is nothing to do.

    People who tell of themselves already keep their words: a row only fills in what is empty. `faults` are problems by
    row and column; `not_here` and `left` are rows of people who are not in the server, or who left the program.
    """

    key: int | None
    program_id: int
    program: str
    joining: int
    updated: int
    unchanged: int
    faults: tuple[Fault, ...]
    not_here: tuple[Fault, ...]
    left: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Welcome:
    """What somebody is told whom a moderator brought along."""

    user_id: int
    program: str
    locale: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who joins, whose empty fields are filled, and whom the program keeps as they are."""

    joining: tuple[Entry, ...]
    updating: tuple[Entry, ...]
    unchanged: int
    left: tuple[Fault, ...]


async def dry_run(
    database: Database, world: World, guild_id: int, program_id: int, data: bytes, now: datetime
) -> DryRun:
    """Read a file, say what it would do, and keep it for an hour; raise BadTable where it is no roster."""
    if len(data) > MOST_BYTES:
        raise InvalidInput("import.too-large", most=MOST_BYTES // 1_000_000)
    roster = read_roster(data, EXPERIENCES)
    gone = await world.gone(guild_id, [entry.user_id for entry in roster.entries])
    return await _keep(database, guild_id, program_id, roster, gone, data, now)


async def carry_out(
    database: Database, world: World, guild_id: int, program_id: int, key: int, now: datetime, by: int | None = None
) -> DryRun:
    """Do what the file's dry run said, as far as it still holds; each who joins gets a private notice."""
    roster = read_roster(await _read_file(database, program_id, key), EXPERIENCES)
    gone = await world.gone(guild_id, [entry.user_id for entry in roster.entries])
    return await _apply(database, guild_id, program_id, key, roster, gone, now, by)


@writes
async def forget_old_files(session: AsyncSession, now: datetime) -> None:
    """Delete files that nobody carried out in time."""
    await queries.delete_files(session, None, now - KEPT)


@reads
async def get_welcome(session: AsyncSession, program_id: int, person_id: int) -> Welcome:
    """Return what to tell somebody who was brought along; raise NotFound where they take no part any more."""
    person = await session.get_one(Person, person_id)
    enrollment = await people_queries.find_enrollment(session, program_id, person_id)
    if person.user_id is None or enrollment is None or enrollment.state is EnrollmentState.LEFT:
        raise NotFound("person.not-joined")
    program = await session.get_one(Program, program_id)
    return Welcome(person.user_id, program.name, program.locale)


@writes
async def leave(session: AsyncSession, key: str, user_id: int, now: datetime) -> str:
    """Take somebody out again who was brought along and does not want it; return the program's name."""
    program, enrollment = await _noticed(session, key, user_id)
    people.end(enrollment, now)
    return program.name


@reads
async def stay(session: AsyncSession, key: str, user_id: int) -> str:
    """Return the name of the program in which somebody who was brought along stays."""
    return (await _noticed(session, key, user_id))[0].name


@writes
async def _keep(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    roster: Roster,
    gone: frozenset[int],
    data: bytes,
    now: datetime,
) -> DryRun:
    program = await _open_program(session, guild_id, program_id)
    plan = await _plan(session, program, roster, gone)
    await queries.delete_files(session, program.id, now - KEPT)
    key = None
    if plan.joining or plan.updating:
        kept = ImportFile(program_id=program.id, content=base64.b64encode(data).decode(), created_at=now)
        session.add(kept)
        await session.flush()
        key = kept.id
    return _describe(program, roster, gone, plan, key)


@reads
async def _read_file(session: AsyncSession, program_id: int, key: int) -> bytes:
    return base64.b64decode((await _file(session, program_id, key)).content)


@writes
async def _apply(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    key: int,
    roster: Roster,
    gone: frozenset[int],
    now: datetime,
    by: int | None,
) -> DryRun:
    kept = await _file(session, program_id, key)
    if kept.created_at < now - KEPT:
        raise NotFound("import.gone")
    program = await _open_program(session, guild_id, program_id)
    plan = await _plan(session, program, roster, gone)
    for entry in (*plan.joining, *plan.updating):
        await _bring(session, program, entry, now)
    await session.delete(kept)
    record(
        session,
        guild_id,
        program.id,
        by,
        AuditAction.MEMBERS_IMPORTED,
        now,
        joined=len(plan.joining),
        updated=len(plan.updating),
        unchanged=plan.unchanged,
    )
    return _describe(program, roster, gone, plan, None)


async def _file(session: AsyncSession, program_id: int, key: int) -> ImportFile:
    kept = await session.get(ImportFile, key)
    if kept is None or kept.program_id != program_id:
        raise NotFound("import.gone")
    return kept


async def _open_program(session: AsyncSession, guild_id: int, program_id: int) -> Program:
    program = await program_queries.get_program(session, guild_id, program_id)
    if program.state not in (ProgramState.ACTIVE, ProgramState.PAUSED):
        raise Conflict("program.not-open", name=program.name)
    return program


async def _plan(session: AsyncSession, program: Program, roster: Roster, gone: frozenset[int]) -> _Plan:
    """Sort the rows of people who are here: who left the program is never brought back by a file."""
    here = [entry for entry in roster.entries if entry.user_id not in gone]
    known = await queries.list_people(session, program.guild_id, [entry.user_id for entry in here])
    enrolled = {each.person_id: each for each in await queries.list_enrollments(session, program.id)}
    joining: list[Entry] = []
    updating: list[Entry] = []
    left: list[Fault] = []
    for entry in here:
        person = known.get(entry.user_id)
        enrollment = enrolled.get(person.id) if person else None
        if person is None or enrollment is None:
            joining.append(entry)
        elif enrollment.state is EnrollmentState.LEFT:
            left.append(_row(entry, "left"))
        elif await _adds(session, program, person, enrollment, entry):
            updating.append(entry)
    unchanged = len(here) - len(joining) - len(updating) - len(left)
    return _Plan(tuple(joining), tuple(updating), unchanged, tuple(left))


async def _adds(session: AsyncSession, program: Program, person: Person, enrollment: Enrollment, entry: Entry) -> bool:
    """Tell whether a row says anything that somebody's profile leaves empty."""
    listed = [int(each.about_user) for each in await avoid_queries.list_avoids_of(session, person.id)]
    mentors = entry.role is Role.MENTOR and await mentor_queries.find_offer(session, program.id, person.id) is None
    leads = entry.role in (Role.FACILITATOR, Role.MENTOR) and not enrollment.facilitates
    return bool(_filled(person, entry)) or bool(set(entry.avoid) - set(listed)) or leads or mentors


def _filled(person: Person, entry: Entry) -> dict[str, str]:
    """Return the fields of a profile that a row fills in."""
    told = {
        "zone": (entry.zone or "", person.zone == "UTC"),
        "hours": (format(entry.hours, "x") if entry.hours else "", int(person.hours, 16) == 0),
        "helps_with": (entry.helps_with, not person.helps_with),
        "wants_help_with": (entry.wants_help_with, not person.wants_help_with),
        "languages": (entry.languages, not person.languages),
        "experience": (entry.experience or "", person.experience is None),
    }
    return {name: said for name, (said, free) in told.items() if said and free and said != getattr(person, name)}


async def _bring(session: AsyncSession, program: Program, entry: Entry, now: datetime) -> None:
    """Enrol somebody if they are not, with a private notice, and fill in what their profile leaves empty."""
    person = await people_queries.find_person(session, program.guild_id, entry.user_id)
    if person is None:
        person = Person(
            guild_id=program.guild_id,
            user_id=entry.user_id,
            zone="UTC",
            hours="0",
            helps_with="",
            wants_help_with="",
            languages="",
            created_at=now,
        )
        session.add(person)
        await session.flush()
    enrollment = await people_queries.find_enrollment(session, program.id, person.id)
    if enrollment is None:
        enrollment = Enrollment(program_id=program.id, person_id=person.id, joined_at=now, facilitates=False)
        session.add(enrollment)
        enqueue(session, DeliveryKind.IMPORT_NOTICE, DM_LANE, program.id, now, person_id=person.id)
    for name, said in _filled(person, entry).items():
        setattr(person, name, said)
    enrollment.facilitates = enrollment.facilitates or entry.role in (Role.FACILITATOR, Role.MENTOR)
    await _add_wishes(session, program, person, entry, now)
    await session.flush()


async def _add_wishes(session: AsyncSession, program: Program, person: Person, entry: Entry, now: datetime) -> None:
    """Keep whom somebody avoids, and that they mentor."""
    for about in entry.avoid:
        if await avoid_queries.find_avoid(session, person.id, about) is None:
            session.add(Avoid(person_id=person.id, about_user=str(about)))
    if entry.role is Role.MENTOR and await mentor_queries.find_offer(session, program.id, person.id) is None:
        capacity = entry.capacity or MENTEES
        session.add(MentorOffer(program_id=program.id, person_id=person.id, capacity=capacity, created_at=now))


async def _noticed(session: AsyncSession, key: str, user_id: int) -> tuple[Program, Enrollment]:
    """Return the program and enrolment that a notice is about; refuse anybody but the person it was sent to."""
    notice = await delivery_queries.find_by_key(session, key)
    if notice is None or notice.kind is not DeliveryKind.IMPORT_NOTICE or notice.person_id is None:
        raise NotFound("control.gone")
    person = await session.get_one(Person, notice.person_id)
    if person.user_id != user_id:
        raise NotAllowed("import.not-yours")
    enrollment = await people_queries.find_enrollment(session, notice.program_id, person.id)
    if enrollment is None:
        raise NotFound("control.gone")
    return await session.get_one(Program, notice.program_id), enrollment


def _describe(program: Program, roster: Roster, gone: frozenset[int], plan: _Plan, key: int | None) -> DryRun:
    return DryRun(
        key=key,
        program_id=program.id,
        program=program.name,
        joining=len(plan.joining),
        updated=len(plan.updating),
        unchanged=plan.unchanged,
        faults=roster.faults,
        not_here=tuple(_row(entry, "not-here") for entry in roster.entries if entry.user_id in gone),
        left=plan.left,
    )


def problems_of(found: DryRun) -> Sequence[Fault]:
    """Return everything that keeps a row out, in the order of the rows."""
    return sorted((*found.faults, *found.not_here, *found.left), key=lambda fault: fault.row)


def _row(entry: Entry, expected: str) -> Fault:
    return Fault(entry.row, "member_id", expected, str(entry.user_id))
