"""Every encounter that formation is to know of: earlier rotations, with who changed circles, and what was before."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.encounters import Stay, encounters
from bot.domain.formation import PastCircle
from bot.domain.formation.problem import Role
from db import past as past_queries
from db import rotations as queries
from db.models import Membership


async def read_past(session: AsyncSession, program_id: int) -> tuple[PastCircle, ...]:
    """Return who sat together in the published rotations of a program and before it, each pair once a rotation."""
    rotations: dict[int, dict[int, list[Membership]]] = {}
    for number, circle_id, seat in await queries.list_past_circles(session, program_id):
        rotations.setdefault(number, {}).setdefault(circle_id, []).append(seat)
    own = [past for number, circles in rotations.items() for past in _met(number, list(circles.values()))]
    return (*await _before(session, program_id), *own)


async def _before(session: AsyncSession, program_id: int) -> list[PastCircle]:
    """Describe encounters from before the program; the newest rotation of that time counts as its number 0."""
    found = await past_queries.list_encounters(session, program_id)
    newest = found[-1][0] if found else 0
    return [PastCircle(number - newest, frozenset((str(one), str(other)))) for number, one, other in found]


def _met(number: int, circles: list[list[Membership]]) -> list[PastCircle]:
    """Describe one rotation; where the groups of a circle leave its lead out, the lead is kept alone."""
    leads = {place: str(seat.person_id) for place, seats in enumerate(circles) for seat in seats if _led(seat)}
    found: list[PastCircle] = []
    stays = [[Stay(str(seat.person_id), seat.joined_at, seat.left_at) for seat in seats] for seats in circles]
    for place, people in encounters(stays):
        lead = leads.pop(place) if leads.get(place) in people else None
        found.append(PastCircle(number, people, lead))
    return found + [PastCircle(number, frozenset({lead}), lead) for lead in leads.values()]


def _led(seat: Membership) -> bool:
    return seat.role is not Role.MEMBER
