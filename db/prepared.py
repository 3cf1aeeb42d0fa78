"""Statements that are put together once: that takes SQLAlchemy longer than executing them."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import Executable, bindparam

P = ParamSpec("P")
S = TypeVar("S", bound=Executable)


def prepared(build: Callable[P, S]) -> Callable[P, tuple[S, dict[str, Any]]]:
    """Let a function that puts a statement together do so once, with bound parameters in the place of its values.

    Calling it gives the statement and the values, for a session to execute:
    `await session.scalar(*_person_of(guild_id, user_id))`. The values are
    compared with columns, a list of them by `in_` or `not_in`; a None would
    have to be `is_`, which is another statement.
    """
    names = tuple(signature(build).parameters)
    put_together: list[S] = []

    @wraps(build)
    def give(*values: P.args, **_named: P.kwargs) -> tuple[S, dict[str, Any]]:
        if not put_together:
            put_together.append(cast("Callable[..., S]", build)(*map(bindparam, names)))
        return put_together[0], dict(zip(names, values, strict=True))

    return give
