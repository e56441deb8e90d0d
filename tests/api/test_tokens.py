"""A token that was found good is remembered, and not a moment longer than it is good."""

from __future__ import annotations

import base64
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey, RSAKey

from api.identity import KEYS_LAST_SECONDS, LEEWAY_SECONDS, LONGEST_SECONDS, NotAuthenticated, Tokens
from iop_es.issuer import ISSUER, DevelopmentIssuer
from tests.api.house import AUDIENCE, PROGRAM, an_id


class Issuer:
    """An issuer whose clock and keys the test holds."""

    def __init__(self, folder: Path) -> None:
        self.issuer, self.at, self.asked = DevelopmentIssuer(folder, allowed=True), time.time(), 0
        self.known = self.issuer.keys()
        self.tokens = Tokens(ISSUER, AUDIENCE, self.keys, now=lambda: self.at)

    def keys(self) -> dict[str, Any]:
        """The keys it has now."""
        self.asked += 1
        return self.known

    def token(self, hours: int = 12) -> str:
        """A token of one hour or more."""
        return self.issuer.token(an_id("staff"), "clinician", [PROGRAM], AUDIENCE, hours)


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    """An issuer with a key."""
    return Issuer(tmp_path)


def test_a_checked_token_is_remembered_as_its_caller(issuer: Issuer) -> None:
    """The second time it is the same person, in the request that asks now; an unknown token is not remembered."""
    token = issuer.token()
    assert issuer.tokens.remembered(token, "1") is None
    checked = issuer.tokens.caller(token, "1")
    found = issuer.tokens.remembered(token, "2")
    assert found is not None
    assert (found.person, found.role, found.programs, found.request) == (*_who(checked), "2")
    assert issuer.tokens.remembered(token + "x", "3") is None


def test_a_remembered_token_expires(issuer: Issuer) -> None:
    """From its expiry on it must be checked, and then it is refused."""
    token = issuer.token(hours=0)
    issuer.tokens.caller(token, "1")
    issuer.at += LEEWAY_SECONDS - 1
    assert issuer.tokens.remembered(token, "2") is not None
    issuer.at += 3
    assert issuer.tokens.remembered(token, "3") is None
    with pytest.raises(NotAuthenticated):
        issuer.tokens.caller(token, "3")


def test_a_withdrawn_key_ends_its_tokens(issuer: Issuer, tmp_path: Path) -> None:
    """Once the keys are fetched anew without it, a token that was remembered is refused."""
    token = issuer.token()
    issuer.tokens.caller(token, "1")
    issuer.known = DevelopmentIssuer(tmp_path / "another", allowed=True).keys()
    issuer.at += KEYS_LAST_SECONDS + 1
    assert issuer.tokens.remembered(token, "2") is None
    with pytest.raises(NotAuthenticated):
        issuer.tokens.caller(token, "2")
    assert issuer.tokens.remembered(token, "3") is None


def _who(caller: Any) -> tuple[Any, ...]:
    return caller.person, caller.role, caller.programs


def signed(key: Any, algorithm: str = "Ed25519", header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token of a good person, by a key of the caller's; claims of None are left out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": an_id("staff"), "role": "clinician", "programs": [PROGRAM],
            "iat": now, "exp": now + 300} | claims  # fmt: skip
    told = {"alg": algorithm, "kid": key.kid} if header is None else header
    return jwt.encode(told, {name: one for name, one in good.items() if one is not None}, key, algorithms=[algorithm])


def unpadded(code: bytes) -> str:
    """Base 64 as tokens have it."""
    return base64.urlsafe_b64encode(code).rstrip(b"=").decode()


def encoded(header: dict[str, Any]) -> str:
    """A token's header."""
    return unpadded(json.dumps(header).encode())


class Several(Issuer):
    """An issuer with the keys that a test gives it, and the test's own clock."""

    def __init__(self, *keys: Any) -> None:
        self.at, self.asked = time.time(), 0
        self.publish(*keys)
        self.tokens = Tokens(ISSUER, AUDIENCE, self.keys, now=lambda: self.at)

    def publish(self, *keys: Any, **more: Any) -> None:
        """These are its keys from now on."""
        self.known = {"keys": [key.as_dict(private=False) | more for key in keys]}

    def lets_in(self, token: str) -> bool:
        """Whether a token is good."""
        try:
            return bool(self.tokens.caller(token, "1"))
        except NotAuthenticated:
            return False


FIRST, SECOND = (OKPKey.generate_key("Ed25519", auto_kid=True) for _ in range(2))
RSA = RSAKey.generate_key(2048, auto_kid=True)


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://elsewhere.example"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"aud": []},
     {"exp": None}, {"exp": "tomorrow"}, {"exp": float(2**60)}, {"iat": None}, {"sub": None}, {"sub": "jane"},
     {"role": "system"}, {"role": "owner"}, {"role": None}, {"programs": ["all"]}, {"programs": 7}, {"jti": 7}],
    ids=str,
)  # fmt: skip
def test_a_claim_that_is_wrong_or_missing(claims: dict[str, Any]) -> None:
    """Issuer, audience, times, person, role and programs must all be there and right."""
    issuer = Several(FIRST)
    assert issuer.lets_in(signed(FIRST))
    assert not issuer.lets_in(signed(FIRST, **claims))


@pytest.mark.parametrize(
    ("claim", "good", "bad"),
    [("exp", 1 - LEEWAY_SECONDS, -LEEWAY_SECONDS - 2), ("nbf", LEEWAY_SECONDS - 1, LEEWAY_SECONDS + 2),
     ("iat", LEEWAY_SECONDS - 1, LEEWAY_SECONDS + 2)],
)  # fmt: skip
def test_clocks_may_differ_by_half_a_minute(claim: str, good: int, bad: int) -> None:
    """Expired, not yet good and not yet issued are refused beyond that."""
    issuer, now = Several(FIRST), int(time.time())
    assert issuer.lets_in(signed(FIRST, **{claim: now + good}))
    assert not issuer.lets_in(signed(FIRST, **{claim: now + bad}))


def test_a_token_is_good_for_a_working_day_at_most() -> None:
    """Twelve hours, or what the house sets; the issuer's own wish counts for nothing."""
    issuer, now = Several(FIRST), int(time.time())
    assert issuer.lets_in(signed(FIRST, iat=now, exp=now + LONGEST_SECONDS))
    assert not issuer.lets_in(signed(FIRST, iat=now, exp=now + LONGEST_SECONDS + 1))
    issuer.tokens.longest = 600
    assert [issuer.lets_in(signed(FIRST, iat=now, exp=now + seconds)) for seconds in (600, 601)] == [True, False]


def test_a_rotated_key_is_fetched_when_it_is_first_met() -> None:
    """An unknown key id asks the issuer anew, at most once a second; the old key's tokens are good until it is gone."""
    issuer = Several(FIRST)
    assert issuer.lets_in(signed(FIRST))
    issuer.publish(FIRST, SECOND)
    issuer.at += 2
    assert issuer.lets_in(signed(SECOND)) and issuer.lets_in(signed(FIRST))
    asked = issuer.asked
    unknown = OKPKey.generate_key("Ed25519", auto_kid=True)
    assert not any(issuer.lets_in(signed(unknown, jti=str(n))) for n in range(20))
    assert issuer.asked <= asked + 1


def test_without_a_key_id_one_of_several_keys_is_not_guessed() -> None:
    """With one key there is no doubt; with two the token must say by which it was signed."""
    nameless = signed(FIRST, header={"alg": "Ed25519"})
    assert Several(FIRST).lets_in(nameless)
    assert not any(Several(*keys).lets_in(nameless) for keys in ((FIRST, SECOND), (SECOND, FIRST)) for _ in range(8))


def test_the_key_says_how_a_token_is_signed() -> None:
    """The public key as a secret (HS256), no signature at all, another kind of key under the same id, and a key that is
    for encryption: all refused."""
    both = Several(RSA, FIRST)
    assert both.lets_in(signed(RSA, "RS256"))
    claims = signed(RSA, "RS256").split(".")[1]
    shared = f"{encoded({'alg': 'HS256', 'kid': RSA.kid})}.{claims}"
    code = hmac.new(RSA.as_pem(private=False), shared.encode(), "sha256").digest()
    assert not both.lets_in(f"{shared}.{unpadded(code)}")
    for none in ("none", "None", ""):
        assert not both.lets_in(f"{encoded({'alg': none, 'kid': RSA.kid})}.{claims}.")
    assert not both.lets_in(signed(RSA, "RS256", {"alg": "RS256", "kid": FIRST.kid}))
    assert not both.lets_in(signed(FIRST, header={"alg": "Ed25519", "kid": RSA.kid}))
    secret = OctKey.generate_key(256, auto_kid=True)
    careless = Several(FIRST)
    careless.known["keys"].append(secret.as_dict(private=True))
    assert not careless.lets_in(signed(secret, "HS256"))
    encrypting = Several(FIRST)
    encrypting.publish(FIRST, use="enc")
    assert not encrypting.lets_in(signed(FIRST))


def test_a_header_that_claims_more_than_it_may() -> None:
    """A key of its own, an address of keys, or an extension that must be understood: never followed."""
    stranger = OKPKey.generate_key("Ed25519", auto_kid=True)
    for more in ({"jwk": stranger.as_dict(private=False)}, {"jku": "https://elsewhere.example/keys"}):
        assert not Several(FIRST).lets_in(signed(stranger, header={"alg": "Ed25519", "kid": FIRST.kid} | more))


@pytest.mark.parametrize("part", [0, 1])
def test_a_token_of_brackets_alone_is_no_token(part: int, issuer: Issuer) -> None:
    """A header or claims nested deeper than can be read are refused like any that say nothing."""
    parts = issuer.token().split(".")
    parts[part] = base64.urlsafe_b64encode(b"[" * 60_000).rstrip(b"=").decode()
    with pytest.raises(NotAuthenticated):
        issuer.tokens.caller(".".join(parts), "1")
