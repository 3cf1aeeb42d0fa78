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
    NOTICE = "notice"


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
