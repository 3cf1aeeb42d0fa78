"""Joining a program, and everything a person says about themselves and their taking part."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.calendar import resolve
from bot.domain.states import EnrollmentState, ProgramState
from bot.domain.week import with_hours
from bot.domain.zones import known_zones
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services.work import reads, writes
from db import people as queries
from db import programs as program_queries
from db.models import Enrollment, Person

EXPERIENCES = ("student", "junior", "mid", "senior", "lead")
LONGEST_PAUSE = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person tells about themselves; topics and languages are lists parted by commas or semicolons."""

    zone: str = "UTC"
    helps_with: str = ""
    wants_help_with: str = ""
    languages: str = ""
    experience: str | None = None
    hours: int = 0  # 168 bits in the person's own zone: bit 0 is Monday 00:00


@dataclass(frozen=True, slots=True)
class EnrollmentCard:
    """One person's place in one program."""

    program_id: int
    program: str
    state: EnrollmentState
    paused_until: datetime | None
    skips_next: bool
    facilitates: bool


@dataclass(frozen=True, slots=True)
class MemberCard:
    """A person's own profile and programs."""

    profile: Profile
    enrollments: tuple[EnrollmentCard, ...]


@writes
async def join(
    session: AsyncSession, guild_id: int, program_id: int, user_id: int, profile: Profile, now: datetime
) -> EnrollmentCard:
    """Enrol somebody, or bring back who had left; joining again only updates the profile, never the circle."""
    program = await program_queries.get_program(session, guild_id, program_id)
    if program.state not in (ProgramState.ACTIVE, ProgramState.PAUSED):
        raise Conflict("program.not-open", name=program.name)
    person = await _person(session, guild_id, user_id, now)
    _write_profile(person, profile)
    enrollment = await queries.find_enrollment(session, program.id, person.id)
    if enrollment is None:
        enrollment = Enrollment(program_id=program.id, person_id=person.id, joined_at=now)
        session.add(enrollment)
    if enrollment.state in (None, EnrollmentState.LEFT):
        activate(enrollment)
    await session.flush()
    return _card(enrollment, program.name)


@writes
async def leave(session: AsyncSession, guild_id: int, program_id: int, user_id: int, now: datetime) -> EnrollmentCard:
    """End somebody's taking part, without any penalty; their history stays theirs."""
    enrollment, name = await get_enrolled(session, guild_id, program_id, user_id)
    end(enrollment, now)
    return _card(enrollment, name)


@writes
async def pause(
    session: AsyncSession, guild_id: int, program_id: int, user_id: int, until: date | None, now: datetime
) -> EnrollmentCard:
    """Let somebody rest until a day begins where they live, or (None) until they come back themselves."""
    enrollment, name = await get_enrolled(session, guild_id, program_id, user_id)
    person = await queries.get_person(session, guild_id, user_id)
    _pause(enrollment, None if until is None else _begin_of(until, person.zone, now), now)
    return _card(enrollment, name)


@writes
async def resume(session: AsyncSession, guild_id: int, program_id: int, user_id: int) -> EnrollmentCard:
    """Bring somebody back from a pause."""
    enrollment, name = await get_enrolled(session, guild_id, program_id, user_id)
    activate(enrollment)
    return _card(enrollment, name)


@writes
async def toggle_skip(session: AsyncSession, guild_id: int, program_id: int, user_id: int) -> EnrollmentCard:
    """Sit the next rotation out, or take that back where it was asked for before."""
    enrollment, name = await get_enrolled(session, guild_id, program_id, user_id)
    enrollment.skip_next = not enrollment.skip_next
    return _card(enrollment, name)


@writes
async def toggle_facilitates(session: AsyncSession, guild_id: int, program_id: int, user_id: int) -> MemberCard:
    """Be ready to facilitate circles of a program, or take that back."""
    enrollment, _ = await get_enrolled(session, guild_id, program_id, user_id)
    enrollment.facilitates = not enrollment.facilitates
    return await _member(session, await queries.get_person(session, guild_id, user_id))


@writes
async def edit_profile(session: AsyncSession, guild_id: int, user_id: int, profile: Profile) -> MemberCard:
    """Change what somebody told about themselves, in every program of the guild alike."""
    person = await queries.get_person(session, guild_id, user_id)
    _write_profile(person, profile)
    return await _member(session, person)


@writes
async def set_hours_on(
    session: AsyncSession, guild_id: int, user_id: int, days: tuple[int, ...], hours: tuple[int, ...]
) -> Profile:
    """Keep exactly these hours for some days of the week (0 is Monday), in the person's own zone."""
    person = await queries.get_person(session, guild_id, user_id)
    person.hours = format(with_hours(int(person.hours, 16), days, hours), "x")
    return profile_of(person)


@writes
async def return_from_pauses(session: AsyncSession, now: datetime) -> int:
    """Bring back everybody whose pause is over; return how many."""
    over = await queries.list_over_pauses(session, now)
    for enrollment in over:
        activate(enrollment)
    return len(over)


@writes
async def mark_gone(session: AsyncSession, program_id: int, person_ids: tuple[int, ...], now: datetime) -> None:
    """Record that people left the guild: they are no longer enrolled."""
    for person_id in person_ids:
        enrollment = await queries.find_enrollment(session, program_id, person_id)
        if enrollment is not None:
            end(enrollment, now)


@reads
async def find_member(session: AsyncSession, guild_id: int, user_id: int) -> MemberCard | None:
    """Return a person's own profile and programs, or None where they never joined."""
    person = await queries.find_person(session, guild_id, user_id)
    return None if person is None else await _member(session, person)


@reads
async def get_member(session: AsyncSession, guild_id: int, user_id: int) -> MemberCard:
    """Return a person's own profile and programs; raise NotFound where they never joined."""
    return await _member(session, await queries.get_person(session, guild_id, user_id))


@reads
async def get_profile(session: AsyncSession, guild_id: int, user_id: int) -> Profile:
    """Return what somebody told about themselves; raise NotFound where they never joined."""
    return profile_of(await queries.get_person(session, guild_id, user_id))


@reads
async def choose_enrollment(session: AsyncSession, guild_id: int, user_id: int, named: str | None) -> EnrollmentCard:
    """Return somebody's place in the program they name by id or name, or in their only one."""
    person = await queries.get_person(session, guild_id, user_id)
    taking_part = [
        _card(each, each.program.name)
        for each in await queries.list_enrollments(session, person.id)
        if each.state is not EnrollmentState.LEFT
    ]
    if not taking_part:
        raise NotFound("person.in-no-program")
    fitting = [each for each in taking_part if named is None or _is_named(each, named)]
    if len(fitting) != 1:
        raise InvalidInput("program.which", programs=", ".join(each.program for each in taking_part))
    return fitting[0]


def profile_of(person: Person) -> Profile:
    """Return what a person told about themselves."""
    return Profile(
        zone=person.zone,
        helps_with=person.helps_with,
        wants_help_with=person.wants_help_with,
        languages=person.languages,
        experience=person.experience,
        hours=int(person.hours, 16),
    )


async def _member(session: AsyncSession, person: Person) -> MemberCard:
    enrollments = await queries.list_enrollments(session, person.id)
    return MemberCard(profile_of(person), tuple(_card(each, each.program.name) for each in enrollments))


async def _person(session: AsyncSession, guild_id: int, user_id: int, now: datetime) -> Person:
    person = await queries.find_person(session, guild_id, user_id)
    if person is None:
        person = Person(guild_id=guild_id, user_id=user_id, created_at=now, hours="0")
        session.add(person)
        await session.flush()
    return person


def _write_profile(person: Person, profile: Profile) -> None:
    """Put a profile on a person; hours are set by their own command and stay."""
    if profile.zone not in known_zones():
        raise InvalidInput("zone.unknown", zone=profile.zone)
    if profile.experience is not None and profile.experience not in EXPERIENCES:
        raise InvalidInput("experience.unknown", experiences=", ".join(EXPERIENCES))
    person.zone = profile.zone
    person.helps_with = profile.helps_with.strip()
    person.wants_help_with = profile.wants_help_with.strip()
    person.languages = profile.languages.strip()
    person.experience = profile.experience


async def get_enrolled(session: AsyncSession, guild_id: int, program_id: int, user_id: int) -> tuple[Enrollment, str]:
    """Return somebody's place in a program, with its name; raise NotFound where they take no part."""
    program = await program_queries.get_program(session, guild_id, program_id)
    person = await queries.get_person(session, guild_id, user_id)
    enrollment = await queries.find_enrollment(session, program.id, person.id)
    if enrollment is None or enrollment.state is EnrollmentState.LEFT:
        raise NotFound("person.not-enrolled", program=program.name)
    return enrollment, program.name


def end(enrollment: Enrollment, now: datetime) -> None:
    """Take somebody out of a program; who had left before keeps that day."""
    if enrollment.state is not EnrollmentState.LEFT:
        enrollment.state, enrollment.left_at = EnrollmentState.LEFT, now
    enrollment.paused_until = None
    enrollment.skip_next = False


def activate(enrollment: Enrollment) -> None:
    """Let somebody take part again, with a clean slate."""
    enrollment.state = EnrollmentState.ACTIVE
    enrollment.paused_until = None
    enrollment.left_at = None
    enrollment.silent_checkins = 0
    enrollment.silent_asked_at = None


def _pause(enrollment: Enrollment, until: datetime | None, now: datetime) -> None:
    if until is not None and until <= now:
        raise InvalidInput("pause.in-the-past")
    enrollment.state = EnrollmentState.PAUSED
    enrollment.paused_until = until


def _begin_of(day: date, zone: str, now: datetime) -> datetime:
    if day > (now + LONGEST_PAUSE).date():
        raise InvalidInput("pause.too-long", days=LONGEST_PAUSE.days)
    return resolve(day, 0, zone)


def _is_named(card: EnrollmentCard, named: str) -> bool:
    return named == str(card.program_id) or named.strip().casefold() == card.program.casefold()


def _card(enrollment: Enrollment, program: str) -> EnrollmentCard:
    return EnrollmentCard(
        program_id=enrollment.program_id,
        program=program,
        state=enrollment.state,
        paused_until=enrollment.paused_until,
        skips_next=enrollment.skip_next,
        facilitates=enrollment.facilitates,
    )
