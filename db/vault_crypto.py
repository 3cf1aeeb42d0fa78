"""The vault's three tools: keyed names, sealed bytes that are bound to their place, and padding."""

import hashlib
import hmac
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import VaultError
from bot.text import text

KEY_BYTES = 32
NONCE_BYTES = 12
LENGTH_BYTES = 4


def prf(key: bytes, *parts: str | int) -> bytes:
    """Derive 32 bytes from a key for one use, named by its parts (HMAC-SHA256)."""
    return hmac.digest(key, place(*parts), hashlib.sha256)


def place(*parts: str | int) -> bytes:
    """Write where something belongs; no two different places are written alike."""
    return json.dumps(parts).encode()


def seal(key: bytes, content: bytes, where: bytes) -> bytes:
    """Encrypt with AES-256-GCM, bound to a place; the result is the nonce followed by the ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, where)


def unseal(key: bytes, sealed: bytes, where: bytes) -> bytes:
    """Decrypt what `seal` made; raise VaultError where the key, the place or a byte is another one."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], where)
    except (InvalidTag, ValueError):
        # The place is not told: it would name a person's row.
        raise VaultError(text("fault.vault.altered")) from None


def pad(content: bytes, length: int) -> bytes:
    """Fill up to the next multiple of a length, so that the size tells less; `unpad` takes it off."""
    filled = len(content).to_bytes(LENGTH_BYTES, "big") + content
    return filled + bytes(-len(filled) % length)


def unpad(padded: bytes) -> bytes:
    """Return what was padded."""
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    return padded[LENGTH_BYTES : LENGTH_BYTES + length]
