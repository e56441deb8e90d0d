"""A development issuer: makes tokens for a person at this machine, and refuses to where real records are kept."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import OKPKey

from iop_es.engine.files import write

ISSUER = "urn:iop-es:development"
SIGNING_SECONDS = 120


class NoDevelopmentIssuer(Exception):
    """The development issuer works only for the embedded database or a simulation; use your own issuer's tokens."""


class DevelopmentIssuer:
    """Signs tokens with a key of its own, kept in the project's `.iop-es/` folder with mode 0600."""

    def __init__(self, folder: Path, allowed: bool) -> None:
        if not allowed:
            raise NoDevelopmentIssuer(" ".join((NoDevelopmentIssuer.__doc__ or "").split()))
        self._key = _key(folder / "development-issuer.json")

    def token(
        self, person: str, role: str, programs: list[str], audience: str, hours: int = 12, token_id: str | None = None,
    ) -> str:
        """A signed token for a person in one role and these programs; its id is random unless told."""
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": audience, "sub": person, "role": role, "programs": programs,
            "iat": now, "exp": now + hours * 3600, "jti": token_id or str(uuid4()),
        }
        return jwt.encode({"alg": "Ed25519", "kid": self._key.kid}, claims, self._key, algorithms=["Ed25519"])

    def signing_token(self, person: str, challenge: str, methods: list[str], audience: str) -> str:
        """A token that answers a signing's challenge, as if the person had just authenticated by these methods."""
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": audience, "sub": person, "nonce": challenge, "auth_time": now, "amr": methods,
            "iat": now, "exp": now + SIGNING_SECONDS,
        }
        return jwt.encode({"alg": "Ed25519", "kid": self._key.kid}, claims, self._key, algorithms=["Ed25519"])

    def keys(self) -> dict[str, Any]:
        """The public keys, as a JWKS."""
        return {"keys": [self._key.as_dict(private=False)]}


def _key(path: Path) -> OKPKey:
    if not path.exists():
        made = OKPKey.generate_key("Ed25519", auto_kid=True)
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write(path, [json.dumps(made.as_dict(private=True)).encode()], replace=False)
    return OKPKey.import_key(json.loads(path.read_text()))
