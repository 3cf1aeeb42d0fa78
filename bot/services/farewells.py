"""What remains of a circle after its rotation: whether it met."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.states import DeliveryKind, Met
from bot.errors import NotAllowed, NotFound
from bot.services.work import writes
from db import deliveries as delivery_queries
from db import rotations as queries


@writes
async def say_met(session: AsyncSession, key: str, user_id: int, met: Met) -> Met | None:
    """Keep a member's word on whether their circle met; return what they had said before."""
    farewell = await delivery_queries.find_by_key(session, key)
    if farewell is None or farewell.kind is not DeliveryKind.FAREWELL or farewell.circle_id is None:
        raise NotFound("control.gone")
    seat = await queries.find_membership(session, farewell.circle_id, user_id)
    if seat is None:
        raise NotAllowed("checkin.not-your-circle")
    before, seat.met = seat.met, met
    return before
