"""The exceptions of Peer Circles.

PeerCirclesError
├── UserError              its words are safe to show to the person who asked
│   ├── NotFound           what was asked for is not there
│   ├── NotAllowed         the person may not do this
│   │   └── NotConsented   the person has not consented to the pulses
│   ├── Conflict           it cannot be done in the present state
│   └── InvalidInput       what was typed does not fit what is expected
└── OperatorError          one line for whoever runs the bot, and an exit code
    ├── ConfigError        a key, type or value in config.toml or the environment
    ├── SchemaError        the database's schema is not the one this version knows
    ├── KeyFileError       the key file is missing, unreadable or another one
    └── VaultError         a row of the pulse vault was altered or moved

A UserError carries a message id of bot/locale and its values rather than a
sentence, so that each reader gets it in their own language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


class PeerCirclesError(Exception):
    """The root of all errors that Peer Circles raises on purpose."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of an error's words that has words of its own: a message id and the values it is filled with."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


class UserError(PeerCirclesError):
    """An error whose words a person may read: a message id and the values it is filled with."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


class NotFound(UserError):
    """What was asked for is not there."""


class NotAllowed(UserError):
    """The person may not do this."""


class NotConsented(NotAllowed):
    """The person has not consented to the pulses, or has withdrawn."""

    def __init__(self) -> None:
        super().__init__("pulse.not-consented")


class Conflict(UserError):
    """It cannot be done in the present state."""


class InvalidInput(UserError):
    """What was given does not fit what is expected."""


class OperatorError(PeerCirclesError):
    """One line for whoever runs the bot, and an exit code: 2 where they must mend it, 1 where it may pass by itself."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class ConfigError(OperatorError):
    """A setting is missing, misspelt or of the wrong kind."""


class SchemaError(OperatorError):
    """The database's schema is not the one this version of the program knows."""


class KeyFileError(OperatorError):
    """The key file is missing, unreadable, or not the one the data was written with."""


class VaultError(OperatorError):
    """A row of the pulse vault was altered, or does not lie where it was written."""
