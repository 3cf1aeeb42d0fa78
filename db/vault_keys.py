"""The key file of the vault: one key for pseudonyms, and the master key that wraps all others.

While the master key is rotated the file holds two of them, so that a crash at any moment leaves one that
fits the database.
"""

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.errors import KeyFileError
from bot.text import text
from db.types import write_private
from db.vault_crypto import KEY_BYTES

ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key that wraps the members' keys; its id tells which one a database was sealed with."""

    id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PulseKeys:
    """What the key file holds: one master key, or the old and the new one during a rotation."""

    pseudonym: bytes = field(repr=False)
    masters: tuple[MasterKey, ...]

    def find(self, master_id: str) -> MasterKey | None:
        """Return the master key of an id, where the file holds it."""
        return next((master for master in self.masters if master.id == master_id), None)

    def only(self, *masters: MasterKey) -> "PulseKeys":
        """Return the same keys with other master keys."""
        return replace(self, masters=masters)


def new_master() -> MasterKey:
    """Make a random master key."""
    return MasterKey(os.urandom(ID_BYTES).hex(), os.urandom(KEY_BYTES))


def create_pulse_keys(path: Path) -> PulseKeys:
    """Make new random keys in a file that only its owner may read; never overwrite one."""
    keys = PulseKeys(os.urandom(KEY_BYTES), (new_master(),))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, _dump(keys))
    except OSError as error:
        raise KeyFileError(text("fault.key.unmade", path=path, fault=error.strerror)) from error
    return keys


def read_pulse_keys(path: Path) -> PulseKeys:
    """Read a key file; raise KeyFileError when it is missing or holds no keys."""
    try:
        return _load(path.read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise KeyFileError(text("fault.key.pulse-missing", path=path)) from error
    except OSError as error:
        raise KeyFileError(text("fault.key.unreadable", path=path, fault=error.strerror)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise KeyFileError(text("fault.key.not-pulses", path=path)) from error


def replace_pulse_keys(path: Path, keys: PulseKeys) -> None:
    """Put other keys in the place of a key file: whoever reads it finds the old ones or the new ones."""
    unfinished = _unfinished(path)
    try:
        unfinished.unlink(missing_ok=True)
        write_private(unfinished, _dump(keys))
        unfinished.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyFileError(text("fault.key.unreplaced", path=path, fault=error.strerror)) from error


def clear_unfinished(path: Path) -> None:
    """Remove what a crash in the middle of a replacement left beside the key file."""
    _unfinished(path).unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + ".unfinished")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _dump(keys: PulseKeys) -> str:
    masters = [{"id": master.id, "key": master.key.hex()} for master in keys.masters]
    return json.dumps({"pseudonym": keys.pseudonym.hex(), "masters": masters}, indent=1) + "\n"


def _load(text: str) -> PulseKeys:
    fields: dict[str, Any] = json.loads(text)
    masters = tuple(MasterKey(str(each["id"]), _key(each["key"])) for each in fields["masters"])
    if not masters:
        raise ValueError("there is no master key")
    return PulseKeys(_key(fields["pseudonym"]), masters)


def _key(digits: str) -> bytes:
    key = bytes.fromhex(digits)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has another length")
    return key
