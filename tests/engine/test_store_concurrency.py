"""Many writers, a tailing reader, and connections that break at the worst moment."""

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.errors import ReservationTaken, StaleVersion, StoreUnavailable
from iop_es.engine.log import Append, Keyed, Log, NewFact, Reservation
from tests.proxy import Proxy
from tests.tailing import tail

NewFacts = Callable[..., NewFact]


def test_twelve_writers_and_a_tailing_reader_miss_nothing(log: Log, store_url: str, new_fact: NewFacts) -> None:
    """With failing appends among them, the reader sees each position once, in order, and the count is the head."""
    patients = [str(uuid4()) for _ in range(3)]
    seat = Reservation("seat", "1", UUID(int=1))
    log.append(Append((new_fact(),), claim=(seat,)))

    def write(writer: int) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        chance = random.Random(writer)
        for _ in range(25):
            fact = new_fact(version=chance.choice((1, 1, 1, 2)), patients=((chance.choice(patients), str(uuid4())),))
            facts = (fact, *(new_fact(fact.stream, version) for version in range(2, chance.choice((2, 3, 5)))))
            try:
                log.append(Append(facts, claim=(seat,) if chance.random() < 0.1 else ()))
                outcomes["facts"] += len(facts)
            except (StaleVersion, ReservationTaken) as refusal:
                outcomes[type(refusal).__name__] += 1
        return outcomes

    stop = threading.Event()
    with ThreadPoolExecutor(13) as threads:
        reader = threads.submit(tail, log, stop)
        try:
            outcomes = sum(threads.map(write, range(12)), Counter())
        finally:
            stop.set()
        seen = reader.result()
    assert outcomes["StaleVersion"] and outcomes["ReservationTaken"]
    head = log.head().position
    assert seen == list(range(1, head + 1))
    with psycopg.connect(store_url) as server:
        assert server.execute("SELECT count(*) FROM iop.fact").fetchone() == (head,) == (outcomes["facts"] + 1,)
        inversions = (
            "SELECT count(*) FROM iop.fact a JOIN iop.fact b ON b.position = a.position + 1 "
            "WHERE b.recorded_at < a.recorded_at"
        )
        assert server.execute(inversions).fetchone() == (0,)
        numbers = "SELECT count(*), max(n), count(DISTINCT n) FROM iop.fact_patient GROUP BY patient_id"
        assert all(len(set(row)) == 1 for row in server.execute(numbers).fetchall())


def test_writers_of_one_stream_take_turns(log: Log, new_fact: NewFacts) -> None:
    """Of several appends of one version exactly one is saved."""
    stream = uuid4()

    def write(version: int) -> bool:
        with contextlib.suppress(StaleVersion):
            return log.append(Append((new_fact(stream, version),)))[0].version == version
        return False

    with ThreadPoolExecutor(6) as threads:
        for version in range(1, 6):
            assert sum(threads.map(write, [version] * 6)) == 1
    assert log.head().position == 5


def test_one_key_sent_at_once_by_many_has_one_effect(log: Log, new_fact: NewFacts) -> None:
    """The first wins, the others get its reply."""
    body = bytes(32)

    def send(_: int) -> tuple[int, bool]:
        fact = new_fact()
        (reply,) = log.append(Append((fact,), (Keyed("the key", body, 1, fact.stream),)))
        return reply.first, reply.replayed

    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(send, range(24)))
    assert Counter(replies) == {(1, False): 1, (1, True): 23}


@pytest.mark.parametrize("key", [None, "mine"])
@pytest.mark.parametrize("cuts", [1, 2])
def test_an_acknowledgement_lost_after_commit_changes_nothing(
    key: str | None, cuts: int, proxy: Proxy, store_url: str, new_fact: NewFacts
) -> None:
    """The connection dies after COMMIT, once or twice: one fact, and the reply that was lost."""
    url = make_conninfo(store_url, host=proxy.folder)
    with open_pool(url, "iop", "iop_api", 2) as pool:
        log = Log(pool, "iop")
        log.append(Append((new_fact(),)))
        fact = new_fact()
        proxy.cuts = cuts
        (reply,) = log.append(Append((fact,), (Keyed(key, bytes(32), 1, fact.stream),) if key else ()))
        assert proxy.cuts == 0
        assert (reply.first, reply.last, reply.stream, reply.version) == (2, 2, str(fact.stream), 1)
        assert reply.recorded_at == log.head().recorded_at
        assert [stored.position for stored in log.after(0, 10)] == [1, 2]


def test_a_backend_killed_before_commit_is_tried_again(log: Log, store_url: str, new_fact: NewFacts) -> None:
    """An append whose backend is terminated while it waits is saved once, by a second try."""
    log.append(Append((new_fact(),)))
    with psycopg.connect(store_url, autocommit=True) as server, ThreadPoolExecutor(1) as threads:
        with server.transaction():
            server.execute("SELECT pg_advisory_xact_lock('iop.fact'::regclass::oid::bigint)")
            waiting = threads.submit(log.append, Append((new_fact(),)))
            kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            assert any(server.execute(kill).fetchone() == (1,) for _ in range(5_000)), "the append never waited"
        (reply,) = waiting.result()
    assert (reply.first, reply.replayed, log.head().position) == (2, False, 2)


def test_the_log_recovers_when_all_connections_die(log: Log, pool: Pool, store_url: str, new_fact: NewFacts) -> None:
    """After a restart of the server the next call works, without a restart of ours."""
    log.append(Append((new_fact(),)))
    for _ in range(3):
        with psycopg.connect(store_url, autocommit=True) as server:
            others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            server.execute("SELECT pg_terminate_backend(pid, 5000) " + others)
        assert log.after(0, 10)[0].position == 1
    assert log.append(Append((new_fact(),)))[0].first == 2


def test_a_database_that_stays_away_is_said_in_a_sentence(log: Log, pool: Pool, new_fact: NewFacts) -> None:
    """Without a connection in time the caller is told to try again, in words."""
    pool.close()
    with pytest.raises(StoreUnavailable, match=r"Try again in a few seconds\.$"):
        log.append(Append((new_fact(),)))
