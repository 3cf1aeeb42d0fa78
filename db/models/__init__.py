"""Every table, by subject. Words that members wrote are EncryptedText; who asks to be forgotten loses their user id."""

from db.models.audit import Audit
from db.models.base import Base
from db.models.checkins import CheckIn, CheckInAnswer
from db.models.circles import Circle, Membership, Rotation, Unplaced
from db.models.concerns import ConcernDigest
from db.models.deliveries import Delivery, Notice
from db.models.exits import ExitWord
from db.models.goals import Goal, GoalNote
from db.models.health import HealthWeek, Told
from db.models.help import HelpPost, Introduction, IntroductionOutcome
from db.models.imports import ImportFile, PastEncounter
from db.models.keyring import Keyring
from db.models.meetings import Agenda, Meeting, MeetingSlot, MeetingVote, MeetingWord
from db.models.mentors import LeadStep, LeadWord, MentorOffer
from db.models.opportunities import Opportunity, OpportunityDigest
from db.models.people import Avoid, Enrollment, Feedback, Person, Program
from db.models.pulses import InstrumentFile, Pulse, Wave
from db.models.schedules import Occurrence, Schedule
from db.models.wins import Win

__all__ = [
    "Agenda",
    "Audit",
    "Avoid",
    "Base",
    "CheckIn",
    "CheckInAnswer",
    "Circle",
    "ConcernDigest",
    "Delivery",
    "Enrollment",
    "ExitWord",
    "Feedback",
    "Goal",
    "GoalNote",
    "HealthWeek",
    "HelpPost",
    "ImportFile",
    "InstrumentFile",
    "Introduction",
    "IntroductionOutcome",
    "Keyring",
    "LeadStep",
    "LeadWord",
    "Meeting",
    "MeetingSlot",
    "MeetingVote",
    "MeetingWord",
    "Membership",
    "MentorOffer",
    "Notice",
    "Occurrence",
    "Opportunity",
    "OpportunityDigest",
    "PastEncounter",
    "Person",
    "Program",
    "Pulse",
    "Rotation",
    "Schedule",
    "Told",
    "Unplaced",
    "Wave",
    "Win",
]
