"""What people are told of a rotation: members without a circle, and moderators of a draft that waits for them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation import Reason
from bot.domain.states import RotationState
from bot.errors import NotFound
from bot.services.work import reads
from db import rotations as queries
from db.models import Program, Rotation


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """What somebody without a circle is told."""

    user_id: int
    program: str
    locale: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Offered:
    """A draft that waits for the moderators' word, and where to say so."""

    program: str
    locale: str
    number: int
    starts_at: datetime
    moderator_channel_id: int | None


@reads
async def get_not_placed(session: AsyncSession, rotation_id: int, person_id: int) -> NotPlaced:
    """Return what to tell somebody whom a rotation has no circle for; raise NotFound once there is nobody to tell."""
    for line in await queries.list_unplaced(session, rotation_id):
        if line.person_id == person_id and line.person.user_id is not None:
            rotation = await session.get_one(Rotation, rotation_id)
            program = await session.get_one(Program, rotation.program_id)
            return NotPlaced(line.person.user_id, program.name, program.locale, line.reason)
    raise NotFound("person.not-joined")


@reads
async def find_offered(session: AsyncSession, rotation_id: int) -> Offered | None:
    """Return a draft that still waits for the moderators' word."""
    rotation = await session.get(Rotation, rotation_id)
    if rotation is None or rotation.state is not RotationState.DRAFT:
        return None
    program = await session.get_one(Program, rotation.program_id)
    return Offered(program.name, program.locale, rotation.number, rotation.starts_at, program.moderator_channel_id)
