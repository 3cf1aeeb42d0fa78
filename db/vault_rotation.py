"""Taking the vault from one master key to another: all that is sealed with it is sealed anew, at once."""

from sqlalchemy import Connection, delete, insert, select, update

from db.engine import For, Place, one_connection
from db.vault_keys import MasterKey
from db.vault_models import Member, Record, Reported
from db.vault_schema import bring_up, lock
from db.vault_seals import MasterSeals


def rewrap(place: Place, old: MasterKey, new: MasterKey) -> int:
    """Seal everything with a new master key in one transaction; return how many members' keys there are.

    The members' own keys stay, and so every answer lies as it lay.
    """
    with one_connection(place, For.WRITING) as connection:
        bring_up(connection)
        before, after = MasterSeals(old), MasterSeals(new)
        members = _rewrap_members(connection, before, after)
        _reseal_records(connection, before, after)
        _reseal_concerns(connection, before, after)
        lock(connection, new)
    return members


def _rewrap_members(connection: Connection, before: MasterSeals, after: MasterSeals) -> int:
    rows = connection.execute(select(Member.row_key, Member.wrapped)).all()
    members = [before.unwrap(row.row_key, row.wrapped) for row in rows]
    connection.execute(delete(Member))
    wrapped = [{"row_key": after.row_key(each.pseudonym), "wrapped": after.wrap(each)} for each in members]
    if wrapped:
        connection.execute(insert(Member), wrapped)
    return len(wrapped)


def _reseal_records(connection: Connection, before: MasterSeals, after: MasterSeals) -> None:
    table = Record.__table__.c
    for row in connection.execute(select(*table)).all():
        place = (row.kind, row.guild_tag, row.instrument, row.wave_id)
        sealed = after.seal_record(*place, before.open_record(*place, row.sealed))
        this = (table.kind == row.kind, table.wave_id == row.wave_id)
        connection.execute(update(Record).where(*this).values(sealed=sealed))


def _reseal_concerns(connection: Connection, before: MasterSeals, after: MasterSeals) -> None:
    table = Reported.__table__.c
    for row in connection.execute(select(*table)).all():
        content = before.open_concern(row.row_key, row.program_tag, row.sealed)
        sealed = after.seal_concern(row.row_key, row.program_tag, content)
        connection.execute(update(Reported).where(table.row_key == row.row_key).values(sealed=sealed))
