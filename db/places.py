"""Where a database lies: a SQLite file is a path, one on PostgreSQL is the text of its URL."""

from pathlib import Path

from sqlalchemy import make_url

Place = Path | str


def named(place: Place) -> str:
    """Return what an operator knows a place by, without its password."""
    if isinstance(place, Path):
        return str(place)
    return make_url(place).set(query={}).render_as_string(hide_password=True)
