"""The states and kinds that things of a programme can have, by the words under which they are kept."""

from enum import StrEnum


class ProgramState(StrEnum):
    """Whether a program is being set up, runs, rests, or is over."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class EnrollmentState(StrEnum):
    """Whether a person takes part."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


class RotationState(StrEnum):
    """A rotation is drafted, published once, and ends."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ENDED = "ended"


class OccurrenceState(StrEnum):
    """A due moment is claimed, then done; or skipped because it came too late."""

    CLAIMED = "claimed"
    DONE = "done"
    SKIPPED = "skipped"


class ScheduleKind(StrEnum):
    """What comes due; at one moment they run in this order."""

    CHECKIN_CLOSE = "checkin-close"
    ROTATION = "rotation"
    CHECKIN_OPEN = "checkin-open"
    CHECKIN_REMIND = "checkin-remind"
    PULSE_OPEN = "pulse-open"


class DeliveryState(StrEnum):
    """How far one effect on Discord has come."""

    PENDING = "pending"
    INFLIGHT = "inflight"
    DONE = "done"
    DEAD = "dead"


class DeliveryKind(StrEnum):
    """The effects that the bot has on Discord."""

    OPEN_THREAD = "open-thread"
    ADD_MEMBER = "add-member"
    WELCOME = "welcome"
    WELCOME_EDIT = "welcome-edit"
    REMOVE_MEMBER = "remove-member"
    CIRCLE_CHANGED = "circle-changed"
    CHECKIN_CARD = "checkin-card"
    CHECKIN_ANSWER = "checkin-answer"
    CHECKIN_ANSWER_EDIT = "checkin-answer-edit"
    CHECKIN_ANSWER_DELETE = "checkin-answer-delete"
    CHECKIN_REMINDER = "checkin-reminder"
    CHECKIN_SUMMARY = "checkin-summary"
    FAREWELL = "farewell"
    ARCHIVE_THREAD = "archive-thread"
    SILENT_QUESTION = "silent-question"
    NOT_PLACED = "not-placed"
    DRAFT_READY = "draft-ready"
    PULSE_INVITATION = "pulse-invitation"
    PULSE_REMINDER = "pulse-reminder"
    KUDOS_NOTE = "kudos-note"
    KUDOS = "kudos"
    KUDOS_DELETE = "kudos-delete"
    CONCERN_ANSWER = "concern-answer"
    CONCERN_DIGEST = "concern-digest"
    LEAD_CARD = "lead-card"
    IMPORT_NOTICE = "import-notice"
    NOTICE = "notice"
    MEETING_CARD = "meeting-card"
    MEETING_FIXED = "meeting-fixed"
    MEETING_LAPSED = "meeting-lapsed"
    MEETING_CANCELLED = "meeting-cancelled"
    MEETING_EVENT = "meeting-event"
    MEETING_REMINDER = "meeting-reminder"
    MEETING_QUESTION = "meeting-question"
    AGENDA = "agenda"
    FIRST_SESSION = "first-session"
    INTRODUCTION_OFFER = "introduction-offer"
    INTRODUCTION_MISSED = "introduction-missed"
    INTRODUCTION_THREAD = "introduction-thread"
    INTRODUCTION_MEMBER = "introduction-member"
    INTRODUCTION_CARD = "introduction-card"
    INTRODUCTION_OUTCOME = "introduction-outcome"
    INTRODUCTION_EDIT = "introduction-edit"
    OPPORTUNITY_DIGEST = "opportunity-digest"
    OPPORTUNITY_DIGEST_EDIT = "opportunity-digest-edit"
    MODERATOR_DIGEST = "moderator-digest"


class Met(StrEnum):
    """What a member says about whether the circle met."""

    YES = "yes"
    ONCE = "once"
    NO = "no"


class AuditAction(StrEnum):
    """What moderators do to a program or a server, as the audit names it."""

    PROGRAM_CREATED = "program-created"
    PROGRAM_CHANGED = "program-changed"
    PROGRAM_STARTED = "program-started"
    PROGRAM_PAUSED = "program-paused"
    PROGRAM_RESUMED = "program-resumed"
    PROGRAM_ARCHIVED = "program-archived"
    ROTATION_DRAFTED = "rotation-drafted"
    DRAFT_SWAPPED = "draft-swapped"
    ROTATION_PUBLISHED = "rotation-published"
    ROTATION_REPAIRED = "rotation-repaired"
    SEAT_MOVED = "seat-moved"
    SEATS_SWAPPED = "seats-swapped"
    PULSE_SCHEDULED = "pulse-scheduled"
    PULSE_STOPPED = "pulse-stopped"
    INSTRUMENT_ADDED = "instrument-added"
    DELIVERIES_READ = "deliveries-read"
    DELIVERY_RETRIED = "delivery-retried"
    MEMBERS_IMPORTED = "members-imported"
    PROGRAM_EXPORTED = "program-exported"
    CONCERN_READ = "concern-read"
    CONCERN_ANSWERED = "concern-answered"
    CONCERN_CLOSED = "concern-closed"
    OPPORTUNITY_TAKEN_DOWN = "opportunity-taken-down"


class Direction(StrEnum):
    """Whether a member asks for something or offers it."""

    ASK = "ask"
    OFFER = "offer"


class HelpKind(StrEnum):
    """What can be asked for and offered."""

    SKILL = "skill"
    INTRODUCTION = "introduction"
    INTERVIEW = "interview"
    REVIEW = "review"
    SPONSORSHIP = "sponsorship"


class PostState(StrEnum):
    """An ask or offer is open until an introduction answers it, its author withdraws it, or its time is over."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Word(StrEnum):
    """What one of the two says to a proposed introduction."""

    YES = "yes"
    NO = "no"


class IntroductionState(StrEnum):
    """A proposal leads to an introduction where both say yes, or passes."""

    PROPOSED = "proposed"
    INTRODUCED = "introduced"
    PAST = "past"


class Helped(StrEnum):
    """What somebody says about whether an introduction helped."""

    YES = "yes"
    SOMEWHAT = "somewhat"
    NO = "no"
    NOT_MET = "not-met"


class CameOf(StrEnum):
    """What came of an introduction."""

    SKILL = "skill"
    CONTACT = "contact"
    INTERVIEW = "interview"
    JOB = "job"
    PROMOTION = "promotion"
    RAISE = "raise"
    TALK = "talk"
    PUBLICATION = "publication"
    VENTURE = "venture"
    OTHER = "other"
    NOTHING_YET = "nothing-yet"


class OpportunityKind(StrEnum):
    """What kind of opportunity is shared."""

    JOB = "job"
    TALK = "talk"
    GRANT = "grant"
    COLLABORATION = "collaboration"


class MeetingState(StrEnum):
    """A meeting is proposed, then fixed or lapsed; what is fixed may be cancelled."""

    PROPOSED = "proposed"
    FIXED = "fixed"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class MeetingHow(StrEnum):
    """What a member says afterwards of a meeting."""

    WELL = "well"
    SHORT = "short"
    NOBODY = "nobody"
    MOVED = "moved"


class ExitReason(StrEnum):
    """Why somebody left, in the one word that they chose."""

    TIME = "time"
    DID_NOT_MEET = "did-not-meet"
    DID_NOT_FIT = "did-not-fit"
    GOT_IT = "got-it"
    OTHER = "other"


class NextStep(StrEnum):
    """What somebody who led a circle does next: lead again, stand by who leads first, mentor, or nothing for now."""

    AGAIN = "again"
    STAND_BY = "stand-by"
    MENTOR = "mentor"
    NOT_NOW = "not-now"
