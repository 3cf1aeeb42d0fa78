"""The vault's file: made when there is none, and opened only with its own schema and master key."""

from pathlib import Path

from sqlalchemy import Connection, delete, insert, inspect, select

from bot.errors import KeyFileError, SchemaError
from db.engine import PRAGMAS, READ_PRAGMAS, one_connection
from db.vault_keys import MasterKey, PulseKeys
from db.vault_models import Lock, VaultBase
from db.vault_seals import MasterSeals

VERSION = 1


def find_master_id(path: Path) -> str | None:
    """Return the id of the master key that a vault is sealed with, or None where there is no vault yet."""
    if not path.exists():
        return None
    with one_connection(path, "BEGIN", READ_PRAGMAS) as connection:
        return connection.scalar(select(Lock.master_id)) if _has_schema(path, connection) else None


def prove_master(path: Path, keys: PulseKeys) -> MasterKey:
    """Return the master key that a vault is sealed with; raise KeyFileError where it is not among the keys."""
    with one_connection(path, "BEGIN", READ_PRAGMAS) as connection:
        if not _has_schema(path, connection):
            raise SchemaError(f"{path}: there is no vault yet")
        return _proven(path, connection, keys)


def prepare_vault(path: Path, keys: PulseKeys) -> MasterKey:
    """Make a vault where there is none; return the master key that it is sealed with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with one_connection(path, "BEGIN IMMEDIATE", PRAGMAS) as connection:
        if not _has_schema(path, connection):
            VaultBase.metadata.create_all(connection)
            lock(connection, keys.masters[0])
        return _proven(path, connection, keys)


def lock(connection: Connection, master: MasterKey) -> None:
    """Note with which master key the vault is sealed from now on."""
    proof = MasterSeals(master).prove()
    connection.execute(delete(Lock))
    connection.execute(insert(Lock).values(id=1, version=VERSION, master_id=master.id, proof=proof))


def _has_schema(path: Path, connection: Connection) -> bool:
    """Tell whether a file is a vault of this version, or empty; raise SchemaError for any other file."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return False
    if Lock.__tablename__ not in tables:
        raise SchemaError(f"{path}: is another database, not the pulses' vault")
    found = connection.scalar(select(Lock.version))
    if found != VERSION:
        raise SchemaError(f"{path}: the vault's schema is {found}, this version of Peer Circles knows {VERSION}")
    return True


def _proven(path: Path, connection: Connection, keys: PulseKeys) -> MasterKey:
    master_id, proof = connection.execute(select(Lock.master_id, Lock.proof)).one()
    master = keys.find(master_id)
    if master is None or not MasterSeals(master).fits(proof):
        raise KeyFileError(f"{path}: the key file is not the one that this vault is sealed with")
    return master
