"""The streams that claims rest on, folded as of a position of the log: a few reads for any number of claims.

A claim names its patient, episode, program, policy, authorizations and the claims that it replaces or comes after; the
episode names the attending, and the patient's coverages lead to the policies of all who insure the patient. Where a
service took place and who gave it stands in the patient's visits, which are read only for the form that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aggregates.claim.facts import ClaimPrepared
from aggregates.claim.state import Bill
from aggregates.clinician.state import Clinician
from aggregates.codec import decode
from aggregates.enrollment.state import Episode
from aggregates.patient.state import Patient
from aggregates.payer_policy.state import Policy
from aggregates.program.state import Program
from aggregates.registry import AGGREGATES
from iop_es.engine.log import Log
from projections.claim_file.visits import AllVisits


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one claim rests on; None where nothing is recorded.

    `policies` are those of every payer of the patient, by payer; `places` are places of service by service date,
    `rendering` the clinicians who gave the services of an 837P, by line, where that is known.
    """

    claim_id: str
    prepared: ClaimPrepared
    patient: Patient | None
    episode: Episode | None
    program: Program | None
    policy: Policy | None
    attending: Clinician | None
    authorizations: dict[str, Any]
    replaced: Bill | None
    primary: Bill | None
    policies: dict[str, Policy]
    places: dict[str, str]
    rendering: dict[int, Clinician]


def gather(log: Log, claims: Sequence[str], upto: int) -> dict[str, Inputs]:
    """By claim, in the given order, what each rests on as of a position. Raises LookupError for an unknown claim."""
    folded = _Folded(log, upto)
    folded.read(claims)
    prepared = {claim: folded.prepared(claim) for claim in claims}
    folded.read(stream for one in prepared.values() for stream in _named(one))
    folded.read(stream for one in prepared.values() for stream in _named_by_those(folded, one))
    folded.read_policies()
    visits = AllVisits(log, upto)
    gave = {claim: _rendered_by(folded, visits, one) for claim, one in prepared.items()}
    folded.read(clinician for lines in gave.values() for clinician in lines.values())
    return {claim: _inputs(folded, visits, gave[claim], claim, one) for claim, one in prepared.items()}


def _rendered_by(folded: _Folded, visits: AllVisits, claim: ClaimPrepared) -> dict[int, str]:
    """By line who gave the service; asked only for the form that names a rendering provider."""
    policy = folded.of(claim.policy_id, Policy)
    return visits.of(claim.patient_id).rendered_by(claim, policy) if claim.form == "837P" and policy else {}


def _named(claim: ClaimPrepared) -> Iterable[str]:
    """The streams that a claim names itself."""
    yield from (claim.patient_id, claim.enrollment_id, claim.program_id, claim.policy_id)
    yield from (one.authorization_id for one in claim.lines if one.authorization_id)
    yield from (one for one in (claim.replaces, claim.after_claim) if one)


def _named_by_those(folded: _Folded, claim: ClaimPrepared) -> Iterable[str]:
    """The attending."""
    episode = folded.of(claim.enrollment_id, Episode)
    attending_id = episode.attending_on(claim.through_date) if episode else None
    if attending_id is not None:
        yield attending_id


@dataclass(slots=True)
class _Folded:
    """Streams folded by their aggregates' own `evolve`, personal parts opened."""

    log: Log
    upto: int
    states: dict[str, Any] = field(default_factory=dict)
    policy_of: dict[str, str] = field(default_factory=dict)

    def read(self, streams: Iterable[str]) -> None:
        """Reads those that are not in hand yet, in one query."""
        missing = [one for one in dict.fromkeys(streams) if one not in self.states]
        self.states |= dict.fromkeys(missing)
        for stored in self.log.facts_of_streams(missing, self.upto) if missing else ():
            aggregate = AGGREGATES[stored.topic.partition(".")[0]]
            state = self.states[stored.stream]
            fact = decode(stored.topic, stored.state, stored.sealed)
            self.states[stored.stream] = aggregate.evolve(aggregate.initial if state is None else state, fact)

    def read_policies(self) -> None:
        """Reads the policy of every payer who insures one of the patients; a payer has one policy."""
        payers = {
            one.recorded.payer_id for state in self.states.values() if isinstance(state, Patient)
            for one in state.coverages
        }  # fmt: skip
        for stored in self.log.by_topics(["payer_policy.published"], self.upto):
            payer = decode(stored.topic, stored.state).payer_id
            if payer in payers:
                self.policy_of[payer] = stored.stream
        self.read(self.policy_of.values())

    def policies(self, patient: Patient | None) -> dict[str, Policy]:
        """The policies of a patient's payers."""
        payers = {one.recorded.payer_id for one in patient.coverages} if patient else set()
        found = {payer: self.of(self.policy_of.get(payer), Policy) for payer in payers}
        return {payer: policy for payer, policy in found.items() if policy is not None}

    def of(self, stream: str | None, kind: type[Any]) -> Any:
        """The state of a stream if it is of this kind, else None."""
        state = self.states.get(stream) if stream else None
        return state if isinstance(state, kind) else None

    def prepared(self, stream: str) -> ClaimPrepared:
        """What a claim bills. Raises LookupError for a claim that was never prepared."""
        bill: Bill | None = self.of(stream, Bill)
        if bill is None or bill.prepared is None:
            raise LookupError(f"No claim is prepared under {stream}.")
        return bill.prepared


def _inputs(
    folded: _Folded, visits: AllVisits, gave: dict[int, str], claim: str, prepared: ClaimPrepared
) -> Inputs:  # fmt: skip
    episode, patient = folded.of(prepared.enrollment_id, Episode), folded.of(prepared.patient_id, Patient)
    return Inputs(
        claim_id=claim,
        prepared=prepared,
        patient=patient,
        episode=episode,
        program=folded.of(prepared.program_id, Program),
        policy=folded.of(prepared.policy_id, Policy),
        attending=folded.of(episode.attending_on(prepared.through_date) if episode else None, Clinician),
        authorizations={one.authorization_id: folded.states[one.authorization_id]
                        for one in prepared.lines if one.authorization_id},
        replaced=folded.of(prepared.replaces, Bill),
        primary=folded.of(prepared.after_claim, Bill),
        policies=folded.policies(patient),
        places=visits.of(prepared.patient_id).places if prepared.form == "837P" else {},
        rendering={line: who for line, one in gave.items() if (who := folded.of(one, Clinician)) is not None},
    )  # fmt: skip
