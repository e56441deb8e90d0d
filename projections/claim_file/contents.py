"""What a file says of one claim: values taken from the folded streams, each None where nobody has recorded it.

Which fact counts is decided here: the provider's identity and the diagnoses on the claim's last day, the submitter and
the payer's address on the day it is sent, the coverage that the claim names or, without one, the payer's of the lowest
rank on its first day. Of the patient's other coverages on that day those are told whose payer can be named in a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from aggregates.authorization.state import Authorization
from aggregates.claim.before import lines_before, place_of
from aggregates.claim.disclosure import telling_of
from aggregates.claim.facts import AdjudicatedLine, ClaimAdjudicated, ClaimLine, ClaimPrepared
from aggregates.claim.state import Bill
from aggregates.clinician.facts import ClinicianIdentity
from aggregates.clinician.state import Clinician
from aggregates.days import covers
from aggregates.disclosure import covering
from aggregates.enrollment.facts import PatientAdmitted
from aggregates.enrollment.state import Episode
from aggregates.patient.facts import CoverageIdentity, CoverageRecorded, Identity
from aggregates.patient.state import Patient
from aggregates.payer_policy.facts import ElectronicAddressRecorded
from aggregates.payer_policy.state import Policy
from aggregates.program.facts import ProviderIdentityRecorded, SubmitterRecorded
from aggregates.values import moment
from projections.claim_file.inputs import Inputs

T = TypeVar("T")
STILL_A_PATIENT, VOID = "30", "8"


def known(part: T | None) -> T:
    """A part that `checks` has found. Raises ValueError for a claim that was not checked."""
    if part is None:
        raise ValueError("A claim is checked before it is written: a part of it is missing.")
    return part


@dataclass(frozen=True, slots=True)
class Insurance:
    """One payer of the patient: the coverage with its numbers, and how files name the payer."""

    coverage: CoverageRecorded
    payer_name: str
    address: ElectronicAddressRecorded | None

    @property
    def member(self) -> CoverageIdentity:
        """What the payer calls the member; empty where its part was not recorded."""
        return self.coverage.sealed or CoverageIdentity()


@dataclass(frozen=True, slots=True)
class Answered:
    """What the payer before answered: its insurance, its lines, how it judged them, and the numbers of those that the
    lines told here bill again."""

    insurance: Insurance | None
    prepared: ClaimPrepared
    answer: ClaimAdjudicated
    numbers: dict[int, int]

    def billed(self, line: ClaimLine) -> ClaimLine | None:
        """Its line that this one bills again; None when it billed no such service."""
        return next((one for one in self.prepared.lines if one.line == self.numbers.get(line.line)), None)

    def line(self, line: ClaimLine) -> AdjudicatedLine | None:
        """Its answer to that line."""
        return next((one for one in self.answer.lines if one.line == self.numbers.get(line.line)), None)


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that a file says of one claim; its control number as it is sent, in capitals."""

    claim_id: str
    control_number: str
    prepared: ClaimPrepared
    sent_at: datetime
    submitter: SubmitterRecorded | None
    provider: ProviderIdentityRecorded | None
    patient: Identity | None
    insurance: Insurance | None
    attending: ClinicianIdentity | None
    rendering: dict[int, ClinicianIdentity]
    admission: PatientAdmitted | None
    patient_status: str
    principal: str | None
    diagnoses: tuple[str, ...]
    condition_codes: tuple[str, ...]
    authorizations: dict[str, Authorization]
    payer_control_number: str | None
    before: Answered | None
    others: tuple[Insurance, ...]
    places: dict[str, str]
    payer_kind: str | None
    release_signed: bool
    by_service: frozenset[str]

    @property
    def authorization_numbers(self) -> tuple[str, ...]:
        """The payer's numbers of the authorizations that the lines draw on, each once."""
        facts = (one.approved for one in self.authorizations.values())
        return tuple(dict.fromkeys(fact.sealed.number for fact in facts if fact and fact.sealed))

    def rendered_by(self, line: ClaimLine) -> ClinicianIdentity | None:
        """Who rendered a line of an 837P: whoever gave the service, or the attending where that is not known."""
        return self.rendering.get(line.line, self.attending)

    @property
    def release(self) -> str:
        """CLM09 and OI06: Y with a signed statement, I where none was collected and no law asks for one."""
        return "Y" if self.release_signed else "I"

    @property
    def substance_use(self) -> bool:
        """Whether it is of a record of 42 CFR Part 2, as the admission says."""
        return self.admission is not None and self.admission.focus == "substance_use"

    @property
    def dependent(self) -> bool:
        """Whether the patient is insured through somebody else."""
        return self.insurance is not None and self.insurance.coverage.relationship != "self"


def contents(inputs: Inputs, control_number: str, submitted_at: str) -> Contents:
    """What a file that is sent at this time says of the claim."""
    claim, program, policy, episode = inputs.prepared, inputs.program, inputs.policy, inputs.episode
    sent_at = moment(submitted_at).astimezone(ZoneInfo(program.time_zone if program else "UTC"))
    sent_on, last = sent_at.date().isoformat(), claim.through_date
    found = _principal(episode, last)
    header, again = claim.header, claim.frequency == VOID
    insurance, before = _insurance(inputs, claim, sent_on), _before(inputs, sent_on)
    return Contents(
        claim_id=inputs.claim_id,
        control_number=control_number.upper(),
        prepared=claim,
        sent_at=sent_at,
        submitter=program.submitter_on(sent_on) if program else None,
        provider=program.identity_on(last) if program else None,
        patient=inputs.patient.identity if inputs.patient else None,
        insurance=insurance,
        attending=_identity(inputs.attending),
        rendering=_rendering(inputs),
        admission=episode.admission if episode else None,
        patient_status=patient_status(claim, episode, inputs.replaced),
        principal=header.principal_diagnosis if header and again else found,
        diagnoses=header.other_diagnoses if header and again else other_diagnoses(episode, last),
        condition_codes=_condition_codes(claim, policy),
        authorizations=inputs.authorizations,
        payer_control_number=inputs.replaced.payer_control_number if inputs.replaced else None,
        before=before,
        others=_others(inputs, insurance, before, sent_on),
        places=inputs.places,
        payer_kind=policy.published.payer_kind if policy else None,
        by_service=_by_service(claim, policy),
        release_signed=_release_signed(inputs, submitted_at),
    )


def patient_status(claim: ClaimPrepared, episode: Episode | None, replaced: Bill | None) -> str:
    """The discharge's status once the patient has left, 30 (still a patient) before.

    The bill that ends a stay (frequency 1 or 4) says how it ended also when the last service was before the discharge.
    A replacement says what was so of the stay when it was prepared, a void what was sent; where neither is kept, what
    the bill before it had to say.
    """
    if claim.frequency in {"7", VOID} and claim.header is not None:
        return claim.header.patient_status or STILL_A_PATIENT
    discharge = episode.discharge if episode else None
    if discharge is None:
        return STILL_A_PATIENT
    corrected = replaced.prepared.frequency if replaced and replaced.prepared else claim.frequency
    ends = (corrected if claim.frequency in {"7", "8"} else claim.frequency) in {"1", "4"}
    return discharge.patient_status if ends or discharge.discharged_on <= claim.through_date else STILL_A_PATIENT


def _release_signed(inputs: Inputs, sent_at: str) -> bool:
    """Whether a signed statement lets the record go to the payer when the file is sent: a consent by which the claim
    may leave, of whatever is treated."""
    admission, program = inputs.episode.admission if inputs.episode else None, inputs.program
    focus = admission.focus if admission else program.focus if program else None
    telling = telling_of(
        inputs.prepared, sent_at, program.time_zone if program else "UTC", inputs.replaced,
        substance_use=focus in {None, "substance_use"},
    )  # fmt: skip
    return inputs.patient is not None and covering(inputs.patient, telling) is not None


def _principal(episode: Episode | None, day: str) -> str | None:
    found = episode.principal_on(day) if episode else None
    return found.code if found else None


def other_diagnoses(episode: Episode | None, day: str) -> tuple[str, ...]:
    """The other diagnoses in force on a day, in order of rank; of one rank the latest, and the principal not again."""
    by_rank: dict[int, tuple[str, str]] = {}
    for one in episode.diagnoses if episode else ():
        known = by_rank.get(one.rank)
        if one.effective_from <= day and (known is None or known[0] <= one.effective_from):
            by_rank[one.rank] = (one.effective_from, one.code)
    principal = by_rank.pop(1, ("", ""))[1]
    others = dict.fromkeys(code for _, (_, code) in sorted(by_rank.items()))
    return tuple(code for code in others if code != principal)


def _identity(clinician: Clinician | None) -> ClinicianIdentity | None:
    return clinician.employments[-1].joined.sealed if clinician else None


def _rendering(inputs: Inputs) -> dict[int, ClinicianIdentity]:
    """Who rendered which line. An associate does not render in a payer's eyes, and whose supervisor does is a matter of
    each payer that no terms state yet: such a line stays the attending's."""
    days = {one.line: one.service_date for one in inputs.prepared.lines}
    gave = inputs.rendering.items()
    own = {line: _identity(one) for line, one in gave if not one.is_associate_on(days[line])}
    return {line: one for line, one in own.items() if one is not None}


def _insurance(inputs: Inputs, claim: ClaimPrepared, sent_on: str) -> Insurance | None:
    coverage = _coverage(inputs.patient, claim) if inputs.patient else None
    return _insured_by(coverage, inputs, sent_on) if coverage else None


def _insured_by(coverage: CoverageRecorded, inputs: Inputs, sent_on: str) -> Insurance | None:
    policy = inputs.policies.get(coverage.payer_id)
    return Insurance(coverage, policy.published.payer_name, policy.electronic_address_on(sent_on)) if policy else None


def _coverage(patient: Patient, claim: ClaimPrepared) -> CoverageRecorded | None:
    if claim.coverage_id:
        named = (one.recorded for one in patient.coverages if one.recorded.coverage_id == claim.coverage_id)
        return next((one for one in named if one.payer_id == claim.payer_id), None)
    of_payer = [
        one.recorded for one in patient.coverages
        if one.recorded.payer_id == claim.payer_id
        and covers(one.recorded.effective_from, one.effective_through, claim.from_date)
    ]
    return min(of_payer, key=lambda one: one.rank, default=None)


def _condition_codes(claim: ClaimPrepared, policy: Policy | None) -> tuple[str, ...]:
    terms = [policy.terms_on(one.service_date) for one in claim.lines] if policy else []
    return tuple(dict.fromkeys(code for one in terms if one for code in one[1].condition_codes))


def _by_service(claim: ClaimPrepared, policy: Policy | None) -> frozenset[str]:
    """The days that the payer's terms bill service by service."""
    terms = {one.service_date: policy.terms_on(one.service_date) for one in claim.lines} if policy else {}
    return frozenset(day for day, one in terms.items() if one and one[1].line_basis == "service")


def _before(inputs: Inputs, sent_on: str) -> Answered | None:
    """The answer that stands; where a claim is taken back, the one that was told of it last."""
    primary = inputs.primary
    if primary is None or primary.prepared is None:
        return None
    again = primary.answers[-1] if inputs.prepared.frequency == VOID and primary.answers else None
    answer = primary.adjudicated or again
    if answer is None:
        return None
    numbers = lines_before(map(place_of, inputs.prepared.lines), map(place_of, primary.prepared.lines))
    return Answered(_insurance(inputs, primary.prepared, sent_on), primary.prepared, answer, numbers)


def _others(
    inputs: Inputs, insurance: Insurance | None, before: Answered | None, sent_on: str
) -> tuple[Insurance, ...]:
    """Whoever else insures the patient on the claim's first day, by rank, but the payer before, who has answered."""
    day, told = inputs.prepared.from_date, {insurance.coverage.payer_id} if insurance else set[str]()
    if before:
        told.add(before.prepared.payer_id)
    coverages = inputs.patient.coverages if inputs.patient else ()
    on_the_day = (one.recorded for one in coverages if covers(one.recorded.effective_from, one.effective_through, day))
    others = (one for one in on_the_day if one.payer_id not in told)
    found = (_insured_by(one, inputs, sent_on) for one in sorted(others, key=lambda one: one.rank))
    return tuple(one for one in found if one and one.address and one.member.member_number)
