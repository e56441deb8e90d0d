"""Loading one patient's history as of a moment, with the reference facts in memory, against the library's way.

A history of 50 facts is what the reach was set for; the whole of a patient who has been here for thirteen weeks, some
650 facts, is told beside it.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, field
from random import Random
from statistics import median, quantiles
from typing import NamedTuple
from uuid import UUID

import psycopg
from eventsourcing.postgres import PostgresApplicationRecorder

from aggregates.codec import decode
from benchmarks.figures import Figure
from iop_es.engine.readmodel.asof import References
from iop_es.engine.recorder import LogDatastore
from iop_es.wiring import MODELS, House

PATIENTS = 300
WARM = 10
FACTS = 50
MODEL = MODELS["billing"]


class Chosen(NamedTuple):
    """A patient, a position, and the streams of the patient's facts until then."""

    patient: str
    upto: int
    streams: list[UUID]


@dataclass(slots=True)
class Loaded:
    """Seconds of each loading, the library's beside ours, and the facts of each."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    facts: list[int] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return quantiles(self.ours, n=100)[98] * 1000

    def told(self) -> str:
        """The medians, ours and theirs, in one line."""
        ours, theirs = median(self.ours), median(self.theirs)
        return (
            f"median {ours * 1000:.2f} ms for {median(self.facts):.0f} facts, {theirs / ours:.0f} times faster than the"
            f" library's {theirs * 1000:.1f} ms"
        )


def asof_load(house: House) -> Figure:
    """One query, by the patient index; the library reads stream by stream. Both read the same facts, none decoded."""
    short, whole = _loaded(house, FACTS), _loaded(house, None)
    note = (
        f"p99 of {len(short.ours)} patients out of {house.log.head().position:,} facts; {short.told()};"
        f" whole histories: p99 {whole.p99:.1f} ms, {whole.told()}"
    )
    told = f"library, stream by stream: median {median(short.theirs) * 1000:.1f} ms"
    return Figure("asof_load", short.p99, "ms", told, None, 2.0, note, most=True)


def _loaded(house: House, facts: int | None) -> Loaded:
    """Histories of so many facts, or whole ones until some moment of the log's later half."""
    references = References(MODEL, house.log, decode)
    references.facts(house.log.head().position)
    datastore = LogDatastore(house.api_pool, house.log.schema)
    library = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
    loaded, chosen = Loaded(), _chosen(house, facts)
    for patient, upto, _ in chosen[:WARM]:  # as a server that has been asked before
        house.log.of_patient(patient, upto, with_context=MODEL.context)
    gc.disable()
    for patient, upto, _ in chosen[WARM:]:
        started = time.perf_counter()
        references.facts(upto)
        loaded.facts.append(len(house.log.of_patient(patient, upto, with_context=MODEL.context)))
        loaded.ours.append(time.perf_counter() - started)
    for _, _, streams in chosen[WARM:]:  # by now the pages are in memory, which helps the library only
        started = time.perf_counter()
        for stream in streams:
            library.select_events(stream)
        loaded.theirs.append(time.perf_counter() - started)
    gc.enable()
    return loaded


def _chosen(house: House, facts: int | None) -> list[Chosen]:
    random, head = Random(7), house.log.head().position
    with psycopg.connect(house.url) as connection:
        connection.execute(f"SET search_path = {house.log.schema}".encode())
        # Everyone has a first fact, not everyone a fiftieth.
        rows = connection.execute(
            "SELECT patient_id::text, position FROM fact_patient WHERE n = %s ORDER BY 1", (facts or 1,)
        ).fetchall()
        chosen = random.sample(rows, min(PATIENTS, len(rows)))
        found = []
        for patient, position in chosen:
            upto = position if facts else random.randint(head // 2, head)
            streams = connection.execute(
                "SELECT DISTINCT f.stream FROM fact_patient p JOIN fact f USING (position)"
                " WHERE p.patient_id = %s::uuid AND p.position <= %s", (patient, upto),
            )  # fmt: skip
            found.append(Chosen(patient, upto, [stream for (stream,) in streams]))
    return found
