"""What a circle's thread reads of a wave: that it is open, what it is about, and until when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.survey.instrument import Instrument
from bot.services.instruments import Shipped, instruments_of
from bot.services.work import reads
from db import pulses as queries
from db import rotations as rotation_queries


@dataclass(frozen=True, slots=True)
class Invitation:
    """A wave as a circle is invited to it; no instrument where it is gone."""

    instrument: Instrument | None
    locale: str
    thread_id: int | None
    closes_at: datetime
    is_open: bool


@reads
async def get_invitation(
    session: AsyncSession, shipped: Shipped, wave_id: int, circle_id: int, now: datetime
) -> Invitation:
    """Return what a circle is invited to at this moment; it tells nothing of anybody's answers."""
    wave = await queries.get_wave(session, wave_id)
    circle = await rotation_queries.get_circle(session, circle_id)
    program = wave.pulse.program
    instruments = await instruments_of(session, shipped, program.guild_id)
    is_open = wave.closed_at is None and now < wave.closes_at and circle.closed_at is None
    return Invitation(instruments.get(wave.pulse.instrument), program.locale, circle.thread_id, wave.closes_at, is_open)
