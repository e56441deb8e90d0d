"""What the log shows of itself over HTTP: a checkpoint to anybody, proofs to auditors, receipts to whoever recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from iop_es.engine.connections import open_pool
from iop_es.engine.transparency.checkpoint import checkpoint_of, parse_proof
from iop_es.engine.transparency.log_sealer import HistoryRefused, LogSealer
from iop_es.engine.transparency.merkle import consistent
from iop_es.engine.transparency.notes import Verifier, parse_note
from iop_es.engine.transparency.origin import verifier_of
from iop_es.engine.transparency.proofs import Proofs
from iop_es.engine.transparency.receipt import parse_receipt
from iop_es.engine.transparency.witness_http import parse_request
from tests.api.house import House, log_key
from tests.api.test_problems import problem
from tests.conftest import SCHEMA

PATIENT = {"identity": {"family_name": "A", "given_name": "B", "birth_date": "1990-01-01", "sex": "unknown"}}


@pytest.fixture
def sealer(clinic_url: str, keys: Path) -> Iterator[LogSealer]:
    """Who seals the house's log."""
    with open_pool(clinic_url, SCHEMA, "iop_sealer", 2) as pool:
        yield LogSealer(SCHEMA, pool, log_key(keys), None)


@pytest.fixture
def key(own_house: House, keys: Path) -> Verifier:
    """The log's public key."""
    return verifier_of(own_house.pool, SCHEMA, log_key(keys).public_key().public_bytes_raw())


def leaf(house: House, position: int) -> bytes:
    """The leaf of a fact as it is now."""
    return Proofs(house.pool, SCHEMA).leaves([position])[0]


def test_anybody_may_have_the_newest_checkpoint(own_house: House, sealer: LogSealer, key: Verifier) -> None:
    """Without a token, as the text that was signed; before anything is sealed that is said."""
    problem(own_house.client.ask("GET", "/v1/log/checkpoint"), 409, "not-sealed-yet")
    size = sealer.step().size
    answer = own_house.client.ask("GET", "/v1/log/checkpoint")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    note = parse_note(answer.text)
    assert key.signed(note) and checkpoint_of(note).size == size == own_house.log.head().position


def test_whoever_kept_a_checkpoint_sees_that_the_log_only_grew(
    own_house: House, sealer: LogSealer, key: Verifier
) -> None:
    """Without a token, as a witness is asked; of a tree that was never so large there is nothing to show."""
    sealer.step()
    kept = checkpoint_of(parse_note(own_house.client.ask("GET", "/v1/log/checkpoint").text))
    own_house.done("front_desk", "/patients", PATIENT)
    size = sealer.step().size
    answer = own_house.client.ask("GET", f"/v1/log/growth?size={kept.size}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    old, way, note = parse_request(answer.content)
    newest = checkpoint_of(note)
    assert key.signed(note) and (old, newest.size) == (kept.size, size) and size > old
    assert consistent(old, size, way, kept.root, newest.root)
    assert not consistent(old, size, way, newest.root, newest.root)
    problem(own_house.client.ask("GET", f"/v1/log/growth?size={size + 1}"), 409, "not-sealed-yet")
    problem(own_house.client.ask("GET", "/v1/log/growth?size=0"), 422, "invalid")


def test_a_proof_is_for_auditors_and_shows_its_fact_alone(own_house: House, sealer: LogSealer, key: Verifier) -> None:
    """In the form of c2sp.org/tlog-proof; of a fact that is not sealed, or not what was sealed, there is none."""
    size = sealer.step().size
    for position in (1, size // 2, size):
        answer = own_house.get("auditor", "/log/proof", project=False, position=position)
        assert answer.status_code == 200 and answer.text.startswith(f"c2sp.org/tlog-proof@v1\nindex {position - 1}\n")
        proof = parse_proof(answer.text)
        assert key.signed(proof.checkpoint) and proof.shows(leaf(own_house, position))
        assert not proof.shows(leaf(own_house, position % size + 1))
    problem(own_house.get("biller", "/log/proof", project=False, position=1), 403, "not-permitted")
    problem(own_house.client.ask("GET", "/v1/log/proof?position=1"), 401, "not-authenticated")
    problem(own_house.get("auditor", "/log/proof", project=False, position=size + 1), 409, "not-sealed-yet")
    problem(own_house.get("auditor", "/log/proof", project=False, position=0), 422, "invalid")


def test_a_fact_that_was_changed_gets_no_proof(own_house: House, sealer: LogSealer, clinic_url: str) -> None:
    """The answer says what to run, rather than a proof that proves nothing."""
    sealer.step()
    with psycopg.connect(clinic_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE iop.fact DISABLE TRIGGER ALL")
        owner.execute("UPDATE iop.fact SET state = '{}' WHERE position = 3")
    problem(own_house.get("auditor", "/log/proof", project=False, position=3), 409, "proof-failed")
    assert own_house.get("auditor", "/log/proof", project=False, position=4).status_code == 200


def test_whoever_asks_gets_a_receipt_for_what_was_recorded(own_house: House, key: Verifier) -> None:
    """Signed by the log, with the leaves of these facts, before they are sealed; nobody else pays for one."""
    assert own_house.done("front_desk", "/patients", PATIENT)["receipt"] is None
    told = own_house.done("front_desk", "/patients", PATIENT, Prefer="receipt, wait=1")
    found = parse_receipt(told["receipt"], key)
    last, count = told["position"], len(told["facts"])
    assert (found.origin, found.first, found.recorded_at) == (key.name, last - count + 1, told["recorded_at"])
    assert found.leaves == tuple(leaf(own_house, position) for position in range(found.first, last + 1))
    assert told["projected"] is True


def test_a_log_that_is_not_what_was_sealed_takes_no_commands(
    own_house: House, sealer: LogSealer, clinic_url: str
) -> None:
    """Reads go on; a command is a 503 with a stable type and what to do, and health says so."""
    sealer.step()
    head = own_house.log.head().position
    with psycopg.connect(clinic_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE iop.fact DISABLE TRIGGER ALL; ALTER TABLE iop.log_head DISABLE TRIGGER ALL")
        owner.execute("DELETE FROM iop.fact WHERE position = %s", (head,))
        owner.execute("UPDATE iop.log_head SET position = %s", (head - 1,))
    with pytest.raises(HistoryRefused):
        sealer.step()
    body = problem(own_house.post("front_desk", "/patients", PATIENT), 503, "log-takes-no-facts")
    assert f"{head:,} facts were sealed, and here are {head - 1:,}" in body["detail"]
    assert "iop-es log restored" in body["detail"]
    assert own_house.get("auditor", "/audit/entries", limit=1).status_code == 200
    health = own_house.client.ask("GET", "/health").json()
    assert (health["takes_facts"], health["sealed"], health["head"]) == (False, head, head - 1)
