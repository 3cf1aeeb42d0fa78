"""A meeting as a calendar file: the same UID for its whole life, a higher SEQUENCE with each change."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

PRODUCT = "-//Peer Circles//Peer Circles//EN"
HOST = "peer-circles"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What a calendar is told; nobody's name is in it, for it may be an employer's calendar."""

    uid: str
    sequence: int
    starts_at: datetime
    length: timedelta
    stamp: datetime
    summary: str
    description: str
    url: str
    cancelled: bool = False


def calendar_file(entry: CalendarEntry) -> bytes:
    """Return a calendar file (RFC 5545) with one event; its times are UTC, which each calendar shows as local time."""
    from icalendar import Calendar, Event  # noqa: PLC0415 - large, and needed only when a meeting is set or moved

    event: Any = Event()  # its types are partly unknown
    event.add("uid", f"{entry.uid}@{HOST}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamp.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", (entry.starts_at + entry.length).astimezone(UTC))
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("url", entry.url)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    calendar: Any = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return calendar.to_ical()
