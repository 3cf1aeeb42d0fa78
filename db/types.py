"""Column types: member-written text encrypted at rest, and aware moments.

The cipher reaches a column through its engine's dialect, the one part of an
engine that a type sees; so two databases with two keys live side by side and
nothing is global.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import DateTime, Dialect, LargeBinary, TypeDecorator

from bot.errors import KeyFileError
from bot.text import text

KEY_BYTES = 32
NONCE_BYTES = 12


class Cipher:
    """AES-256-GCM under one key; a text is bound to the column it was written in."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, words: str, column: str) -> bytes:
        """Encrypt words for a column; the result is the nonce followed by the ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, words.encode(), column.encode())

    def open(self, sealed: bytes, column: str) -> str:
        """Decrypt what `seal` made; raise KeyFileError when the key or the column is another one."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], column.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise KeyFileError(text("fault.key.wrong", column=column)) from error


def create_key_file(path: Path) -> bytes:
    """Make a new random key in a file that only its owner may read; never overwrite one."""
    key = os.urandom(KEY_BYTES)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, key.hex() + "\n")
    except OSError as error:
        raise KeyFileError(text("fault.key.unmade", path=path, fault=error.strerror)) from error
    return key


def write_private(path: Path, text: str) -> None:
    """Write a new file and its entry in the folder through to the disk: a key lost later is data lost."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_key_file(path: Path) -> bytes:
    """Read a key file; raise KeyFileError when it is missing or is no key."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError as error:
        raise KeyFileError(text("fault.key.missing", path=path)) from error
    except OSError as error:
        raise KeyFileError(text("fault.key.unreadable", path=path, fault=error.strerror)) from error
    except ValueError as error:
        raise KeyFileError(text("fault.key.digits", path=path, digits=KEY_BYTES * 2)) from error
    if len(key) != KEY_BYTES:
        raise KeyFileError(text("fault.key.digits", path=path, digits=KEY_BYTES * 2))
    return key


class EncryptedText(TypeDecorator[str]):
    """Text that lies encrypted in the database; `column` names its table and column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else cipher_of(dialect).seal(value, self.column)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else cipher_of(dialect).open(bytes(value), self.column)


def give_cipher(dialect: Dialect, cipher: Cipher) -> None:
    """Let the encrypted columns of an engine, known by its dialect, use a cipher."""
    cast("Any", dialect).peer_circles_cipher = cipher


def cipher_of(dialect: Dialect) -> Cipher:
    """Return the cipher that was given to the engine of this dialect."""
    cipher: Cipher = cast("Any", dialect).peer_circles_cipher
    return cipher


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn into UTC without a zone, which is what SQLite keeps."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a moment needs a time zone, {value!r} has none")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)
