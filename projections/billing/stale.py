"""Secondary claims that no longer say what the payer before paid, or what is so beside it, and what puts each right.

A claim goes to a second payer with what the first one answered. When that answer is taken back or changed, or the claim
before is replaced or voided, the secondary claim is wrong: it is replaced (frequency 7) once the claim that stands
before it is answered and something is left, and voided (8) where nothing is left or nothing stands. Until the answer
it waits. One that says something else beside its lines than it would now (`headers`) is replaced with the same money.
As of any claim nothing of it stands, so that it is voided, where no coverage of its payer comes second any more, or the
payer must not be told. One that was never sent is voided here, also for whatever else keeps it from being prepared,
unless it can still go as it is, for a file tells the answer of the day on which it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec

from aggregates.claim.state import AT_PAYER
from iop_es.engine.readmodel.model import Rows, Table
from projections.billing import secondary
from projections.billing.accounts.documents import Line
from projections.billing.documents import Claim, LineAnswer, Patient
from projections.billing.headers import changes, says, untold_status
from projections.billing.late import lateness
from projections.billing.lines import CorrectBy, Header
from projections.billing.references import Reference
from projections.billing.rules.correct_by import correct_by, of_days
from projections.billing.second_units import Free
from projections.billing.secondary import Secondary, SecondaryLine, Sought
from projections.billing.views import ClaimedLineView, ClaimView, CorrectedDayView, CorrectionView
from projections.billing.words import dollars

TABLE = Table("stale_secondary", ("patient_id", "claim_id", "program_id", "payer_id", "from_date", "body"))
REPLACED_UNANSWERED = "The claim before was replaced, and its payer has not answered the replacement yet."
REPLACED_DENIED = "The claim before was replaced, and its payer denied that: a person says first which one holds."
TAKEN_BACK = "The payer before took its answer back and has not given another one yet."
NOTHING_STANDS = "The claim before was voided, so that nothing is left of it for this payer."
NOT_BILLED = "The claim before does not bill this any more."
NOT_SECOND = "No coverage of this payer comes second on these days any more."
UNTOLD = frozenset({"disclosure_restricted", "no_consent_for_disclosure"})
"""The reasons for which a payer must not be told; whatever else stands against a claim that was sent, it waits for."""
_json = msgspec.json.Encoder().encode


class Stale(msgspec.Struct, omit_defaults=True):
    """A secondary claim that stands and is wrong: why, in a code and by day in words, and what is to be done.

    `frequency` is 7 with the `right` claim, 8 without; `waits` says what must come first. `lines` are those that were
    sent, `positions` the facts that came since about the claim that stands before it; `header` is what was sent beside
    them, `other_header` what of it is not so now.
    """

    patient_id: str
    claim_id: str
    enrollment_id: str
    program_id: str
    payer_id: str
    policy_id: str
    form: str
    after_claim: str
    from_date: str
    through_date: str
    lines: list[SecondaryLine]
    reason: str
    words: dict[str, str]
    frequency: str | None = None
    waits: str | None = None
    right: Secondary | None = None
    coverage_id: str | None = None
    type_of_bill: str | None = None
    positions: list[int] = msgspec.field(default_factory=list)
    header: Header | None = None
    other_header: list[str] = msgspec.field(default_factory=list)
    correct_by: CorrectBy | None = None


decode = msgspec.json.Decoder(Stale).decode


def rows_of(patient_id: str, patient: Patient, reference: Reference) -> Rows:
    """All stale secondary claims of a patient."""
    rows = []
    for claim_id, claim in patient.claims.items():
        if claim.live and claim.after_claim is not None:
            one = _Secondary(patient_id, patient, reference, claim_id, claim).stale()
            if one is not None:
                body = _json(one).decode()
                rows.append((patient_id, claim_id, one.program_id, one.payer_id, one.from_date, body))
    return {TABLE.name: {(patient_id,): rows} if patient.claims else {}}


@dataclass(frozen=True, slots=True)
class _Secondary:
    """A secondary claim that stands, with all around it."""

    patient_id: str
    patient: Patient
    reference: Reference
    claim_id: str
    claim: Claim

    def stale(self) -> Stale | None:
        """What is wrong with it; None where nothing is."""
        after = self.claim.after_claim or ""
        before_id = self.patient.claim_in_place_of(after)
        if before_id is None:
            return self._made("primary_voided", NOTHING_STANDS, frequency="8")
        before, moved = self.patient.claims[before_id], before_id != after
        if moved and self.patient.denied_on(before) is not None:
            return self._made("primary_replaced", REPLACED_DENIED, before, waits=REPLACED_DENIED)
        if before.adjudicated_on is None:
            reason, words = ("primary_replaced", REPLACED_UNANSWERED) if moved else ("primary_reversed", TAKEN_BACK)
            unsent = self.claim.submitted_at is None and not moved
            return None if unsent else self._made(reason, words, before, waits=words)
        right = self._right(before_id, before)
        if right is None:
            return self._made("no_second_coverage", NOT_SECOND, before, frequency="8")
        if right.objection is not None and (self.claim.submitted_at is None or right.reason in UNTOLD):
            return self._made(right.reason or "second_objection", right.objection, before, frequency="8")
        return self._compared(before, right, moved=moved)

    def _compared(self, before: Claim, right: Secondary, *, moved: bool) -> Stale | None:
        """With what would go to this payer now."""
        uncovered = {} if moved else self._uncovered(right)
        if not moved and not uncovered and self._says_so(before, right):
            return self._stale_beside(right)
        reason = "primary_replaced" if moved else "no_second_coverage" if uncovered else "primary_changed"
        words = self._changes(before) | uncovered
        if right.left_cents <= 0:
            return self._made(reason, words, before, frequency="8")
        if right.objection is not None:
            return self._made(reason, words, before, waits=right.objection)
        return self._made(reason, words, before, frequency="7", right=right)

    def _uncovered(self, right: Secondary) -> dict[str, str]:
        """The days that this claim bills and the coverage that comes second does not cover any more."""
        covered = {line.service_date for line in right.lines}
        return {line.date: NOT_SECOND for line in self.claim.lines if line.date not in covered}

    def _stale_beside(self, right: Secondary) -> Stale | None:
        """What only stands beside the lines of one that says of the answer what is so."""
        other = self._other_header(right)
        if not other:
            return None
        if right.objection is not None:
            return self._made("other_header", {}, waits=right.objection, other_header=other)
        return self._made("other_header", {}, frequency="7", right=right, other_header=other)

    def _other_header(self, right: Secondary | None) -> list[str]:
        told, episode = says(self.claim, self.patient), self.patient.episodes.get(self.claim.enrollment_id)
        if right is None or right.header is None or told is None or episode is None:
            return []
        status = right.header.patient_status
        if not right.interim_claims:
            now = msgspec.structs.replace(right.header, patient_status=episode.patient_status)
            status = untold_status(told, now, episode.discharged_on, self.claim.through_date)
        return list(changes(told, right.header, status))

    def _right(self, before_id: str, before: Claim) -> Secondary | None:
        """What would go to this payer after the claim that stands, with the units that this claim draws."""
        free = Free(self.patient, without=self.claim_id)
        sought = Sought(self.patient_id, self.patient, self.reference, before_id, before)
        found = [
            coverage_id for coverage_id in secondary.seconds(self.patient, before)
            if self.patient.coverages[coverage_id].payer_id == self.claim.payer_id
        ]
        own = self.claim.coverage_id if self.claim.coverage_id in found else next(iter(found), None)
        return None if own is None else secondary.left(sought, own, free, instead_of=self.claim_id)

    def _says_so(self, before: Claim, right: Secondary) -> bool:
        """Whether what was sent is what the payer before answers; what was not sent will say it if anything is left."""
        if self.claim.submitted_at is None:
            return right.left_cents > 0
        answers = before.answers
        return all(self.claim.told.get(line.told_as) == answers.get(line.told_as) for line in self.claim.lines)

    def _changes(self, before: Claim) -> dict[str, str]:
        """By day, what the payer before says now of the lines that this claim bills."""
        answers = before.answers
        by_day = groupby(sorted(self.claim.lines, key=lambda line: line.date), key=lambda line: line.date)
        return {day: " ".join(self._change(list(lines), answers)) for day, lines in by_day}

    def _change(self, lines: list[Line], answers: dict[str, LineAnswer]) -> Iterator[str]:
        now = [answers[line.told_as] for line in lines if line.told_as in answers]
        told = [self.claim.told[line.told_as] for line in lines if line.told_as in self.claim.told]
        if len(now) < len(lines):
            yield NOT_BILLED
            return
        paid, said = sum(one.paid_cents for one in now), sum(one.paid_cents for one in told)
        if paid != said:
            yield f"The payer before pays {dollars(paid)}, and this claim says {dollars(said)}."
        else:
            reduced = "for other reasons than this claim says" if now != told else "as this claim says"
            yield f"The payer before pays {dollars(paid)} and reduces the rest {reduced}."

    def _made(self, reason: str, words: str | dict[str, str], before: Claim | None = None, **rest: Any) -> Stale:
        rest.setdefault("other_header", self._other_header(rest.get("right")))
        claim = self.claim
        by_day = {line.date: words for line in claim.lines} if isinstance(words, str) else words
        since = before.positions if before else []
        return Stale(
            patient_id=self.patient_id, claim_id=self.claim_id, enrollment_id=claim.enrollment_id,
            program_id=claim.program_id, payer_id=claim.payer_id, policy_id=claim.policy_id, form=claim.form,
            after_claim=claim.after_claim or "", from_date=claim.from_date, through_date=claim.through_date,
            lines=[_sent(line) for line in claim.lines], reason=reason, words=by_day, coverage_id=claim.coverage_id,
            type_of_bill=claim.type_of_bill, positions=[one for one in since if one > claim.positions[0]],
            header=claim.header, correct_by=self._correct_by(), **rest,
        )  # fmt: skip


    def _correct_by(self) -> CorrectBy | None:
        days = dict.fromkeys(line.date for line in self.claim.lines)
        return of_days(correct_by(self.claim, day, self.patient, self.reference) for day in days)


def correction(claim: ClaimView, stale: Stale, now: str) -> CorrectionView:
    """The same as it stands on the list of corrections; one that was never sent waits for nothing."""
    at_payer = claim.status in AT_PAYER
    waits = stale.waits if at_payer else None
    right = stale.right.charge_cents if stale.right else 0 if stale.frequency == "8" else claim.total_cents
    return CorrectionView(
        patient_id=claim.patient_id, claim_id=claim.claim_id, program_id=claim.program_id, payer_id=claim.payer_id,
        status=claim.status, payer_control_number=claim.payer_control_number, decided_at=claim.decided_at,
        frequency=stale.frequency if at_payer else None, claimed_cents=claim.total_cents, right_cents=right,
        difference_cents=right - claim.total_cents,
        days=[] if stale.reason == "other_header" else list(_days(stale)), waits=waits,
        from_date=claim.from_date, after_claim=claim.after_claim, header=stale.other_header,
        **lateness(stale.correct_by, stale.lines[0].service_date, right - claim.total_cents, now),
    )


def _days(stale: Stale) -> Iterator[CorrectedDayView]:
    """Every day that the claim bills or should."""
    known = stale.lines if stale.right is None and stale.frequency is None else []
    right = stale.right.lines if stale.right else known
    for day in sorted({line.service_date for line in (*stale.lines, *right)}):
        new = [_view(line) for line in right if line.service_date == day]
        state = "waiting" if stale.waits else "billable" if new else "not_billable"
        yield CorrectedDayView(
            service_date=day, enrollment_id=stale.enrollment_id, state=state, reason=stale.reason,
            sentence=stale.words.get(day), claimed=[_view(one) for one in stale.lines if one.service_date == day],
            right=new, positions=stale.positions,
        )


def _view(line: SecondaryLine) -> ClaimedLineView:
    return ClaimedLineView(
        revenue_code=line.revenue_code, procedure_code=line.procedure_code, modifiers=line.modifiers, units=line.units,
        charge_cents=line.charge_cents,
    )


def _sent(line: Line) -> SecondaryLine:
    return SecondaryLine(
        line.line, line.date, line.level, line.revenue_code, line.procedure_code, list(line.modifiers), line.quantity,
        line.charge_cents, 0, line.authorization_id, list(line.units),
    )
