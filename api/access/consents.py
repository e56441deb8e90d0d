"""Which of a patient's consents a program may know of (`aggregates.patient.known`), asked of the log itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from aggregates.codec import salvaged
from aggregates.patient.known import programs_of_consents
from aggregates.values import Id
from iop_es.engine.log import Log

NAMES = ("enrollment.patient_referred", "patient.consent_signed")


def consents_known_to(
    log: Log, patients: Collection[Id], programs: Collection[Id], upto: int | None = None
) -> dict[Id, frozenset[Id]]:
    """The ids of each patient's consents that these programs may know of, as of a position."""
    told: dict[Id, list[Any]] = {one: [] for one in patients}
    for one in log.about(list(patients), NAMES, upto, with_context=False):
        told[one.patients[0]].append(salvaged(one.topic, one.state, checked=False))
    return {
        patient: frozenset(
            consent for consent, known in programs_of_consents(facts).items()
            if known is None or not known.isdisjoint(programs)
        )
        for patient, facts in told.items()
    }  # fmt: skip
