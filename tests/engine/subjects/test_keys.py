"""Keys in a real database: made once, looked up together, rotated, destroyed, and never found in the log's own dump."""

import threading
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.errors import KeyReusedForOtherBody, ReservationTaken
from iop_es.engine.log import Append, Keyed, Log, Reservation
from iop_es.engine.sealer import Part
from iop_es.engine.stored import UNREADABLE
from iop_es.engine.subjects import keys as keys_module
from iop_es.engine.subjects.keeping import KeyKeeper
from iop_es.engine.subjects.keys import LIFE_SECONDS, KeyTable, SubjectKeys
from iop_es.engine.subjects.master import MasterFile, MasterKeysUnusable, Wrapped
from iop_es.engine.subjects.sealing import SubjectSealer
from tests.engine.test_store_append import NewFacts

SCHEMA = "iop"
PATIENTS = [f"patient:{uuid4()}" for _ in range(12)]


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> MasterFile:
    """Master keys in a file that is not there yet."""
    return MasterFile(tmp_path / "master.keys")


@pytest.fixture
def keys(pool: Pool, file: MasterFile) -> SubjectKeys:
    """The keys, as the API's role sees them."""
    return SubjectKeys(pool, SCHEMA, file, Clock())


@pytest.fixture
def keeper(store_url: str, file: MasterFile) -> Iterator[KeyKeeper]:
    """The keeper of the same keys."""
    with open_pool(store_url, SCHEMA, "iop_keeper", 2) as pool:
        yield KeyKeeper(pool, SCHEMA, file)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are sent to the table of keys from here on."""
    sent: list[str] = []
    run = KeyTable._run
    monkeypatch.setattr(KeyTable, "_run", lambda table, connection, name, given: (
        sent.append(name), run(table, connection, name, given))[1])  # fmt: skip
    return sent


def a_part(subject: str, data: bytes = b"words", version: int = 1, stream: str | None = None) -> Part:
    """A part of a new stream."""
    return Part(subject, stream or str(uuid4()), version, "note.signed", data)


def stored(sealer: SubjectSealer, *parts: Part) -> list[Part]:
    """The same parts as they are stored."""
    return [part._replace(data=data) for part, data in zip(parts, sealer.seal(parts), strict=True)]


def test_an_append_about_twelve_patients_asks_for_keys_once(keys: SubjectKeys, asked: list[str]) -> None:
    """Keys that exist are found by one query, and for a while by none; nor does opening need one a fact, or sealing
    one after it."""
    first = SubjectSealer(keys)
    parts = stored(first, *(a_part(patient) for patient in PATIENTS))
    keys.forget()
    asked.clear()
    later = stored(first, *(a_part(patient) for patient in PATIENTS), *(a_part(PATIENTS[0]) for _ in range(50)))
    assert asked == ["current"]
    assert first.open(parts + later) == [b"words"] * 74
    assert asked == ["current"]
    keys.forget()
    assert first.open(parts + later) == [b"words"] * 74
    assert asked == ["current", "by_id"]
    first.seal([a_part(PATIENTS[3])])
    assert asked == ["current", "by_id"]


def test_of_several_who_need_a_first_key_one_makes_it(pool: Pool, file: MasterFile) -> None:
    """Eight processes at once seal for the same new patient: there is one key, and each opens what each sealed."""
    sealers = [SubjectSealer(SubjectKeys(pool, SCHEMA, file)) for _ in range(8)]
    ready, found = threading.Barrier(8), list[Part]()

    def seal(sealer: SubjectSealer) -> None:
        ready.wait()
        found.extend(stored(sealer, *(a_part(patient) for patient in PATIENTS)))

    threads = [threading.Thread(target=seal, args=(sealer,)) for sealer in sealers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({part.data[4:20] for part in found}) == len(PATIENTS)
    assert all(sealer.open(found) == [b"words"] * 96 for sealer in sealers)


def test_bytes_under_the_key_of_somebody_else_are_refused(keys: SubjectKeys) -> None:
    """A sealed part whose fact names another subject does not open, and neither does one with an unknown key."""
    sealer = SubjectSealer(keys)
    [mine] = stored(sealer, a_part(PATIENTS[0]))
    [told] = sealer.open([mine._replace(subject=PATIENTS[1])])
    assert "the key of somebody else" in str(told)
    [told] = sealer.open([mine._replace(data=b"IOP\x01" + bytes(16) + mine.data[20:])])
    assert "never was the key" in str(told)
    assert sealer.fact_keys([mine._replace(subject=PATIENTS[1])]) == [None]


def test_a_damaged_part_is_told_and_keeps_nobody_from_the_others(
    pool: Pool, keys: SubjectKeys, new_fact: NewFacts, store_url: str
) -> None:
    """In the log one fact's sealed bytes are replaced by plain ones: that one reads as damaged, its neighbor well."""
    log, stream = Log(pool, SCHEMA, SubjectSealer(keys)), uuid4()
    log.append(Append(tuple(new_fact(stream, version, sealed=b'{"words":"so"}') for version in (1, 2, 3))))
    with psycopg.connect(store_url, autocommit=True) as server:
        server.execute("ALTER TABLE iop.fact DISABLE TRIGGER ALL")
        server.execute("UPDATE iop.fact SET sealed = %s WHERE version = 2", [b'{"words":"forged"}'])
    facts = log.streams([str(stream)])[str(stream)]
    assert [fact.sealed for fact in facts] == [b'{"words":"so"}', UNREADABLE, b'{"words":"so"}']
    assert [fact.sealed for fact in log.as_stored().streams([str(stream)])[str(stream)]][1] == b'{"words":"forged"}'
    [told] = SubjectSealer(keys).open([a_part("thing:7", b'{"words":"plain"}')])
    assert "it is not encrypted" in str(told)


def test_keys_are_remembered_for_a_minute(pool: Pool, file: MasterFile, asked: list[str]) -> None:
    """After LIFE_SECONDS a key is looked up again; until then only whether any was destroyed, once a second."""
    clock = Clock()
    sealer = SubjectSealer(SubjectKeys(pool, SCHEMA, file, clock))
    parts = stored(sealer, a_part(PATIENTS[0]))
    clock.now = 1
    sealer.open(parts)
    asked.clear()
    for second in (1.9, LIFE_SECONDS, LIFE_SECONDS + 0.9):
        clock.now = second
        assert sealer.open(parts) == [b"words"]
    assert asked == ["destroyed"]
    clock.now = LIFE_SECONDS + 1
    sealer.open(parts)
    assert (LIFE_SECONDS, asked) == (60, ["destroyed", "destroyed", "by_id"])


def test_a_key_that_another_process_destroyed_is_forgotten_in_a_second(
    pool: Pool, file: MasterFile, keeper: KeyKeeper
) -> None:
    """One opens and seals with it before; of two patients it goes on with the other's, and seals with a new one."""
    clock = Clock()
    here, there = SubjectKeys(pool, SCHEMA, file, clock), SubjectKeys(pool, SCHEMA, file)
    sealer = SubjectSealer(here)
    parts = stored(SubjectSealer(there), a_part(PATIENTS[0]), a_part(PATIENTS[1]))
    clock.now = 10
    assert sealer.open(parts) == [b"words"] * 2
    old = here.current(PATIENTS[:1])[PATIENTS[0]]
    assert keeper.destroy(keeper.standing(PATIENTS[:1])) == 1
    clock.now = 10.9
    assert sealer.open(parts) == [b"words"] * 2
    clock.now = 11
    assert sealer.open(parts) == [None, b"words"]
    assert here.current(PATIENTS[:1])[PATIENTS[0]].key_id != old.key_id


def test_a_key_that_was_on_its_way_while_it_was_forgotten_is_not_remembered(pool: Pool, file: MasterFile) -> None:
    """What was read of the table before the key was destroyed does not come back into the memory afterwards."""
    clock, asked_for = Clock(), list[str]()

    class Slow(MasterFile):
        """Takes so long to unwrap that meanwhile everything is forgotten."""

        def unwrap(self, wrapped: Wrapped, context: Mapping[str, str]) -> bytes:
            asked_for.append(context["subject"])
            keys.forget()
            return super().unwrap(wrapped, context)

    SubjectKeys(pool, SCHEMA, file).current(PATIENTS[:1])
    keys = SubjectKeys(pool, SCHEMA, Slow(file.path), clock)
    for _ in range(2):
        keys.current(PATIENTS[:1])
    assert asked_for == PATIENTS[:1] * 2


def test_no_more_keys_are_remembered_than_so_many(
    keys: SubjectKeys, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that was looked up longest ago goes first."""
    monkeypatch.setattr(keys_module, "REMEMBERED", 3)
    sealer = SubjectSealer(keys)
    sealer.seal([a_part(patient) for patient in PATIENTS[:4]])
    asked.clear()
    sealer.seal([a_part(patient) for patient in PATIENTS[1:4]])
    assert asked in ([], ["current"])
    keys.forget()
    for patient in PATIENTS[:4]:
        sealer.seal([a_part(patient)])
    asked.clear()
    sealer.seal([a_part(PATIENTS[3])])
    assert asked == []
    sealer.seal([a_part(PATIENTS[0])])
    assert asked == ["current"]


def test_after_a_rotation_new_facts_have_a_new_key_and_old_ones_open(keys: SubjectKeys, keeper: KeyKeeper) -> None:
    """Of one subject, and of all of them; a subject without a key gets none. Nor is a key that opened taken to seal."""
    sealer = SubjectSealer(keys)
    before = stored(sealer, *(a_part(patient) for patient in PATIENTS))
    assert (keeper.rotate([PATIENTS[0], "patient:nobody"]), keeper.rotate_all()) == (1, 12)
    keys.forget()
    assert sealer.open(before) == [b"words"] * 12
    after = stored(sealer, *(a_part(patient) for patient in PATIENTS))
    ids = [{part.data[4:20] for part in parts} for parts in (before, after)]
    assert [len(one) for one in ids] == [12, 12]
    assert not ids[0] & ids[1]
    keys.forget()
    assert sealer.open(before + after) == [b"words"] * 24
    [patients] = keeper.status().kinds
    assert (patients.kind, patients.subjects, patients.keys, patients.destroyed) == ("patient", 12, 25, 0)


def test_a_new_master_key_wraps_every_key_again_and_no_fact(
    keys: SubjectKeys, keeper: KeyKeeper, file: MasterFile
) -> None:
    """The sealed bytes stay as they are; afterwards the old master key can be forgotten, and before it must not be."""
    sealer = SubjectSealer(keys)
    parts = stored(sealer, *(a_part(patient) for patient in PATIENTS))
    old = file.current()
    new = file.add()
    assert keeper.status().wrapped_by == {old: 12}
    assert keeper.status().unused == []
    assert (keeper.rewrap(), keeper.rewrap()) == (12, 0)
    assert (keeper.status().wrapped_by, keeper.status().unused) == ({new: 12}, [old])
    keys.forget()
    assert sealer.open(parts) == [b"words"] * 12
    assert file.forget([old, new]) == [old]
    assert file.names() == [new]
    keys.forget()
    assert sealer.open(parts) == [b"words"] * 12


def test_a_destroyed_key_opens_nothing_and_its_row_says_when(
    keys: SubjectKeys, keeper: KeyKeeper, store_url: str
) -> None:
    """The parts answer None, those of others open; a second time destroys nothing; new facts get a new key."""
    sealer = SubjectSealer(keys)
    gone, other = stored(sealer, a_part(PATIENTS[0]), a_part(PATIENTS[1]))
    named = keeper.standing([PATIENTS[0]])
    assert [key.key_id for key in named] == [gone.data[4:20].hex()]
    assert (keeper.destroy(named), keeper.destroy(named)) == (1, 0)
    keys.forget()
    assert sealer.open([gone, other]) == [None, b"words"]
    assert sealer.fact_keys([gone]) == [None]
    assert keeper.standing([PATIENTS[0]]) == []
    [later] = stored(sealer, a_part(PATIENTS[0]))
    assert sealer.open([gone, later]) == [None, b"words"]
    with psycopg.connect(store_url) as server:
        rows = server.execute(
            "SELECT number, wrapped IS NULL, destroyed_at IS NOT NULL FROM iop_keys.subject_key WHERE subject = %s "
            "ORDER BY number", [PATIENTS[0]],
        ).fetchall()  # fmt: skip
    assert rows == [(1, True, True), (2, False, False)]


def test_a_reservation_about_a_person_is_blinded_in_the_database(
    pool: Pool, keys: SubjectKeys, keeper: KeyKeeper, new_fact: NewFacts, store_url: str
) -> None:
    """It is found again, refused to others under its own name and released, also after the keys were rotated; the
    table says nothing that could be found by trying, and another kind stands there as it is."""
    log = Log(pool, SCHEMA, SubjectSealer(keys), {"record_number"})
    one, other = uuid4(), uuid4()
    number, seat = Reservation("record_number", "M-7", one), Reservation("seat", "7", one)
    log.append(Append((new_fact(one),), claim=(number, seat)))
    with psycopg.connect(store_url) as server:
        rows = dict(server.execute("SELECT kind, key FROM iop.reservation").fetchall())
    assert rows["seat"] == "7"
    assert len(rows["record_number"]) == 64
    assert rows["record_number"] not in {"M-7", sha256(b"M-7").hexdigest()}
    keeper.rotate_all()
    keys.forget()
    assert log.holders("record_number", ["M-8", "M-7"]) == {"M-7": str(one)}
    with pytest.raises(ReservationTaken) as taken:
        log.append(Append((new_fact(other),), claim=(Reservation("record_number", "M-7", other),)))
    assert (taken.value.kind, taken.value.key) == ("record_number", "M-7")
    log.append(Append((new_fact(one, 2),), release=(number,)))
    assert log.holders("record_number", ["M-7"]) == {}


def test_the_body_of_a_command_is_blinded_in_the_database(
    pool: Pool, keys: SubjectKeys, keeper: KeyKeeper, new_fact: NewFacts, store_url: str
) -> None:
    """Its digest would outlive the patient's key, and names and numbers could be tried on it. The same command is known
    again and another under its key refused, by another process and after the keys were rotated."""
    log, body = Log(pool, SCHEMA, SubjectSealer(keys)), sha256(b"register: Kowalski").digest()
    (first,) = log.append(Append((fact := new_fact(),), (Keyed("one", body, 1, fact.stream),)))
    with psycopg.connect(store_url) as server:
        [(stored,)] = server.execute("SELECT body FROM iop.idempotency").fetchall()
    assert len(stored) == 32 and stored not in {body, sha256(body).digest(), sha256(body.hex().encode()).digest()}
    keeper.rotate_all()
    keys.forget()
    assert log.seen({"one": body})["one"].last == first.last
    assert log.append(Append((fact,), (Keyed("one", body, 1, fact.stream),)))[0].replayed
    other = sha256(b"register: Kowalska").digest()
    with pytest.raises(KeyReusedForOtherBody):
        log.seen({"one": other})
    with pytest.raises(KeyReusedForOtherBody):
        log.append(Append((fact,), (Keyed("one", other, 1, fact.stream),)))


def test_a_key_that_is_not_there_at_all_is_counted_as_lost(
    pool: Pool, keys: SubjectKeys, new_fact: NewFacts, store_url: str
) -> None:
    """As when the table of keys comes from an older backup; a destroyed key is not lost."""
    log = Log(pool, SCHEMA, SubjectSealer(keys))
    log.append(Append((new_fact(sealed=b"{}"), new_fact(sealed=b"{}"), new_fact())))
    assert keys.lost() == 0
    with psycopg.connect(store_url, autocommit=True) as server:
        server.execute("ALTER TABLE iop_keys.subject_key DISABLE TRIGGER ALL")
        server.execute("UPDATE iop_keys.subject_key SET wrapped = NULL, destroyed_at = now()")
        assert keys.lost() == 0
        server.execute("DELETE FROM iop_keys.subject_key")
    assert keys.lost() == 2


def test_only_the_keeper_changes_keys_and_nobody_brings_one_back(
    keys: SubjectKeys, keeper: KeyKeeper, store_url: str
) -> None:
    """The API reads and makes keys, projections and the log's sealer cannot see them, and even the owner undoes
    nothing."""
    SubjectSealer(keys).seal([a_part(PATIENTS[0]), a_part(PATIENTS[1])])
    keeper.destroy(keeper.standing([PATIENTS[0]]))
    table = "iop_keys.subject_key"
    changes = (f"UPDATE {table} SET wrapped = ''", f"DELETE FROM {table}", f"TRUNCATE {table}")  # noqa: S608 - our own
    with psycopg.connect(store_url, autocommit=True) as server:
        for role in ("iop_projector", "iop_sealer"):
            server.execute(f"SET ROLE {role}")
            with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
                server.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own
        server.execute("SET ROLE iop_api")
        for change in changes:
            with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
                server.execute(change)
        for role in ("iop_owner", "iop"):
            server.execute(f"SET ROLE {role}")
            for change in (*changes, f"UPDATE {table} SET wrapped = 'x', destroyed_at = NULL WHERE wrapped IS NULL"):  # noqa: S608 - our own
                with pytest.raises(errors.InsufficientPrivilege, match="wrapped anew or destroyed"):
                    server.execute(change)


def test_a_wrapped_key_that_is_put_beside_another_subject_opens_nothing(
    keys: SubjectKeys, store_url: str
) -> None:
    """Whoever writes the table, but has no master key, cannot have one patient's key answer for another."""
    sealer = SubjectSealer(keys)
    mine, _ = stored(sealer, a_part(PATIENTS[0]), a_part(PATIENTS[1]))
    with psycopg.connect(store_url, autocommit=True) as server:
        server.execute("ALTER TABLE iop_keys.subject_key DISABLE TRIGGER ALL")
        server.execute(
            "UPDATE iop_keys.subject_key a SET wrapped = b.wrapped FROM iop_keys.subject_key b "
            "WHERE a.subject = %s AND b.subject = %s", PATIENTS[:2],
        )  # fmt: skip
    keys.forget()
    with pytest.raises(MasterKeysUnusable, match="was changed"):
        sealer.open([mine])


def test_master_keys_are_never_made_anew_beside_wrapped_ones(keys: SubjectKeys, file: MasterFile) -> None:
    """A file that is lost, readable by others or mangled is a sentence about its backup, not a new beginning."""
    sealer = SubjectSealer(keys)
    parts = stored(sealer, a_part(PATIENTS[0]))
    keys.forget()
    whole = file.path.read_text()
    assert file.path.stat().st_mode & 0o777 == 0o600
    file.path.chmod(0o640)
    with pytest.raises(MasterKeysUnusable, match="mode is 640, not 600"):
        sealer.open(parts)
    file.path.chmod(0o600)
    file.path.write_text(whole[:-9])
    with pytest.raises(MasterKeysUnusable, match="a line that is no master key"):
        sealer.open(parts)
    file.path.unlink()
    for ask in (lambda: sealer.open(parts), lambda: sealer.seal([a_part(PATIENTS[1])])):
        with pytest.raises(MasterKeysUnusable, match="its own backup"):
            ask()
    assert not file.path.exists()
    MasterFile(file.path).begin()
    with pytest.raises(MasterKeysUnusable, match="it has no master key m"):
        sealer.open(parts)
    file.path.write_text(whole)
    assert sealer.open(parts) == [b"words"]
