"""A group of twelve, documented in one call and signed in another, against the same notes one by one.

    python -m benchmarks.documenting [--groups N] [--alone N] [--processes N] [--pause SECONDS]

Over HTTP on a throw-away PostgreSQL with fsync on, 4 clients that wait for nothing but their answers, each a
clinician's screen with groups of its own: twelve parts of some 180 words and the narrative are stored, looked over
(others' names, likeness to each other and to five earlier notes of each patient), laid out, and signed with one
challenge. One by one: thirteen drafts, thirteen challenges, thirteen signings. Of several server processes each client
keeps to one. With a pause each client lets that many seconds pass between its groups, as four people would who are
much quicker than people are.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from pydantic import TypeAdapter

from aggregates.kit import COMMANDS
from aggregates.values import Role, instant
from api.commands.handle import Commands
from api.commands.order import Order, digest_of
from benchmarks.append import SCHEMA, server
from benchmarks.append_client import Unexpected
from benchmarks.append_server import AUDIENCE, log_at
from benchmarks.append_world import CHUNK, CLINICIAN, NOW, PROGRAM, ROSTER, TODAY, YESTERDAY, an_id, open_clinic
from benchmarks.figures import Figure
from iop_es.demo.phrases import NEXT, PARTICIPATION, PROGRESS, individual, shared
from iop_es.engine.connections import open_pool
from iop_es.engine.embedded import temporary_postgres
from iop_es.engine.log import Log
from iop_es.engine.migrate import migrate
from iop_es.issuer import DevelopmentIssuer
from iop_es.logs import quiet_logs

CLIENTS, EARLIER = 4, 5
REACH_MS = 150.0


def documenting(groups: int = 120, alone: int = 12, processes: int = 1) -> Figure:
    """The figure: the slower call's p99 in milliseconds, `groups` groups together and `alone` groups note by note."""
    told = measured(groups, alone, processes)
    worst = max((told["document"], told["sign"]), key=lambda times: cut(times, 99))
    note = (
        f"p99 of the slower of the two calls, {CLIENTS} clients, server processes: {processes}, groups of {ROSTER}; p50"
        f" {cut(told['document'], 50):.0f} and {cut(told['sign'], 50):.0f} ms; note by note"
        f" {cut(told['alone'], 50):.0f} ms a group"
    )
    return Figure("documenting", round(cut(worst, 99), 1), "ms", None, None, REACH_MS, note, most=True)


def measured(groups: int, alone: int, processes: int, pause: float = 0.0) -> dict[str, list[float]]:
    """Milliseconds of each call by its name: document, sign, and alone for a whole group note by note."""
    times: dict[str, list[float]] = {"document": [], "sign": [], "alone": []}
    with temporary_postgres(durable=True) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        migrate(url, SCHEMA, simulation=False)
        with open_pool(url, SCHEMA, "iop_api", 1) as pool, log_at(url, pool, folder) as log:
            _open(log, (groups + alone + processes) * ROSTER)
        issuer = DevelopmentIssuer(folder, allowed=True)
        with ExitStack() as stack, ThreadPoolExecutor(CLIENTS) as clients:
            ports = [stack.enter_context(server("house", url, folder)) for _ in range(processes)]
            screens = [Screen(ports[place % processes], issuer) for place in range(CLIENTS)]
            for place, screen in enumerate(screens[:processes]):  # not counted
                _together(screen, groups + alone + place, {"document": [], "sign": []})
            for doing, numbers in ((_together, range(groups)), (_one_by_one, range(groups, groups + alone))):
                work = [(screen, numbers[place::CLIENTS]) for place, screen in enumerate(screens)]
                for done in [clients.submit(_each, doing, screen, own, times, pause) for screen, own in work]:
                    done.result()
    return times


def _each(
    doing: Any, screen: Screen, numbers: Iterable[int], times: dict[str, list[float]], pause: float
) -> None:
    for number in numbers:
        doing(screen, number, times)
        time.sleep(pause * (0.5 + Random(number).random()))
    screen.leave()  # the server would, while this one waits for the others


class Screen:
    """A clinician's screen: asks the server over one kept connection."""

    def __init__(self, port: int, issuer: DevelopmentIssuer) -> None:
        token = issuer.token(CLINICIAN, "clinician", [PROGRAM], AUDIENCE)
        self._head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._link = HTTPConnection("127.0.0.1", port, timeout=60)
        self._issuer = issuer

    def leave(self) -> None:
        """Ends the connection; the next question begins one."""
        self._link.close()

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request. Raises Unexpected."""
        self._link.request("POST", f"/v1{path}", json.dumps(body), self._head)
        answer = self._link.getresponse()
        told = answer.read()
        if answer.status >= 300:
            raise Unexpected(told.decode())
        return dict(json.loads(told))

    def sign(self, shown: dict[str, Any]) -> None:
        """Signs what is laid out, with proof made on the spot: a person's typing is not measured."""
        token = self._issuer.signing_token(CLINICIAN, shown["challenge"], ["pwd", "otp"], AUDIENCE)
        commands = [{"command": one["command"], "data": {"note_id": one["note_id"]}} for one in shown["signatures"]]
        answers = self.ask("/signatures", {"commands": commands, "token": token})["signatures"]
        if any(one["refused"] for one in answers) or len(answers) != len(commands):
            raise Unexpected("Not everything was signed.")


def _together(screen: Screen, number: int, times: dict[str, list[float]]) -> None:
    """One group in two calls."""
    body = {"narrative": {"sections": _sections(shared(Random(number), "coping skills"))}, "parts": _parts(number)}
    path = f"/sessions/{an_id('session', number)}/documentation"
    answer, took = _timed(lambda: screen.ask(path, body))
    times["document"].append(took)
    if answer["skipped"]:
        raise Unexpected(str(answer["skipped"]))
    times["sign"].append(_timed(lambda: screen.sign(answer["signing"]))[1])


def _one_by_one(screen: Screen, number: int, times: dict[str, list[float]]) -> None:
    """The same, each note drafted, shown and signed by itself."""
    narrative = an_id("narrative", number)
    about = {
        "program_id": PROGRAM, "service_date": TODAY.isoformat(), "service_ended_at": instant(NOW),
        "session_id": an_id("session", number),
    }  # fmt: skip
    whole = {"note_id": narrative, "kind": "group_narrative",
             "content": {"sections": _sections(shared(Random(number), "coping skills"))}}
    parts = [
        {"note_id": an_id("part", number, place), "kind": "group", "patient_id": one["patient_id"],
         "narrative_id": narrative, "goals": one["goals"], "content": {"sections": one["sections"]}}
        for place, one in enumerate(_parts(number))
    ]  # fmt: skip

    def all_of_them() -> None:
        for note in (whole, *parts):
            screen.ask("/notes", about | note)
            sign = {"command": "note.sign", "data": {"note_id": note["note_id"]}}
            screen.sign(screen.ask("/signatures/challenge", {"commands": [sign]}))

    times["alone"].append(_timed(all_of_them)[1])


def _timed(doing: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    found = doing()
    return found, (time.perf_counter() - start) * 1000


def _parts(number: int) -> list[dict[str, Any]]:
    return [
        {"patient_id": an_id("patient", one), "goals": ["goal-1"], "sections": _sections(_words(one, 0))}
        for one in range(number * ROSTER, (number + 1) * ROSTER)
    ]


def _words(patient: int, note: int) -> tuple[tuple[str, str], ...]:
    """A part of some 180 words."""
    pen = Random(patient * 100 + note)
    first = individual(pen, (pen.choice(PARTICIPATION), pen.choice(PROGRESS), pen.choice(NEXT)))
    more = individual(pen, (pen.choice(PARTICIPATION), pen.choice(PROGRESS), pen.choice(NEXT)))
    return tuple((name, f"{words} {again}") for (name, words), (_, again) in zip(first, more, strict=True))


def _sections(told: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "words": words} for name, words in told]


def _open(log: Log, patients: int) -> None:
    """The clinic with its sessions, the clinician's license, and five earlier notes of each patient."""
    open_clinic(log, patients)
    commands = Commands(log, remember=True)
    orders = [_order("clinician.record_credential", "director", {
        "clinician_id": CLINICIAN, "credential_id": an_id("credential"), "title": "LCSW", "jurisdiction": "NY",
        "active_from": "2020-01-01", "number": "1",
    })]  # fmt: skip
    orders += [_earlier(patient, note) for patient in range(patients) for note in range(1, EARLIER + 1)]
    for start in range(0, len(orders), CHUNK):
        for answer in commands.handle_all(orders[start : start + CHUNK]):
            if isinstance(answer, Exception):
                raise answer


def _earlier(patient: int, note: int) -> Order:
    return _order("note.draft", "clinician", {
        "note_id": an_id("earlier", patient, note), "kind": "individual", "program_id": PROGRAM,
        "service_date": YESTERDAY, "service_ended_at": instant(NOW - timedelta(days=1)),
        "patient_id": an_id("patient", patient), "enrollment_id": an_id("enrollment", patient),
        "content": {"sections": _sections(_words(patient, note))},
    })  # fmt: skip


def _order(name: str, role: Role, data: dict[str, Any]) -> Order:
    adapter: TypeAdapter[Any] = TypeAdapter(COMMANDS[name])
    key = f"{name}:{next(iter(data.values()))}"
    return Order(adapter.validate_python(data), CLINICIAN, role, None, key, digest_of(name, data))


def cut(times: list[float], percent: int) -> float:
    """A percentile."""
    return quantiles(times, n=100)[percent - 1]


def main() -> None:
    """Measures and prints each call."""
    asked = argparse.ArgumentParser(description="A group documented and signed in two calls, against note by note.")
    asked.add_argument("--groups", type=int, default=120, help="groups documented in two calls")
    asked.add_argument("--alone", type=int, default=12, help="groups documented note by note")
    asked.add_argument("--processes", type=int, default=1, choices=range(1, CLIENTS + 1), help="server processes")
    asked.add_argument("--pause", type=float, default=0.0, help="seconds that a client lets pass between its groups")
    given = asked.parse_args()
    quiet_logs("error")
    for name, times in measured(given.groups, given.alone, given.processes, given.pause).items():
        print(f"{name:9} {len(times):4} times   p50 {cut(times, 50):7.1f} ms   p99 {cut(times, 99):7.1f} ms")


if __name__ == "__main__":
    main()
