"""Sealing the log: quick, signed, witnessed, by one at a time, and never another history than was sealed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection, errors

from iop_es.engine.connections import open_pool
from iop_es.engine.errors import LogTakesNoFacts
from iop_es.engine.transparency.checkpoint import checkpoint_of
from iop_es.engine.transparency.leaf import fact_leaf
from iop_es.engine.transparency.log_sealer import HistoryRefused, LogSealer
from iop_es.engine.transparency.merkle import root_of
from iop_es.engine.transparency.notes import parse_note
from iop_es.engine.transparency.witness import Witness, WitnessRefused
from tests.engine.transparency.conftest import KEY, LOG, ORIGIN, Fill, owning, sealing


def leaves(url: str) -> list[bytes]:
    """The leaves of the facts, one by one."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT position, stream, version, state, sealed, context, stamp FROM iop.fact ORDER BY position"
        ).fetchall()
    return [fact_leaf(position, stream.bytes, *rest) for position, stream, *rest in rows]


def notes(url: str) -> list[tuple[int, str]]:
    """The checkpoints that are kept."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT size, note FROM iop.tree_checkpoint ORDER BY id").fetchall()


def test_what_is_sealed_is_the_tree_of_the_facts_signed_twice(
    sealer: LogSealer, witness: Witness, fill: Fill, store_url: str
) -> None:
    """After each step the newest checkpoint has the root of all facts, and bears the log's and the witness's name."""
    for count, size in ((1, 1), (254, 255), (1, 256), (1, 257), (600, 857), (3, 860)):
        fill(count)
        assert sealer.step() == (size, count, 0, True)
        kept = notes(store_url)[-1]
        note = parse_note(kept[1])
        head = checkpoint_of(note)
        assert (kept[0], head.origin, head.size, head.root) == (size, ORIGIN, size, root_of(leaves(store_url)))
        assert LOG.signed(note) and witness.verifier().signed(note)
        latest = witness.latest(ORIGIN)
        assert latest and latest.text == note.text
    assert sealer.step() == (860, 0, 0, True)
    assert len(notes(store_url)) == 6
    with owning(store_url) as owner:
        assert owner.execute("SELECT level, number FROM tree_tile ORDER BY 1, 2").fetchall() == [(0, 0), (0, 1), (0, 2)]


def test_a_backlog_is_sealed_in_bounded_steps(
    sealer: LogSealer, fill: Fill, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each checkpoint takes in so many facts and no more, and the last one has them all."""
    monkeypatch.setattr("iop_es.engine.transparency.log_sealer.MOST", 300)
    fill(700)
    assert sealer.catch_up() == (700, 100, 0, True)
    assert [size for size, _ in notes(store_url)] == [300, 600, 700]
    assert checkpoint_of(parse_note(notes(store_url)[-1][1])).root == root_of(leaves(store_url))


def test_of_many_sealers_one_works(store_url: str, witness: Witness, fill: Fill) -> None:
    """Whatever they do at once, sizes only grow and every checkpoint is consistent with the facts."""
    with sealing(store_url, witness) as one, sealing(store_url, witness) as other, ThreadPoolExecutor(2) as threads:
        for _ in range(5):
            fill(7)
            done = list(threads.map(lambda each: each.step(), (one, other)))
            assert sum(step.taken for step in done) in {0, 7}
        one.catch_up()
    sizes = [size for size, _ in notes(store_url)]
    assert sizes == sorted(set(sizes)) and sizes[-1] == 35


def test_without_a_witness_the_log_seals_alone_and_one_may_come_later(
    store_url: str, witness: Witness, fill: Fill
) -> None:
    """Its own signature is all there is; the head that a new witness has not seen is signed again with it."""
    fill(3)
    with sealing(store_url, None) as alone:
        assert alone.step().size == 3
        assert len(parse_note(notes(store_url)[-1][1]).signatures) == 1
        assert alone.step() == (3, 0, 0, True)
    with sealing(store_url, witness) as both:
        both.step()
        both.step()
        fill(2)
        both.step()
    assert [(size, len(parse_note(note).signatures)) for size, note in notes(store_url)] == [(3, 1), (3, 2), (5, 2)]


def test_a_sealer_that_died_between_witness_and_database_is_followed(
    sealer: LogSealer, witness: Witness, fill: Fill, owner: Connection[Any], store_url: str
) -> None:
    """The witness has seen more than is kept here, of the very same facts: nothing is wrong."""
    fill(300)
    sealer.step()
    fill(10)
    sealer.step()
    owner.execute("DELETE FROM tree_checkpoint WHERE size = 310")
    fill(5)
    assert sealer.step() == (315, 15, 0, True)
    assert checkpoint_of(parse_note(notes(store_url)[-1][1])).root == root_of(leaves(store_url))


def test_who_only_looks_stops_another_history_and_never_the_right_one(
    sealer: LogSealer, witness: Witness, fill: Fill, owner: Connection[Any], store_url: str
) -> None:
    """As the role that appends: while a sealer works beside it, before anything was sealed, and after its end was cut
    off, which only a sealer with the right history undoes."""
    with open_pool(store_url, "iop", "iop_api", 2) as pool, ThreadPoolExecutor(1) as beside:
        looking = LogSealer("iop", pool, KEY, witness)
        looking.look()
        fill(3)
        looking.look()
        for _ in range(10):
            fill(30)
            step = beside.submit(sealer.step)
            looking.look()
            step.result()
        assert owner.execute("SELECT refusal FROM log_head").fetchone() == (None,)
        owner.execute("CREATE TABLE kept AS SELECT * FROM fact WHERE position > 300")
        owner.execute("DELETE FROM tree_checkpoint WHERE size > 300")
        owner.execute("DELETE FROM fact WHERE position > 300")
        owner.execute("UPDATE log_head SET position = 300")
        for _ in range(2):
            with pytest.raises(HistoryRefused, match="has seen 303 facts of"):
                looking.look()
        with pytest.raises(LogTakesNoFacts, match="has seen 303 facts of"):
            fill(1)
        owner.execute("INSERT INTO fact SELECT * FROM kept")
        owner.execute("UPDATE log_head SET position = 303")
        looking.look()
        with pytest.raises(LogTakesNoFacts):
            fill(1)
        sealer.step()
        fill(1)
        owner.execute("UPDATE fact SET state = '{}' WHERE position = 302")
        owner.execute("DELETE FROM tree_checkpoint WHERE size > 270")
        with pytest.raises(HistoryRefused, match="are not those that the witness has seen"):
            looking.look()


def test_a_witness_that_does_not_know_the_log_stops_nobody(store_url: str, tmp_path: Path, fill: Fill) -> None:
    """Nothing is sealed, and facts go on coming in."""
    fill(3)
    with sealing(store_url, Witness(tmp_path / "other")) as sealer, pytest.raises(WitnessRefused, match="do not know"):
        sealer.step()
    fill(3)
    assert notes(store_url) == []


def test_the_sealers_role_can_do_nothing_else(store_url: str, fill: Fill) -> None:
    """It reads facts and adds to the tree; it changes and deletes nothing, and no other role adds to the tree."""
    fill(1)
    with psycopg.connect(store_url, autocommit=True) as server:
        server.execute("SET search_path = iop; SET ROLE iop_sealer")
        for refused in (
            "UPDATE log_head SET position = 5", "DELETE FROM tree_checkpoint", "UPDATE tree_tile SET root = ''",
            "SELECT * FROM fact_patient", "INSERT INTO access_log (outcome) VALUES ('x')", "DELETE FROM access_order",
            "INSERT INTO fact SELECT * FROM fact",
            "TRUNCATE tree_restored", "UPDATE log_head SET name = 'x'",
        ):  # fmt: skip
            with pytest.raises(errors.InsufficientPrivilege):
                server.execute(refused)
        for role in ("iop_api", "iop_projector"):
            server.execute("RESET ROLE")
            server.execute(f"SET ROLE {role}")
            for refused in (
                "INSERT INTO tree_checkpoint (size, note, leaves) VALUES (1, '', '')",
                "INSERT INTO tree_restored (size, note) VALUES (1, '')", "UPDATE log_head SET refusal = 'x'",
            ):  # fmt: skip
                with pytest.raises(errors.InsufficientPrivilege):
                    server.execute(refused)
        server.execute("RESET ROLE")
        for table in ("tree_tile", "tree_checkpoint", "tree_restored"):
            with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
                server.execute("DELETE FROM " + table)  # noqa: S608 - our own names
