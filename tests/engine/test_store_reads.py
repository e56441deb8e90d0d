"""What comes out of the log."""

from collections.abc import Callable, Sequence
from uuid import uuid4

import psycopg

from iop_es.engine.connections import Pool
from iop_es.engine.log import Append, Log, NewFact, Reservation
from iop_es.engine.sealer import CannotBeOpened, Part

NewFacts = Callable[..., NewFact]


class Backwards:
    """A sealer whose sealing shows: it turns bytes around and notes what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str, int, str]] = []

    def seal(self, parts: Sequence[Part]) -> list[bytes]:
        """Turn the bytes around."""
        self.told += [("seal", *part[:-1]) for part in parts]
        return [part.data[::-1] for part in parts]

    def open(self, parts: Sequence[Part]) -> list[bytes | CannotBeOpened | None]:
        """Turn them back."""
        self.told += [("open", *part[:-1]) for part in parts]
        return [part.data[::-1] for part in parts]

    def blinded(self, texts: Sequence[str]) -> list[str]:
        """Turn them around, too."""
        return [text[::-1] for text in texts]


def test_one_patients_facts_come_in_order_whoever_else_they_name(log: Log, new_fact: NewFacts) -> None:
    """A history holds each fact about the patient up to a position, and no other."""
    ann, ben = str(uuid4()), str(uuid4())
    about = [(ann,), (ben,), (ann, ben), (), (ann,)]
    facts = tuple(new_fact(patients=tuple((patient, str(uuid4())) for patient in patients)) for patients in about)
    log.append(Append(facts))
    assert [fact.position for fact in log.of_patient(ann)] == [1, 3, 5]
    assert [fact.position for fact in log.of_patient(ben, upto=2)] == [2]
    assert log.of_patient(ann)[1].patients == (ann,)
    assert set(log.after(2, 1)[0].patients) == {ann, ben}
    assert log.of_patient(str(uuid4())) == []


def test_facts_of_some_names_come_once_with_those_they_are_about(log: Log, new_fact: NewFacts) -> None:
    """Of the patients asked for and no others, in order of position, whatever the schema version."""
    ann, ben, cleo = sorted(str(uuid4()) for _ in range(3))
    told = [
        ("note.drafted@1", (ben,)), ("note.signed@1", (ben,)), ("note.drafted@2", (cleo, ann)),
        ("risk.raised@1", (ann,)),
    ]  # fmt: skip
    log.append(Append(tuple(
        new_fact(topic=topic, patients=tuple((one, str(uuid4())) for one in about)) for topic, about in told
    )))  # fmt: skip
    found = log.about([ann, ben], ["note.drafted", "risk.raised"])
    assert [(fact.position, fact.patients) for fact in found] == [(1, (ben,)), (3, (ann,)), (4, (ann,))]
    assert [fact.patients for fact in log.about([cleo, ann], ["note.drafted"])] == [(ann, cleo)]
    assert [fact.position for fact in log.about([ann, ben], ["note.drafted"], 2)] == [1]
    assert log.about([], ["note.drafted"]) == []


def test_of_several_names_the_last_facts_come_of_each_patient(log: Log, new_fact: NewFacts) -> None:
    """As many of all names together as are asked for, each with that patient alone, and none of another day."""
    ann, ben = str(uuid4()), str(uuid4())
    told = [
        ("came@1", "1st", (ann,)), ("expected@1", "1st", (ann, ben)), ("came@1", "2nd", (ben,)),
        ("expected@2", "1st", (ann,)), ("left@1", "1st", (ann,)),
    ]  # fmt: skip
    log.append(Append(tuple(
        new_fact(topic=topic, state=f'{{"day":"{day}"}}'.encode(), patients=tuple((one, str(uuid4())) for one in about))
        for topic, day, about in told
    )))  # fmt: skip
    both = log.latest_of_patients([ann, ben], ["came", "expected"], 2, said=("day", ["1st"]))
    assert [(fact.position, fact.patients) for fact in both if fact.patients == (ann,)] == [(2, (ann,)), (4, (ann,))]
    assert [fact.position for fact in both if fact.patients == (ben,)] == [2]
    first = log.latest_of_patients([ann], ["expected", "came"], 3, said=("day", ["1st"]))
    assert [fact.position for fact in first] == [1, 2, 4]


def test_pages_of_the_log_meet_without_gap_or_overlap(log: Log, new_fact: NewFacts) -> None:
    """Reading on from the last position reads each fact once, and `upto` is the last one."""
    log.append(Append(tuple(new_fact() for _ in range(10))))
    assert [fact.position for fact in log.after(0, 4)] == [1, 2, 3, 4]
    assert [fact.position for fact in log.after(4, 4, upto=6)] == [5, 6]
    assert [fact.position for fact in log.after(8, 4)] == [9, 10]
    assert log.after(10, 4) == []


def test_several_streams_come_in_order_of_version(log: Log, new_fact: NewFacts) -> None:
    """Each stream asked for is there, an unknown one empty."""
    one, two, unknown = uuid4(), uuid4(), uuid4()
    log.append(Append((new_fact(one, 1), new_fact(two, 1), new_fact(one, 2))))
    found = log.streams([str(one), str(two), str(unknown)])
    assert {stream: [(fact.version, fact.position) for fact in facts] for stream, facts in found.items()} == {
        str(one): [(1, 1), (2, 3)],
        str(two): [(1, 2)],
        str(unknown): [],
    }


def test_facts_are_found_by_name_whatever_their_version(log: Log, new_fact: NewFacts) -> None:
    """A name finds every schema version of it and no name that it is the beginning of."""
    topics = ("program.opened@1", "program.opened@2", "program.opened.twice@1", "other@1", "program.opened")
    log.append(Append(tuple(new_fact(topic=topic) for topic in topics)))
    assert [fact.position for fact in log.by_topics(["program.opened"])] == [1, 2, 5]
    assert [fact.position for fact in log.by_topics(["program.opened", "other"], upto=4)] == [1, 2, 4]


def test_the_sealed_part_is_bound_to_its_place_and_opened_on_request(
    pool: Pool, store_url: str, new_fact: NewFacts
) -> None:
    """What is stored is what the sealer made; it opens for a stream, and for a page only if asked."""
    sealer = Backwards()
    log = Log(pool, "iop", sealer)
    fact = new_fact(sealed=b"words", topic="note.signed@3")
    log.append(Append((fact,)))
    with psycopg.connect(store_url) as server:
        assert server.execute("SELECT sealed FROM iop.fact").fetchall() == [(b"sdrow",)]
    assert log.after(0, 1)[0].sealed is None
    assert sealer.told == [("seal", "thing:7", str(fact.stream), 1, "note.signed")]
    assert log.after(0, 1, with_sealed=True)[0].sealed == b"words"
    assert log.streams([str(fact.stream)])[str(fact.stream)][0].sealed == b"words"
    assert sealer.told[1:] == [("open", "thing:7", str(fact.stream), 1, "note.signed")] * 2


def test_many_facts_are_read_as_they_are_one_by_one(pool: Pool, new_fact: NewFacts) -> None:
    """By their positions, patients or streams, up to a position; sealed parts of the names that are asked for alone."""
    log = Log(pool, "iop", Backwards())
    ann, ben, cleo = sorted(str(uuid4()) for _ in range(3))
    told = [("a@1", (ben, ann)), ("b@2", (cleo,)), ("a@2", ()), ("c@1", (cleo, ben)), ("a@1", (ann,))] * 60
    log.append(Append(tuple(
        new_fact(topic=topic, sealed=b"words", patients=tuple((one, str(uuid4())) for one in about))
        for topic, about in told
    )))  # fmt: skip
    every = [
        fact._replace(sealed=fact.sealed if fact.name == "a" else None, patients=tuple(sorted(fact.patients)))
        for fact in log.after(0, 1_000, with_sealed=True)
    ]  # fmt: skip
    assert {fact.sealed for fact in every} == {b"words", None}
    assert list(log.between(2, 299, sealed=["a"])) == every[1:299]
    first, last = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "0f")
    assert log.of_streams(first, last, 250, sealed=["a"]) == every[:250]
    assert {fact.patients for fact in log.of_streams(first, last, with_patients=False)} == {()}
    both = (one._replace(patients=tuple(set(one.patients) - {cleo})) for one in every)
    theirs = [one._replace(patients=tuple(sorted(one.patients))) for one in both if one.patients]
    assert list(log.of_patients(ann, ben, 250, sealed=["a"])) == [one for one in theirs if one.position <= 250]
    assert list(log.of_patients(ann, ben, sealed=["a"], names=["c"])) == [one for one in theirs if one.name == "c"]
    [plain, *_] = log.of_patients(ann, ben, with_context=False)
    assert (plain.context, plain.sealed) == (b"", None)


def test_what_is_told_of_a_patient_is_one_row(log: Log, new_fact: NewFacts) -> None:
    """Whether there is any fact, one of the name, and one that says the text; as of a position too; of nobody alike."""
    patient, other = str(uuid4()), str(uuid4())
    about = ((patient, str(uuid4())),)
    log.append(Append((new_fact(patients=about, topic="thing.begun@1", state=b'{"place":"here"}'),)))
    log.append(Append((new_fact(patients=about, topic="thing.moved@1", state=b'{"place":"there"}'),)))
    there = ("place", {"there"})
    assert log.told_of_patient(patient, "thing.moved", there) == (True, True, True)
    assert log.told_of_patient(patient, "thing.moved", there, upto=1) == (True, False, False)
    assert log.told_of_patient(patient, "thing.begun", there) == (True, True, False)
    assert log.told_of_patient(patient, "thing.begun", ("place", ())) == (True, True, False)
    assert log.told_of_patient(other, "thing.begun", there) == (False, False, False)


def rows_scanned(log: Log) -> int:
    """How many rows of the log were read by scanning a table, as its only connection counted them."""
    with log.pool.connection() as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.execute("SELECT 1")
        count = "SELECT sum(seq_tup_read)::int FROM pg_stat_user_tables WHERE relname <> 'log_head'"
        return int(connection.execute(count).fetchall()[0][0])


def test_a_plan_made_on_an_empty_log_does_not_scan_a_full_one(log: Log, new_fact: NewFacts) -> None:
    """Appending finds rows by index from the first call on, so a first load does not slow down as it goes."""
    patient, seat = str(uuid4()), Reservation("seat", "1", uuid4())
    log.append(Append((new_fact(),)))
    before = rows_scanned(log)
    for _ in range(30):
        about = ((patient, str(uuid4())),)
        log.append(Append((new_fact(patients=about), new_fact(patients=about)), release=(seat,), claim=(seat,)))
    assert rows_scanned(log) == before
