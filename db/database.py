"""What every database can do, whichever it is: run units of work that read, write or claim."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from db.together import Gathering

I = TypeVar("I")  # noqa: E741 - a request, what comes in
T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]


class Database(ABC):
    """Units of work on one database, each in a transaction of its own."""

    def __init__(self) -> None:
        self._gathering = Gathering(self.write)

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

    async def write_together(
        self, carry_out: Callable[[AsyncSession, Sequence[I]], Awaitable[Sequence[T | Exception]]], request: I
    ) -> T:
        """Write what a request asks for in one transaction with those that wait beside it, up to a hundred.

        An exception among the outcomes is raised for its request alone; all that was written is committed by then.
        """
        self._require_free()
        return await self._gathering.join(carry_out, request)

    @abstractmethod
    def _require_free(self) -> None:
        """Raise where the database is closed, or where a unit of work that writes would wait for another."""

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
