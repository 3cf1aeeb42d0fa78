"""The keys of the pulses' vault: made at the first start, proven at every other, rotated on demand."""

import logging
from pathlib import Path

from bot.config import Settings
from bot.errors import OperatorError
from bot.text import text
from db.engine import Place, named
from db.vault_keys import (
    PulseKeys,
    clear_unfinished,
    create_pulse_keys,
    new_master,
    read_pulse_keys,
    replace_pulse_keys,
)
from db.vault_rotation import rewrap
from db.vault_schema import find_master_id, prove_master

log = logging.getLogger(__name__)


def open_pulse_keys(settings: Settings) -> PulseKeys:
    """Return the vault's keys; raise KeyFileError unless they are the right ones.

    A vault that was never opened gets a new key file, or takes the one that
    lies there. Nothing that exists is overwritten, but where a rotation was
    interrupted the master key that fits the vault is kept alone.
    """
    vault, key_file = settings.pulse_place, settings.path(settings.pulse.key_file)
    is_new = find_master_id(vault) is None
    if is_new and not key_file.exists():
        return create_pulse_keys(key_file)
    keys = read_pulse_keys(key_file)
    return keys if is_new else _settle(vault, key_file, keys)


def check_pulse_keys(settings: Settings) -> bool:
    """Return whether there is a vault, writing nothing; raise KeyFileError where it is sealed with other keys."""
    vault = settings.pulse_place
    if find_master_id(vault) is None:
        return False
    prove_master(vault, read_pulse_keys(settings.path(settings.pulse.key_file)))
    return True


def rotate(settings: Settings) -> int:
    """Seal the vault with a new master key while the bot does not run; return how many members' keys it wraps.

    The key file holds both keys until the vault is sealed, so a crash at any
    moment leaves a file that opens it.
    """
    vault, key_file = settings.pulse_place, settings.path(settings.pulse.key_file)
    if find_master_id(vault) is None:
        raise OperatorError(text("fault.vault.nothing-to-rotate", place=named(vault)))
    keys = open_pulse_keys(settings)
    old, new = keys.masters[0], new_master()
    replace_pulse_keys(key_file, keys.only(old, new))
    members = rewrap(vault, old, new)
    replace_pulse_keys(key_file, keys.only(new))
    return members


def _settle(vault: Place, key_file: Path, keys: PulseKeys) -> PulseKeys:
    """Keep only the master key that fits the vault."""
    used = keys.only(prove_master(vault, keys))
    clear_unfinished(key_file)
    if used != keys:
        log.warning("A rotation of the pulses' master key was interrupted; the key file is in order again")
        replace_pulse_keys(key_file, used)
    return used
