"""Which programs may know of a patient's consents.

A consent's kind and purpose tell of which kind the program is that had it signed: only of a substance use do counseling
notes have a consent of their own. So one that names the programs that may disclose is the matter of these alone. One
that names none is the matter of the programs to which the patient was referred when it was recorded; from before any
referral, of the first one. So whoever has a patient referred to them learns nothing of what was signed elsewhere
before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aggregates.enrollment.facts import PatientReferred
from aggregates.patient.facts import ConsentSigned
from aggregates.values import Id


def programs_of_consents(facts: Iterable[Any]) -> dict[Id, frozenset[Id] | None]:
    """By consent the programs that may know of it, of one patient's referrals and consents in order; None for those
    from before any referral, as long as there is none: whoever may see such a patient may."""
    referred: list[Id] = []
    found: dict[Id, frozenset[Id] | None] = {}
    for fact in facts:
        if isinstance(fact, PatientReferred):
            referred.append(fact.program_id)
        elif isinstance(fact, ConsentSigned):
            found[fact.consent_id] = frozenset(fact.programs or referred) or None
    first = frozenset(referred[:1]) or None
    return {consent: first if programs is None else programs for consent, programs in found.items()}
