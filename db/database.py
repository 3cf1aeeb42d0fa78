"""What every database can do, whichever it is: run units of work that read, write or claim."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]


class Database(ABC):
    """Units of work on one database, each in a transaction of its own."""

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Run a unit of work that only reads, all of it at one moment of the database."""

    @abstractmethod
    async def write(self, work: Work[T]) -> T:
        """Run a unit of work as if it were alone; return once it is committed, or raise what it raised.

        A caller who is cancelled only stops waiting: what was handed over is
        still written, as a whole or not at all. A unit may be run anew from its
        beginning where another one was in its way, so all that it changes must
        lie in the database.
        """

    @abstractmethod
    async def claim(self, work: Work[T]) -> T:
        """Run a unit of work that takes a row which it locks, passing over those that others have locked."""

    @abstractmethod
    async def empty_log(self) -> None:
        """See that what was erased does not lie on beside what is there."""

    @abstractmethod
    async def close(self) -> None:
        """Write what is still waiting, then close every connection."""


def refuse_nesting(*, inside: Any) -> None:
    """Raise for a unit of work that waits for another one: it would wait for itself."""
    if inside:
        raise RuntimeError("a unit of work cannot wait for another: it would wait for itself")


def refuse_closed(*, closed: bool) -> None:
    """Raise where the database is closed already."""
    if closed:
        raise RuntimeError("the database is closed")
