"""Is the day on a claim that stands? Then it is billed, with the units that the claim's line draws, or those of the
authorization that its replacement is to name.

What the payer answered is told with it, and what it refused of the line. That it was denied decides nothing about the
day: it is billed, and the reason is there for whoever works on denials. A day whose last claim was rejected can be
billed again, with a warning. A secondary claim bills the same days to the next payer: it is not the day's own.
Bills of a stay wait for the answer to the earlier one where the payer wants that; what goes on another form does not
(see `standing.due_lines`). A day whose bill is being taken back waits until the payer has accepted that, and keeps the
units that the bill drew.
"""

from __future__ import annotations

from collections.abc import Iterator

from projections.billing.day import Case
from projections.billing.documents import Claim
from projections.billing.rules.authorization import Ledger
from projections.billing.rules.payer import filing_due_on
from projections.billing.times import end_of_day


def find(case: Case) -> None:
    """The lines of the claims that bill this day of this episode, and the newest claim.

    The line that the day goes by is the one with an authorization, else the one prepared last.
    """
    for claim_id, claim in case.patient.claims.items():
        if claim.enrollment_id != case.enrollment_id or claim.after_claim is not None:
            continue
        for line in claim.lines:
            if line.date == case.date:
                case.newest = claim
                if claim.bills:
                    case.claimed.append((claim_id, claim, line))
    if case.claimed:
        newest_first = reversed(case.claimed)
        case.claim_id, case.claim, case.line = max(newest_first, key=lambda one: one[2].authorization_id is not None)


def ask(case: Case, ledger: Ledger) -> None:
    """What the claim drew, and the payer's answer; without one that stands, whether the last one was rejected."""
    _taken_back(case)
    if case.claim is None or case.line is None:
        _rejection(case)
        _in_sequence(case)
        _in_time(case)
        return
    if all(claim.form != "837I" for _, claim, _ in case.claimed):
        _in_sequence(case)
    if case.authorization_id is None and case.line.authorization_id is not None:
        case.authorization_id = case.line.authorization_id
        case.authorization_units = list(case.line.units)
    for claim_id, claim, line in case.claimed:
        if line.authorization_id is not None:
            ledger.note(line.authorization_id, case.date, drawn=len(line.units))
        about: dict[str, int | str] = {"claim_id": claim_id, "claim_status": claim.status}
        case.say("claim", positions=claim.positions, about=about, line=line.line, charge_cents=line.charge_cents)
    _answer(case)


def _answer(case: Case) -> None:
    """What the payer answered to the day's lines, taken together."""
    answered = [(claim, line) for _, claim, line in case.claimed if line.paid_cents is not None]
    if answered:
        denied = sum(line.denied_cents for _, line in answered)
        case.say(
            "remittance", "warning" if denied else "passed", "denied_by_payer" if denied else None,
            sorted({position for claim, _ in answered for position in claim.positions}),
            paid_cents=sum(line.paid_cents or 0 for _, line in answered), denied_cents=denied,
            charge_cents=sum(line.charge_cents for _, line in answered),
            answered_on=max(claim.adjudicated_on or "" for claim, _ in answered),
        )


def _taken_back(case: Case) -> None:
    """A bill for the day that is replaced or voided stands at its payer until that is accepted."""
    one = next((one for one in case.kept if one.free), None)
    if one is not None:
        about: dict[str, int | str] = {"other": one.claim_id}
        if one.claim.denied_on is not None:
            about["denied_on"] = one.claim.denied_on
        case.say("taken_back", "waiting", "correction_not_accepted", one.claim.positions, about=about)
    if case.line is None and case.authorization_id is None:
        drawn = next((one.line for one in case.kept if one.line.authorization_id is not None), None)
        if drawn is not None:
            case.authorization_id, case.authorization_units = drawn.authorization_id, list(drawn.units)


def _earlier_claims(case: Case) -> Iterator[Claim]:
    """Institutional claims that stand for earlier days of the stay to the same payer; others are no bills of a stay."""
    for claim in case.patient.claims.values():
        same = (claim.enrollment_id, claim.payer_id) == (case.enrollment_id, case.payer_id)
        if same and claim.form == "837I" and claim.live and claim.through_date < case.date:
            yield claim


def _in_sequence(case: Case) -> None:
    """A payer that takes claims in sequence wants the earlier one's remittance first (CMS: billed sequentially)."""
    if case.per_diem is None or case.not_billable or not case.term("sequential_claims"):
        return
    if all(line.form != "837I" for line in case.lines):
        return
    unanswered = [claim for claim in _earlier_claims(case) if claim.adjudicated_on is None]
    if unanswered:
        last = max(unanswered, key=lambda claim: claim.through_date)
        case.say("sequence", "waiting", "earlier_claim_unanswered", last.positions, through=last.through_date)


def _in_time(case: Case) -> None:
    """After the payer's window for filing the day is held: only a person can know of a reason that the payer takes."""
    if case.per_diem is None or case.not_billable:
        return
    due_on = filing_due_on(case)
    if due_on is not None:
        closes_at = end_of_day(case.program.time_zone, due_on)
        months = case.terms.timely_filing_months
        about = {} if months is None else {"months": months}
        case.say("filing", "held", "filing_window_over", due_at=closes_at, about=about, due_on=due_on)


def _rejection(case: Case) -> None:
    if case.newest is not None and case.newest.status == "rejected":
        codes = ", ".join(case.newest.codes)
        case.say("earlier_claim", "warning", "earlier_claim_rejected", case.newest.positions, codes=codes)
