"""The ways in which a person can be written down, to be searched for where nobody may be found."""

import hashlib


def traces_of(guild: int, user: int) -> set[bytes]:
    """List the ways in which a user id could be written or hashed without a key."""
    plain = {str(user).encode(), user.to_bytes(8, "big"), user.to_bytes(8, "little"), f"{user:x}".encode()}
    paired = {f"{guild}{between}{user}".encode() for between in ("", ":", "/", "-", ",", " ")}
    hashed = {hashlib.new(name, each) for name in ("md5", "sha1", "sha256", "sha512") for each in plain | paired}
    digests = {hash_.digest() for hash_ in hashed}
    return plain | {digest[:8] for digest in digests} | {digest.hex()[:16].encode() for digest in digests}
