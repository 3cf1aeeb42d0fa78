"""The key that protects members' words: made at the first start, proven at every other."""

from bot.config import Settings
from bot.errors import KeyFileError
from bot.text import text
from db.engine import named
from db.keyring import COLUMN, find_proof, write_proof
from db.types import Cipher, create_key_file, read_key_file


def open_cipher(settings: Settings) -> Cipher:
    """Return the cipher of a migrated database; raise KeyFileError unless its key is the right one.

    A database that was never opened gets a new key file, or takes the one that
    lies there; nothing that exists is ever overwritten.
    """
    database, key_file = settings.database_place, settings.path(settings.database.key_file)
    proof = find_proof(database)
    if proof is None and not key_file.exists():
        create_key_file(key_file)
    cipher = Cipher(read_key_file(key_file))
    if proof is None:
        write_proof(database, cipher)
        return cipher
    try:
        cipher.open(proof, COLUMN)
    except KeyFileError as error:
        raise KeyFileError(text("fault.key.other", path=key_file, database=named(database))) from error
    return cipher
