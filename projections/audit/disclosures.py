"""The accounting of disclosures that a patient can ask for: what somebody recorded, and what the system itself sent.

`hipaa` is that of 45 CFR 164.528: six years, without what went for treatment, payment or operations, to the patient, or
by the patient's authorization. `part2` is that of 42 CFR 2.25: what was disclosed of a substance-use record under a
consent, for three years, treatment, payment and operations included. A claim that was submitted, an authorization that
was asked for, a review, records and an appeal that went to the payer, and what our physician said to its own, are such
disclosures by themselves: they are derived from their own facts, unless these name a disclosure on record, which is
told of instead. Eligibility inquiries and calls are not. The notice of 42 CFR 2.32 goes with each of them: a claim's
file has it in a billing note (`projections.claim_file`), with all else whoever sends or says it gives it.

The patient's right is towards the whole house (45 CFR 164.528(a)), and who inside may see a substance-use record is not
(42 CFR 2.12(c)(3)): an accounting holds what the programs of whoever asks disclosed, and what names no episode for
those who are cleared for every program that had the patient then. Whether it is the whole is told by those programs
alone and not by what was left out: that a disclosure of Part 2 is not shown would tell what is treated elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from aggregates.access.decide import scope_of
from aggregates.access.facts import Basis, DisclosureMade, Purpose
from aggregates.access.notice import SHORT, TEXTS
from aggregates.authorization import facts as authorization
from aggregates.claim.facts import ClaimPrepared, ClaimSubmitted
from aggregates.codec import decode
from aggregates.days import day_in
from aggregates.disclosure import GENERAL, Telling, covering
from aggregates.dispute import facts as dispute
from aggregates.enrollment.facts import PatientAdmitted, PatientReferred
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.state import Patient
from aggregates.payer_policy.facts import PolicyPublished
from aggregates.program.facts import ProgramOpened
from aggregates.values import Code, Date, Id
from iop_es.engine.log import StoredFact
from projections.audit.things import had_by

Accounted = Literal["hipaa", "part2"]
YEARS: dict[Accounted, int] = {"hipaa": 6, "part2": 3}
OWN = (
    "access.disclosure_made", "authorization.requested", "authorization.review_submitted",
    "authorization.peer_to_peer_held", "claim.prepared", "claim.submitted", "dispute.records_requested",
    "dispute.records_sent", "dispute.opened", "dispute.appeal_filed", "dispute.peer_to_peer_held",
    "enrollment.patient_referred", "enrollment.patient_admitted", "patient.registered",
    "patient.consent_signed", "patient.consent_revoked",
)  # fmt: skip
"""Which of a patient's facts it is made of."""
SHARED = ("program.opened", "payer_policy.published")
Matter = dispute.RecordsRequested | dispute.DisputeOpened
"""What a dispute begins with: which claims, which payer."""
ASKING = authorization.AuthorizationRequested | authorization.ReviewSubmitted | authorization.PeerToPeerHeld
DISPUTING = dispute.RecordsSent | dispute.AppealFiled | dispute.PeerToPeerHeld
"""What tells a payer of a patient's record by itself."""
NOT_COUNTED: frozenset[Purpose] = frozenset({"treatment", "payment", "operations"})
AUTHORIZED: frozenset[Basis] = frozenset({"consent", "individual"})


class DisclosedView(BaseModel):
    """One disclosure, with what the rules want told of it."""

    position: int = Field(description="The fact that tells of it.")
    on: Date
    recipient: str | None = Field(description="Who was told; null: no longer readable.")
    affiliation: str | None
    address: str | None = Field(description="Where known.")
    description: str = Field(description="What was told.")
    purpose: Purpose
    basis: Basis
    consent_id: Id | None
    by_general_consent: bool = Field(description="Whether under the single consent for treatment, payment, operations.")
    notice: str | None = Field(description="The statement of 42 CFR 2.32 that goes with it.")
    scope: str | None = Field(description="What the consent says may be told to whom.")
    claim_id: Id | None = Field(description="The claim, where the system itself disclosed it.")


class Accounting(BaseModel):
    """What is told to the patient of disclosures of their record."""

    patient_id: Id
    kind: Code
    since: Date = Field(description="The first day that is accounted for.")
    whole: bool = Field(
        description="Whether it is all that the house disclosed: to who is cleared for every program. False: it must "
        "not be given out as the whole."
    )
    caution: str | None = Field(description="What to do where it is not told whole.")
    disclosures: list[DisclosedView] = Field(description="In order of their days.")


CAUTION = (
    "This is what your programs disclosed, and it must not be given to the patient as the whole accounting. A privacy"
    " officer who is cleared for every program of the house gives the whole. Whether other programs disclosed anything"
    " of this patient is not said here."
)


def accounting(
    patient_id: str, facts: Sequence[StoredFact], shared: Sequence[StoredFact], kind: Accounted, today: str,
    programs: Collection[str],
) -> Accounting:  # fmt: skip
    """The accounting as of a day, from a patient's own facts (`OWN`, opened) and the shared ones (`SHARED`), for who is
    cleared for these programs."""
    since = years_before(today, YEARS[kind])
    record = _Record()
    for one in sorted(shared):
        record.take(one)
    found = [
        told for one in sorted(facts) if one.name in OWN for told in record.take(one)
        if told.on >= since and _counts(told, kind, record.substance_use.get(told.position))
    ]  # fmt: skip
    own = [one for one in found if record.disclosed_by(one.position) <= set(programs)]
    whole = {one.stream for one in shared if one.name == "program.opened"} <= set(programs)
    return Accounting(
        patient_id=patient_id, kind=kind, since=since, whole=whole, caution=None if whole else CAUTION,
        disclosures=sorted(own, key=lambda one: (one.on, one.position)),
    )


def years_before(day: str, years: int) -> str:
    """The same day of an earlier year; of 29 February the last of that month."""
    at = date.fromisoformat(day)
    last = 28 if (at.month, at.day) == (2, 29) and (at.year - years) % 4 else at.day
    return at.replace(year=at.year - years, day=last).isoformat()


def _counts(told: DisclosedView, kind: Accounted, substance_use: bool | None) -> bool:
    if kind == "hipaa":
        return told.purpose not in NOT_COUNTED and told.basis not in AUTHORIZED
    return told.basis == "consent" and substance_use is not False


@dataclass(slots=True)
class _Record:
    """What has to be known to tell of a disclosure; `substance_use` says by position what kind of record it was of, and
    `by` which programs disclosed it, where it says."""

    patient: Any = PATIENT.initial
    zones: dict[str, str] = field(default_factory=dict)
    focus: dict[str, str] = field(default_factory=dict)
    programs: dict[str, str] = field(default_factory=dict)
    payers: dict[str, str] = field(default_factory=dict)
    asked: dict[str, authorization.AuthorizationRequested] = field(default_factory=dict)
    disputes: dict[str, Matter] = field(default_factory=dict)
    claims: dict[str, ClaimPrepared] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    substance_use: dict[int, bool | None] = field(default_factory=dict)
    referrals: list[tuple[int, str]] = field(default_factory=list)
    by: dict[int, frozenset[str]] = field(default_factory=dict)

    def disclosed_by(self, position: int) -> frozenset[str]:
        """The programs whose disclosure it was; of one that does not say, those that had the patient."""
        return self.by.get(position) or had_by(self.referrals, position)

    def take(self, stored: StoredFact) -> Iterator[DisclosedView]:
        """Takes a fact in; the disclosure that it tells of, if it tells of one."""
        fact = decode(stored.topic, stored.state, stored.sealed)
        self._learn(stored, fact)
        told = self._told(stored, fact)
        return iter(()) if told is None else iter((told,))

    def _learn(self, stored: StoredFact, fact: Any) -> None:
        match fact:
            case ProgramOpened():
                self.focus[stored.stream], self.zones[stored.stream] = fact.focus, fact.time_zone
            case PolicyPublished():
                self.payers[fact.payer_id] = fact.payer_name
            case PatientReferred():
                self.focus[stored.stream] = self.focus.get(fact.program_id, "")
                self.programs[stored.stream] = fact.program_id
                self.referrals.append((stored.position, fact.program_id))
            case PatientAdmitted():
                self.focus[stored.stream] = fact.focus
            case authorization.AuthorizationRequested():
                self.asked[stored.stream] = fact
            case dispute.RecordsRequested() | dispute.DisputeOpened():
                self.disputes.setdefault(stored.stream, fact)
            case ClaimPrepared():
                self.claims[stored.stream] = fact
            case _:
                self.patient = PATIENT.evolve(self.patient, fact)

    def _told(self, stored: StoredFact, fact: Any) -> DisclosedView | None:
        if isinstance(fact, DisclosureMade):
            self.substance_use[stored.position] = fact.substance_use
            self._by(stored, self.programs.get(fact.enrollment_id or ""))
            return _recorded(stored, fact)
        if getattr(fact, "disclosure_id", None) is not None:
            return None
        if isinstance(fact, ClaimSubmitted) and stored.stream in self.claims:
            return self._claim(stored, fact, self.claims[stored.stream])
        if isinstance(fact, ASKING) and stored.stream in self.asked:
            return self._asked(stored, fact)
        if isinstance(fact, DISPUTING) and stored.stream in self.disputes:
            return self._disputed(stored, fact, self.disputes[stored.stream])
        return None

    def _by(self, stored: StoredFact, program: str | None) -> None:
        if program is not None:
            self.by[stored.position] = frozenset({program})

    def _claim(self, stored: StoredFact, submitted: ClaimSubmitted, claim: ClaimPrepared) -> DisclosedView:
        """A claim rests on the consent under which its payer was told first: a later revocation changes nothing."""
        at = self.sent.get(claim.replaces or "", submitted.submitted_at)
        self.sent[stored.stream] = at
        codes = sorted({line.procedure_code or line.revenue_code for line in claim.lines})
        days = len({line.service_date for line in claim.lines})
        what = (
            f"Claim of {claim.from_date} through {claim.through_date}: {days} days of service with diagnoses, charges"
            f" and the codes {', '.join(codes)}."
        )
        on, first = (day_in(one, self.zones.get(claim.program_id, "UTC")) for one in (submitted.submitted_at, at))
        self._by(stored, claim.program_id)
        told = self._to_payer(stored, on, claim.payer_id, [claim.enrollment_id], what, Telling(
            substance_use=True, purpose="payment", basis="consent", on=first, at=at, payer_id=claim.payer_id,
            programs=frozenset({claim.program_id}),
        ))  # fmt: skip
        return told.model_copy(update={"claim_id": stored.stream})

    def _asked(self, stored: StoredFact, fact: Any) -> DisclosedView:
        """A payer was asked for an authorization, or told why, in writing or by our physician."""
        asked = self.asked[stored.stream]
        self._by(stored, asked.program_id)
        match fact:
            case authorization.AuthorizationRequested():
                on, what = fact.requested_on, (
                    f"Request to authorize {fact.units} units of {fact.procedure_code}"
                    f" from {fact.valid_from} through {fact.valid_through}."
                )
            case authorization.ReviewSubmitted():
                on, what = fact.submitted_on, f"Clinical review ({fact.kind}) for an authorization."
            case _:
                on, what = fact.held_on, "Peer-to-peer for an authorization."
        return self._to_payer(stored, on, asked.payer_id, [asked.enrollment_id], what)

    def _disputed(self, stored: StoredFact, fact: Any, matter: Matter) -> DisclosedView:
        """Of a dispute something went to the payer, or was said to its physician."""
        match fact:
            case dispute.RecordsSent():
                on, what = fact.sent_on, f"Records that were asked for: {', '.join(fact.items)}."
            case dispute.AppealFiled():
                on, what = fact.filed_on, f"Appeal ({fact.level})."
            case _:
                on, what = fact.held_on, "Peer-to-peer about a claim."
        self._by(stored, matter.program_id)
        episodes = [self.claims[one].enrollment_id for one in matter.claims if one in self.claims]
        return self._to_payer(stored, on, matter.payer_id, episodes, what)

    def _to_payer(
        self, stored: StoredFact, on: str, payer_id: str, episodes: Sequence[str], what: str,
        first: Telling | None = None,
    ) -> DisclosedView:  # fmt: skip
        """What a payer was told of these episodes on a day; `first` is when it was told of them first, if before."""
        substance_use = any(self.focus.get(one) == "substance_use" for one in episodes)
        self.substance_use[stored.position] = substance_use
        telling = first or Telling(
            substance_use=True, purpose="payment", basis="consent", on=on, payer_id=payer_id,
            programs=frozenset(self.programs[one] for one in episodes if one in self.programs),
        )  # fmt: skip
        consent = covering(self.patient, telling) if isinstance(self.patient, Patient) else None
        return DisclosedView(
            position=stored.position, on=on, affiliation=None, address=None,
            recipient=self.payers.get(payer_id, f"Payer {payer_id}"), description=what, purpose="payment",
            basis="consent" if substance_use else "payment", consent_id=consent.signed.consent_id if consent else None,
            by_general_consent=consent is not None and consent.signed.purpose == GENERAL,
            notice=TEXTS[SHORT] if substance_use else None, scope=scope_of(consent), claim_id=None,
        )  # fmt: skip


def _recorded(stored: StoredFact, fact: DisclosureMade) -> DisclosedView:
    told: Mapping[str, Any] = (
        {name: getattr(fact.sealed, name) for name in ("recipient", "affiliation", "address", "scope")}
        if fact.sealed else dict.fromkeys(("recipient", "affiliation", "address", "scope"))
    )  # fmt: skip
    words = f": {fact.sealed.words}" if fact.sealed and fact.sealed.words else ""
    return DisclosedView(
        position=stored.position, on=fact.made_on, description=f"{', '.join(fact.information)}{words}",
        purpose=fact.purpose, basis=fact.basis, consent_id=fact.consent_id, by_general_consent=fact.by_general_consent,
        notice=TEXTS.get(fact.notice) if fact.notice else None, claim_id=None, **told,
    )
