"""Which of a patient's consents a program may know of, asked of the log itself.

A consent's kind and purpose tell of which kind the program is that had it signed: only of a substance use do counseling
notes have a consent of their own. So one that names the programs that may disclose is the matter of these alone. One
that names none is the matter of the programs to which the patient was referred when it was recorded; from before any
referral, of the first one. So whoever has a patient referred to them learns nothing of what was signed elsewhere
before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from aggregates.codec import salvaged
from aggregates.enrollment.facts import PatientReferred
from aggregates.patient.facts import ConsentSigned
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
    return {patient: _known_to(set(programs), facts) for patient, facts in told.items()}


def _known_to(programs: set[Id], facts: Sequence[Any]) -> frozenset[Id]:
    """Of one patient, by the facts of referrals and consents in order."""
    referred: list[Id] = []
    early: set[Id] = set()
    known: set[Id] = set()
    for fact in facts:
        if isinstance(fact, PatientReferred):
            referred.append(fact.program_id)
        elif isinstance(fact, ConsentSigned):
            if not fact.programs and not referred:
                early.add(fact.consent_id)
            elif programs & set(fact.programs or referred):
                known.add(fact.consent_id)
    return frozenset(known | early if not referred or referred[0] in programs else known)
