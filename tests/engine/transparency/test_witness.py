"""The witness: it cosigns growth and nothing else, remembers before it answers, and knows whom it was told to know."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.transparency.checkpoint import Checkpoint
from iop_es.engine.transparency.merkle import EMPTY_ROOT, leaf_hash, root_of
from iop_es.engine.transparency.notes import Note, Signer, parse_note, time_of
from iop_es.engine.transparency.tiles import Growth, Tree
from iop_es.engine.transparency.witness import Witness, WitnessAway, Witnessing, WitnessRefused, origin_hash
from iop_es.engine.transparency.witness_http import WitnessAt, WitnessServer, str_request

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOG = Signer("log.example/1", KEY)
LEAVES = [leaf_hash(b"%d" % number) for number in range(20)]


def head(size: int, signer: Signer = LOG, leaves: list[bytes] = LEAVES) -> Note:
    """A signed checkpoint of the first leaves."""
    return signer.note(str(Checkpoint(signer.name, size, root_of(leaves[:size]))))


def growth(first: int, second: int) -> list[bytes]:
    """The proof that the second tree is the first one, grown."""
    grown = Growth(0, [])
    grown.extend(LEAVES[:second])
    return Tree(grown).consistency(first, second)


@pytest.fixture
def folder(tmp_path: Path) -> Witness:
    """A witness that knows the log, at a time that stands still."""
    made = Witness(tmp_path, clock=lambda: 1_700_000_000.9)
    made.trust(LOG.verifier)
    return made


@pytest.fixture
def server(folder: Witness) -> Iterator[str]:
    """The same behind an address."""
    with WitnessServer(folder, "127.0.0.1", 0) as served:
        served.start()
        yield f"http://127.0.0.1:{served.server_address[1]}"
        served.shutdown()


@pytest.fixture(params=["folder", "http"])
def witness(request: pytest.FixtureRequest, folder: Witness) -> Witnessing:
    """It, in both ways in which a log meets it."""
    return folder if request.param == "folder" else WitnessAt(request.getfixturevalue("server"))


def refused(witness: Witnessing, old: int, proof: list[bytes], note: Note) -> tuple[int, int | None]:
    """With which status, and for 409 with which size, something is not cosigned."""
    with pytest.raises(WitnessRefused) as found:
        witness.add(old, proof, note)
    return found.value.status, found.value.size


def test_growth_is_cosigned_with_the_time(witness: Witnessing) -> None:
    """From nothing, by some leaves, and by none; what it saw last can be asked."""
    assert witness.latest(LOG.name) is None
    for old, new in ((0, 3), (3, 8), (8, 8), (8, 20)):
        note = head(new)
        line = witness.add(old, growth(old, new), note)
        cosigned = witness.verifier().signed(parse_note(f"{note}{line}"))
        assert cosigned and time_of(cosigned.signature) == 1_700_000_000
        assert str(witness.latest(LOG.name)) == f"{note}{line}"


def test_nothing_else_is_cosigned(witness: Witnessing) -> None:
    """Each with the protocol's status, and nothing of it is remembered."""
    witness.add(0, [], head(8))
    forged = [*LEAVES[:7], bytes(32), *LEAVES[8:]]
    assert refused(witness, 0, [], head(9)) == (409, 8)  # a history from the beginning again
    assert refused(witness, 5, growth(5, 8), head(8)) == (409, 8)  # back
    assert refused(witness, 5, [], head(3)) == (400, None)
    assert refused(witness, 8, growth(8, 20)[1:], head(20)) == (422, None)
    assert refused(witness, 8, growth(8, 20), head(20, leaves=forged)) == (422, None)  # a fork
    assert refused(witness, 8, [], head(8, leaves=forged)) == (422, None)  # another tree of the same size
    assert refused(witness, 8, growth(8, 9), head(9, Signer(LOG.name, Ed25519PrivateKey.generate()))) == (403, None)
    assert refused(witness, 0, [], head(3, Signer("log.example/2", KEY))) == (404, None)
    tampered = parse_note(str(head(9)).replace("\n9\n", "\n10\n"))
    assert refused(witness, 8, growth(8, 9), tampered) == (403, None)
    latest = witness.latest(LOG.name)
    assert latest and latest.text == head(8).text


def test_a_tree_begins_without_a_proof(folder: Witness) -> None:
    """The empty tree has one root, and growth from it needs no proof and may have none."""
    assert refused(folder, 0, [bytes(32)], head(3)) == (422, None)
    assert refused(folder, 0, [], LOG.note(str(Checkpoint(LOG.name, 0, bytes(32))))) == (422, None)
    assert folder.add(0, [], LOG.note(str(Checkpoint(LOG.name, 0, EMPTY_ROOT))))


def test_of_many_at_once_no_one_takes_it_back(folder: Witness, tmp_path: Path) -> None:
    """The check and what is kept are one step, whoever asks: of twenty heads on one old size one is cosigned."""
    folder.add(0, [], head(1))
    others = [Witness(tmp_path) for _ in range(4)]

    def ask(size: int) -> int | None:
        try:
            others[size % 4].add(1, growth(1, size), head(size))
        except WitnessRefused as error:
            assert error.status == 409
            return None
        return size

    with ThreadPoolExecutor(8) as threads:
        [done] = [size for size in threads.map(ask, range(2, 20)) if size]
    latest = folder.latest(LOG.name)
    assert latest and latest.text == head(done).text


def test_what_it_saw_and_its_key_outlive_it(folder: Witness, tmp_path: Path) -> None:
    """A new process over the same folder goes on; only its owner may read the folder's files."""
    folder.add(0, [], head(5))
    again = Witness(tmp_path)
    assert again.verifier() == folder.verifier()
    assert refused(again, 0, [], head(9)) == (409, 5)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("*") if path.name == "key"} == {0}


def test_a_further_key_of_a_log_is_taken(folder: Witness) -> None:
    """A log that changes its key is known by both."""
    other = Signer(LOG.name, Ed25519PrivateKey.generate())
    folder.add(0, [], head(5))
    folder.trust(other.verifier)
    assert folder.add(5, growth(5, 7), head(7, other))
    assert folder.add(7, growth(7, 8), head(8))


def test_a_pinned_key_is_the_only_one(server: str, folder: Witness) -> None:
    """A witness that answers with another key than the log was told has cosigned nothing."""
    folder.add(0, [], head(5))
    other = Witness.verifier(folder).__class__(folder.verifier().name, bytes(32), 4)
    with pytest.raises(WitnessAway, match="without a cosignature"):
        WitnessAt(server, other).add(5, growth(5, 7), head(7))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:x", "nonsense"])
def test_a_witness_that_is_away_is_said_to_be(url: str) -> None:
    """In a sentence, for each thing that is asked of it."""
    witness = WitnessAt(url)
    for ask in (witness.verifier, lambda: witness.latest("x"), lambda: witness.add(0, [], head(1))):
        with pytest.raises(WitnessAway, match="does not answer"):
            ask()


def test_what_is_no_request_is_answered_all_the_same(server: str) -> None:
    """A bad body, another address, a body that is too long, an unknown log: a status, and the server lives on."""
    good = str_request(0, [], head(1))
    for body, status in (
        ("", 400), (good.replace("old 0", "old 00"), 400), (good.replace("\n\n", "\n", 1), 400), ("old 0\n\nx\n", 400),
        ("x" * 200_000, 400), (good, 200),
    ):  # fmt: skip
        assert asked(server, "POST", "/add-checkpoint", body)[0] == status
    for path, status in (("/", 404), (f"/{origin_hash('x')}/checkpoint", 404), ("/key", 200)):
        assert asked(server, "GET", path)[0] == status
    assert asked(server, "POST", "/other", good)[0] == 404
    assert asked(server, "POST", "/add-checkpoint", good) == (409, "text/x.tlog.size", "1\n")


def asked(server: str, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
    """Status, kind and body of an answer."""
    connection = http.client.HTTPConnection(server.removeprefix("http://"), timeout=5)
    try:
        connection.request(method, path, body and body.encode())
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()
    finally:
        connection.close()
