"""Compiled statements that all engines of one kind share: every test opens its own, and would compile each anew."""

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

MOST = 3_000


def share_statements() -> None:
    """Let every engine take what another one compiled; a bot's own engine lives long, and compiles each once too."""
    compiled: LRUCache = LRUCache(MOST)

    @event.listens_for(Engine, "engine_connect")
    def _connected(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    # A statement is looked up by its dialect too, which holds nothing of the engine but the cipher.
    DefaultDialect.__eq__ = lambda self, other: isinstance(other, DefaultDialect) and _kind(self) == _kind(other)
    DefaultDialect.__hash__ = lambda self: hash(_kind(self))


def _kind(dialect: DefaultDialect) -> tuple[object, ...]:
    return type(dialect), getattr(dialect, "peer_circles_cipher", None)
