"""Loading one patient's history as of a moment, with the reference facts in memory, against the library's way."""

from __future__ import annotations

import gc
import time
from random import Random
from statistics import median, quantiles
from uuid import UUID

import psycopg
from eventsourcing.postgres import PostgresApplicationRecorder

from aggregates.codec import decode
from benchmarks.figures import Figure
from iop_es.engine.readmodel.asof import References
from iop_es.engine.recorder import LogDatastore
from iop_es.wiring import MODELS, House

PATIENTS = 300
MODEL = MODELS["billing"]


def asof_load(house: House) -> Figure:
    """One query, by the patient index; the library reads stream by stream. Both read the same facts, none decoded."""
    chosen = _chosen(house)
    references = References(MODEL, house.log, decode)
    references.facts(house.log.head().position)
    ours, theirs, facts = [], [], []
    datastore = LogDatastore(house.api_pool, house.log.schema)
    library = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
    gc.disable()
    for patient, upto, streams in chosen:
        started = time.perf_counter()
        references.facts(upto)
        facts.append(len(house.log.of_patient(patient, upto, with_context=MODEL.context)))
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        for stream in streams:
            library.select_events(stream)
        theirs.append(time.perf_counter() - started)
    gc.enable()
    p99 = quantiles(ours, n=100)[98] * 1000
    told = f"library, stream by stream: median {median(theirs) * 1000:.1f} ms"
    note = (
        f"p99; median {median(ours) * 1000:.2f} ms for a median of {median(facts):.0f} facts of"
        f" {house.log.head().position:,}, {median(ours) / median(facts) * 1e6:.1f} us a fact;"
        f" {median(theirs) / median(ours):.0f} times faster at the median"
    )
    return Figure("asof_load", p99, "ms", told, None, 2.0, note, most=True)


def _chosen(house: House) -> list[tuple[str, int, list[UUID]]]:
    """Patients and moments by chance, each with the streams of the patient's facts until then."""
    random, head = Random(7), house.log.head().position
    with psycopg.connect(house.url) as connection:
        connection.execute(f"SET search_path = {house.log.schema}".encode())
        rows = connection.execute("SELECT DISTINCT patient_id::text FROM fact_patient ORDER BY 1")
        patients = [patient for (patient,) in rows]
        found = []
        for patient in random.sample(patients, min(PATIENTS, len(patients))):
            upto = random.randint(head // 2, head)
            streams = connection.execute(
                "SELECT DISTINCT f.stream FROM fact_patient p JOIN fact f USING (position)"
                " WHERE p.patient_id = %s::uuid AND p.position <= %s", (patient, upto),
            )  # fmt: skip
            found.append((patient, upto, [stream for (stream,) in streams]))
    return found
