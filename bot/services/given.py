"""What one person answered in one wave, as it lies in the vault: JSON that nobody reads without the keys."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bot.domain.survey.instrument import Instrument
from bot.domain.survey.scoring import key_answers, score_answers

PAGE = 4  # a modal holds five parts: the stem with the anchors, and four statements


@dataclass(frozen=True, slots=True)
class Given:
    """Answers by item, counting from 0, without those that were skipped; `pages` are those handed in.

    `is_moderator` is whether the person could read results when they last answered.
    """

    answers: Mapping[int, int] = field(default_factory=dict[int, int])
    pages: frozenset[int] = frozenset()
    is_moderator: bool = False

    def with_page(self, page: int, chosen: Mapping[int, int | None], *, is_moderator: bool) -> "Given":
        """Return the answers with one page's laid over them; None takes an answer back."""
        laid = {**self.answers, **chosen}
        kept = {item: value for item, value in laid.items() if value is not None}
        return replace(self, answers=kept, pages=self.pages | {page}, is_moderator=is_moderator)

    def in_order(self, instrument: Instrument) -> tuple[int | None, ...]:
        """Return one entry an item; None where it was skipped or not reached."""
        return tuple(self.answers.get(item) for item in range(len(instrument.items)))

    def score(self, instrument: Instrument) -> float | None:
        """Return the score, or None where too few items are answered."""
        return score_answers(instrument, self.in_order(instrument))

    def keyed(self, instrument: Instrument) -> tuple[int, ...] | None:
        """Return the keyed answers of somebody who skipped no item."""
        keyed = key_answers(instrument, self.in_order(instrument))
        return tuple(answer for answer in keyed if answer is not None) if None not in keyed else None


def dump_given(given: Given) -> bytes:
    """Write answers as the vault keeps them."""
    fields = {
        "a": {str(item): value for item, value in sorted(given.answers.items())},
        "p": sorted(given.pages),
        "m": given.is_moderator,
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def load_given(payload: bytes) -> Given:
    """Read answers back."""
    fields = json.loads(payload)
    answers = {int(item): int(value) for item, value in fields["a"].items()}
    return Given(answers, frozenset(fields["p"]), bool(fields["m"]))


def pages_of(instrument: Instrument) -> tuple[range, ...]:
    """Part the items into pages of at most four, as even as may be."""
    items = len(instrument.items)
    count = -(-items // PAGE)
    ends = [round(items * number / count) for number in range(count + 1)]
    return tuple(range(first, last) for first, last in pairwise(ends))
