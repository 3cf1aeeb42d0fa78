"""Every encounter that formation is to know of: circles of earlier rotations, with those who changed between them."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.encounters import Stay, encounters
from bot.domain.formation import PastCircle
from bot.domain.formation.problem import Role
from db import rotations as queries
from db.models import Membership


async def read_past(session: AsyncSession, program_id: int) -> tuple[PastCircle, ...]:
    """Return who sat together in the published rotations of a program, each pair once a rotation, and who led."""
    rotations: dict[int, dict[int, list[Membership]]] = {}
    for number, circle_id, seat in await queries.list_past_circles(session, program_id):
        rotations.setdefault(number, {}).setdefault(circle_id, []).append(seat)
    return tuple(past for number, circles in rotations.items() for past in _met(number, list(circles.values())))


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
