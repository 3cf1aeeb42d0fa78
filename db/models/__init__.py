"""Every table, by subject. Words that members wrote are EncryptedText; who asks to be forgotten loses their user id."""

from db.models.audit import Audit
from db.models.base import Base
from db.models.checkins import CheckIn, CheckInAnswer
from db.models.circles import Circle, Membership, Rotation, Unplaced
from db.models.deliveries import Delivery, Notice
from db.models.keyring import Keyring
from db.models.people import Avoid, Enrollment, Feedback, Person, Program
from db.models.pulses import InstrumentFile, Pulse, Wave
from db.models.schedules import Occurrence, Schedule

__all__ = [
    "Audit",
    "Avoid",
    "Base",
    "CheckIn",
    "CheckInAnswer",
    "Circle",
    "Delivery",
    "Enrollment",
    "Feedback",
    "InstrumentFile",
    "Keyring",
    "Membership",
    "Notice",
    "Occurrence",
    "Person",
    "Program",
    "Pulse",
    "Rotation",
    "Schedule",
    "Unplaced",
    "Wave",
]
