"""Where concerns are found and changed in the vault, whoever does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.concerns import MOST_LINES, Concern, Line, Voice, dump_concern, load_concern, week_of
from bot.errors import Conflict, InvalidInput, NotFound
from bot.services.ports import Surveys

LONGEST_WORDS = 1_000
HOUR = 3_600
QUIET_HOURS = 2  # full hours after which moderators hear of a concern without a name


@dataclass(frozen=True, slots=True)
class ConcernCard:
    """A concern under its key, which leads to it without telling whose it is."""

    key: str
    concern: Concern

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it."""
        return self.concern.closed_on is None


async def find(surveys: Surveys, key: str) -> ConcernCard:
    """Return a concern that still has its words."""
    payload = await surveys.vault.concerns.find(row_key(key))
    concern = load_concern(payload) if payload is not None else None
    if concern is None or not concern.lines:
        raise NotFound("concern.gone")
    return ConcernCard(key, concern)


async def list_of(surveys: Surveys, program_id: int) -> Sequence[ConcernCard]:
    """Return everything that is kept of a program's concerns, the longest open ones first."""
    found = (await surveys.vault.concerns.list_of(program_id)).items()
    cards = [ConcernCard(key.hex(), load_concern(payload)) for key, payload in found]
    # Within a week their random keys order them, not when they came.
    return sorted(cards, key=lambda card: (not card.is_open, card.concern.week, card.key))


async def change(
    surveys: Surveys, key: str, make: Callable[[Concern], Concern | None], bell: tuple[int, int] | None = None
) -> Concern | None:
    """Put what `make` makes of a concern in its place, or delete it; return what it is then."""

    def on_bytes(payload: bytes) -> bytes | None:
        made = make(load_concern(payload))
        return None if made is None else dump_concern(made)

    changed = await surveys.vault.concerns.change(row_key(key), on_bytes, bell)
    return None if changed is None else load_concern(changed)


async def add_line(
    surveys: Surveys, card: ConcernCard, voice: Voice, words: str, now: datetime, bell: int | None = None
) -> ConcernCard:
    """Write a line under a concern; a bell is the full hour at which moderators hear of it."""
    line = Line(voice, week_of(now.date()), checked(words))

    def add(concern: Concern) -> Concern:
        if len(concern.lines) >= MOST_LINES:
            raise Conflict("concern.too-long", most=MOST_LINES)
        return concern.with_line(line)

    added = await change(surveys, card.key, add, None if bell is None else (card.concern.program_id, bell))
    if added is None:
        raise NotFound("concern.gone")
    return ConcernCard(card.key, added)


def row_key(key: str) -> bytes:
    """Return the vault's key of a concern; raise NotFound for what is no key at all."""
    try:
        return bytes.fromhex(key)
    except ValueError as error:
        raise NotFound("concern.gone") from error


def checked(words: str) -> str:
    """Return words as they are kept; raise InvalidInput for none, or too many."""
    written = words.strip()
    if not 0 < len(written) <= LONGEST_WORDS:
        raise InvalidInput("concern.words-needed", most=LONGEST_WORDS)
    return written


def full_hour(now: datetime) -> int:
    """Return how many full hours have gone by since 1970."""
    return int(now.timestamp()) // HOUR


def bell_after(now: datetime, *, named: bool) -> int:
    """Return at which full hour moderators hear of words: at once, or long enough after words without a name."""
    return full_hour(now) + (0 if named else QUIET_HOURS)
