"""What a bill says beside its lines: as it was prepared, and as it would be now; in codes and ids only.

The patient's status is the discharge's on the bill that ends the stay, and 30 (still a patient) on the others. A payer
with interim claims is told which bill that is; to another payer a bill that said 30 stays right as long as the patient
left after its last day. Member numbers, subscribers and the patient's own name and address are nowhere here: the
positions of the facts that gave them are. These, the attending and the admission a file tells as they are when it is
written, so that a claim that has not left says what is so. Who the patient is, is compared as it was on the day the
claim left, and the attending as on its last day: a move or a change of attending makes no earlier claim wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from aggregates.claim.bill_type import shows_admission_date
from projections.billing.lines import Header
from projections.billing.standing import INSTITUTIONAL
from projections.billing.stays import stays

if TYPE_CHECKING:
    from projections.billing.day import Day
    from projections.billing.documents import Claim, Episode, Patient
    from projections.billing.views import ClaimView

STILL_A_PATIENT = "30"
ATTENDING = "The episode names another attending than the claim."
COVERAGE = "The claim has the member number and subscriber of another coverage than the one that covers it now."
NUMBERS = "Member number or subscriber of the coverage were recorded anew after the claim was prepared."
IDENTITY = "The patient's name, birth date, sex or address were corrected after the claim was written."


def header_of(patient: Patient, episode: Episode, coverage_id: str | None, date: str) -> Header:
    """What a bill that ends with a day would say; the status is that of the discharge, None before one."""
    coverage = patient.coverages.get(coverage_id or "")
    by_rank: dict[int, str] = {}
    for one in episode.diagnoses:
        if one.on <= date:
            by_rank[1] = one.value
    for other in episode.other_diagnoses:
        if other.on <= date:
            by_rank[other.rank] = other.value
    principal = by_rank.pop(1, None)
    others = dict.fromkeys(code for _, code in sorted(by_rank.items()) if code != principal)
    return Header(
        patient_status=episode.patient_status if episode.discharged_on else None, principal_diagnosis=principal,
        other_diagnoses=tuple(others), attending_id=episode.attending_on(date), coverage_id=coverage_id,
        coverage_at=coverage.positions[0] if coverage else None, identity_at=patient.identity_at,
        admitted_on=episode.admitted_on, admission_type=episode.admission_type,
        admission_source=episode.admission_source,
    )


def on_form(header: Header, form: str, type_of_bill: str | None, patient_status: str | None) -> Header:
    """What of it such a bill says: the professional form has neither a status nor an admission, and the day of the
    admission stands on bills of some types only."""
    day = header.admitted_on if shows_admission_date(type_of_bill) else None
    if form == INSTITUTIONAL:
        return msgspec.structs.replace(header, patient_status=patient_status, admitted_on=day)
    return msgspec.structs.replace(
        header, patient_status=None, admitted_on=None, admission_type=None, admission_source=None
    )


def says(claim: Claim, patient: Patient) -> Header | None:
    """What a claim said, or will say when it leaves; who the patient was when it left is who they are, for it."""
    told = claim.header
    if claim.submitted_at is None or told is None:
        return as_sent(claim, patient)
    then = patient.identity_on(claim.submitted_at[:10])
    return msgspec.structs.replace(told, identity_at=patient.identity_at) if told.identity_at == then else told


def as_sent(claim: Claim, patient: Patient, upto: int | None = None) -> Header | None:
    """What a file says that is written now; what was recorded after the position that it was written as of is not in
    it."""
    told, episode = claim.header, patient.episodes.get(claim.enrollment_id)
    if told is None or episode is None:
        return told
    now = header_of(patient, episode, told.coverage_id, claim.through_date)
    known = (now.identity_at, now.coverage_at, episode.attending_at, *episode.admission_positions)
    since = max((one for one in known if one is not None), default=0)
    if upto is not None and since > upto:
        return told
    now = msgspec.structs.replace(
        now, principal_diagnosis=told.principal_diagnosis, other_diagnoses=told.other_diagnoses,
        coverage_at=now.coverage_at or told.coverage_at,
    )
    return on_form(now, claim.form, claim.type_of_bill, told.patient_status)


def status_of(day: Day, form: str, *, ends: bool) -> str | None:
    """The patient's status on a bill through a day; the professional form has none."""
    if form != INSTITUTIONAL or day.header is None:
        return None
    return (day.header.patient_status or STILL_A_PATIENT) if ends else STILL_A_PATIENT


def told_status(day: Day) -> str | None:
    """The status that a bill through this day told a payer who is told where in the stay it stands."""
    told = (one.patient_status for one in day.told.values()) if day.interim_claims else ()
    return next((one for one in told if one is not None), None)


def header_differs(day: Day) -> bool:
    """Whether a bill through this day would say something else now, as far as the day alone can tell."""
    return any(any(_changes(told, day, None)) for told in day.told.values())


def changed(claim: ClaimView, days: Iterable[Day], now: str) -> tuple[list[str], str | None]:
    """What a claim says beside its lines that is not so now, a sentence each, and the patient's status as it is now.

    `days` are all of its stay, where the payer is told of it.
    """
    days = list(days)
    own = (day for day in days if any(line.claim_id == claim.claim_id for line in day.claimed))
    day = max(own, key=lambda one: one.service_date)
    told = day.told.get(claim.claim_id)
    if day.interim_claims:
        stay = stays(days, now)[day.enrollment_id, claim.payer_id]
        status = status_of(day, claim.form, ends=stay.ends_with(day.service_date))
    else:
        status = _status(told, day) if told else status_of(day, claim.form, ends=True)
    same_payer = told is not None and day.payer_id == claim.payer_id
    return list(_changes(told, day, status)) if told and same_payer else [], status


def changes(told: Header, header: Header, status: str | None) -> Iterator[str]:
    """What was told and is not so now, a sentence each; `status` is the patient's that is right."""
    if status != told.patient_status:
        yield f"The patient's status is {status} now, and the claim says {told.patient_status}."
    if header.principal_diagnosis != told.principal_diagnosis:
        now, then = (one.principal_diagnosis or "none" for one in (header, told))
        yield f"The principal diagnosis is {now} now, and the claim says {then}."
    if header.other_diagnoses != told.other_diagnoses:
        now, then = (", ".join(one.other_diagnoses) or "none" for one in (header, told))
        yield f"The other diagnoses are {now} now, and the claim says {then}."
    if header.attending_id != told.attending_id:
        yield ATTENDING
    if header.coverage_id != told.coverage_id:
        yield COVERAGE
    elif header.coverage_at != told.coverage_at:
        yield NUMBERS
    if told.identity_at is not None and header.identity_at != told.identity_at:
        yield IDENTITY
    yield from _admission(told, header)


def _admission(told: Header, header: Header) -> Iterator[str]:
    """How the stay began, as far as the bill says it."""
    if told.admitted_on is not None and header.admitted_on != told.admitted_on:
        yield f"The admission was on {header.admitted_on}, and the claim says {told.admitted_on}."
    parts = [(one.admission_type, one.admission_source) for one in (header, told)]
    if told.admission_type is not None and parts[0] != parts[1]:
        now, then = (f"of type {kind} and source {source}" for kind, source in parts)
        yield f"The admission is {now} now, and the claim says {then}."


def _changes(told: Header, day: Day, status: str | None) -> Iterator[str]:
    """Sentences; without a status only what the day alone can tell of it."""
    if day.header is not None:
        alone = told.patient_status if day.interim_claims else _status(told, day)
        yield from changes(told, day.header, status or alone)


def _status(told: Header, day: Day) -> str | None:
    return None if day.header is None else untold_status(told, day.header, day.discharged_on, day.service_date)


def untold_status(told: Header, header: Header, discharged_on: str | None, through: str) -> str | None:
    """The status that such a bill says now, where the payer is not told which one ends the stay."""
    if told.patient_status is None:
        return None
    left = discharged_on is not None and (discharged_on <= through or told.patient_status != STILL_A_PATIENT)
    return (header.patient_status or STILL_A_PATIENT) if left else STILL_A_PATIENT


def as_data(header: Header) -> dict[str, object]:
    """The header as `claim.prepare` takes it; the claim itself names its coverage."""
    data: dict[str, object] = msgspec.to_builtins(header)
    data.pop("coverage_id", None)
    return data
