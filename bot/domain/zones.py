"""Which time zones exist."""

from functools import cache
from zoneinfo import available_timezones


@cache
def known_zones() -> frozenset[str]:
    """Return every IANA name; the system's files are searched only once, for that takes a while."""
    return frozenset(available_timezones())
