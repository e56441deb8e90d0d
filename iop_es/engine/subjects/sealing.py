"""The sealer that encrypts."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from iop_es.engine.sealer import CannotBeOpened, Part
from iop_es.engine.subjects.keys import SubjectKey, SubjectKeys
from iop_es.engine.subjects.layout import Unopened, fact_key, key_id_of, opened, sealed

FINDING = "organization:finding"
"""The subject whose first key blinds what must be found again: a rotation changes nothing there."""


class SubjectSealer:
    """Seals under the keys of subjects, in the bytes of `layout`."""

    def __init__(self, keys: SubjectKeys) -> None:
        self.keys = keys

    def seal(self, parts: Sequence[Part]) -> list[bytes]:
        """The bytes to store. Raises StoreUnavailable, MasterKeysUnusable."""
        keys = self.keys.current({part.subject for part in parts}) if parts else {}
        found = []
        for part in parts:
            key = keys[part.subject]
            if key.extracted is None:
                raise RuntimeError("A key that was destroyed seals nothing.")
            found.append(sealed(key.key_id, key.extracted, part))
        return found

    def open(self, parts: Sequence[Part]) -> list[bytes | CannotBeOpened | None]:
        """The bytes that were sealed. Raises StoreUnavailable, MasterKeysUnusable."""
        keys = self._keys(parts)
        return [_opened(part, keys) for part in parts]

    def blinded(self, texts: Sequence[str]) -> list[str]:
        """HMAC-SHA256 of each under a key for that alone, in hex. Raises StoreUnavailable, MasterKeysUnusable."""
        key = self.keys.first(FINDING).extracted if texts else None
        return [hmac.digest(key or b"", text.encode(), "sha256").hex() for text in texts]

    def fact_keys(self, parts: Sequence[Part]) -> list[bytes | None]:
        """The keys that open these parts and nothing else; None where there is none any more. Raises as `open`."""
        keys = self._keys(parts)
        found = [keys.get(_key_id(part) or b"") for part in parts]
        return [
            fact_key(key.extracted, part) if key and key.extracted and key.subject == part.subject else None
            for part, key in zip(parts, found, strict=True)
        ]

    def _keys(self, parts: Sequence[Part]) -> dict[bytes, SubjectKey]:
        ids = {key_id for part in parts if (key_id := _key_id(part)) is not None}
        return self.keys.by_id(ids) if ids else {}


def _key_id(part: Part) -> bytes | None:
    try:
        return key_id_of(part.data)
    except Unopened:
        return None


def _opened(part: Part, keys: dict[bytes, SubjectKey]) -> bytes | CannotBeOpened | None:
    try:
        key = keys.get(key_id_of(part.data))
        if key is None:
            return CannotBeOpened(part, "there never was the key that it names")
        if key.subject != part.subject:
            return CannotBeOpened(part, "it was sealed with the key of somebody else")
        return None if key.extracted is None else opened(key.extracted, part)
    except Unopened as error:
        return CannotBeOpened(part, str(error))
