"""How often somebody may ask, how large and slow a request may be, and what every answer has for headers."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import Any

import httpx
import pytest
from fastapi import Request

from api import door
from api.app import create_app
from api.limits import Buckets, Limits, TooManyRequests
from iop_es import bounded
from iop_es.issuer import DevelopmentIssuer
from iop_es.serving import bound, web_server
from tests.api.house import AUDIENCE, PROGRAM, Client, House, an_id
from tests.api.test_problems import problem


class Clock:
    """A clock that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


@contextmanager
def limited(house: House, person: float = 0, address: float = 0, failures: float = 0) -> Iterator[tuple[Client, Clock]]:
    """A client of the same house with these limits."""
    clock = Clock()
    limits = Limits(*(Buckets(rate, clock) for rate in (person, address, failures)))
    client = Client(create_app(replace(services(house), limits=limits)))
    try:
        yield client, clock
    finally:
        client.close()


def services(house: House) -> Any:
    """The services of a house."""
    return house.client.app.state.services


def test_a_person_who_asks_too_often_waits_and_nobody_else_does(house: House) -> None:
    """Two a second, twenty at once; then 429 with the seconds to wait, for this person alone."""
    with limited(house, person=2) as (client, clock):
        mine, theirs = house.voice("clinician"), house.voice("clinician", person=an_id("staff", 50))
        assert [client.ask("GET", "/v1/me", headers=mine).status_code for _ in range(20)] == [200] * 20
        refused = client.ask("GET", "/v1/me", headers=mine)
        problem(refused, 429, "too-many-requests")
        assert refused.headers["retry-after"] == "1"
        assert client.ask("GET", "/v1/me", headers=theirs).status_code == 200
        clock.now += 0.5
        assert [client.ask("GET", "/v1/me", headers=mine).status_code for _ in range(2)] == [200, 429]


def test_an_address_that_asks_too_often_waits_whoever_it_is(house: House) -> None:
    """Also without a token, and for what needs none."""
    with limited(house, address=0.5) as (client, clock):
        assert [client.ask("GET", "/v1/me").status_code for _ in range(5)] == [401] * 5
        refused = client.ask("GET", "/v1/openapi.json")
        problem(refused, 429, "too-many-requests")
        assert refused.headers["retry-after"] == "2"
        clock.now += 2
        assert client.ask("GET", "/v1/me", headers=house.voice("clinician")).status_code == 200


def test_who_tries_tokens_is_stopped_and_who_was_let_in_before_is_not(house: House, keys: Any, tmp_path: Any) -> None:
    """Ten forged tokens, then no unknown one is looked at for a while; expired ones and none at all do not count."""
    other = DevelopmentIssuer(tmp_path, allowed=True)
    known, new = house.voice("clinician"), house.voice("clinician", person=an_id("staff", 51))
    with limited(house, failures=1) as (client, clock):

        def ask(headers: dict[str, str]) -> int:
            return client.ask("GET", "/v1/me", headers=headers).status_code

        def bearer(issuer: DevelopmentIssuer, hours: int) -> dict[str, str]:
            return {"Authorization": f"Bearer {issuer.token(an_id('x'), 'clinician', [PROGRAM], AUDIENCE, hours)}"}

        assert ask(known) == 200
        assert {ask(bearer(house.issuer, -1)) for _ in range(15)} | {ask({}) for _ in range(15)} == {401}
        assert [ask(bearer(other, 1)) for _ in range(11)] == [401] * 10 + [429]
        assert [ask(known), ask(new)] == [200, 429]
        clock.now += 2
        assert ask(new) == 200


def test_who_has_many_addresses_of_one_network_is_one_caller() -> None:
    """A host of IPv6 takes any address of its /64 for itself; one of IPv4 has one, also where it is written as IPv6."""

    def arrives(host: str) -> None:
        limits.arrives(Request({"type": "http", "client": (host, 1)}))

    limits = Limits(Buckets(0), Buckets(0.5, Clock()), Buckets(0))
    for number in range(5):
        arrives(f"2001:db8:0:1::{number:x}")
    for same in ("2001:db8:0:1:ffff::9", "2001:db8:0:1::a%eth0"):
        with pytest.raises(TooManyRequests):
            arrives(same)
    for other in ("2001:db8:0:2::1", "::ffff:192.0.2.1", "::ffff:192.0.2.2", "192.0.2.3", "a-socket", ""):
        for _ in range(5):
            arrives(other)


def test_a_clinic_at_nine_is_not_held_up() -> None:
    """Thirty tablets behind one address that each ask 5 times a second for ten minutes, by the limits as they come."""
    clock = Clock()
    person, address = Buckets(50, clock), Buckets(500, clock)
    for tick in range(600 * 5):
        for tablet in range(30):
            person.take(str(tablet))
            address.take("clinic")
        clock.now = 1000 + tick / 5


def test_what_is_remembered_of_callers_is_bounded() -> None:
    """Whoever makes up addresses does not fill the memory; who is at the limit stays there while others are full."""
    clock = Clock()
    buckets = Buckets(1, clock)
    for one in range(20_000):
        clock.now += 1.1
        buckets.take(str(one))
    assert len(buckets._left) <= 10_000
    with pytest.raises(TooManyRequests):
        for _ in range(11):
            buckets.take("busy")


def test_a_body_that_is_larger_than_was_announced_or_too_slow(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a length it is counted as it comes, and what does not come is not waited for."""
    monkeypatch.setattr(door, "BODY_SECONDS", 0.2)
    headers = [(b"authorization", house.voice("front_desk")["Authorization"].encode()),
               (b"content-type", b"application/json")]  # fmt: skip

    def answered(*parts: bytes) -> int:
        return asyncio.run(posted(house.client.app, headers, parts))

    assert answered(b'{"identity": "', *[b"x" * 400_000] * 3, b'"}') == 413
    assert answered(b'{"identity": ') == 408


async def posted(asked: Any, headers: list[tuple[bytes, bytes]], parts: tuple[bytes, ...]) -> int:
    """The status of a registration whose parts come one by one; the last one only where it closes the body."""
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": one, "more_body": True} for one in parts]
    if parts[-1].endswith(b"}"):
        messages[-1]["more_body"] = False
    status = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else await asyncio.sleep(60, {})

    async def send(message: dict[str, Any]) -> None:
        status.append(message.get("status"))

    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": "/v1/patients", "query_string": b"",
             "headers": headers, "scheme": "http", "client": ("1.2.3.4", 5), "server": ("test", 80)}  # fmt: skip
    await asked(scope, receive, send)
    return int(status[0])


def test_a_body_nested_without_end_is_not_json(house: House) -> None:
    """A hundred thousand brackets are refused like a broken body, and nothing falls over."""
    for body in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000):
        response = house.client.ask("POST", "/v1/patients", content=body, headers=house.voice("front_desk"))
        assert response.status_code in {400, 422}, response.text


def test_headers_have_a_number_and_a_size(house: House) -> None:
    """More than a hundred, or 32 KB, are refused."""
    voice = house.voice("clinician")
    assert house.client.ask("GET", "/v1/me", headers=voice | {f"x-{n}": "1" for n in range(50)}).status_code == 200
    for more in ({f"x-{n}": "1" for n in range(120)}, {"x-large": "x" * 33_000}):
        problem(house.client.ask("GET", "/v1/me", headers=voice | more), 431, "headers-too-large")


def test_every_answer_has_its_headers(house: House) -> None:
    """Good and bad ones: kept nowhere, sniffed at by nobody, in nobody's frame, and the address told to nobody; only
    where it came encrypted it says so, and no answer says by which server it was given."""
    voice = house.voice("clinician")
    for path in (
        "/v1/me", "/v1/nowhere", "/health", "/metrics", "/v1/openapi.json", "/v1/docs", "/v1/caseload/patients",
    ):  # fmt: skip
        headers = house.client.ask("GET", path, headers=voice).headers
        told = {name: headers[name] for name in door.SAFE}
        assert told == door.SAFE
        assert "server" not in headers and "strict-transport-security" not in headers
    safe = house.client.ask("GET", "https://test/v1/me", headers=voice).headers
    assert safe["strict-transport-security"].startswith("max-age=")


def test_a_printed_page_brings_everything_with_it(house: House) -> None:
    """Its policy lets in its own style and pictures alone: no script, no form, no other address."""
    policy = dict(one.strip().split(" ", 1) for one in door.SAFE["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert "script-src" not in policy and "connect-src" not in policy


def test_pages_of_other_origins_may_not_ask_unless_they_are_named(house: House) -> None:
    """Closed as it comes; a named origin is told that it may, another is not."""
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    closed = house.client.ask("OPTIONS", "/v1/patients", headers=asked)
    assert "access-control-allow-origin" not in closed.headers
    client = Client(create_app(services(house), ["https://app.example"]))
    try:
        named = client.ask("OPTIONS", "/v1/patients", headers=asked)
        assert named.headers["access-control-allow-origin"] == "https://app.example"
        assert "access-control-allow-credentials" not in named.headers
        other = client.ask("OPTIONS", "/v1/patients", headers=asked | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
    finally:
        client.close()


@pytest.fixture
def served(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """The house on a port, with little patience."""
    monkeypatch.setattr(bounded, "HEAD_SECONDS", 0.5)
    server = web_server(services(house))
    with bound("127.0.0.1", 0) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join(20)


def test_a_connection_that_never_finishes_its_headers_is_ended(served: tuple[str, int], house: House) -> None:
    """Nothing, a header a second for ever, and headers without end; whoever asks as one does is answered."""
    began = time.monotonic()
    with socket.create_connection(served, 10) as silent, socket.create_connection(served, 10) as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n")
        assert (silent.recv(10), slow.recv(10)) == (b"", b"")
    assert time.monotonic() - began < 8
    with socket.create_connection(served, 10) as endless:
        try:
            endless.sendall(b"GET /health HTTP/1.1\r\n" + b"x-much: 1234567890\r\n" * 10_000)
            said = endless.recv(100)
        except ConnectionError:
            said = b"HTTP/1.1 400"
        assert said.startswith(b"HTTP/1.1 400")
    answer = httpx.get(f"http://127.0.0.1:{served[1]}/v1/me", headers=house.voice("clinician"))
    assert answer.status_code == 200 and "server" not in answer.headers
    assert httpx.post(f"http://127.0.0.1:{served[1]}/v1/patients", content=_parts()).status_code == 413


def _parts() -> Iterator[bytes]:
    """A body of unknown length."""
    yield b"{"
    yield b"}"
