"""The ids of accounts, made from what they are about, so that everybody finds the same stream without a look-up.

They are UUIDs of version 5 (RFC 9562, section 5.5) in one fixed namespace.
"""

from __future__ import annotations

from hashlib import sha1

NAMESPACE = bytes.fromhex("0e6a1f5c4b7d5c2e9a83d1f0b6c47e25")


def account_of(patient_id: str) -> str:
    """The account of a patient."""
    return _name_based(f"patient:{patient_id}")


def account_with(program_id: str | None, payer_id: str | None) -> str:
    """The account of a program with a payer; None stands for one that is not known."""
    return _name_based(f"program:{program_id or '-'}:payer:{payer_id or '-'}")


def _name_based(name: str) -> str:
    # Written out because the standard library's module also makes random ids, which no aggregate may ask for.
    digest = bytearray(sha1(NAMESPACE + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
