"""Which of a patient's consents a program may know of, asked of the log itself.

A consent's kind and purpose tell of which kind the program is that had it signed: only of a substance use do counseling
notes have a consent of their own. So one that names the programs that may disclose is the matter of these alone. One
that names none is the matter of the programs to which the patient was referred when it was recorded; from before any
referral, of the first one. So whoever has a patient referred to them learns nothing of what was signed elsewhere
before.
"""

from __future__ import annotations

from collections.abc import Collection

from aggregates.codec import salvaged
from aggregates.enrollment.facts import PatientReferred
from aggregates.patient.facts import ConsentSigned
from aggregates.values import Id
from iop_es.engine.log import Log

NAMES = ("enrollment.patient_referred", "patient.consent_signed")


def consents_known_to(log: Log, patient: Id, programs: Collection[str], upto: int | None = None) -> frozenset[Id]:
    """The ids of those that these programs may know of, as of a position."""
    referred: list[str] = []
    early: list[Id] = []
    known: set[Id] = set()
    for one in log.about([patient], NAMES, upto, with_context=False):
        fact = salvaged(one.topic, one.state, checked=False)
        if isinstance(fact, PatientReferred):
            referred.append(fact.program_id)
        elif isinstance(fact, ConsentSigned):
            if fact.programs:
                known |= {fact.consent_id} if set(fact.programs) & set(programs) else set()
            elif not referred:
                early.append(fact.consent_id)
            elif set(referred) & set(programs):
                known.add(fact.consent_id)
    return frozenset(known) | frozenset(early if not referred or referred[0] in programs else ())
