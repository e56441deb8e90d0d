"""A token that was found good is remembered, and not a moment longer than it is good."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from api.identity import KEYS_LAST_SECONDS, LEEWAY_SECONDS, NotAuthenticated, Tokens
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
