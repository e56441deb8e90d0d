"""From commit to visible: how long after a command was recorded every read model shows it, under a steady load.

A process of its own projects, as `iop-es project` does; this one orders commands at a fixed rate, and looks every
millisecond how far the read models are. Each command drafts a daily note about a patient with a whole stay's history.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import cycle, islice
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from statistics import quantiles
from threading import Thread
from uuid import uuid4

from aggregates.codec import decode
from aggregates.enrollment.facts import PatientAdmitted
from aggregates.note.commands import DraftNote
from api.commands.order import Order
from benchmarks.figures import Figure
from iop_es import wiring
from iop_es.logs import quiet_logs
from iop_es.projecting import Projecting
from iop_es.settings import Settings
from iop_es.wiring import House

COMMANDS_PER_SECOND = 200
SECONDS = 20
LOOK_SECONDS = 0.001


def lag(settings: Settings, house: House) -> Figure:
    """p99 of the milliseconds from commit to visible in all read models, with p50 beside it."""
    house.project()
    context = get_context("spawn")
    ready, stop = context.Event(), context.Event()
    projector = context.Process(target=_project, args=(settings, ready, stop))
    projector.start()
    try:
        ready.wait(30)
        waited = _waited(house)
    finally:
        stop.set()
        projector.join(30)
    cuts = quantiles(waited, n=100)
    p50, p99 = cuts[49] * 1000, cuts[98] * 1000
    note = f"p99; p50 {p50:.1f} ms (reach 20); {len(waited):,} commands at {COMMANDS_PER_SECOND} a second"
    return Figure("lag", p99, "ms", None, None, 100.0, note, most=True)


def _waited(house: House) -> list[float]:
    committed: list[tuple[int, float]] = []
    seen: list[tuple[int, float]] = []
    done = False

    def look() -> None:
        while not done:
            seen.append((min(house.gate.positions().values()), time.perf_counter()))
            time.sleep(LOOK_SECONDS)

    looking = Thread(target=look)
    looking.start()
    commands, orders = house.commands(), _orders(house)
    started = time.perf_counter()
    for number, order in enumerate(islice(orders, COMMANDS_PER_SECOND * SECONDS)):
        time.sleep(max(0.0, started + number / COMMANDS_PER_SECOND - time.perf_counter()))
        reply = commands.handle(order)
        committed.append((reply.position, time.perf_counter()))
    while not seen or seen[-1][0] < committed[-1][0]:
        time.sleep(LOOK_SECONDS)
    done = True
    looking.join()
    return _paired(committed, seen)


def _paired(committed: list[tuple[int, float]], seen: list[tuple[int, float]]) -> list[float]:
    """For each command the time until the first look that found it."""
    waited, looks = [], iter(seen)
    position, at = next(looks)
    for wanted, since in committed:
        while position < wanted or at < since:
            position, at = next(looks)
        waited.append(at - since)
    return waited


def _orders(house: House) -> Iterator[Order]:
    """Daily notes about every patient in turn, each by the attending clinician on the day of admission; for ever."""
    referred = house.log.by_topics(["enrollment.patient_referred"])
    programs = {one.stream: decode(one.topic, one.state).program_id for one in referred}
    for stored in cycle(house.log.by_topics(["enrollment.patient_admitted"])):
        yield _order(stored.stream, stored.patients[0], programs[stored.stream], decode(stored.topic, stored.state))


def _order(enrollment: str, patient: str, program: str, admitted: PatientAdmitted) -> Order:
    command = DraftNote(
        note_id=str(uuid4()), kind="daily", program_id=program, service_date=admitted.admitted_on,
        service_ended_at=f"{admitted.admitted_on}T21:00:00.000000Z", patient_id=patient, enrollment_id=enrollment,
    )  # fmt: skip
    return Order(
        command=command, by=admitted.attending_id, role="clinician", programs=None, key=str(uuid4()), digest=bytes(32)
    )


def _project(settings: Settings, ready: Event, stop: Event) -> None:
    quiet_logs("error")
    with wiring.opened(settings) as house, Projecting(house.drivers, house.url, house.log.schema):
        ready.set()
        stop.wait()
