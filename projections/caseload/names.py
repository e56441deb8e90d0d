"""People's names: stored as they came, sealed, and opened only for the few answers that show them.

The one place that changes when this read model seals names under a key of its own.
"""

from __future__ import annotations

import msgspec
from pydantic import BaseModel, ConfigDict, Field


class PersonName(BaseModel):
    """How a patient or a clinician is called."""

    model_config = ConfigDict(frozen=True)

    family_name: str = Field(description="Family name.")
    given_name: str = Field(description="Given name.")


class _Named(msgspec.Struct):
    family_name: str
    given_name: str


_named = msgspec.json.Decoder(_Named).decode


def seal_name(_person_id: str, identity: bytes) -> bytes:
    """The bytes to keep of a person's sealed identity (RFC 8785)."""
    return identity


def open_name(_person_id: str, sealed: bytes | None) -> PersonName | None:
    """The name in the bytes that were kept; None where nothing was, or where it can no longer be opened."""
    if sealed is None:
        return None
    named = _named(sealed)
    return PersonName(family_name=named.family_name, given_name=named.given_name)


def by_name(name: PersonName | None) -> tuple[str, str]:
    """How people are ordered in a roster; those without a readable name come first."""
    return ("", "") if name is None else (name.family_name.casefold(), name.given_name.casefold())
