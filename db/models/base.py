"""What every table shares: the declarative base, its naming of constraints and its types."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, MetaData
from sqlalchemy.orm import DeclarativeBase

from db.types import Moment

# SQLite gives a deleted row's id to the next one: a button that outlived its draft would then act on another.
NEVER_REUSED = {"sqlite_autoincrement": True}


def _values(kind: type[StrEnum]) -> list[str]:
    """Keep an enumeration by its values, which are words, not by Python's names."""
    return [member.value for member in kind]


class Base(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: Moment,
        dict[str, Any]: JSON,
        StrEnum: Enum(StrEnum, native_enum=False, length=40, values_callable=_values),
    }
