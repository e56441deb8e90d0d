"""Ids made from a name, so that everybody finds the same stream without a look-up.

They are UUIDs of version 5 (RFC 9562, section 5.5).
"""

from __future__ import annotations

from hashlib import sha1


def name_based(namespace: bytes, name: str) -> str:
    """The id of a name in a fixed namespace of 16 bytes."""
    # Written out because the standard library's module also makes random ids, which no aggregate may ask for.
    digest = bytearray(sha1(namespace + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
