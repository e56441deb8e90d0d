"""What the one append function promises to a single caller."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg
import pytest

from iop_es.engine.errors import (
    ClockRunsBackwards,
    KeyReusedForOtherBody,
    KeysSeen,
    NotASimulation,
    ReservationTaken,
    StaleVersion,
)
from iop_es.engine.log import Append, Keyed, Log, NewFact, Reservation

INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
NewFacts = Callable[..., NewFact]
HOUR_9, HOUR_10, HOUR_11 = (f"2026-03-02T{hour}:00:00.000000Z" for hour in ("09", "10", "11"))


def keyed(key: str, fact: NewFact, body: bytes = b"body") -> Keyed:
    """A command of one fact."""
    return Keyed(key, sha256(body).digest(), 1, fact.stream)


def test_what_was_appended_comes_back_unchanged(log: Log, new_fact: NewFacts) -> None:
    """Bytes, ids and times are returned as the caller made them, with the position and time that the log gave."""
    patients = (("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-00000000000a"),)
    fact = new_fact(state=b'{"minutes":45}', sealed=b"\x00\xff words", patients=patients, topic="note.signed@2")
    (reply,) = log.append(Append((fact,)))
    (stored,) = log.streams([str(fact.stream)])[str(fact.stream)]
    assert (stored.position, stored.stream, stored.version) == (reply.first, str(fact.stream), 1)
    assert (stored.topic, stored.state, stored.sealed, stored.context) == (
        fact.topic,
        fact.state,
        fact.sealed,
        fact.context,
    )
    assert (stored.occurred_at, stored.actor, stored.patients) == (fact.occurred_at, fact.actor, (patients[0][0],))
    assert stored.recorded_at == reply.recorded_at == log.head().recorded_at


def test_stamp_bytes_are_as_specified(simulation_log: Log, simulation_url: str, new_fact: NewFacts) -> None:
    """The stamp is the recorded time and, in byte order of alias, each patient's alias and dense number."""
    one, two = "10000000-0000-4000-8000-000000000001", "20000000-0000-4000-8000-000000000002"
    alias_a, alias_b, alias_c = (f"{letter}0000000-0000-4000-8000-000000000000" for letter in "abc")
    facts = (new_fact(patients=((one, alias_c),)), new_fact(patients=((one, alias_b), (two, alias_a))), new_fact())
    simulation_log.append(Append(facts, recorded_at="2026-03-02T14:05:00.000250Z"))
    with psycopg.connect(simulation_url) as server:
        stamps = [stamp for (stamp,) in server.execute("SELECT stamp FROM iop.fact ORDER BY position")]
    assert stamps == [
        b"2026-03-02T14:05:00.000250Z\nc0000000-0000-4000-8000-000000000000 1\n",
        b"2026-03-02T14:05:00.000250Z\n"
        b"a0000000-0000-4000-8000-000000000000 1\nb0000000-0000-4000-8000-000000000000 2\n",
        b"2026-03-02T14:05:00.000250Z\n",
    ]


def test_a_stream_grows_by_one_version_at_a_time(log: Log, new_fact: NewFacts) -> None:
    """A version that exists, or that leaves a gap, is refused with what the stream is at."""
    stream = uuid4()
    log.append(Append((new_fact(stream, 1), new_fact(stream, 2))))
    for wrong in (1, 2, 4):
        with pytest.raises(StaleVersion) as refusal:
            log.append(Append((new_fact(stream, wrong),)))
        assert (refusal.value.stream, refusal.value.expected, refusal.value.actual) == (str(stream), wrong - 1, 2)
    with pytest.raises(StaleVersion):
        log.append(Append((new_fact(version=2),)))
    assert log.append(Append((new_fact(stream, 3),)))[0].first == 3


def test_one_stale_stream_refuses_the_whole_append(log: Log, new_fact: NewFacts) -> None:
    """Facts of several streams are saved together or not at all, and a refusal leaves no gap."""
    stream = uuid4()
    log.append(Append((new_fact(stream, 1),)))
    other = new_fact()
    with pytest.raises(StaleVersion):
        log.append(Append((other, new_fact(stream, 1))))
    assert log.streams([str(other.stream)]) == {str(other.stream): []}
    assert log.append(Append((other, new_fact(stream, 2))))[0].last == log.head().position == 3


def test_a_key_seen_before_gets_its_first_reply(log: Log, new_fact: NewFacts) -> None:
    """Sending a command again, even one decided anew, saves nothing and answers as the first time."""
    fact = new_fact()
    (first,) = log.append(Append((fact,), (keyed("k1", fact),)))
    log.append(Append((new_fact(fact.stream, 2),)))
    again = new_fact(fact.stream, 3)
    (second,) = log.append(Append((again,), (keyed("k1", again),)))
    assert (first.replayed, second.replayed) == (False, True)
    assert (second.first, second.last, second.recorded_at, second.stream, second.version) == (
        first.first, first.last, first.recorded_at, first.stream, first.version,
    )  # fmt: skip
    assert log.head().position == 2


def test_a_key_reused_for_another_body_is_refused(log: Log, new_fact: NewFacts) -> None:
    """One key stands for one command, in an append and in a look-up."""
    fact = new_fact()
    log.append(Append((fact,), (keyed("k1", fact),)))
    with pytest.raises(KeyReusedForOtherBody, match="k1"):
        log.append(Append((new_fact(),), (keyed("k1", new_fact(), b"another"),)))
    with pytest.raises(KeyReusedForOtherBody, match="k1"):
        log.seen({"k1": b"another"})
    assert log.head().position == 1


def test_commands_of_one_append_get_a_reply_each(log: Log, new_fact: NewFacts) -> None:
    """Each reply has the positions of its own facts and the version its stream had reached by then."""
    stream = uuid4()
    facts = (new_fact(stream, 1), new_fact(stream, 2), new_fact(), new_fact(stream, 3))
    body = bytes(32)
    keys = (
        Keyed("a", body, 2, stream),
        Keyed("b", body, 1, facts[2].stream),
        Keyed("none", body, 0, stream),
        Keyed("c", body, 1, stream),
    )
    replies = log.append(Append(facts, keys))
    assert [(reply.first, reply.last, reply.version) for reply in replies] == [
        (1, 2, 2),
        (3, 3, 1),
        (4, 3, 2),
        (4, 4, 3),
    ]
    assert [(reply.first, reply.last, reply.replayed) for reply in log.append(Append(facts, keys))] == [
        (1, 2, True), (3, 3, True), (4, 3, True), (4, 4, True),
    ]  # fmt: skip
    assert list(log.seen({"a": body, "c": body, "unknown": body})) == ["a", "c"]


def test_a_batch_with_some_keys_seen_names_their_replies_and_saves_nothing(log: Log, new_fact: NewFacts) -> None:
    """The caller drops the commands that were saved before and appends the others again."""
    old, new = new_fact(), new_fact()
    (first,) = log.append(Append((old,), (keyed("old", old),)))
    with pytest.raises(KeysSeen) as refusal:
        log.append(Append((old, new), (keyed("old", old), keyed("new", new))))
    assert list(refusal.value.replies) == ["old"]
    assert refusal.value.replies["old"].first == first.first
    assert log.head().position == 1
    assert log.append(Append((new,), (keyed("new", new),)))[0].first == 2


def test_a_command_that_changed_nothing_is_remembered(log: Log) -> None:
    """A key without facts gets a reply with no positions, and the same one again."""
    stream = uuid4()
    nothing = Append((), (Keyed("k", bytes(32), 0, stream),))
    first, second = log.append(nothing)[0], log.append(nothing)[0]
    assert (first.first, first.last, first.version, first.replayed) == (1, 0, 0, False)
    assert (second.first, second.last, second.recorded_at, second.replayed) == (1, 0, first.recorded_at, True)


def test_a_reservation_is_held_by_one_stream(log: Log, new_fact: NewFacts) -> None:
    """A claim on what is held refuses the whole append with its kind; other keys and kinds are free."""
    one, two = new_fact(), new_fact()
    log.append(Append((one,), claim=(Reservation("seat", "group 1/seat 1", one.stream),)))
    with pytest.raises(ReservationTaken) as refusal:
        log.append(Append((two,), claim=(Reservation("seat", "group 1/seat 1", two.stream),)))
    assert (refusal.value.kind, refusal.value.key) == ("seat", "group 1/seat 1")
    assert log.head().position == 1
    log.append(Append((two,), claim=(Reservation("unit", "group 1/seat 1", two.stream),)))
    assert log.holders("seat", ["group 1/seat 1", "group 1/seat 2"]) == {"group 1/seat 1": str(one.stream)}


def test_releases_come_before_claims(log: Log, new_fact: NewFacts) -> None:
    """One append hands a reservation over, and only its holder can let it go."""
    one, two = uuid4(), uuid4()

    def seat(stream: UUID) -> tuple[Reservation, ...]:
        return (Reservation("seat", "1", stream),)

    log.append(Append((new_fact(one),), claim=seat(one)))
    with pytest.raises(ReservationTaken):
        log.append(Append((new_fact(two),), release=seat(two), claim=seat(two)))
    log.append(Append((new_fact(two),), release=seat(one), claim=seat(two)))
    assert log.holders("seat", ["1"]) == {"1": str(two)}


@pytest.mark.parametrize(
    "wrong", ["key without its facts", "one key twice", "one claim twice", "a patient twice", "nothing", "no subject"]
)
def test_a_malformed_append_is_refused_before_it_is_sent(wrong: str, log: Log, new_fact: NewFacts) -> None:
    """What could never be right is a ValueError, and nothing is saved."""
    fact, seat = new_fact(), Reservation("seat", "1", UUID(int=1))
    appends = {
        "key without its facts": Append((fact, new_fact()), (keyed("k", fact),)),
        "one key twice": Append((fact, fact), (keyed("k", fact), keyed("k", fact))),
        "one claim twice": Append((fact,), claim=(seat, seat)),
        "a patient twice": Append(
            (new_fact(patients=((str(UUID(int=1)), str(UUID(int=2))), (str(UUID(int=1)), str(UUID(int=3))))),)
        ),
        "nothing": Append(()),
        "no subject": Append((new_fact(sealed=b"words", context=b"{}"),)),
    }
    with pytest.raises(ValueError, match=r"\.$"):
        log.append(appends[wrong])
    assert log.head().position == 0


def test_when_a_fact_is_recorded_says_the_store_and_not_who_sends_it(log: Log, new_fact: NewFacts) -> None:
    """A fact of last March or of next century is recorded now, and one after the other."""
    before = datetime.now(UTC).strftime(INSTANT)
    replies = [
        log.append(Append((new_fact(occurred_at=moment),)))[0].recorded_at
        for moment in ("2126-03-02T14:05:00.000000Z", HOUR_9, "2126-03-02T14:05:00.000000Z")
    ]
    moments = [before, *replies, datetime.now(UTC).strftime(INSTANT)]
    assert moments == sorted(moments)


def test_a_simulation_is_recorded_at_the_time_given(simulation_log: Log, new_fact: NewFacts) -> None:
    """The simulated clock stands still or moves on, is refused when set back, and ticks a second when none is given."""
    assert simulation_log.head().simulation
    for moment in (HOUR_9, HOUR_10, HOUR_10):
        assert simulation_log.append(Append((new_fact(),), recorded_at=moment))[0].recorded_at == moment
    with pytest.raises(ClockRunsBackwards, match=f"{HOUR_10}.*{HOUR_9}"):
        simulation_log.append(Append((new_fact(),), recorded_at=HOUR_9))
    assert simulation_log.append(Append((new_fact(),)))[0].recorded_at == "2026-03-02T10:00:01.000000Z"
    assert simulation_log.head().recorded_at == "2026-03-02T10:00:01.000000Z"


def test_a_simulation_starts_with_a_time(simulation_log: Log, new_fact: NewFacts) -> None:
    """The first fact of a simulation says when it is."""
    with pytest.raises(ClockRunsBackwards):
        simulation_log.append(Append((new_fact(),)))


def test_a_real_store_takes_no_recorded_at(log: Log, new_fact: NewFacts) -> None:
    """Nobody sets the clock of a real store."""
    with pytest.raises(NotASimulation):
        log.append(Append((new_fact(),), recorded_at=HOUR_9))
    assert log.head().position == 0


def test_position_at_finds_the_last_fact_recorded_by_then(simulation_log: Log, new_fact: NewFacts) -> None:
    """Positions at, before and between recorded times, several facts at one time, and an empty log."""
    assert simulation_log.position_at(HOUR_9) == 0
    for moment in (HOUR_9, HOUR_10, HOUR_10, HOUR_10, HOUR_11):
        simulation_log.append(Append((new_fact(),), recorded_at=moment))
    found = [
        simulation_log.position_at(f"2026-03-02T{time}Z") for time in ("08:59:59.999999", "09:00:00", "09:59:59.999999")
    ]
    assert found == [0, 1, 1]
    assert [simulation_log.position_at(moment) for moment in (HOUR_10, HOUR_11, "2027-01-01T00:00:00.000000Z")] == [
        4,
        5,
        5,
    ]


def test_what_many_may_hold_tells_who_shares_it_and_since_when(log: Log, new_fact: NewFacts) -> None:
    """Under one key but for the stream at its end; another key, kind or a release makes no pair, and a kind that one
    alone may hold is never told of."""
    one, two, three = (str(uuid4()) for _ in range(3))

    def shared(stream: str, said: str, kind: str = "shared:mark") -> Reservation:
        return Reservation(kind, f"{said}:{stream}", UUID(stream))

    log.append(Append((new_fact(UUID(one)),), claim=(shared(one, "a"), shared(one, "s", "seat"))))
    log.append(Append((new_fact(UUID(two)),), claim=(shared(two, "a"), shared(two, "b"), shared(two, "s", "seat"))))
    log.append(Append((new_fact(UUID(three)),), claim=(shared(three, "b", "shared:other"), shared(three, "c"))))
    assert sorted(log.sharing()) == sorted([("shared:mark", one, two, 2), ("shared:mark", two, one, 2)])
    assert log.sharing([one]) == [("shared:mark", one, two, 2)]
    assert log.sharing([three]) == []
    log.append(Append((new_fact(UUID(one), 2),), release=(shared(one, "a"),)))
    assert log.sharing() == []
