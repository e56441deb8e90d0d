"""Whose tokens count: the configured issuer's, whose keys are fetched and kept while it does not answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from api.identity import NotAuthenticated
from iop_es.issuer import ISSUER, DevelopmentIssuer
from iop_es.serving import fetching, tokens
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run
from tests.lines import PROGRAM, an_id


@pytest.fixture
def issuer(tmp_path: Path) -> DevelopmentIssuer:
    """Stands for an identity provider."""
    return DevelopmentIssuer(tmp_path / "provider", allowed=True)


@pytest.fixture
def provider(issuer: DevelopmentIssuer) -> Iterator[HTTPServer]:
    """Answers with the issuer's public keys until it is shut down."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(issuer.keys()).encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_configured_issuers_tokens_count_and_nobody_elses(
    run: Run, store: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, issuer: DevelopmentIssuer,
    provider: HTTPServer,
) -> None:  # fmt: skip
    """The token's signature is checked against the keys at the configured address."""
    monkeypatch.setenv("IOP_ES_ISSUER", ISSUER)
    monkeypatch.setenv("IOP_ES_JWKS_URL", f"http://127.0.0.1:{provider.server_port}/keys")
    person, stranger = an_id("person"), DevelopmentIssuer(tmp_path / "stranger", allowed=True)
    with opened(Settings()) as house:
        checked = tokens(house)
        assert checked.caller(issuer.token(person, "biller", [PROGRAM], "iop-es"), "r").person == person
        with pytest.raises(NotAuthenticated):
            checked.caller(stranger.token(person, "biller", [PROGRAM], "iop-es"), "r")


def test_keys_stay_in_force_while_their_issuer_is_away(issuer: DevelopmentIssuer, provider: HTTPServer) -> None:
    """What was fetched once is kept; without ever a fetch the answer is a 503."""
    fetch = fetching(f"http://127.0.0.1:{provider.server_port}/keys")
    assert fetch() == issuer.keys()
    provider.shutdown()
    provider.server_close()
    assert fetch() == issuer.keys()
    with pytest.raises(HTTPException) as away:
        fetching("http://127.0.0.1:1/keys")()
    assert away.value.status_code == 503
