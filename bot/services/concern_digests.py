"""The digest of barriers: once a quarter, how many people named each theme, as far as it may be told."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.concerns import Theme, first_day_of, quarter_before, quarter_of
from bot.domain.states import DeliveryKind
from bot.domain.survey.tally import Tally, disclose_tally, dump_tally, load_tally
from bot.errors import NotFound
from bot.services import concern_store as store
from bot.services.deliveries import enqueue
from bot.services.ports import Surveys
from bot.services.work import reads, writes
from db import concerns as queries
from db.engine import Database
from db.models import ConcernDigest, Program


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """How many people named a theme, and how many more than in the quarter before, where both are published."""

    theme: Theme
    people: int
    change: int | None


@dataclass(frozen=True, slots=True)
class DigestCard:
    """A published digest, as everybody in the lobby reads it."""

    program: str
    locale: str
    lobby_channel_id: int
    year: int
    quarter: int
    total: int | None
    themes: tuple[ThemeLine, ...]


async def open_digest(session: AsyncSession, program: Program, now: datetime) -> None:
    """Let the digest of the quarter that is over wait for its figures, once, at its first check-in afterwards."""
    today = now.astimezone(ZoneInfo(program.zone)).date()
    quarter = quarter_of(today)
    if program.created_at.date() >= first_day_of(quarter):
        return  # it had no members yet
    before = quarter_before(quarter)
    if await queries.find_digest(session, program.id, before) is None:
        session.add(ConcernDigest(program_id=program.id, quarter=before, due_at=now))


async def publish_waiting(database: Database, surveys: Surveys, now: datetime) -> None:
    """Publish every digest that waits for its figures, in its program's lobby."""
    while (waiting := await _find_waiting(database)) is not None:
        digest_id, program_id, quarter, people = waiting
        kept = [card.concern for card in await store.list_of(surveys, program_id)]
        counts = Counter(each.theme.value for each in kept if each.counts and each.quarter == quarter)
        await _publish(database, digest_id, dump_tally(disclose_tally(counts, people)), now)


@reads
async def get_digest(session: AsyncSession, digest_id: int) -> DigestCard:
    """Return a digest that is published."""
    digest = await session.get(ConcernDigest, digest_id)
    if digest is None or digest.figures is None:
        raise NotFound("control.gone")
    program = await session.get_one(Program, digest.program_id)
    tally = load_tally(digest.figures)
    earlier = await queries.find_digest(session, program.id, quarter_before(digest.quarter))
    before = load_tally(earlier.figures) if earlier and earlier.figures else None
    start = first_day_of(digest.quarter)
    return DigestCard(
        program=program.name,
        locale=program.locale,
        lobby_channel_id=program.lobby_channel_id,
        year=start.year,
        quarter=(start.month + 2) // 3,
        total=tally.total,
        themes=_lines(tally, before),
    )


def _lines(tally: Tally, before: Tally | None) -> tuple[ThemeLine, ...]:
    return tuple(ThemeLine(Theme(theme), people, tally.change(theme, before)) for theme, people in tally.themes.items())


@reads
async def _find_waiting(session: AsyncSession) -> tuple[int, int, str, int] | None:
    digest = await queries.find_waiting_digest(session)
    if digest is None:
        return None
    people = await queries.count_ever_enrolled(session, digest.program_id)
    return digest.id, digest.program_id, digest.quarter, people


@writes
async def _publish(session: AsyncSession, digest_id: int, figures: str, now: datetime) -> None:
    """Keep what is published for good, and let the lobby have it."""
    digest = await session.get_one(ConcernDigest, digest_id)
    if digest.figures is not None:
        return
    digest.figures, digest.published_at = figures, now
    lane = f"lobby:{digest.program_id}"
    enqueue(session, DeliveryKind.CONCERN_DIGEST, lane, digest.program_id, now, concern_digest_id=digest.id)
