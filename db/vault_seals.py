"""Where each thing in the vault lies and how it is sealed, with all keys that this takes."""

import os
from dataclasses import dataclass

from bot.errors import VaultError
from db.vault_crypto import KEY_BYTES, pad, prf, seal, unpad, unseal
from db.vault_crypto import place as place_of
from db.vault_keys import MasterKey

ROW_KEY_BYTES = 16
VERSION_BYTES = 4
ANSWER_BYTES = 1024  # the longest questionnaire's answers take about half of it
RECORD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class WaveRef:
    """One wave of one instrument in one guild."""

    guild_id: int
    instrument: str
    wave_id: int


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member's own key, whose it is, and which version of the consent it stands for."""

    key: bytes
    pseudonym: str
    version: int

    def row_key(self, wave_id: int) -> bytes:
        """Return under which key the member's answers in a wave lie; it tells nobody else whose they are."""
        return prf(self.key, "row", wave_id)[:ROW_KEY_BYTES]

    def seal(self, wave: WaveRef, payload: bytes) -> bytes:
        """Seal the member's answers; every result has the same length."""
        padded = pad(payload, ANSWER_BYTES)
        if len(padded) > ANSWER_BYTES:
            raise ValueError(f"answers take at most {ANSWER_BYTES} bytes, not {len(padded)}")
        return seal(prf(self.key, "answers"), padded, self._place(wave))

    def open(self, wave: WaveRef, sealed: bytes) -> bytes:
        """Open the member's answers; raise VaultError where they are another's or of another wave."""
        return unpad(unseal(prf(self.key, "answers"), sealed, self._place(wave)))

    def _place(self, wave: WaveRef) -> bytes:
        return place_of("answers", wave.guild_id, wave.instrument, wave.wave_id, self.pseudonym)


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The names that people and guilds have in the vault; a rotation of the master key leaves them."""

    key: bytes

    def of(self, guild_id: int, user_id: int) -> str:
        """Return a person's pseudonym in one guild: 64 hexadecimal digits."""
        return prf(self.key, "person", guild_id, user_id).hex()

    def tag(self, guild_id: int) -> bytes:
        """Return how the rows of a guild are marked."""
        return prf(self.key, "guild", guild_id)[:ROW_KEY_BYTES]

    def program(self, program_id: int) -> bytes:
        """Return how the concerns of a program are marked."""
        return prf(self.key, "program", program_id)[:ROW_KEY_BYTES]

    def receipt(self, code: str) -> bytes:
        """Return under which key the concern lies that a receipt's code belongs to."""
        return prf(self.key, "receipt", code)[:ROW_KEY_BYTES]

    def turn(self, purpose: str, period: str, guild_id: int, user_id: int, number: int) -> bytes:
        """Return the key of a person's numbered turn within a period; in another period it is another one."""
        return prf(self.key, "turn", purpose, period, guild_id, user_id, number)[:ROW_KEY_BYTES]


@dataclass(frozen=True, slots=True)
class MasterSeals:
    """What is sealed with the master key: the members' keys, and the records of whole waves."""

    master: MasterKey

    def row_key(self, pseudonym: str) -> bytes:
        """Return under which key a member's own key lies."""
        return prf(self.master.key, "member row", pseudonym)[:ROW_KEY_BYTES]

    def wrap(self, member: MemberKey) -> bytes:
        """Wrap a member's key; every result has the same length."""
        content = member.version.to_bytes(VERSION_BYTES, "big") + member.key + bytes.fromhex(member.pseudonym)
        return seal(self._key("member"), content, self.row_key(member.pseudonym))

    def unwrap(self, row_key: bytes, wrapped: bytes) -> MemberKey:
        """Unwrap a member's key that lies under a row key."""
        content = unseal(self._key("member"), wrapped, row_key)
        version, key = content[:VERSION_BYTES], content[VERSION_BYTES : VERSION_BYTES + KEY_BYTES]
        return MemberKey(key, content[VERSION_BYTES + KEY_BYTES :].hex(), int.from_bytes(version, "big"))

    def seal_record(self, kind: str, tag: bytes, instrument: str, wave_id: int, content: bytes) -> bytes:
        """Seal what is known of a whole wave; only the order of its size can be seen."""
        where = place_of(kind, tag.hex(), instrument, wave_id)
        return seal(self._key("record"), pad(content, RECORD_BYTES), where)

    def open_record(self, kind: str, tag: bytes, instrument: str, wave_id: int, sealed: bytes) -> bytes:
        """Open a record; raise VaultError where it is of another kind, guild, instrument or wave."""
        return unpad(unseal(self._key("record"), sealed, place_of(kind, tag.hex(), instrument, wave_id)))

    def seal_concern(self, row_key: bytes, tag: bytes, content: bytes) -> bytes:
        """Seal a concern; only the order of its size can be seen."""
        return seal(self._key("concern"), pad(content, RECORD_BYTES), place_of("concern", row_key.hex(), tag.hex()))

    def open_concern(self, row_key: bytes, tag: bytes, sealed: bytes) -> bytes:
        """Open a concern; raise VaultError where it lies under another key or program."""
        return unpad(unseal(self._key("concern"), sealed, place_of("concern", row_key.hex(), tag.hex())))

    def prove(self) -> bytes:
        """Seal nothing at all, by which a start knows that the master key is the right one."""
        return seal(self._key("proof"), b"", place_of(self.master.id))

    def fits(self, proof: bytes) -> bool:
        """Tell whether a proof was made with this master key."""
        try:
            unseal(self._key("proof"), proof, place_of(self.master.id))
        except VaultError:
            return False
        return True

    def _key(self, purpose: str) -> bytes:
        return prf(self.master.key, purpose)


def new_member(pseudonym: str, version: int) -> MemberKey:
    """Make a random key for a person who consents."""
    return MemberKey(os.urandom(KEY_BYTES), pseudonym, version)
