"""The real application over a real store, with a voice for each role; read models are brought up before each GET."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, LiteralString
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from aggregates.codec import decode
from aggregates.kit import COMMANDS
from aggregates.values import Role
from api.app import create_app, description
from api.commands.handle import Commands
from api.commands.order import Order, digest_of
from api.commands.together import Together
from api.documenting.group import Documenting
from api.gate import Gate
from api.identity import Tokens
from api.packets import Packets
from api.services import Services
from api.signing.desk import SigningDesk
from iop_es.engine.connections import Pool, acting_as, open_pool, transaction
from iop_es.engine.keys import open_keyring
from iop_es.engine.log import Log
from iop_es.engine.readmodel.driver import Driver
from iop_es.engine.readmodel.reading import AUDIT
from iop_es.engine.subjects.keys import SubjectKeys
from iop_es.engine.subjects.master import MasterFile
from iop_es.engine.subjects.sealing import SubjectSealer
from iop_es.engine.transparency.proofs import Proofs
from iop_es.issuer import ISSUER, DevelopmentIssuer
from iop_es.proving import Proving
from iop_es.telemetry import Measured
from iop_es.wiring import MODELS, PERSONAL
from tests.conftest import SCHEMA

AUDIENCE = "iop-es"


def an_id(kind: str, number: int = 1) -> str:
    """A fixed id, the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"api:{kind}:{number}"))


PROGRAM, ELSEWHERE = an_id("program"), an_id("program", 2)


@dataclass(frozen=True, slots=True)
class Projected(Services):
    """The services, with the read models brought up whenever somebody waits for them."""

    drivers: tuple[Driver, ...] = ()

    def wait(self, position: int, seconds: float, *models: str) -> bool:
        """Projects first, instead of hoping for another thread."""
        for driver in self.drivers:
            driver.catch_up()
        return Services.wait(self, position, seconds, *models)


@contextmanager
def lagging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody brings the read models up, and nobody waits long for it."""
    with monkeypatch.context() as patched:
        patched.setattr(Projected, "wait", Services.wait)
        patched.setattr("api.services.CAUGHT_UP_SECONDS", 0.01)
        yield


class Client:
    """Asks the application from any thread, and holds the status and the kind of each answer against the description.

    Its event loop runs in a thread of its own.

    One task goes on from the first request to the last, as in a server: without it every request would begin threads of
    its own and end them, which was a sixth of its work.
    """

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._loop, self._over = asyncio.new_event_loop(), asyncio.Event()
        self._thread = Thread(target=self._loop.run_until_complete, args=(self._over.wait(),), daemon=True)
        self._thread.start()
        self._http = AsyncClient(base_url="http://test")

    def ask(self, method: str, path: str, **more: Any) -> Response:
        """One request, answered."""
        return asyncio.run_coroutine_threadsafe(self._asked(method, path, **more), self._loop).result(60)

    async def _asked(self, method: str, path: str, **more: Any) -> Response:
        """Straight to the application: there is nowhere to be redirected to, and no cookie to keep."""
        scopes: list[Scope] = []

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            scopes.append(scope)
            await self.app(scope, receive, send)

        request, began = self._http.build_request(method, path, **more), perf_counter()
        response = await ASGITransport(application, raise_app_exceptions=False).handle_async_request(request)
        response.request = request
        await response.aread()
        response.elapsed = timedelta(seconds=perf_counter() - began)
        if "route" in scopes[0]:
            _must_be_described(scopes[0], response)
        return response

    def close(self) -> None:
        """Ends the loop and its thread."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()


def _must_be_described(scope: Scope, response: Response) -> None:
    operation = description()["paths"].get(scope["route"].path, {}).get(response.request.method.lower())
    if operation and response.status_code != 500:
        told = operation["responses"].get(str(response.status_code))
        assert told, f"{scope['route'].path} does not say that it answers {response.status_code}"
        kind = _bare(response.headers.get("content-type", ""))
        known = {"", *map(_bare, told.get("content", ()))}
        assert kind in known, f"{scope['route'].path} does not say that it answers {kind}"


def _bare(kind: str) -> str:
    return kind.split(";", maxsplit=1)[0]


@dataclass
class House:
    """What the tests hold of it; a role speaks as one person, in program 1 unless told otherwise."""

    client: Client
    log: Log
    pool: Pool
    asking: Pool
    drivers: tuple[Driver, ...]
    issuer: DevelopmentIssuer
    desk: SigningDesk
    tokens: dict[tuple[Any, ...], str] = field(default_factory=dict)
    sessions: dict[tuple[Any, ...], str] = field(default_factory=dict)
    """What the last signing under each token gave for the next one."""
    projected: int = -1
    """Where the log ended when the read models were last brought up."""

    def person(self, role: str) -> str:
        """Who speaks in this role."""
        return an_id(role)

    def voice(self, role: str, programs: tuple[str, ...] = (PROGRAM,), person: str | None = None) -> dict[str, str]:
        """The header of a role's token."""
        key = (role, programs, person)
        if key not in self.tokens:
            self.tokens[key] = self.issuer.token(person or self.person(role), role, list(programs), AUDIENCE)
        return {"Authorization": f"Bearer {self.tokens[key]}"}

    def post(self, role: str, path: str, body: Any = None, *, programs: tuple[str, ...] = (PROGRAM,),
             person: str | None = None, **headers: str) -> Response:
        """Orders a command; headers by name with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        voice = self.voice(role, programs, person)
        return self.client.ask("POST", f"/v1{path}", json=body or {}, headers=voice | named)

    def done(self, role: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """Orders a command that must succeed."""
        response = self.post(role, path, body, **more)
        assert response.status_code in {200, 201}, (path, response.json())
        return dict(response.json())

    def ordered(self, role: Role, name: str, data: dict[str, Any]) -> None:
        """Orders what no token may, as the house's own tools do."""
        adapter: TypeAdapter[Any] = TypeAdapter(COMMANDS[name])
        command = adapter.validate_python(data)
        order = Order(command, self.person(role), role, None, f"tools:{name}:{uuid4()}", digest_of(name, data))
        Commands(self.log).handle(order)

    def shown(self, role: str, *acts: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
        """What these commands would have the role sign, and the challenge; each is its name and its data."""
        commands = [{"command": name, "data": data} for name, data in acts]
        return self.done(role, "/signatures/challenge", {"commands": commands}, **more)

    def sign(
        self, role: str, *acts: tuple[str, dict[str, Any]], methods: tuple[str, ...] = ("pwd", "otp"), **more: Any
    ) -> Response:
        """Signs in two calls, with proof of who signs."""
        shown = self.shown(role, *acts, **more)
        token = self.issuer.signing_token(
            more.get("person") or self.person(role), shown["challenge"] or "x" * 22, list(methods), AUDIENCE
        )
        commands = [{"command": name, "data": data} for name, data in acts]
        session = (role, more.get("programs"), more.get("person"))
        body = {"commands": commands, "token": token, "continues": self.sessions.get(session)}
        response = self.post(role, "/signatures", body, **more)
        if response.status_code == 200:
            self.sessions[session] = response.json()["continues"]
        return response

    def signed(self, role: str, *acts: tuple[str, dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
        """Signs what must all be signed."""
        response = self.sign(role, *acts, **more)
        assert response.status_code == 200, response.json()
        signatures: list[dict[str, Any]] = response.json()["signatures"]
        assert [one["refused"] for one in signatures] == [None] * len(acts)
        return signatures

    def get(self, role: str, path: str, *, programs: tuple[str, ...] = (PROGRAM,), project: bool = True,
            person: str | None = None, **parameters: Any) -> Response:
        """Asks a query of read models that know everything."""
        if project:
            self.project()
        voice = self.voice(role, programs, person)
        return self.client.ask("GET", f"/v1{path}", params=parameters, headers=voice)

    def found(self, role: str, path: str, **more: Any) -> Any:
        """The item or items of a query that must succeed."""
        response = self.get(role, path, **more)
        assert response.status_code == 200, (path, response.json())
        body = response.json()
        return body["items"] if "items" in body else body["item"]

    def recorded_reads(self, query: LiteralString, *given: Any) -> list[tuple[Any, ...]]:
        """What the access log says, to the one role that may read it."""
        with transaction(self.asking) as cursor, acting_as(cursor, AUDIT):
            return cursor.execute(query, given).fetchall()

    def project(self) -> None:
        """Brings every read model to the head, if that has moved on: to ask each whether there is anything to do is a
        good part of a question's work."""
        head = self.log.head().position
        if head != self.projected:
            for driver in self.drivers:
                driver.catch_up()
            self.projected = head


def log_key(keys: Path) -> Ed25519PrivateKey:
    """The key of the house's log."""
    return open_keyring(keys / "root.key").key_of("log")


@contextmanager
def opened(url: str, keys: Path) -> Iterator[House]:
    """The house over a migrated store; the API and the projectors act in their own roles."""
    with (
        open_pool(url, SCHEMA, "iop_api", 16) as pool,
        open_pool(url, SCHEMA, "iop_query", 16) as asking,
        open_pool(url, SCHEMA, "iop_projector", 4) as projector,
        open_pool(url, SCHEMA, "iop_api", 2) as keys_pool,
    ):
        drivers = tuple(Driver(model, Log(projector, SCHEMA), projector, decode) for model in MODELS.values())
        for driver in drivers:
            driver.prepare()
        sealer = SubjectSealer(SubjectKeys(keys_pool, SCHEMA, MasterFile(keys / "master.keys")))
        log = Log(pool, SCHEMA, sealer, PERSONAL)
        issuer = DevelopmentIssuer(keys, allowed=True)
        gate, desk = Gate(log, asking, MODELS), SigningDesk(Commands(log), open_keyring(keys / "root.key"))
        documenting = Documenting(Commands(log), log, desk)
        services = Projected(
            Together(Commands(log)).handle, gate, Tokens(ISSUER, AUDIENCE, issuer.keys), documenting,
            Measured(gate.standing, MODELS), Proving(pool, SCHEMA, lambda: log_key(keys)),
            Packets(log, gate, Proofs(pool, SCHEMA), lambda: log_key(keys)), drivers=drivers,
        )
        client = Client(create_app(services))
        try:
            yield House(client, log, pool, asking, drivers, issuer, desk)
        finally:
            client.close()
