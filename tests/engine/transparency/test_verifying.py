"""Verifying: what the database's owner does to the log is found, and named by position and by what is wrong with it.

The seven attacks are those that row checksums and chains inside the database mostly miss; each is run by the owner, who
has switched every trigger off. The log has 300 facts, sealed at 1, 120, 260 and 300 of them.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection

from iop_es.engine.connections import open_pool
from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.transparency.checkpoint import Checkpoint
from iop_es.engine.transparency.leaf import fact_leaf
from iop_es.engine.transparency.notes import Signer
from iop_es.engine.transparency.receipt import receipt
from iop_es.engine.transparency.tiles import Growth
from iop_es.engine.transparency.verifying import Report, Verification
from iop_es.engine.transparency.witness import Witness, Witnessing
from iop_es.engine.transparency.witness_http import WitnessAt
from tests.engine.transparency.conftest import KEY, LOG, ORIGIN, filling, owning, sealing
from tests.engine.transparency.test_log_sealer import leaves

SIZES = (1, 120, 260, 300)
NewDatabase = Callable[[str | None], str]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Witness:
    """The witness of the log that the tests of this file copy."""
    made = Witness(tmp_path_factory.mktemp("w"))
    made.trust(LOG)
    return made


@pytest.fixture(scope="module")
def original(postgres_url: str, template: str, watched: Witness) -> str:
    """The name of a database with the sealed log."""
    from tests.conftest import create_database

    url = create_database(postgres_url, "template_sealed", template)
    fill_and_seal(url, watched)
    return "template_sealed"


def fill_and_seal(url: str, witness: Witness | None) -> None:
    """300 facts, sealed four times."""
    from tests.conftest import new_fact

    make: Callable[..., NewFact] = new_fact.__wrapped__()  # type: ignore[attr-defined] # the fixture's own function
    with open_pool(url, "iop", "iop_api", 1) as pool, sealing(url, witness) as sealer:
        fill, before = filling(Log(pool, "iop"), make), 0
        for size in SIZES:
            fill(size - before)
            sealer.step()
            before = size


@pytest.fixture
def url(new_database: NewDatabase, original: str) -> str:
    """A copy of the sealed log."""
    return new_database(original)


@pytest.fixture
def insider(url: str) -> Iterator[Connection[Any]]:
    """The owner of the copy."""
    with owning(url) as connection:
        yield connection


def verified(url: str, witness: Witnessing | None, *receipts: str, log: Signer | None = None) -> Report:
    """What verifying the log of a database comes to, as the role that may only read."""
    with open_pool(url, "iop", "iop_api", 3) as pool:
        return Verification(pool, "iop", log.verifier if log else LOG, witness).run(receipts)


def found(report: Report) -> list[tuple[int | None, str]]:
    """Where and of which sort the findings are."""
    return [(one.position, one.kind) for one in report.findings]


def rechain(connection: Connection[Any], url: str) -> None:
    """Makes the stored tree fit the facts as they are now: full tiles, their roots, and the leaves beside them."""
    growth, now = Growth(0, []), leaves(url)
    growth.extend(now)
    for tile in growth.full.values():
        given = (tile.hashes, tile.root, tile.level, tile.number)
        connection.execute("UPDATE tree_tile SET hashes = %s, root = %s WHERE level = %s AND number = %s", given)
    before = 0
    for size in SIZES:
        begin = max(before, size // 256 * 256)
        connection.execute(
            "UPDATE tree_checkpoint SET leaves = %s WHERE size = %s", (b"".join(now[begin:size]), size)
        )
        before = size


def test_an_untouched_log_is_sound(url: str, watched: Witness) -> None:
    """Nothing is found, and the report says what it rests on."""
    report = verified(url, watched)
    assert report.sound and found(report) == []
    assert (report.log, report.witness) == (ORIGIN, watched.verifier().name)
    assert (report.facts, report.sealed, report.cosigned, report.checkpoints) == (300, 300, 300, 4)
    assert verified(url, None).sound


def test_facts_that_wait_for_their_seal_are_no_finding(url: str, watched: Witness, new_fact: Any) -> None:
    """They are counted, and their columns are compared all the same."""
    with open_pool(url, "iop", "iop_api", 1) as pool:
        filling(Log(pool, "iop"), new_fact)(7)
    report = verified(url, watched)
    assert (report.sound, report.facts, report.sealed) == (True, 307, 300)
    with owning(url) as owner:
        owner.execute("UPDATE fact SET actor = gen_random_uuid() WHERE position = 305")
    assert found(verified(url, watched)) == [(305, "column")]


@pytest.mark.parametrize("what", ["state", "sealed", "context", "stamp"])
def test_an_edited_fact_is_named(what: str, url: str, insider: Connection[Any], watched: Witness) -> None:
    """Attack 1: one byte of any part of any fact, in a full tile and behind it."""
    insider.execute("CREATE TABLE before AS SELECT * FROM fact")
    for at in (1, 77, 256, 257, 300):
        insider.execute(f"UPDATE fact SET {what} = {what} || ' ' WHERE position = {at}".encode())  # noqa: S608 - our words
        report = verified(url, watched)
        assert (at, "changed") in found(report)
        assert {position for position, _ in found(report)} == {at}
        assert f"Fact {at} is not the one that was sealed." in [one.told for one in report.findings]
        undo(insider)
    assert verified(url, watched).sound


def undo(insider: Connection[Any]) -> None:
    """Puts the facts back as they were."""
    insider.execute("DELETE FROM fact")
    insider.execute("INSERT INTO fact SELECT * FROM before")


def test_an_edited_fact_with_everything_recomputed_is_found(
    url: str, insider: Connection[Any], watched: Witness
) -> None:
    """Attack 2: the stored hashes fit the edited fact; what was signed does not, and tells between which sizes."""
    insider.execute("UPDATE fact SET state = '{}' WHERE position = 200")
    rechain(insider, url)
    report = verified(url, watched)
    assert found(report) == [(121, "history")]
    assert "facts 121 to 260 is not as it was when the checkpoint over 260 facts" in report.findings[0].told


def test_a_log_whose_end_was_cut_off_is_found(url: str, insider: Connection[Any], watched: Witness) -> None:
    """Attack 3: facts, head, index, tiles and checkpoints beyond a point are gone; the witness knows better."""
    for left in (299, 290, 250, 100, 0):
        truncate(insider, left)
        report = verified(url, watched)
        assert found(report) == [(left + 1, "truncated")]
        assert f"only {left:,} are here" in report.findings[0].told
        assert report.facts == left


def truncate(insider: Connection[Any], left: int) -> None:
    """Leaves so many facts, and nothing that would tell of more."""
    for statement in (
        "DELETE FROM fact WHERE position > %s", "DELETE FROM fact_patient WHERE position > %s",
        "DELETE FROM tree_checkpoint WHERE size > %s", "DELETE FROM tree_tile WHERE (number + 1) * 256 > %s",
        "UPDATE log_head SET position = %s",
    ):  # fmt: skip
        insider.execute(statement, (left,))


def test_an_older_state_with_new_facts_on_it_is_found(
    url: str, insider: Connection[Any], watched: Witness, new_fact: Any
) -> None:
    """Attack 4: an older state is brought back, other facts are appended, and sealed by the log's own key."""
    truncate(insider, 120)
    with open_pool(url, "iop", "iop_api", 1) as pool, sealing(url, None) as forger:
        filling(Log(pool, "iop"), new_fact)(180)
        forger.step()
    assert verified(url, None).sound  # whoever has key and database and answers to no witness rewrites the log
    report = verified(url, watched)
    assert found(report) == [(121, "history")]
    assert "facts 121 to 300 is not as it was when the head that the witness holds" in report.findings[0].told


def test_a_fact_that_was_taken_out_is_found(url: str, insider: Connection[Any], watched: Witness) -> None:
    """Attack 5: a fact in the middle is deleted and the later ones move up; or it leaves a hole."""
    insider.execute("DELETE FROM fact WHERE position = 200")
    report = verified(url, watched)
    assert (200, "missing") in found(report)
    insider.execute("DELETE FROM fact_patient WHERE position = 200")
    for at in range(201, 301):
        insider.execute("UPDATE fact SET position = position - 1 WHERE position = %s", (at,))
        insider.execute("UPDATE fact_patient SET position = position - 1 WHERE position = %s", (at,))
    insider.execute("UPDATE log_head SET position = 299")
    report = verified(url, watched)
    assert report.findings[0][:2] == (200, "changed")
    assert report.counts["changed"] == 100 and (300, "truncated") in found(report)
    rechain(insider, url)
    assert (121, "history") in found(verified(url, watched))


def test_two_sealed_parts_that_were_swapped_are_both_named(
    url: str, insider: Connection[Any], watched: Witness
) -> None:
    """Attack 6: nobody's words can stand in another's fact; with the hashes recomputed the range is told."""
    insider.execute("UPDATE fact SET sealed = 'other' WHERE position IN (30, 90)")
    assert found(verified(url, watched)) == [(30, "changed"), (90, "changed")]
    rechain(insider, url)
    assert found(verified(url, watched)) == [(2, "history")]


def test_a_fact_that_was_put_in_with_an_earlier_date_is_found(
    url: str, insider: Connection[Any], watched: Witness
) -> None:
    """Attack 7: a fact is inserted among older ones, with a time that fits there."""
    insider.execute("UPDATE fact SET position = position + 100000 WHERE position > 200")
    insider.execute("UPDATE fact_patient SET position = position + 100000 WHERE position > 200")
    insider.execute(
        "INSERT INTO fact SELECT 201, gen_random_uuid(), 1, topic, '{\"signed\":true}', sealed, context,"
        " convert_to(split_part(convert_from(stamp, 'UTF8'), E'\\n', 1) || E'\\n', 'UTF8'), recorded_at, occurred_at,"
        " actor FROM fact WHERE position = 200"
    )
    insider.execute("UPDATE fact SET position = position - 99999 WHERE position > 100000")
    insider.execute("UPDATE fact_patient SET position = position - 99999 WHERE position > 100000")
    insider.execute("UPDATE log_head SET position = 301")
    report = verified(url, watched)
    assert report.findings[0][:2] == (201, "changed")
    assert report.counts == {"changed": 100}
    rechain(insider, url)
    assert found(verified(url, watched)) == [(121, "history")]


def test_an_edited_actor_or_time_is_named(url: str, insider: Connection[Any], watched: Witness) -> None:
    """The columns that questions are asked of are copies, and each is held against what was sealed."""
    insider.execute("CREATE TABLE before AS SELECT * FROM fact")
    for column, other in (
        ("actor", "gen_random_uuid()"), ("recorded_at", "recorded_at - interval '1 microsecond'"),
        ("recorded_at", "'infinity'"), ("occurred_at", "'-infinity'"), ("occurred_at", "occurred_at + '1 day'"),
    ):  # fmt: skip
        insider.execute(f"UPDATE fact SET {column} = {other} WHERE position = 40".encode())  # noqa: S608 - our own words
        report = verified(url, watched)
        assert found(report) == [(40, "column")]
        assert report.findings[0].told == f"Column {column} of fact 40 is not what the fact says."
        undo(insider)


def test_an_edited_topic_is_named_where_the_context_says_it(store_url: str, log: Log, new_fact: Any) -> None:
    """By name and schema version, or by the name alone."""
    for context in (b'{"name":"thing.happened","schema_version":1}', b'{"name":"thing.happened"}'):
        log.append(Append((new_fact(context=context),)))
    assert verified(store_url, None).sound
    with owning(store_url) as owner:
        owner.execute("UPDATE fact SET topic = 'thing.undone@1'")
    report = verified(store_url, None)
    assert [(one.position, one.told) for one in report.findings] == [
        (at, f"Column topic of fact {at} is not what the fact says.") for at in (1, 2)
    ]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ("DELETE FROM fact_patient WHERE position = (SELECT max(position) FROM fact_patient)", {"patients": 1}),
        ("UPDATE fact_patient SET alias = gen_random_uuid() WHERE n = 5", {"patients": 3}),
        ("UPDATE fact_patient SET n = 1000 WHERE n = 5", {"patients": 6}),
        ("INSERT INTO fact_patient SELECT gen_random_uuid(), 1, 2, gen_random_uuid()", {"patients": 1}),
        ("INSERT INTO fact_patient SELECT gen_random_uuid(), 2, 999, gen_random_uuid()", {"patients": 2}),
        ("UPDATE fact SET version = 9 WHERE position = 5", {"versions": 1, "changed": 1}),
        ("UPDATE log_head SET position = 305", {"head": 1, "missing": 5}),
        ("UPDATE tree_tile SET hashes = overlay(hashes PLACING sha256('x') FROM 33)", {"tree": 1}),
        ("DELETE FROM tree_tile", {"tree": 136}),
        ("UPDATE tree_checkpoint SET leaves = '' WHERE size = 300", {"tree": 40}),
        ("UPDATE tree_checkpoint SET note = replace(note, ' ', '  ') WHERE size = 120", {"checkpoint": 1}),
        ("UPDATE tree_checkpoint SET note = replace(note, E'120\\n', E'121\\n') WHERE size = 120", {"checkpoint": 1}),
        ("INSERT INTO tree_restored (size, note) VALUES (120, 'x')", {"restoration": 1}),
    ],
)  # fmt: skip
def test_what_stands_beside_the_facts_is_compared(
    change: str, wanted: dict[str, int], url: str, insider: Connection[Any], watched: Witness
) -> None:
    """The index by patient, the versions of a stream, the head, the stored hashes, the checkpoints."""
    insider.execute(change.encode())
    assert verified(url, watched).counts == wanted


def test_a_fact_given_to_another_patient_is_found_where_it_says_whose_it_is(
    store_url: str, log: Log, new_fact: Any
) -> None:
    """The index is not sealed; a fact about one patient names the patient."""
    mine, other = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
    context = b'{"subject":{"id":"' + mine.encode() + b'","kind":"patient"}}'
    log.append(Append((new_fact(context=context, patients=((mine, other),)),)))
    assert verified(store_url, None).sound
    with owning(store_url) as owner:
        owner.execute("UPDATE fact_patient SET patient_id = %s", (other,))
    report = verified(store_url, None)
    assert [one.told for one in report.findings] == ["The index by patient gives fact 1 to somebody else."]


def test_another_history_shown_to_somebody_else_lacks_the_witness(
    new_database: NewDatabase, template: str, watched: Witness, tmp_path: Path
) -> None:
    """A second log under the same key is not what the witness holds, whatever its own signatures say."""
    url = new_database(template)
    other = Witness(tmp_path / "other")
    other.trust(LOG)
    fill_and_seal(url, other)
    assert verified(url, other).sound
    report = verified(url, watched)
    assert found(report) == [(1, "history")] and report.cosigned is None


def test_a_forged_key_signs_nothing(url: str, watched: Witness) -> None:
    """Checkpoints of another key than the one that was asked for are none."""
    other = Signer(ORIGIN, Ed25519PrivateKey.generate())
    assert verified(url, watched, log=other).counts == {"checkpoint": 4, "witness": 1}


def test_a_witness_that_is_away_or_knows_nothing_is_a_finding(url: str, tmp_path: Path) -> None:
    """Silence about what the witness would say must not look like its consent."""
    assert verified(url, WitnessAt("http://127.0.0.1:9")).counts == {"witness": 1}
    assert verified(url, Witness(tmp_path / "new")).counts == {"witness": 1}


def test_a_receipt_finds_a_fact_that_was_taken_out_before_it_was_sealed(
    url: str, insider: Connection[Any], watched: Witness, new_fact: Any
) -> None:
    """Deleted in the second before the seal, and another put in its place: the tree is right, the promise broken."""
    with open_pool(url, "iop", "iop_api", 1) as pool:
        fill = filling(Log(pool, "iop"), new_fact)
        fill(2)
        acknowledged = str(receipt(Signer(ORIGIN, KEY), 301, "2026-03-02T14:00:00.000000Z", leaves(url)[300:]))
        assert verified(url, watched, acknowledged).sound
        insider.execute("DELETE FROM fact WHERE position = 302")
        insider.execute("DELETE FROM fact_patient WHERE position = 302")
        insider.execute("UPDATE log_head SET position = 301")
        assert verified(url, watched).sound
        assert found(verified(url, watched, acknowledged)) == [(302, "receipt")]
        fill(1)
    assert found(verified(url, watched, acknowledged)) == [(302, "receipt")]
    assert found(verified(url, watched, acknowledged.replace("301", "300"))) == [(None, "receipt")]


def test_a_time_that_the_witness_cannot_have_seen_is_found(
    store_url: str, log: Log, new_fact: Any, tmp_path: Path
) -> None:
    """A fact recorded hours before, or after, the witness cosigned around it."""
    fill, clock = filling(log, new_fact), [0.0]
    witness = Witness(tmp_path / "w", clock=lambda: time.time() + clock[0])
    witness.trust(LOG)
    with sealing(store_url, witness) as sealer:
        for shift in (0.0, 5 * 3600.0, 0.0):
            clock[0] = shift
            fill(2)
            sealer.step()
    assert found(verified(store_url, witness)) == [(5, "time")]
    assert "does not have it" in verified(store_url, witness).findings[0].told
    clock[0] = -5 * 3600.0
    with sealing(store_url, witness) as sealer:
        fill(2)
        sealer.step()
    assert found(verified(store_url, witness)) == [(5, "time"), (8, "time")]


def test_a_checkpoint_of_another_root_under_the_logs_key_is_found(
    url: str, insider: Connection[Any], watched: Witness
) -> None:
    """The log's own key must not sign two trees of one size: the forged one is named."""
    forged = Signer(ORIGIN, KEY).note(str(Checkpoint(ORIGIN, 120, bytes(32))))
    insider.execute("UPDATE tree_checkpoint SET note = %s WHERE size = 120", (str(forged),))
    report = verified(url, watched)
    assert found(report) == [(2, "history")]
    assert "facts 2 to 120" in report.findings[0].told


def test_the_leaf_of_the_tests_is_the_leaf_of_the_log(url: str) -> None:
    """What `leaves` computes one by one is what a fact's row gives."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT position, uuid_send(stream), version, state, sealed, context, stamp FROM iop.fact LIMIT 1"
        ).fetchone()
    assert row is not None and leaves(url)[row[0] - 1] == fact_leaf(*row)
