"""Disclosure control for counts of people who each chose one of several themes, published once a period.

The themes part the people, so a total tells the sum of the themes that are not shown. It is told only where that
sum is nobody or enough people; the smallest shown themes are held back until it is. Periods count different
entries, and a difference is formed of two published counts only, so it tells nothing that they do not.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bot.domain.survey.wave import LEAST_GROUP


@dataclass(frozen=True, slots=True)
class Tally:
    """What is told of one period: how many people in all (None where that may not be told), and in each theme."""

    total: int | None
    themes: Mapping[str, int]

    def change(self, theme: str, before: "Tally | None") -> int | None:
        """Return by how much a theme grew since another period, where both counts were published."""
        earlier = before.themes.get(theme) if before else None
        return None if earlier is None or theme not in self.themes else self.themes[theme] - earlier


def disclose_tally(counts: Mapping[str, int], people: int, least: int = LEAST_GROUP) -> Tally:
    """Decide what is told of these counts out of so many people who could have been counted.

    Nothing is, where the others are so few that a count would tell of nearly each one that they are in it.
    """
    total = sum(counts.values())
    if total < least or people - total < least:
        return Tally(None, {})
    shown = {theme: n for theme, n in counts.items() if n >= least}
    for theme in sorted(shown, key=lambda name: (shown[name], name)):
        if not 0 < total - sum(shown.values()) < least:
            break
        del shown[theme]
    return Tally(total, dict(sorted(shown.items(), key=lambda one: (-one[1], one[0]))))


def dump_tally(tally: Tally) -> str:
    """Write a tally as it is kept."""
    return json.dumps(asdict(tally))


def load_tally(kept: str) -> Tally:
    """Return a tally that was kept."""
    found = json.loads(kept)
    return Tally(found["total"], found["themes"])
