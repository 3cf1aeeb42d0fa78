"""Bringing people along: a file is looked at first, each problem named, and carried out after one question."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.past import History, read_history
from bot.domain.roster import Entry, Roster, read_roster
from bot.domain.states import AuditAction, EnrollmentState, ProgramState
from bot.domain.table import Fault
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services.audit import record
from bot.services.import_past import PastRun, keep_past, plan_past
from bot.services.import_rows import adds, bring
from bot.services.people import EXPERIENCES
from bot.services.ports import World
from bot.services.work import reads, writes
from db import imports as queries
from db import programs as program_queries
from db.engine import Database
from db.models import ImportFile, Program

MOST_BYTES = 1_000_000
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a file would do; `key` carries it out, None where there is nothing to do.

    People who tell of themselves already keep their words: a row only fills in what is empty. `faults` are problems by
    row and column; `not_here` and `left` are rows of people who are not in the server, or who left the program. `past`
    is what a history beside it would do.
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
    past: PastRun | None


@dataclass(frozen=True, slots=True)
class _Files:
    """What was read, and which of its people are not in the server."""

    roster: Roster
    history: History | None
    gone: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who joins, whose empty fields are filled, and whom the program keeps as they are."""

    joining: tuple[Entry, ...]
    updating: tuple[Entry, ...]
    unchanged: int
    left: tuple[Fault, ...]
    past: PastRun | None


async def dry_run(
    database: Database,
    world: World,
    guild_id: int,
    program_id: int,
    data: bytes,
    now: datetime,
    history: bytes | None = None,
) -> DryRun:
    """Read a roster and a history, say what they would do, and keep them for an hour; raise BadTable for any other."""
    if max(len(data), len(history or b"")) > MOST_BYTES:
        raise InvalidInput("import.too-large", most=MOST_BYTES // 1_000_000)
    files = await _read(world, guild_id, data, history)
    return await _keep(database, guild_id, program_id, files, data, history, now)


async def carry_out(
    database: Database, world: World, guild_id: int, program_id: int, key: int, now: datetime, by: int | None = None
) -> DryRun:
    """Do what the file's dry run said, as far as it still holds; each who joins gets a private notice."""
    files = await _read(world, guild_id, *await _read_kept(database, program_id, key))
    return await _apply(database, guild_id, program_id, key, files, now, by)


@writes
async def forget_old_files(session: AsyncSession, now: datetime) -> None:
    """Delete files that nobody carried out in time."""
    await queries.delete_files(session, None, now - KEPT)


def problems_of(found: DryRun) -> Sequence[Fault]:
    """Return everything that keeps a row of the roster out, in the order of the rows."""
    return sorted((*found.faults, *found.not_here, *found.left), key=lambda fault: fault.row)


async def _read(world: World, guild_id: int, data: bytes, history: bytes | None) -> _Files:
    roster = read_roster(data, EXPERIENCES)
    past = None if history is None else read_history(history)
    return _Files(roster, past, await world.gone(guild_id, [entry.user_id for entry in roster.entries]))


@writes
async def _keep(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    files: _Files,
    data: bytes,
    history: bytes | None,
    now: datetime,
) -> DryRun:
    program = await _open_program(session, guild_id, program_id)
    plan = await _plan(session, program, files)
    await queries.delete_files(session, program.id, now - KEPT)
    key = None
    if plan.joining or plan.updating or (plan.past and plan.past.added):
        past = None if history is None else _packed(history)
        kept = ImportFile(program_id=program.id, content=_packed(data), history=past, created_at=now)
        session.add(kept)
        await session.flush()
        key = kept.id
    return _describe(program, files, plan, key)


@reads
async def _read_kept(session: AsyncSession, program_id: int, key: int) -> tuple[bytes, bytes | None]:
    kept = await _file(session, program_id, key)
    return base64.b64decode(kept.content), None if kept.history is None else base64.b64decode(kept.history)


@writes
async def _apply(
    session: AsyncSession,
    guild_id: int,
    program_id: int,
    key: int,
    files: _Files,
    now: datetime,
    by: int | None,
) -> DryRun:
    kept = await _file(session, program_id, key)
    if kept.created_at < now - KEPT:
        raise NotFound("import.gone")
    program = await _open_program(session, guild_id, program_id)
    plan = await _plan(session, program, files)
    for entry in (*plan.joining, *plan.updating):
        await bring(session, program, entry, now)
    if files.history is not None:
        await keep_past(session, program, files.history)
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
        encounters=plan.past.added if plan.past else 0,
    )
    return _describe(program, files, plan, None)


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


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


async def _plan(session: AsyncSession, program: Program, files: _Files) -> _Plan:
    """Sort the rows of people who are here: who left the program is never brought back by a file."""
    here = [entry for entry in files.roster.entries if entry.user_id not in files.gone]
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
        elif await adds(session, program, person, enrollment, entry):
            updating.append(entry)
    unchanged = len(here) - len(joining) - len(updating) - len(left)
    newcomers = frozenset(entry.user_id for entry in joining)
    past = None if files.history is None else await plan_past(session, program, files.history, newcomers)
    return _Plan(tuple(joining), tuple(updating), unchanged, tuple(left), past)


def _describe(program: Program, files: _Files, plan: _Plan, key: int | None) -> DryRun:
    roster = files.roster
    return DryRun(
        key=key,
        program_id=program.id,
        program=program.name,
        joining=len(plan.joining),
        updated=len(plan.updating),
        unchanged=plan.unchanged,
        faults=roster.faults,
        not_here=tuple(_row(entry, "not-here") for entry in roster.entries if entry.user_id in files.gone),
        left=plan.left,
        past=plan.past,
    )


def _row(entry: Entry, expected: str) -> Fault:
    return Fault(entry.row, "member_id", expected, str(entry.user_id))
