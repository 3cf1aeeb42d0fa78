"""Where the vault lies: made when there is none, and opened only with its own schema and master key."""

from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, inspect, select, update

from bot.errors import KeyFileError, SchemaError
from bot.text import text
from db.engine import For, Place, named, one_connection
from db.vault_keys import MasterKey, PulseKeys
from db.vault_models import Lock, VaultBase
from db.vault_seals import MasterSeals

VERSION = 2
# What each version added to the tables of the one before it; a step changes nothing that was there.
ADDED = {1: ("concern", "turn", "bell")}
VAULT_LOCK = 733_002  # PostgreSQL's advisory lock: of several processes that start, one makes the vault


def find_master_id(place: Place) -> str | None:
    """Return the id of the master key that a vault is sealed with, or None where there is no vault yet."""
    if isinstance(place, Path) and not place.exists():
        return None
    with one_connection(place, For.READING) as connection:
        return connection.scalar(select(Lock.master_id)) if _has_schema(place, connection) else None


def prove_master(place: Place, keys: PulseKeys) -> MasterKey:
    """Return the master key that a vault is sealed with; raise KeyFileError where it is not among the keys."""
    with one_connection(place, For.READING) as connection:
        if not _has_schema(place, connection):
            raise SchemaError(text("fault.vault.nothing", place=named(place)))
        return _proven(place, connection, keys)


def prepare_vault(place: Place, keys: PulseKeys) -> MasterKey:
    """Make a vault where there is none; return the master key that it is sealed with."""
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(mode=0o600)
    with one_connection(place, For.WRITING) as connection:
        if not isinstance(place, Path):
            make_schema(connection)
        if not _has_schema(place, connection):
            VaultBase.metadata.create_all(connection)
            lock(connection, keys.masters[0])
        master = _proven(place, connection, keys)
        bring_up(connection)
        return master


def make_schema(connection: Connection) -> None:
    """Make the schema that the address names as its only one, so that the vault lies apart; one process at a time."""
    connection.execute(select(func.pg_advisory_xact_lock(VAULT_LOCK)))
    schema = connection.exec_driver_sql("SHOW search_path").scalar_one()
    if schema.isidentifier():
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")


def lock(connection: Connection, master: MasterKey) -> None:
    """Note with which master key the vault is sealed from now on."""
    proof = MasterSeals(master).prove()
    connection.execute(delete(Lock))
    connection.execute(insert(Lock).values(id=1, version=VERSION, master_id=master.id, proof=proof))


def bring_up(connection: Connection) -> None:
    """Bring a vault of an earlier version up to this one, step by step, with all that it holds."""
    found = connection.execute(select(Lock.version)).scalar_one()
    for version in range(found, VERSION):
        VaultBase.metadata.create_all(connection, [VaultBase.metadata.tables[name] for name in ADDED[version]])
    connection.execute(update(Lock).values(version=VERSION))


def _has_schema(place: Place, connection: Connection) -> bool:
    """Tell whether a file is a vault of this version or an earlier one, or empty; raise SchemaError for any other."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return False
    if Lock.__tablename__ not in tables:
        raise SchemaError(text("fault.vault.other-database", place=named(place)))
    found = connection.scalar(select(Lock.version))
    if found is None or not 1 <= found <= VERSION:
        raise SchemaError(text("fault.vault.version", place=named(place), found=found, known=VERSION))
    return True


def _proven(place: Place, connection: Connection, keys: PulseKeys) -> MasterKey:
    master_id, proof = connection.execute(select(Lock.master_id, Lock.proof)).one()
    master = keys.find(master_id)
    if master is None or not MasterSeals(master).fits(proof):
        raise KeyFileError(text("fault.vault.other-key", place=named(place)))
    return master
