"""Queries about pulses, their waves and the instruments that guilds added."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from bot.domain.shards import WHOLE, Share
from bot.domain.states import DeliveryKind, EnrollmentState, RotationState, ScheduleKind
from bot.errors import NotFound
from db.models import (
    Circle,
    Delivery,
    Enrollment,
    InstrumentFile,
    Membership,
    Person,
    Program,
    Pulse,
    Rotation,
    Schedule,
    Wave,
)
from db.prepared import prepared
from db.shares import ours


@prepared
def _files(guild_id: int) -> Select[InstrumentFile]:
    return select(InstrumentFile).where(InstrumentFile.guild_id == guild_id).order_by(InstrumentFile.id)


async def list_files(session: AsyncSession, guild_id: int) -> Sequence[InstrumentFile]:
    """Return the instruments that a guild's moderators added."""
    return (await session.scalars(*_files(guild_id))).all()


async def find_file(session: AsyncSession, guild_id: int, name: str) -> InstrumentFile | None:
    """Return a guild's own file for an instrument."""
    query = select(InstrumentFile).where(InstrumentFile.guild_id == guild_id, InstrumentFile.name == name)
    return await session.scalar(query)


async def list_pulses(session: AsyncSession, program_id: int) -> Sequence[Pulse]:
    """Return a program's pulses, stopped ones too, the oldest first, with the program."""
    query = (
        select(Pulse)
        .where(Pulse.program_id == program_id)
        .order_by(Pulse.id)
        .options(joinedload(Pulse.program, innerjoin=True))
    )
    return (await session.scalars(query)).all()


async def find_pulse(session: AsyncSession, program_id: int, instrument: str) -> Pulse | None:
    """Return a program's pulse with an instrument, also where it was stopped."""
    query = select(Pulse).where(Pulse.program_id == program_id, Pulse.instrument == instrument)
    return await session.scalar(query.options(joinedload(Pulse.program, innerjoin=True)))


async def get_pulse(session: AsyncSession, pulse_id: int) -> Pulse:
    """Return a pulse with its program; raise NotFound where there is none."""
    pulse = await session.scalar(
        select(Pulse).where(Pulse.id == pulse_id).options(joinedload(Pulse.program, innerjoin=True))
    )
    if pulse is None:
        raise NotFound("pulse.not-found")
    return pulse


async def find_opening(session: AsyncSession, pulse_id: int) -> Schedule | None:
    """Return the schedule by which a pulse opens."""
    query = select(Schedule).where(Schedule.pulse_id == pulse_id, Schedule.kind == ScheduleKind.PULSE_OPEN)
    return await session.scalar(query)


async def list_openings(session: AsyncSession, program_id: int) -> Sequence[Schedule]:
    """Return the schedules of a program's pulses that were not stopped."""
    query = select(Schedule).join(Pulse, Pulse.id == Schedule.pulse_id).where(Pulse.program_id == program_id)
    return (await session.scalars(query.where(Pulse.active).order_by(Schedule.id))).all()


@prepared
def _wave(wave_id: int) -> Select[Wave]:
    whole = joinedload(Wave.pulse, innerjoin=True).joinedload(Pulse.program, innerjoin=True)
    return select(Wave).where(Wave.id == wave_id).options(whole).execution_options(populate_existing=True)


async def get_wave(session: AsyncSession, wave_id: int) -> Wave:
    """Return a wave with its pulse and program; raise NotFound where there is none."""
    wave = await session.scalar(*_wave(wave_id))
    if wave is None:
        raise NotFound("control.gone")
    return wave


async def find_unopened(session: AsyncSession, pulse_id: int, identity: str) -> Wave | None:
    """Return a wave of an instrument whose opening was interrupted."""
    query = select(Wave).where(Wave.pulse_id == pulse_id, Wave.opened_at.is_(None), Wave.identity == identity)
    return await session.scalar(query)


async def list_waves(session: AsyncSession, pulse_id: int) -> Sequence[Wave]:
    """Return the waves of a pulse that were opened, in order."""
    query = select(Wave).where(Wave.pulse_id == pulse_id, Wave.opened_at.is_not(None)).order_by(Wave.number)
    return (
        await session.scalars(
            query.options(joinedload(Wave.pulse, innerjoin=True).joinedload(Pulse.program, innerjoin=True))
        )
    ).all()


async def list_guild_waves(session: AsyncSession, guild_id: int) -> Sequence[Wave]:
    """Return every wave of a guild that was opened, the oldest first, with pulses and programs."""
    query = (
        select(Wave)
        .join(Wave.pulse)
        .join(Pulse.program)
        .where(Program.guild_id == guild_id, Wave.opened_at.is_not(None))
        .options(contains_eager(Wave.pulse).contains_eager(Pulse.program))
        .order_by(Wave.id)
    )
    return (await session.scalars(query)).all()


async def count_waves(session: AsyncSession, pulse_id: int) -> int:
    """Return the number of a pulse's last wave."""
    return await session.scalar(select(func.max(Wave.number)).where(Wave.pulse_id == pulse_id)) or 0


def _waiting(now: datetime) -> tuple[object, ...]:
    """Tell which open waves wait for their reminder or their closing."""
    return (
        Wave.opened_at.is_not(None),
        Wave.closed_at.is_(None),
        or_(Wave.closes_at <= now, Wave.reminded_at.is_(None) & (Wave.reminds_at <= now)),
    )


async def find_waiting(
    session: AsyncSession, now: datetime, spared: Collection[int], share: Share = WHOLE
) -> Wave | None:
    """Return the open wave that has waited longest to be closed or reminded of, apart from some programs."""
    query = (
        select(Wave)
        .join(Wave.pulse)
        .where(*_waiting(now), Pulse.program_id.not_in(spared))  # pyright: ignore[reportArgumentType]
        .where(ours(share, Pulse.program_id))
        .options(contains_eager(Wave.pulse))
        .order_by(Wave.closes_at, Wave.id)
        .limit(1)
    )
    return await session.scalar(query)


async def find_next_wave_moment(session: AsyncSession, share: Share = WHOLE) -> datetime | None:
    """Return the earliest moment at which an open wave is reminded of or closes."""
    pulses = select(Pulse.id).where(ours(share, Pulse.program_id))
    is_open = (Wave.opened_at.is_not(None), Wave.closed_at.is_(None), Wave.pulse_id.in_(pulses))
    closing = await session.scalar(select(func.min(Wave.closes_at)).where(*is_open))
    reminding = await session.scalar(select(func.min(Wave.reminds_at)).where(*is_open, Wave.reminded_at.is_(None)))
    return min((moment for moment in (closing, reminding) if moment is not None), default=None)


async def list_over(session: AsyncSession, before: datetime) -> Sequence[Wave]:
    """Return the waves that closed before a moment and whose answers are still kept, with pulses and programs."""
    query = (
        select(Wave)
        .where(Wave.closed_at <= before, Wave.emptied_at.is_(None))
        .options(joinedload(Wave.pulse, innerjoin=True).joinedload(Pulse.program, innerjoin=True))
        .order_by(Wave.id)
    )
    return (await session.scalars(query)).all()


async def list_seats(session: AsyncSession, program_id: int) -> Sequence[tuple[int, int]]:
    """Return (user, circle) of everybody who sits in an open circle of a program and has not left it."""
    query = (
        select(Person.user_id, Circle.id)
        .join(Membership, Membership.person_id == Person.id)
        .join(Circle, Circle.id == Membership.circle_id)
        .join(Rotation, Rotation.id == Circle.rotation_id)
        .join(Enrollment, (Enrollment.person_id == Person.id) & (Enrollment.program_id == Rotation.program_id))
        .where(
            Rotation.program_id == program_id,
            Rotation.state == RotationState.PUBLISHED,
            Circle.closed_at.is_(None),
            Membership.left_at.is_(None),
            Enrollment.state != EnrollmentState.LEFT,
        )
        .order_by(Circle.id, Membership.id)
    )
    return [(user, circle) for user, circle in await session.execute(query) if user is not None]


async def list_circle_names(session: AsyncSession, circle_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return the rotation's and the circle's number of each of these circles."""
    query = select(Circle.id, Rotation.number, Circle.number).join(Circle.rotation).where(Circle.id.in_(circle_ids))
    return {row[0]: (row[1], row[2]) for row in await session.execute(query)}


async def list_invited(session: AsyncSession, wave_id: int) -> Sequence[int]:
    """Return the circles that a wave asks."""
    query = select(Delivery.circle_id).where(
        Delivery.wave_id == wave_id, Delivery.kind == DeliveryKind.PULSE_INVITATION
    )
    return [circle for circle in await session.scalars(query) if circle is not None]
