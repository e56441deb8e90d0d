"""Orders of one moment share one append, and each has its own reply or refusal, whatever becomes of the others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from aggregates.kit import COMMANDS
from aggregates.patient.decide import UnknownPatient
from aggregates.patient.identity import MedicalRecordNumberTaken
from aggregates.risk.facts import Alert
from aggregates.risk.refusals import RiskNotAssessed
from aggregates.risk.streams import risk_of
from aggregates.values import instant, moment
from api.commands.handle import Commands
from api.commands.order import IdTaken, NotPermitted, NotRecorded, Order, Reply, VersionChanged, digest_of
from api.commands.together import Together
from iop_es.engine.connections import Pool, open_pool
from iop_es.engine.errors import KeyReusedForOtherBody, StoreUnavailable
from iop_es.engine.log import Append, Appended, Log, NewFact
from tests.api.house import an_id
from tests.conftest import SCHEMA
from tests.proxy import Proxy
from tests.tailing import tail

DAY = "2026-01-05"
IDENTITY = {"family_name": "Ash", "given_name": "Eve", "birth_date": "1992-02-02", "sex": "female"}


def order(
    name: str, key: str | None = None, role: Any = "front_desk", expected: int | None = None, **data: Any
) -> Order:
    """One order; its stream comes first in the data."""
    given = key or str(uuid4())
    return Order(
        COMMANDS[name](**data), an_id(role), role, None, given, digest_of(name, data), expected=expected, kept=True
    )


def registering(number: int, key: str | None = None, record: str | None = None, **more: Any) -> Order:
    """The registration of a patient, with a record number if one is given."""
    identity = IDENTITY | {"medical_record_number": record}
    return order("patient.register", key, patient_id=an_id("patient", number), identity=identity, **more)


def contacting(number: int, words: str, key: str | None = None, **more: Any) -> Order:
    """A change to a patient who is known."""
    patient = an_id("patient", number)
    return order("patient.set_confidential_contact", key, patient_id=patient, effective_from=DAY, instructions=words,
                 **more)  # fmt: skip


class Counting(Log):
    """The real log, which counts its appends and lets something happen just before one."""

    def __init__(self, pool: Pool, before: Callable[[int], None] = lambda _: None) -> None:
        super().__init__(pool, SCHEMA)
        self.appends: list[Append] = []
        self._before = before

    def append(self, append: Append) -> tuple[Appended, ...]:
        """Appends, after what happens before it."""
        self.appends.append(append)
        self._before(len(self.appends))
        return super().append(append)


def test_what_one_order_takes_is_not_lost_when_another_gives_it_back_after_it(pool: Pool) -> None:
    """The number that the second patient takes and the first one gives up in the same append is the second one's."""
    commands = Commands(Log(pool, SCHEMA))
    assert isinstance(commands.handle_all([registering(1, record="MRN-1")])[0], Reply)
    other = order(
        "patient.correct_demographics", patient_id=an_id("patient", 1), cause="entry_error",
        identity=IDENTITY | {"medical_record_number": "MRN-2"},
    )
    answers = commands.handle_all([registering(2, record="MRN-1"), other])
    assert [isinstance(one, Reply) for one in answers] == [True, True]
    assert isinstance(commands.handle_all([registering(3, record="MRN-1")])[0], MedicalRecordNumberTaken)


def test_a_group_is_one_append(pool: Pool) -> None:
    """Orders that come together are one transaction, each with its own positions."""
    log = Counting(pool)
    answers = Together(Commands(log)).handle_all([registering(one) for one in range(1, 6)])
    assert len(log.appends) == 1
    assert [(one.stream, one.position) for one in answers if isinstance(one, Reply)] == [
        (an_id("patient", one), one) for one in range(1, 6)
    ]


@pytest.mark.parametrize("key", ["seen", "new"])
def test_every_refusal_reaches_its_own_order_only(key: str, pool: Pool) -> None:
    """A taken record number, a stale version, a role, an unknown and a foreign id, a key seen before and (which ends
    the group) one seen with another body: the neighbors of all these are recorded."""
    log = Counting(pool)
    commands = Commands(log)
    first = registering(1, key="seen", record="MRN-1")
    earlier = commands.handle(first)
    clinician = order(
        "clinician.join", role="director", clinician_id=an_id("staff"), programs=[an_id("program")],
        discipline="LCSW", associate=False, joined_on=DAY, family_name="Hale", given_name="Miriam",
    )  # fmt: skip
    commands.handle(clinician)
    foreign = order("patient.register", patient_id=an_id("staff"), identity=IDENTITY)
    orders = [
        registering(2), registering(3, record="MRN-1"), contacting(1, "mornings", expected=7), registering(4, key=key),
        order("clinician.leave", role="auditor", clinician_id=an_id("staff"), left_on=DAY),
        contacting(99, "mornings"), foreign, first, registering(6),
    ]
    before = log.head().position
    log.appends.clear()
    answers = Together(commands).handle_all(orders)
    kinds = [
        Reply, MedicalRecordNumberTaken, VersionChanged, KeyReusedForOtherBody if key == "seen" else Reply,
        NotPermitted, UnknownPatient, IdTaken, Reply, Reply,
    ]
    assert [type(one) for one in answers] == kinds
    assert answers[7] == replace(earlier, replayed=True)
    assert log.head().position == before + kinds.count(Reply) - 1
    assert key == "seen" or len(log.appends) == 2, "It is one append, again without the number that was taken."


def test_two_of_a_group_with_one_record_number(log: Log) -> None:
    """What must be unique is refused to the second of a group, and to nobody else."""
    orders = [registering(1, record="M"), registering(2, record="M"), registering(3)]
    answers = Together(Commands(log)).handle_all(orders)
    assert [type(one) for one in answers] == [Reply, MedicalRecordNumberTaken, Reply]


def test_one_key_twice_in_a_group(log: Log) -> None:
    """The same order twice gives one fact and the same reply; another order under that key is refused."""
    twice, other = registering(1, key="mine"), registering(2, key="mine")
    first, again, reused, neighbor = Together(Commands(log)).handle_all([twice, twice, other, registering(3)])
    assert isinstance(first, Reply) and isinstance(again, Reply) and isinstance(neighbor, Reply)
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.position, again.recorded_at, again.facts) == (first.position, first.recorded_at, first.facts)
    assert isinstance(reused, KeyReusedForOtherBody)
    assert log.head().position == 2


@pytest.mark.parametrize(("races", "appends"), [(1, 2), (2, 5)])
def test_a_lost_race_is_decided_again(races: int, appends: int, pool: Pool) -> None:
    """Another writer comes first in one stream of a group, once or twice: all are recorded, that one after it."""
    others = Commands(Log(pool, SCHEMA))
    others.handle(registering(1))

    def come_first(number: int) -> None:
        if number <= races:
            others.handle(contacting(1, f"call {number}"))

    log = Counting(pool, come_first)
    answers = Together(Commands(log)).handle_all([registering(2), contacting(1, "write"), registering(3)])
    assert [one.version for one in answers if isinstance(one, Reply)] == [1, races + 2, 1]
    assert len(log.appends) == appends
    assert log.head().position == races + 4


def test_what_must_be_whole_leaves_nothing_when_one_is_refused(log: Log) -> None:
    """The refusal is told, the others say that they were not recorded, and the same orders may come again."""
    commands = Commands(log)
    commands.handle(registering(1, record="M"))
    orders = [registering(2, record="N"), registering(3, record="M"), registering(4)]
    recorded, refused, also = commands.handle_all(orders, whole=True)
    assert isinstance(recorded, NotRecorded) and isinstance(also, NotRecorded)
    assert isinstance(refused, MedicalRecordNumberTaken)
    assert log.head().position == 1
    assert len(commands.handle_all([orders[0], orders[2]], whole=True)) == 2
    assert log.head().position == 3


def test_what_came_after_a_repeated_order_is_decided_again(pool: Pool) -> None:
    """Another server records the first order of a group meanwhile: what stood refused beside it is decided anew."""
    others, repeated = Commands(Log(pool, SCHEMA)), registering(1, key="mine", record="M")

    def come_first(number: int) -> None:
        if number == 1:
            others.handle(repeated)

    log = Counting(pool, come_first)
    first, refused = Together(Commands(log)).handle_all([repeated, registering(2, record="M")])
    assert isinstance(first, Reply) and first.replayed
    assert isinstance(refused, MedicalRecordNumberTaken)
    assert log.head().position == 1


def test_what_is_no_refusal_is_the_error_of_its_own_order(log: Log) -> None:
    """Something unforeseen in one order ends the group's work, and then only that order's."""
    broken = Order(object(), an_id("x"), "front_desk", None, "broken", bytes(32))
    answers = Together(Commands(log)).handle_all([registering(1), broken, registering(2)])
    assert [type(one) for one in answers] == [Reply, TypeError, Reply]


def test_who_names_a_stream_wrongly_spoils_it_for_nobody(log: Log) -> None:
    """A patient's id given as an episode's: the neighbor's order on the patient is recorded."""
    commands = Commands(log)
    commands.handle(registering(1))
    wrong = order("enrollment.start_leave", role="clinician", enrollment_id=an_id("patient", 1),
                  leave_id=an_id("leave"), started_on=DAY, cause="vacation")  # fmt: skip
    answers = Together(commands).handle_all([wrong, contacting(1, "mornings")])
    assert isinstance(answers[0], IdTaken)
    assert isinstance(answers[1], Reply) and answers[1].version == 2


def test_a_simulation_gives_each_order_its_own_second(simulation_log: Log, new_fact: Callable[..., NewFact]) -> None:
    """Orders that come together there are recorded one second after the head each."""
    start = "2026-03-02T09:00:00.000000Z"
    simulation_log.append(Append((new_fact(),), recorded_at=start))
    answers = Together(Commands(simulation_log)).handle_all([registering(one) for one in range(1, 4)])
    times = [moment(one.recorded_at) for one in answers if isinstance(one, Reply)]
    assert [instant(one) for one in times] == [f"2026-03-02T09:00:0{second}.000000Z" for second in (1, 2, 3)]


def test_a_database_that_is_gone_is_told_to_all(log: Log, pool: Pool) -> None:
    """Nobody of a group waits for ever."""
    pool.close()
    with pytest.raises(StoreUnavailable):
        Together(Commands(log)).handle_all([registering(1), registering(2)])


def test_a_database_that_goes_away_between_two_is_told_to_those_after_only(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was answered before it went keeps the answer; of those who come alone after it only one waits for it."""
    log, alone = Log(pool, SCHEMA), list[str]()
    commands = Commands(log)
    handle = commands.handle

    def going_away(order: Order) -> Reply:
        alone.append(order.key)
        if len(alone) > 2:
            raise StoreUnavailable("It went away.")
        return handle(order)

    monkeypatch.setattr(commands, "handle", going_away)
    broken = Order(object(), an_id("x"), "front_desk", None, "broken", bytes(32))
    numbered = [registering(number, key=str(number)) for number in range(1, 4)]
    reply, wrong, *others = Together(commands).handle_all([numbered[0], broken, *numbered[1:]])
    assert isinstance(reply, Reply) and reply.version == 1
    assert isinstance(wrong, TypeError)
    assert [type(one) for one in others] == [StoreUnavailable] * 2
    assert alone == ["1", "broken", "2"]
    assert log.head().position == 1


def test_an_acknowledgement_lost_after_commit_gives_each_its_own_reply(proxy: Proxy, store_url: str) -> None:
    """The connection dies after the COMMIT of a group of three: three facts, and to each order its own reply."""
    with open_pool(make_conninfo(store_url, host=proxy.folder), SCHEMA, "iop_api", 2) as pool:
        log = Log(pool, SCHEMA)
        together = Together(Commands(log))
        together.handle_all([registering(1)])
        orders = [contacting(1, "mornings"), registering(2), registering(3)]
        proxy.tag, proxy.cuts = b"SELECT 3\0", 1  # the append answers each of the three
        answers = together.handle_all(orders)
        assert proxy.cuts == 0
        found = [(one.stream, one.version, one.position) for one in answers if isinstance(one, Reply)]
        assert found == [(an_id("patient", one), version, one + 1) for one, version in ((1, 2), (2, 1), (3, 1))]
        assert [fact.position for fact in log.after(0, 10)] == [1, 2, 3, 4]
        assert [one.facts for one in together.handle_all(orders) if isinstance(one, Reply)] == [
            one.facts for one in answers if isinstance(one, Reply)
        ]


def test_twelve_writers_at_two_servers_and_a_tailing_reader(pool: Pool, store_url: str) -> None:
    """Two servers' groups race for the same streams: the reader misses nothing, and the count is the head."""
    log, stop = Log(pool, SCHEMA), threading.Event()
    Commands(log).handle_all([registering(one) for one in range(1, 4)])

    async def write(together: Together, writer: int) -> list[Reply]:
        done = []
        for turn in range(15):
            shared = contacting(1 + turn % 3, f"{writer}/{turn}")
            done.append(await together.handle(shared if turn % 2 else registering(1000 * writer + turn)))
        return done

    async def serve(writers: range) -> list[list[Reply]]:
        together = Together(Commands(Log(pool, SCHEMA)))
        return await asyncio.gather(*[write(together, writer) for writer in writers])

    with ThreadPoolExecutor(3) as threads:
        reader = threads.submit(tail, log, stop)
        try:
            served = list(threads.map(lambda writers: asyncio.run(serve(writers)), (range(1, 7), range(7, 13))))
        finally:
            stop.set()
        seen = reader.result()
    positions = sorted(reply.position for one in served for done in one for reply in done)
    head = log.head().position
    assert seen == list(range(1, head + 1))
    assert positions == list(range(4, head + 1))
    with psycopg.connect(store_url) as server:
        assert server.execute("SELECT count(*) FROM iop.fact").fetchone() == (head,) == (3 + 12 * 15,)


@pytest.mark.parametrize("measured_first", [True, False])
def test_orders_of_one_append_know_of_one_another_in_their_order(log: Log, measured_first: bool) -> None:
    """A judgment that stands before the measure, in the same append, clears nothing of it."""
    patient, program, measure = an_id("patient"), an_id("program"), an_id("assessment")
    risk = {"risk_id": risk_of(patient), "patient_id": patient, "program_id": program}
    between = [
        order(
            "assessment.administer", role="clinician", assessment_id=measure, patient_id=patient, program_id=program,
            instrument="phq-9", administered_on=DAY, administered_at=f"{DAY}T15:00:00Z", occasion="routine",
            respondent="patient", items=(0,) * 8 + (3,),
        ),
        order(
            "risk.assess", role="clinician", **risk, assessed_at=f"{DAY}T16:00:00Z", level="low", basis=("interview",)
        ),
    ]  # fmt: skip
    clearing = order(
        "risk.acknowledge_alert", role="clinician", **risk, outcome="cleared", cause="talked",
        alert=Alert(kind="safety_item", about=measure, since=DAY),
    )  # fmt: skip
    orders = [registering(1), *(between if measured_first else reversed(between)), clearing]
    answers = Commands(log).handle_all(orders)
    assert isinstance(answers[-1], Reply if measured_first else RiskNotAssessed), answers
