"""The access log in a tree of its own: readers write side by side, and the sealer gives their entries one order."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from iop_es.engine.connections import open_pool
from iop_es.engine.transparency.log_sealer import HistoryRefused, LogSealer
from iop_es.engine.transparency.notes import Signer
from iop_es.engine.transparency.origin import origin_of
from iop_es.engine.transparency.source import READS, read_leaf
from iop_es.engine.transparency.verifying import Report, Verification
from iop_es.engine.transparency.witness import Witness
from tests.engine.transparency.conftest import KEY, sealing

ORIGIN = origin_of("iop-es/iop/access", KEY.public_key().public_bytes_raw(), 0)
LOG = Signer(ORIGIN, KEY).verifier
WRITE = "INSERT INTO iop.access_log (actor, role, purpose, resource, outcome) VALUES (%s, 'auditor', 'x', %s, 'x')"


@contextmanager
def reading(url: str) -> Iterator[Connection[Any]]:
    """A connection that writes entries as the API does, each transaction its own to end."""
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE iop_query")
        yield connection


def write(connection: Connection[Any], *resources: str) -> None:
    """Entries, told apart by what was read."""
    for resource in resources:
        connection.execute(WRITE, (UUID(int=7), resource))


def ordered(url: str) -> list[tuple[int, str]]:
    """What has its number, by number."""
    with psycopg.connect(url) as connection:
        rows = "SELECT number, resource FROM iop.access_order JOIN iop.access_log USING (id) ORDER BY number"
        return connection.execute(rows).fetchall()


def verified(url: str, witness: Witness | None) -> Report:
    """What verifying the access log comes to, as the role that may only read."""
    with open_pool(url, "iop", "iop_audit", 3) as pool:
        return Verification(pool, "iop", LOG, witness, READS).run()


@pytest.fixture
def watching(witness: Witness) -> Witness:
    """A witness that knows the access log."""
    witness.trust(LOG)
    return witness


@pytest.fixture
def reads_sealer(store_url: str, watching: Witness) -> Iterator[LogSealer]:
    """A sealer of the access log."""
    with open_pool(store_url, "iop", "iop_sealer", 2) as pool:
        yield LogSealer("iop", pool, KEY, watching, READS)


@pytest.fixture
def insider(store_url: str) -> Iterator[Connection[Any]]:
    """The database's owner, who has switched off what would stop him."""
    with psycopg.connect(store_url, autocommit=True) as connection:
        connection.execute("SET search_path = iop")
        for table in ("access_log", "access_order", "access_tree_tile", "access_tree_checkpoint"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield connection


def test_an_entry_waits_for_older_ones_that_may_still_come(store_url: str, reads_sealer: LogSealer) -> None:
    """A slow reader's entry is not passed over: what came after it waits; one that was undone leaves no gap."""
    with reading(store_url) as slow, reading(store_url) as quick, reading(store_url) as undone:
        write(quick, "first")
        quick.commit()
        write(undone, "undone")
        write(slow, "second")
        write(quick, "third")
        quick.commit()
        assert reads_sealer.catch_up().size == 1 and not reads_sealer.waits()
        undone.rollback()
        assert reads_sealer.catch_up().size == 1
        slow.commit()
        assert reads_sealer.waits()
        assert reads_sealer.catch_up().size == 3
    assert ordered(store_url) == [(1, "first"), (2, "second"), (3, "third")]


def test_the_order_comes_with_the_transaction_not_with_the_id(store_url: str, reads_sealer: LogSealer) -> None:
    """Whoever draws the smaller id and begins to write later comes later, and is not missed."""
    with reading(store_url) as early, reading(store_url) as late:
        drawn = "SELECT nextval(pg_get_serial_sequence('iop.access_log', 'id'))"
        with psycopg.connect(store_url) as owner:
            (number,) = owner.execute(drawn).fetchone() or (0,)
        write(early, "early")
        early.commit()
        reads_sealer.catch_up()
        with psycopg.connect(store_url) as owner:
            owner.execute(
                "INSERT INTO iop.access_log (id, actor, role, purpose, resource, rows, outcome) OVERRIDING SYSTEM VALUE"
                " VALUES (%s, %s, 'auditor', 'x', 'late', 0, 'x')", (number, UUID(int=7)),
            )  # fmt: skip
        late.commit()
    assert reads_sealer.catch_up().size == 2
    assert ordered(store_url) == [(1, "early"), (2, "late")]


def test_a_sealed_access_log_is_sound(store_url: str, reads_sealer: LogSealer, watching: Witness) -> None:
    """Its own origin, size and cosignature; beside the log of facts, whose witness is the same."""
    with reading(store_url) as reader:
        write(reader, *(f"read {number}" for number in range(600)))
        reader.commit()
        reads_sealer.catch_up()
        write(reader, "waiting")
        reader.commit()
    with sealing(store_url, watching) as facts:
        facts.catch_up()
    report = verified(store_url, watching)
    assert (report.log, report.facts, report.sealed, report.cosigned, report.sound) == (ORIGIN, 600, 600, 600, True)


@pytest.mark.parametrize(
    ("attack", "position", "kind"),
    [
        ("UPDATE access_log SET actor = gen_random_uuid() WHERE resource = 'read 41'", 42, "changed"),
        ("UPDATE access_log SET patients = '{}' WHERE resource = 'read 41'", 42, "changed"),
        ("UPDATE access_log SET at = at - interval '1 day' WHERE resource = 'read 41'", 42, "changed"),
        ("DELETE FROM access_log WHERE resource = 'read 41'", 42, "missing"),
        ("DELETE FROM access_order WHERE number = 42", None, "unordered"),
        ("DELETE FROM access_order WHERE number > 500", 501, "truncated"),
        (
            "INSERT INTO access_log (actor, role, purpose, resource, rows, outcome, transaction)"
            " VALUES (gen_random_uuid(), 'auditor', 'x', 'planted', 0, 'x', '3')", None, "unordered",
        ),
    ],
)  # fmt: skip
def test_what_the_owner_does_to_it_is_found(
    attack: str, position: int | None, kind: str,
    store_url: str, reads_sealer: LogSealer, watching: Witness, insider: Connection[Any],
) -> None:  # fmt: skip
    """An entry that was changed, taken away, planted among older ones, or cut off at the end."""
    with reading(store_url) as reader:
        insider.execute("INSERT INTO access_log (actor, role, purpose, resource, patients, outcome) SELECT"
                        " gen_random_uuid(), 'x', 'x', 'read ' || n, ARRAY[gen_random_uuid()], 'x'"
                        " FROM generate_series(0, 599) n")  # fmt: skip
        reader.commit()
    reads_sealer.catch_up()
    assert verified(store_url, watching).sound
    insider.execute(attack.encode())
    found = [(one.position, one.kind) for one in verified(store_url, watching).findings]
    assert (position, kind) in found


def test_an_older_access_log_is_not_sealed(
    store_url: str, reads_sealer: LogSealer, insider: Connection[Any], witness: Witness
) -> None:
    """Rollback: the witness has seen more; the log of facts is left alone, so that the house goes on working."""
    with reading(store_url) as reader:
        write(reader, "one", "two")
        reader.commit()
        reads_sealer.catch_up()
        insider.execute("DELETE FROM access_log WHERE resource = 'two'")
        insider.execute("DELETE FROM access_order WHERE number = 2")
        insider.execute("DELETE FROM access_tree_checkpoint")
        with pytest.raises(HistoryRefused, match=r"has seen 2 reads .* --reads"):
            reads_sealer.step()
    assert insider.execute("SELECT refusal FROM log_head").fetchone() == (None,)


def test_a_leaf_is_what_the_documentation_says() -> None:
    """Label, two numbers of eight bytes, and each field with its length before it; nothing there is all ones."""
    data = b"iop-read/v1\n" + (5).to_bytes(8) + (9).to_bytes(8)
    data += b"\0\0\0\x02ab" + b"\xff\xff\xff\xff" + b"\0\0\0\0"
    assert read_leaf(5, 9, "ab", None, "") == sha256(b"\0" + data).digest()
