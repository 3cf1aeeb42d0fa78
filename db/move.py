"""Everything of a SQLite file into PostgreSQL, row by row, for whom one process has become too small.

Nothing is decrypted on the way: what lies sealed is carried over sealed, and the same key files open it there.
"""

from collections.abc import Iterable

import sqlalchemy
from sqlalchemy import Connection, LargeBinary, MetaData, Table, func, insert, inspect, select

from bot.errors import OperatorError
from bot.text import text
from db.engine import For, Place, named, one_connection
from db.migrate import upgrade
from db.models import Base
from db.types import EncryptedText
from db.vault_models import VaultBase
from db.vault_schema import bring_up, make_schema

MANY = 1_000  # rows that travel together


def move(source: Place, target: Place) -> int:
    """Copy the main database into an empty one, all of it or nothing; return how many rows that are."""
    upgrade(target)
    with one_connection(source, For.READING) as old, one_connection(target, For.WRITING) as new:
        tables = _sealed(Base.metadata)
        _refuse_filled(target, new, tables)
        moved = sum(_copy(old, new, table) for table in tables)
        for table in tables:
            _count_on(old, new, table)
    return moved


def move_vault(source: Place, target: Place) -> int:
    """Copy the pulses' vault into an empty schema, all of it or nothing; return how many rows that are."""
    with one_connection(source, For.WRITING) as old:
        bring_up(old)  # one of an earlier version lacks tables; nobody has opened it since the program was upgraded
    with one_connection(source, For.READING) as old, one_connection(target, For.WRITING) as new:
        make_schema(new)
        if inspect(new).get_table_names():
            raise OperatorError(text("fault.move.filled", place=named(target)))
        VaultBase.metadata.create_all(new)
        return sum(_copy(old, new, table) for table in VaultBase.metadata.sorted_tables)


def _sealed(metadata: MetaData) -> list[Table]:
    """Return the tables in the order in which their rows can be written, what is encrypted in them as plain bytes."""
    carried = MetaData()
    tables = [table.to_metadata(carried) for table in metadata.sorted_tables]
    for column in (column for table in tables for column in table.columns):
        if isinstance(column.type, EncryptedText):
            column.type = LargeBinary()
    return tables


def _refuse_filled(target: Place, new: Connection, tables: Iterable[Table]) -> None:
    if any(new.execute(select(table).limit(1)).first() for table in tables):
        raise OperatorError(text("fault.move.filled", place=named(target)))


def _copy(old: Connection, new: Connection, table: Table) -> int:
    """Copy a table's rows in the order of their keys, which tells nothing of when they were written."""
    moved = 0
    rows = old.execute(select(table).order_by(*table.primary_key)).mappings()
    for part in rows.partitions(MANY):
        new.execute(insert(table), [dict(row) for row in part])
        moved += len(part)
    return moved


def _count_on(old: Connection, new: Connection, table: Table) -> None:
    """Let new rows get ids after the last one that was ever given, also where that row is gone."""
    if "id" not in table.c:
        return
    given = old.scalar(sqlalchemy.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    last = max(given or 0, new.scalar(select(func.max(table.c.id))) or 0)
    if last:
        new.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))
