"""Decisions about a claim; what it may bill is in `preparing`, refusals are in `refusals`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aggregates.claim import commands as ask
from aggregates.claim import refusals as no
from aggregates.claim.disclosure import must_be_disclosable, told_about
from aggregates.claim.facts import (
    AdjudicationReversed,
    ClaimAcknowledged,
    ClaimAdjudicated,
    ClaimPrepared,
    ClaimRejected,
    ClaimSubmitted,
    ClaimVoided,
    SentFile,
)
from aggregates.claim.per_diem import per_diem_days
from aggregates.claim.preparing import (
    must_add_up,
    must_be_authorized,
    must_come_after,
    must_fit_the_episode,
    must_have_terms,
)
from aggregates.claim.state import (
    ACCEPTING,
    VOID,
    Acknowledged,
    Adjudicated,
    Bill,
    Prepared,
    Rejected,
    Replaced,
    Submitted,
    Voided,
    denies_correction,
    evolve,
    reservations,
    stands_beside,
    taken_in,
)
from aggregates.claim.taking_back import (
    accept,
    claims,
    correction_accepted,
    end,
    held_by,
    still_kept,
    take_over,
)
from aggregates.days import days_after
from aggregates.decision import made, not_in_the_future
from aggregates.kit import Act, Claim, Seen, Stream
from aggregates.values import moment

Outcomes = tuple[Any, ...]
INTERCHANGE = "interchange"


def consult(state: Bill, command: Any) -> dict[str, Stream]:
    """A preparation looks at episode, policy, authorizations and the claims it replaces and comes after; a submission
    at who holds the file's number and at whether the payer may be told; whether it succeeds or fails, at the claim that
    this one was to replace; a reversal at the void or replacement that still keeps what this claim held."""
    match command:
        case ask.PrepareClaim():
            drawn = {one.authorization_id for one in command.lines if one.authorization_id}
            streams = {f"authorization:{one}": Stream("authorization", one) for one in sorted(drawn)}
            streams["enrollment"] = Stream("enrollment", command.enrollment_id)
            streams["policy"] = Stream("payer_policy", command.policy_id)
            after = {"after": Stream("claim", command.after_claim)} if command.after_claim else {}
            return streams | after | _replaced(command.replaces)
        case ask.SubmitClaim() if state.prepared:
            policy = {"policy": Stream("payer_policy", state.prepared.policy_id)}
            file = {"file": Stream("claim", holder_of=(INTERCHANGE, str(command.interchange)))}
            told = told_about(state.prepared) | _replaced(state.prepared.replaces)
            return policy | told | (file if command.interchange else {})
        case ask.AcknowledgeClaim() | ask.AdjudicateClaim() | ask.RejectClaim() | ask.VoidClaim() if state.prepared:
            return _replaced(state.prepared.replaces)
        case ask.ReverseAdjudication() if state.voided or state.replaced:
            return {held_by(one): Stream("claim", holder_of=one) for one in state.held}
        case _:
            return {}


def _replaced(claim_id: str | None) -> dict[str, Stream]:
    return {"replaced": Stream("claim", claim_id)} if claim_id else {}


def decide(state: Bill, command: ask.Command, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """The outcomes of a command, or a refusal."""
    if isinstance(command, ask.PrepareClaim):
        return _prepare(state, command, act, seen)
    if state.prepared is None:
        raise no.UnknownClaim(claim_id=command.claim_id)
    match command:
        case ask.SubmitClaim():
            outcomes = _submit(state, state.prepared, command, act, seen)
        case ask.AcknowledgeClaim():
            outcomes = _acknowledge(state, state.prepared, command, act, seen)
        case ask.RejectClaim():
            outcomes = _reject(state, state.prepared, command, act, seen)
        case ask.AdjudicateClaim():
            outcomes = _adjudicate(state, state.prepared, command, act, seen)
        case ask.ReverseAdjudication():
            outcomes = _reverse(state, command, act, seen)
        case ask.VoidClaim():
            outcomes = _void(state, state.prepared, command, act, seen)
    return outcomes


def _prepare(state: Bill, command: ask.PrepareClaim, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    fact = made(ClaimPrepared, command, per_diem_days=_per_diem_days(command, seen))
    if state.prepared:
        if state.prepared == replace(fact, per_diem_days=state.prepared.per_diem_days):
            return ()
        raise no.AlreadyPrepared(claim_id=command.claim_id)
    must_add_up(fact, act)
    must_have_terms(fact, seen, command.demonstration)
    must_come_after(fact, seen)
    if fact.frequency != VOID:  # a void resends what was sent, also when the reason is that none of it was right
        must_fit_the_episode(fact, seen)
        must_be_authorized(fact, seen)
    return fact, *take_over(fact, command, act, seen), *claims((*reservations(fact), *still_kept(fact, seen)))


def _per_diem_days(command: ask.PrepareClaim, seen: Mapping[str, Seen]) -> tuple[str, ...] | None:
    """By the payer's terms; a void says what the claim that it takes back said."""
    if command.frequency == VOID and "replaced" in seen:
        sent = seen["replaced"].state.prepared
        return None if sent is None else sent.per_diem_days
    return per_diem_days(command.lines, seen["policy"].state)


def _submit(
    state: Bill, prepared: ClaimPrepared, command: ask.SubmitClaim, act: Act, seen: Mapping[str, Seen],
) -> Outcomes:
    digest = command.file_digest
    fact = made(ClaimSubmitted, command, file_digest=None, sealed=SentFile(digest=digest) if digest else None)
    if state.submitted and _said(state.submitted) == _said(fact):
        return ()
    if state.submitted:
        raise no.AlreadySubmitted(submitted_at=state.submitted.submitted_at)
    if not isinstance(state, Prepared):
        raise no.ClaimIsOver(phase=state.phase)
    _must_have_come(command.submitted_at, act)
    must_be_disclosable(prepared, act, seen)
    must_have_terms(prepared, seen, command.demonstration)
    return fact, *_in_a_file(fact, seen)


def _in_a_file(fact: ClaimSubmitted, seen: Mapping[str, Seen]) -> Outcomes:
    """The first claim of a file claims its interchange number; the others must be of the very same file."""
    parts = (fact.place, fact.interchange, fact.digest, fact.written_as_of, fact.writer_version)
    named = [one is not None for one in parts]
    if any(named) != all(named):
        raise no.FileHalfNamed
    if fact.interchange is None:
        return ()
    if "file" not in seen:
        return (Claim(INTERCHANGE, str(fact.interchange), held=no.InterchangeUsed),)
    if _file(seen["file"].state.submitted) != _file(fact):
        raise no.InterchangeUsed(key=fact.interchange)
    return ()


def _said(fact: ClaimSubmitted) -> Any:
    return fact.control_number, fact.place, _file(fact)


def _file(fact: ClaimSubmitted) -> Any:
    return fact.batch, fact.submitted_at, fact.interchange, fact.digest, fact.written_as_of, fact.writer_version


def _must_have_come(at: str, act: Act) -> None:
    if moment(at) > moment(act.now):
        raise no.TimeInTheFuture(at=at)


def _must_answer(state: Bill, at: str, act: Act) -> None:
    """The answer has come, and to something that was sent before it."""
    if state.submitted is None:
        raise no.NotSubmitted(phase=state.phase)
    _must_have_come(at, act)
    if moment(at) < moment(state.submitted.submitted_at):
        raise no.AnsweredBeforeSubmission(at=at, submitted_at=state.submitted.submitted_at)


def _acknowledge(
    state: Bill, prepared: ClaimPrepared, command: ask.AcknowledgeClaim, act: Act, seen: Mapping[str, Seen],
) -> Outcomes:
    fact = made(ClaimAcknowledged, command)
    if fact in state.acknowledged:
        return ()
    if isinstance(state, Rejected):
        raise no.ClaimIsOver(phase=state.phase)
    _must_answer(state, command.acknowledged_at, act)
    if any(one.source == fact.source for one in state.acknowledged):
        raise no.AlreadyAcknowledged(source=fact.source)
    return fact, *(accept(state, prepared, seen) if fact.source in ACCEPTING else ())


def _reject(
    state: Bill, prepared: ClaimPrepared, command: ask.RejectClaim, act: Act, seen: Mapping[str, Seen],
) -> Outcomes:
    """A clearing house may accept and the payer reject after it; what was adjudicated is no longer rejected, unless it
    was to void another claim and that was denied, or to replace one whose own answer still stands."""
    fact = made(ClaimRejected, command)
    if state.rejected == fact:
        return ()
    if isinstance(state, Adjudicated) and state.adjudicated and not _may_be_denied(state, seen):
        raise no.AlreadyAdjudicated(adjudicated_on=state.adjudicated.adjudicated_on)
    if isinstance(state, Rejected | Replaced | Voided):
        raise no.ClaimIsOver(phase=state.phase)
    _must_answer(state, command.rejected_at, act)
    return fact, *end(state, prepared, command.claim_id, seen)


def _may_be_denied(state: Bill, seen: Mapping[str, Seen]) -> bool:
    """Whether a person may find that its payer did not take it in, although it was answered."""
    if state.frequency == VOID:
        return True
    denied = state.adjudicated is not None and denies_correction(state, state.adjudicated)
    return denied and "replaced" in seen and stands_beside(state, seen["replaced"].state)


def _adjudicate(
    state: Bill, prepared: ClaimPrepared, command: ask.AdjudicateClaim, act: Act, seen: Mapping[str, Seen],
) -> Outcomes:
    """Also the answer to a claim that was replaced meanwhile is kept, because the payer gave it."""
    fact = made(ClaimAdjudicated, command)
    if state.adjudicated == fact:
        return ()
    if state.adjudicated:
        raise no.AlreadyAdjudicated(adjudicated_on=state.adjudicated.adjudicated_on)
    if fact in state.answers:
        raise no.AnswerWasReversed(adjudicated_on=fact.adjudicated_on)
    if isinstance(state, Rejected):
        raise no.ClaimIsOver(phase=state.phase)
    if state.submitted is None:
        raise no.NotSubmitted(phase=state.phase)
    not_in_the_future(act, command.adjudicated_on, *filter(None, (command.remittance_on,)))
    # A day may be earlier than the UTC day of the submission where the payer's clock is behind.
    if command.adjudicated_on < days_after(state.submitted.submitted_at[:10], -1):
        raise no.AnsweredBeforeSubmission(at=command.adjudicated_on, submitted_at=state.submitted.submitted_at)
    _must_balance(prepared, fact)
    accepted = prepared.replaces is not None and taken_in(evolve(state, fact), seen["replaced"].state)
    return fact, *(accept(state, prepared, seen) if accepted else ())


def _must_balance(prepared: ClaimPrepared, fact: ClaimAdjudicated) -> None:
    """Every line is answered once, and its charge is what was paid plus the adjustments (the X12 835 rule)."""
    charges = {one.line: one.charge_cents for one in prepared.lines}
    open_lines = dict(charges)
    for one in fact.lines:
        if one.line not in charges:
            raise no.UnknownLine(line=one.line)
        if open_lines.pop(one.line, None) is None:
            raise no.LineAnsweredTwice(line=one.line)
        answered = one.paid_cents + sum(adjustment.amount_cents for adjustment in one.adjustments)
        if answered != charges[one.line]:
            raise no.LineOutOfBalance(line=one.line, charge_cents=charges[one.line], answered_cents=answered)
    for line in open_lines:
        raise no.LineUnanswered(line=line)
    paid = sum(one.paid_cents for one in fact.lines)
    if paid != fact.paid_cents:
        raise no.PaidOutOfBalance(sum_cents=paid, paid_cents=fact.paid_cents)


def _reverse(state: Bill, command: ask.ReverseAdjudication, act: Act, seen: Mapping[str, Seen]) -> Outcomes:
    """Also of a claim that was replaced meanwhile: payers take the old answer back before they pay the new claim.

    Of a claim that a void was sent for, it is the payer's word that it took the void in; so it is of one whose
    replacement was denied.
    """
    answer = state.adjudicated
    if _reversed_before(state, command):
        return ()
    if answer is None:
        raise no.NotAdjudicated(phase=state.phase)
    not_in_the_future(act, command.reversed_on)
    if command.reversed_on < answer.adjudicated_on:
        raise no.ReversedBeforeAnswer(reversed_on=command.reversed_on, adjudicated_on=answer.adjudicated_on)
    fact = made(
        AdjudicationReversed, command, answered_on=answer.adjudicated_on, answer_trace_number=answer.trace_number,
    )
    return fact, *(() if command.answered_anew else correction_accepted(state, command, act, seen))


def _reversed_before(state: Bill, command: ask.ReverseAdjudication) -> bool:
    """One remittance takes an answer back once; without a trace number only the last reversal can be told again."""
    told = (command.reversed_on, command.cause, command.trace_number)
    same = [one for one in state.reversals if (one.reversed_on, one.cause, one.trace_number) == told]
    return bool(same) and (state.adjudicated is None or command.trace_number is not None)


def _void(
    state: Bill, prepared: ClaimPrepared, command: ask.VoidClaim, act: Act, seen: Mapping[str, Seen],
) -> Outcomes:
    """Here, without its payer, what never got there; also what it returned as unprocessable, and so as never filed."""
    fact = made(ClaimVoided, command)
    if state.voided == fact:
        return ()
    if isinstance(state, Adjudicated) and state.unprocessable:
        not_in_the_future(act, command.voided_on)
        return fact, *end(state, prepared, command.claim_id, seen)
    if isinstance(state, Submitted | Acknowledged | Adjudicated):
        raise no.VoidAtPayer(phase=state.phase)
    if not isinstance(state, Prepared):
        raise no.ClaimIsOver(phase=state.phase)
    not_in_the_future(act, command.voided_on)
    return fact, *end(state, prepared, command.claim_id, seen)
