"""Clients that give the API real commands under keys of their own, and ask again until they know what came of each."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import Any

import psycopg

from benchmarks.append_world import CLINICIAN, DESK, PROGRAM, Call, an_id, calls
from iop_es.issuer import DevelopmentIssuer
from tests.chaos.history import Command, History, Read, Try

AUDIENCE = "iop-es"
PEOPLE = {"front_desk": DESK, "clinician": CLINICIAN}
HOT = 12
"""Patients whose demographics everybody corrects at once: these commands race."""

ANSWER_SECONDS = 15.0
GIVE_UP_SECONDS = 90.0
AGAIN, RECEIPT = 0.1, 0.04
Answer = tuple[int, dict[str, Any], str]


@dataclass(slots=True)
class Post:
    """Where the servers are, and what everybody shows them."""

    ports: list[int]
    tokens: dict[str, str]

    @classmethod
    def of(cls, issuer: DevelopmentIssuer, ports: list[int]) -> Post:
        """With a token for each role."""
        return cls(ports, {
            role: issuer.token(person, role, [PROGRAM], AUDIENCE) for role, person in PEOPLE.items()
        })  # fmt: skip

    def ask(self, port: int, method: str, role: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Status, body and the request's id. Raises OSError or HTTPException when no whole answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        try:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            voice = {"Authorization": f"Bearer {self.tokens[role]}", "Content-Type": "application/json"}
            connection.request(method, f"/v1{path}", json.dumps(body) if body is not None else None, voice | named)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}"), answer.headers.get("X-Request-Id", "")
        finally:
            connection.close()


@dataclass(slots=True)
class Work:
    """What the clients share: the history, the commands that each is given once, and when to stop."""

    post: Post
    history: History
    morning: list[Call]
    stopping: Event = field(default_factory=Event)
    unknown: list[str] = field(default_factory=list)
    pause: float = 0.01

    @classmethod
    def of(cls, post: Post, history: History, patients: int, pause: float = 0.01) -> Work:
        """With a morning's arrivals and drafts of so many patients."""
        return cls(post, history, calls(0, patients)[::-1], pause=pause)


class Client(Thread):
    """One client; all that it does follows from its seed and from what it is answered."""

    def __init__(self, work: Work, number: int, seed: int) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self._work = work
        self._number = number
        self._random = random.Random(f"{seed}:{number}")
        self._numbers = count(1)
        self._seed = seed
        self._drafts: dict[str, int] = {}
        self._versions: dict[str, int] = {}

    def run(self) -> None:
        acts: list[Callable[[], None]] = [
            self._register, self._correct, self._correct, self._morning, self._morning, self._revise, self._read,
        ]  # fmt: skip
        while not self._work.stopping.is_set():
            self._random.choice(acts)()
            time.sleep(self._random.uniform(0, 2 * self._work.pause))

    def order(
        self, role: str, path: str, body: Any, key: str, expected: int | None = None, meant: str = ""
    ) -> Try | None:
        """Sends one command until its outcome is known; None when it never was."""
        command = Command(f"{PEOPLE[role]}:{key}", expected, meant=meant)
        self._work.history.commands.append(command)
        until = time.monotonic() + GIVE_UP_SECONDS
        again = self._random.random() < AGAIN
        while time.monotonic() < until:
            tried = self._try(command, role, path, body, key)
            if tried.refused or (tried.acknowledged and not again):
                return tried
            if tried.acknowledged:
                again = False
            time.sleep(self._random.uniform(0.02, 0.2))
        if command.answer is None:
            self._work.unknown.append(command.key)
        return command.answer

    def _try(self, command: Command, role: str, path: str, body: Any, key: str) -> Try:
        headers = {"Idempotency_Key": key}
        if command.expected is not None:
            headers["If_Match"] = f'"{command.expected}"'
        if self._random.random() < RECEIPT:
            headers["Prefer"] = "receipt"
        tried = Try(time.monotonic())
        command.tries.append(tried)
        port = self._random.choice(self._work.post.ports)
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            status, told, _ = self._work.post.ask(port, "POST", role, path, body, **headers)
            tried.answered, tried.body, tried.status = time.monotonic(), told, status
            if tried.acknowledged and told.get("receipt"):
                self._work.history.receipts.append(told["receipt"])
        return tried

    def _key(self, what: str) -> str:
        return f"chaos-{self._seed}-{what}-{self._number}-{next(self._numbers)}"

    def _register(self) -> None:
        key = self._key("register")
        identity = {"family_name": key, "given_name": "Eve", "birth_date": "1992-02-02", "sex": "female"}
        self.order("front_desk", "/patients", {"identity": identity}, key, meant=key)

    def _correct(self) -> None:
        patient = an_id("patient", self._random.randrange(HOT))
        expected = self._versions.get(patient) or self._version(patient)
        if expected is None:
            return
        key = self._key("correct")
        identity = {"family_name": key, "given_name": "Eve", "birth_date": "1992-02-02", "sex": "female"}
        done = self.order(
            "front_desk", f"/patients/{patient}/correct-demographics", {"identity": identity, "cause": "misspelled"},
            key, expected, key,
        )  # fmt: skip
        self._versions.pop(patient, None)
        if done is not None and done.acknowledged:
            self._versions[patient] = int(done.body["version"])

    def _morning(self) -> None:
        if not self._work.morning:
            return self._register()
        call = self._work.morning.pop()
        key = f"chaos-{self._seed}-{call.key}"
        done = self.order(call.role, call.path, call.body, key)
        if done is not None and done.acknowledged and call.path == "/notes":
            self._drafts[call.body["note_id"]] = int(done.body["version"])
        return None

    def _revise(self) -> None:
        if not self._drafts:
            return
        note = self._random.choice(sorted(self._drafts))
        key, expected = self._key("revise"), self._drafts[note]
        content = {"sections": [{"name": "data", "words": f"In other words: {key}."}]}
        done = self.order("clinician", f"/notes/{note}/revise", {"content": content}, key, expected, key)
        if done is not None and done.acknowledged:
            self._drafts[note] = int(done.body["version"])
        else:
            del self._drafts[note]

    def _read(self) -> None:
        patient = an_id("patient", self._random.randrange(4 * HOT))
        self._asked("front_desk", f"/patients/{patient}/summary", "caseload")

    def _version(self, patient: str) -> int | None:
        told = self._asked("front_desk", f"/streams/{patient}", "")
        return int(told["item"]["version"]) if told else None

    def _asked(self, role: str, path: str, model: str) -> dict[str, Any] | None:
        sent, port = time.monotonic(), self._random.choice(self._work.post.ports)
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            status, told, request = self._work.post.ask(port, "GET", role, path)
            if status == 200:
                self._work.history.reads.append(Read(self._number, sent, request, model, int(told["position"])))
                return told
        return None


class Sampler(Thread):
    """Looks at every position there is, again and again."""

    def __init__(self, url: str, history: History, stopping: Event) -> None:
        super().__init__(name="sampler", daemon=True)
        self._url = url
        self._history = history
        self._stopping = stopping

    def run(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(psycopg.Error), psycopg.connect(self._url, autocommit=True) as connection:
                while not self._stopping.wait(0.1):
                    self._history.positions.append(dict(connection.execute(POSITIONS).fetchall()))
            self._stopping.wait(0.2)


POSITIONS = (
    "SELECT 'head', position FROM iop.log_head UNION ALL SELECT schema, position FROM iop.read_model"
    " UNION ALL SELECT name || ' as read', position FROM iop.read_model WHERE active"
    " UNION ALL SELECT 'sealed', coalesce(max(size), 0) FROM iop.tree_checkpoint"
)
