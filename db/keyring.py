"""One sealed sentence in the database, by which a start knows that the key file is the right one."""

from sqlalchemy import insert, text

from db.engine import For, Place, one_connection
from db.models import Keyring
from db.types import Cipher, give_cipher

COLUMN = "keyring.proof"
SENTENCE = "Whoever can read this holds the key."


def find_proof(place: Place) -> bytes | None:
    """Return the sealed sentence of a migrated database, or None where no key was ever used."""
    with one_connection(place, For.READING) as connection:
        return connection.execute(text("SELECT proof FROM keyring")).scalar()


def write_proof(place: Place, cipher: Cipher) -> None:
    """Seal the sentence with the key that all words of this database will be written with."""
    with one_connection(place, For.WRITING) as connection:
        give_cipher(connection.dialect, cipher)
        connection.execute(insert(Keyring).values(id=1, proof=SENTENCE))
