"""The unit of work: a use case is written on a session and called with the database."""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database

P = ParamSpec("P")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741 - a request, what comes in
OnSession = Callable[Concatenate[AsyncSession, P], Awaitable[R]]
OnDatabase = Callable[Concatenate[Database, P], Awaitable[R]]


def reads(use_case: OnSession[P, R]) -> OnDatabase[P, R]:
    """Run a use case in a transaction that only reads."""

    @wraps(use_case)
    async def run(database: Database, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await database.read(lambda session: use_case(session, *args, **kwargs))

    return run


def claims(use_case: OnSession[P, R]) -> OnDatabase[P, R]:
    """Run a use case that takes one row, locked, for the caller, while others take other rows."""

    @wraps(use_case)
    async def run(database: Database, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await database.claim(lambda session: use_case(session, *args, **kwargs))

    return run


def writes(use_case: OnSession[P, R]) -> OnDatabase[P, R]:
    """Run a use case as if it were alone; it returns once everything it wrote is committed."""

    @wraps(use_case)
    async def run(database: Database, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await database.write(lambda session: use_case(session, *args, **kwargs))

    return run


def writes_together(
    use_case: Callable[[AsyncSession, Sequence[I]], Awaitable[Sequence[R | Exception]]],
) -> Callable[[Database, I], Awaitable[R]]:
    """Let a use case that carries out many requests at once be called with one, which joins those that wait.

    It gives an outcome for each request, in their order; an exception among them is raised where its caller waits.
    """

    @wraps(use_case)
    async def run(database: Database, request: I, /) -> R:
        return await database.write_together(use_case, request)

    return run
