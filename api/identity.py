"""Who is calling: a bearer token of any OpenID Connect issuer, checked against the issuer's JWKS.

The token names the person (`sub`, a UUID), one role (`role`) and the programs in which the person acts (`programs`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Annotated, Any, get_args

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from aggregates.values import Code, Id, Role
from api.signing.proof import Proof

ALGORITHMS = ["RS256", "ES256", "EdDSA", "Ed25519", "PS256"]
LEEWAY_SECONDS = 30
KEYS_LAST_SECONDS = 300
LONGEST_SECONDS = 12 * 3600
"""How long a token may be good, from when it was issued; a working day, unless the house sets it shorter."""
KINDS_OF_KEYS = frozenset({"RSA", "EC", "OKP"})
"""Only public keys vouch for a token: with a symmetric one, who can check tokens could make them."""
MOST_REMEMBERED = 10_000

_ID: TypeAdapter[str] = TypeAdapter(Id)
_METHOD: TypeAdapter[str] = TypeAdapter(Code)


class NotAuthenticated(Exception):
    """Send a bearer token of the configured issuer that has not expired."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The person of the token, the role in which it acts, and the programs it may act in."""

    person: Id
    role: Role
    programs: frozenset[str]
    request: str
    token_id: str | None = None


@dataclass(slots=True)
class Tokens:
    """Checks tokens. `keys` answers the issuer's current JWKS as a dict; it is asked again for an unknown key id.

    Whom a token speaks for is remembered by its digest until it expires, and no longer than the set of keys that it was
    checked with: a key that the issuer withdraws ends its tokens as soon as without that.
    """

    issuer: str
    audience: str
    keys: Callable[[], dict[str, Any]]
    now: Callable[[], float] = time.time
    longest: int = LONGEST_SECONDS
    _known: _Keys | None = field(default=None)

    def remembered(self, token: str, request: str) -> Caller | None:
        """The caller of a token that was checked before and is still good; None: it must be checked."""
        known, now = self._known, self.now()
        if known is None or now - known.fetched > KEYS_LAST_SECONDS:
            return None
        found = known.callers.get(sha256(token.encode()).digest())
        if found is None or int(now) > found[0] + LEEWAY_SECONDS:
            return None
        return replace(found[1], request=request)

    def caller(self, token: str, request: str) -> Caller:
        """The caller that a token speaks for. Raises NotAuthenticated, never saying more than that."""
        keys, claims = self._checked(token)
        try:
            person = _ID.validate_python(claims.get("sub"))
            programs = frozenset(_ID.validate_python(program) for program in claims.get("programs", ()))
        except (ValidationError, TypeError) as error:
            raise NotAuthenticated from error
        if claims.get("role") not in get_args(Role) or claims["role"] == "system":
            raise NotAuthenticated
        caller = Caller(person, claims["role"], programs, request, claims.get("jti"))
        keys.remember(token, int(claims["exp"]), caller)
        return caller

    def proof(self, token: str) -> Proof:
        """What a signing token says. Raises NotAuthenticated for one that is not good or answers no challenge."""
        _, claims = self._checked(token)
        methods, challenge, at = claims.get("amr"), claims.get("nonce"), claims.get("auth_time")
        if not isinstance(methods, list) or not isinstance(challenge, str) or not isinstance(at, int | float):
            raise NotAuthenticated
        try:
            told = tuple(dict.fromkeys(_METHOD.validate_python(one) for one in methods))
        except ValidationError as error:
            raise NotAuthenticated from error
        return Proof(str(claims["sub"]), challenge, told, self.now() - at)

    def _checked(self, token: str) -> tuple[_Keys, dict[str, Any]]:
        for again in (False, True):
            try:
                keys = self._keys(again)
                claims = jwt.decode(token, keys.keys, algorithms=ALGORITHMS).claims
                jwt.JWTClaimsRegistry(
                    now=lambda: int(self.now()), leeway=LEEWAY_SECONDS,
                    iss={"essential": True, "value": self.issuer}, aud={"essential": True, "value": self.audience},
                    exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
                ).validate(claims)
                if claims["exp"] - claims["iat"] > self.longest:
                    raise NotAuthenticated
                return keys, claims
            except (JoseError, ValueError) as error:
                if again or not isinstance(error, InvalidKeyIdError):
                    raise NotAuthenticated from error
        raise NotAuthenticated

    def _keys(self, again: bool) -> _Keys:
        known, now = self._known, self.now()
        if known is None or now - known.fetched > KEYS_LAST_SECONDS or (again and now - known.fetched > 1):
            told = _public(self.keys())
            # Where nothing changed, forged key ids do not make every good token be checked once more.
            callers = known.callers if known is not None and known.told == told else {}
            self._known = known = _Keys(KeySet.import_key_set(told), told, self.now(), callers)
        return known


def _public(jwks: dict[str, Any]) -> Any:  # any: the library's own type of a set of keys
    """The keys of a JWKS that are for signatures and public."""
    told = jwks.get("keys", ())
    return {"keys": [one for one in told if one.get("use", "sig") == "sig" and one.get("kty") in KINDS_OF_KEYS]}


@dataclass(frozen=True, slots=True)
class _Keys:
    """The issuer's keys as they were fetched, and of the tokens found good by them the expiry and the caller."""

    keys: KeySet
    told: dict[str, Any]
    fetched: float
    callers: dict[bytes, tuple[int, Caller]] = field(default_factory=dict)

    def remember(self, token: str, expires: int, caller: Caller) -> None:
        """Keeps what was found, by the token's digest; when there are too many, begins anew."""
        if len(self.callers) >= MOST_REMEMBERED:
            self.callers.clear()
        self.callers[sha256(token.encode()).digest()] = (expires, caller)


async def identify(request: Request) -> Caller:
    """Finds out who is calling, before anything of the request is read; whom was revoked access is nobody.

    Raises NotAuthenticated, StoreUnavailable.
    """
    tokens: Tokens = request.app.state.services.tokens
    given = token_of(request), request.state.request_id
    found = tokens.remembered(*given)
    if found is None:
        found = await run_in_threadpool(tokens.caller, *given)
    if (revocations := request.app.state.revocations) is not None:
        if not revocations.fresh():
            await run_in_threadpool(revocations.look)
        revocations.must_be_in(found)
    request.state.caller = found
    return found


def token_of(request: Request) -> str:
    """The bearer token of a request. Raises NotAuthenticated where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated
    return token.strip()


def session_of(request: Request) -> str:
    """The working session of a request that was identified: its bearer token, told by SHA-256 in hex."""
    return sha256(token_of(request).encode()).hexdigest()


class _Bearer(HTTPBearer):
    """The caller of a request, as identified at the door; and what OpenAPI says of how to be one."""

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override] # the token was looked at already
        found: Caller = request.state.caller
        return found


TheCaller = Annotated[Caller, Depends(_Bearer(
    bearerFormat="JWT", scheme_name="bearer", auto_error=False,
    description="A token of the configured OpenID Connect issuer, with `sub`, `role` and `programs`.",
))]  # fmt: skip
