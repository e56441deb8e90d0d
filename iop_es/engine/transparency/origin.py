"""What a log is called in what is signed of it."""

from __future__ import annotations

import re
from hashlib import sha256

from iop_es.engine.connections import Pool, transaction
from iop_es.engine.transparency.notes import Verifier
from iop_es.engine.transparency.source import FACTS, Source
from iop_es.engine.transparency.store import TreeStore


def origin_of(name: str, public_key: bytes, restorations: int) -> str:
    """Its name, eight digits of its public key so that no two are called the same, and how often it was restored."""
    plain = re.sub(r"[^A-Za-z0-9._/=-]+", "-", name).strip("-")
    return f"{plain}/{sha256(public_key).hexdigest()[:8]}" + (f"/{restorations + 1}" if restorations else "")


def verifier_of(pool: Pool, schema: str, public_key: bytes, source: Source = FACTS) -> Verifier:
    """The key of the log in a schema, or of what was read there, under the name that it has now."""
    store = TreeStore(schema, source)
    with transaction(pool) as cursor:
        name, restorations = store.head(cursor).name, len(store.restorations(cursor))
    return Verifier(origin_of(name, public_key, restorations), public_key)
