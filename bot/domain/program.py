"""The rules of a program as a moderator sets them, checked as a whole."""

from dataclasses import dataclass
from datetime import date

from bot.domain.zones import known_zones
from bot.errors import InvalidInput

MOST_IN_A_CIRCLE = 12
MOST_WEEKS = 26
LONGEST_NAME = 80
PRESETS = ("new-people", "hours", "topics", "mixed-experience")


@dataclass(frozen=True, slots=True)
class ProgramRules:
    """Everything that the set-up panel sets."""

    name: str
    lobby_channel_id: int
    zone: str
    first_day: date
    size_least: int = 3
    size_wanted: int = 5
    size_most: int = 6
    rotation_weeks: int = 4
    checkin_weekday: int = 0
    checkin_hour: int = 9
    moderator_role_id: int | None = None
    moderator_channel_id: int | None = None
    auto_publish: bool = False
    preset: str = "new-people"
    facilitator_in_each: bool = False
    common_language: bool = False
    mentor_mode: bool = False
    meeting_events: bool = False
    locale: str = "en"


def check_rules(rules: ProgramRules) -> None:
    """Raise InvalidInput with the first thing that does not fit."""
    if not rules.name.strip() or len(rules.name) > LONGEST_NAME:
        raise InvalidInput("program.invalid.name", most=LONGEST_NAME)
    if not 2 <= rules.size_least <= rules.size_wanted <= rules.size_most <= MOST_IN_A_CIRCLE:
        raise InvalidInput("program.invalid.sizes", most=MOST_IN_A_CIRCLE)
    if not 1 <= rules.rotation_weeks <= MOST_WEEKS:
        raise InvalidInput("program.invalid.weeks", most=MOST_WEEKS)
    if not 0 <= rules.checkin_weekday <= 6 or not 0 <= rules.checkin_hour <= 23:
        raise InvalidInput("program.invalid.hour")
    if rules.zone not in known_zones():
        raise InvalidInput("zone.unknown", zone=rules.zone)
    if rules.preset not in PRESETS:
        raise InvalidInput("program.invalid.preset", presets=", ".join(PRESETS))
