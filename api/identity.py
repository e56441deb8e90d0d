"""Who is calling: a bearer token of any OpenID Connect issuer, checked against the issuer's JWKS.

The token names the person (`sub`, a UUID), one role (`role`) and the programs in which the person acts (`programs`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import TypeAdapter, ValidationError

from aggregates.values import Id, Role

ALGORITHMS = ["RS256", "ES256", "EdDSA", "Ed25519", "PS256"]
LEEWAY_SECONDS = 30
KEYS_LAST_SECONDS = 300

_ID: TypeAdapter[str] = TypeAdapter(Id)


class NotAuthenticated(Exception):
    """Send a bearer token of the configured issuer that has not expired."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The person of the token, the role in which it acts, and the programs it may act in."""

    person: Id
    role: Role
    programs: frozenset[str]
    request: str


@dataclass(slots=True)
class Tokens:
    """Checks tokens. `keys` answers the issuer's current JWKS as a dict; it is asked again for an unknown key id."""

    issuer: str
    audience: str
    keys: Callable[[], dict[str, Any]]
    now: Callable[[], float] = time.time
    _set: KeySet | None = field(default=None)
    _fetched: float = field(default=0.0)

    def caller(self, token: str, request: str) -> Caller:
        """The caller that a token speaks for. Raises NotAuthenticated, never saying more than that."""
        claims = self._claims(token)
        try:
            person = _ID.validate_python(claims.get("sub"))
            programs = frozenset(_ID.validate_python(program) for program in claims.get("programs", ()))
        except (ValidationError, TypeError) as error:
            raise NotAuthenticated from error
        if claims.get("role") not in get_args(Role) or claims["role"] == "system":
            raise NotAuthenticated
        return Caller(person, claims["role"], programs, request)

    def _claims(self, token: str) -> dict[str, Any]:
        for again in (False, True):
            try:
                decoded = jwt.decode(token, self._keys(again), algorithms=ALGORITHMS)
                jwt.JWTClaimsRegistry(
                    now=lambda: int(self.now()), leeway=LEEWAY_SECONDS,
                    iss={"essential": True, "value": self.issuer}, aud={"essential": True, "value": self.audience},
                    exp={"essential": True}, sub={"essential": True},
                ).validate(decoded.claims)
                return decoded.claims
            except (JoseError, ValueError) as error:
                if again or not isinstance(error, ValueError):
                    raise NotAuthenticated from error
        raise NotAuthenticated

    def _keys(self, again: bool) -> KeySet:
        age = self.now() - self._fetched
        if self._set is None or age > KEYS_LAST_SECONDS or (again and age > 1):
            self._set = KeySet.import_key_set(self.keys())  # type: ignore[arg-type] # a JWKS as the issuer serves it
            self._fetched = self.now()
        return self._set


_BEARER = HTTPBearer(
    bearerFormat="JWT", scheme_name="bearer", auto_error=False,
    description="A token of the configured OpenID Connect issuer, with `sub`, `role` and `programs`.",
)  # fmt: skip


def identify(request: Request) -> None:
    """Finds out who is calling, before anything of the request is read. Raises NotAuthenticated."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated
    tokens: Tokens = request.app.state.services.tokens
    request.state.caller = tokens.caller(token.strip(), request.state.request_id)


def caller(
    request: Request,
    _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],  # says so in OpenAPI
) -> Caller:
    """The caller of this request, as identified at the door."""
    found: Caller = request.state.caller
    return found


TheCaller = Annotated[Caller, Depends(caller)]
