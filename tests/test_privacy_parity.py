"""Holds /privacy to the schema: a table that comes to know a person cannot be forgotten by export or erasure."""

import json
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, String, Table, insert, select

from bot.services import people, privacy
from bot.services.people import Profile
from bot.services.privacy import ERASERS
from bot.services.sections import SECTIONS
from db.engine import Database
from db.models import Base
from db.types import EncryptedText, Moment
from tests.services.season import DAY, GUILD, START, start_season

USER = 1_122_334_455_667_788_990
NOTHING = {"", "0", None}
# Columns whose text has a form of its own; every other one is filled with a marker of its name.
FORMS = {
    "avoid.about_user": "4321",
    "feedback.said": json.dumps({"about": 1, "wish": 1}),
    "person.hours": "f",
    "person.experience": "lead",
}


def knows_a_person(table: Table) -> bool:
    """Tell whether a table refers to a person or holds somebody's user id."""
    refers = any(key.column.table.name == "person" for column in table.columns for key in column.foreign_keys)
    return refers or any("user" in column.name for column in table.columns)


def tables_with_a_person() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if knows_a_person(table)]


def sealed(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, EncryptedText)]


def form_of(column: Column[Any]) -> str:
    name = f"{column.table.name}.{column.name}"
    return FORMS.get(name, f"marker of {name}")


def test_each_table_with_a_person_is_exported_and_erased():
    """FAILURES F38: whatever is collected can be taken along and has a way out."""
    tables = {table.name for table in tables_with_a_person()}
    assert tables == set(SECTIONS)
    assert tables == set(ERASERS)


async def test_each_word_in_a_table_with_a_person_is_exported(database: Database):
    await fill_every_table(database)
    exported = await privacy.export(database, USER, START + DAY)
    (guild,) = exported["guilds"]
    assert all(guild[table.name] for table in tables_with_a_person())
    written = json.dumps(guild)
    words = [form_of(column) for table in tables_with_a_person() for column in sealed(table)]
    markers = [word for word in words if word.startswith("marker")]
    assert len(markers) >= 7
    assert not [marker for marker in markers if marker not in written]


async def test_after_an_erasure_no_table_holds_a_word_or_the_user_id(database: Database):
    """FAILURES F38: no word, wish or user id of somebody who is forgotten stays in any table."""
    person_id = await fill_every_table(database)
    await privacy.erase(database, USER, GUILD, START + 2 * DAY)
    for table in Base.metadata.sorted_tables:
        for row in await rows_of(database, table):
            assert str(USER) not in str(dict(row)), table.name
            if belongs_to(table, row, person_id):
                assert {row[column.name] for column in sealed(table)} <= NOTHING, table.name


def belongs_to(table: Table, row: Any, person_id: int) -> bool:
    refers = [
        column.name for column in table.columns if any(key.column.table.name == "person" for key in column.foreign_keys)
    ]
    return (table.name == "person" and row["id"] == person_id) or any(row[name] == person_id for name in refers)


async def rows_of(database: Database, table: Table) -> list[Any]:
    async def load(session):
        return (await session.execute(select(table))).mappings().all()

    return await database.read(load)


async def fill_every_table(database: Database) -> int:
    """Give one person a row in each table that knows people, every word of it a marker; return the person."""
    season = await start_season(database)
    await season.happen(START)
    await people.join(database, GUILD, season.program_id, USER, Profile(), START)
    person_id = next(
        row["id"] for row in await rows_of(database, Base.metadata.tables["person"]) if row["user_id"] == USER
    )
    parents = {table.name: (await rows_of(database, table)) for table in Base.metadata.sorted_tables}

    async def write(session):
        for table in tables_with_a_person():
            if table.name == "person":
                words = {column.name: form_of(column) for column in sealed(table)}
                await session.execute(table.update().where(table.c.id == person_id).values(words))
            elif table.name != "enrollment":  # joining wrote it
                values = {
                    column.name: value_for(column, person_id, parents)
                    for column in table.columns
                    if not column.primary_key
                }
                await session.execute(insert(table).values(values))
                parents[table.name] = (await session.execute(select(table))).mappings().all()

    await database.write(write)
    return person_id


def value_for(column: Column[Any], person_id: int, parents: dict[str, list[Any]]) -> Any:
    """Return something that a column takes: the person, a row that is there, a marker, or the plainest value."""
    for key in column.foreign_keys:
        parent = key.column.table.name
        return person_id if parent == "person" else next((row["id"] for row in parents[parent]), None)
    kind = column.type
    if isinstance(kind, EncryptedText):
        return form_of(column)
    if column.name == "guild_id" or "user" in column.name:
        return GUILD if column.name == "guild_id" else USER
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class or ()))
    plain: dict[type, Any] = {Boolean: False, Integer: 1, JSON: {}, Moment: START, Date: START.date(), String: "x"}
    return next(value for each, value in plain.items() if isinstance(kind, each))
