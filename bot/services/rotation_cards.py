"""A rotation as moderators see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.formation import Reason
from bot.domain.states import RotationState
from bot.services import circles
from bot.services.circles import CircleCard
from db import people as people_queries
from db import rotations as queries
from db.models import Program, Rotation


@dataclass(frozen=True, slots=True)
class UnplacedLine:
    """Somebody whom a rotation has no circle for, and why."""

    user_id: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class RotationCard:
    """A rotation as moderators see it; `quality` is formation's Quality as plain numbers.

    `newcomers` is how many people want a circle whom a draft does not know of.
    """

    id: int
    program_id: int
    program: str
    number: int
    state: RotationState
    starts_at: datetime
    ends_at: datetime
    seed: int
    preset: str
    quality: dict[str, Any]
    circles: tuple[CircleCard, ...]
    unplaced: tuple[UnplacedLine, ...]
    newcomers: int


async def card_of(session: AsyncSession, rotation: Rotation) -> RotationCard:
    """Describe a rotation whose circles and people are loaded."""
    unplaced = await queries.list_unplaced(session, rotation.id)
    program = await session.get_one(Program, rotation.program_id)
    return RotationCard(
        id=rotation.id,
        program_id=program.id,
        program=program.name,
        number=rotation.number,
        state=rotation.state,
        starts_at=rotation.starts_at,
        ends_at=rotation.ends_at,
        seed=rotation.seed,
        preset=program.preset,
        quality=rotation.quality,
        circles=tuple(circles.card_of(circle, rotation, program) for circle in rotation.circles),
        unplaced=tuple(UnplacedLine(line.person.user_id, line.reason) for line in unplaced),
        newcomers=await _count_newcomers(session, rotation, {line.person_id for line in unplaced}),
    )


async def _count_newcomers(session: AsyncSession, rotation: Rotation, unplaced: set[int]) -> int:
    """Count who takes part but is not in a draft; of what is published, nobody is new any more."""
    if rotation.state is not RotationState.DRAFT:
        return 0
    known = unplaced | {seat.person_id for circle in rotation.circles for seat in circle.memberships}
    return len(await people_queries.list_taking_part(session, rotation.program_id) - known)
