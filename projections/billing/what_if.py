"""What would days have been worth, had other terms of a payer been in force on some of them?

`supposed` puts the terms as reference facts that the fold takes like any other; nothing here decides a day. `compared`
lays the days of both folds side by side. A day outside the period can change with those inside it: the weekly test
looks at whole weeks, and an authorization's units go to its days in order.

Days are compared in what the payer is expected to allow, because charges are the program's own and no payer's terms
change them. Not on a claim a day counts that, unless it is not billable; `pending` while it waits or is held. On a
claim it counts as claimed now, and then too unless the terms make it worse than it is now: nothing or, held, pending.
That a claim was made stays a fact, and so do the units that it draws: no other day gets them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from aggregates.payer_policy.document import PolicyDocument
from aggregates.payer_policy.facts import PolicyPublished, PolicyRetired, PolicyRevised
from iop_es.engine.readmodel.model import Delta, Recorded
from projections.billing.day import Day
from projections.billing.inputs import REFERS
from projections.billing.queries import days_from
from projections.billing.references import Policy, Reference
from projections.billing.standing import standing, underlying_at
from projections.billing.words import reason_of, sentence
from projections.billing.worth import CountsAs, SideView, SupposedDay

SUPPOSED = "supposed"
"""The id of the policy that is only supposed: no stream of the log has it."""
RANK = {"billable": 0, "waiting": 1, "held": 1, "not_billable": 2, "written_off": 2}
COUNTS: dict[str, CountsAs] = {
    "billable": "billable", "waiting": "pending", "held": "pending", "not_billable": "nothing",
    "written_off": "nothing",
}


@dataclass(frozen=True, slots=True)
class Supposition:
    """These terms of this payer on the days from `first` through `last`, whatever the document's own first day is."""

    payer_id: str
    document: PolicyDocument
    first: str
    last: str


def recorded_policies(shared: Iterable[Recorded]) -> dict[str, Policy]:
    """The policies that reference facts state, by id, with their versions; what payers settle states none."""
    reference = Reference()
    for one in shared:
        if one.name in REFERS:
            REFERS[one.name](reference, one)
    return reference.policies


def supposed(given: Supposition, policies: Iterable[Policy], after: int, at: str) -> list[Recorded]:
    """The supposed terms as facts recorded next: a policy beside the payer's own, for just these days.

    It starts anew wherever the payer's own terms do, because the newest terms decide a day.
    """
    document = given.document
    starts = {
        version.effective_from for policy in policies if policy.payer_id == given.payer_id
        for version in policy.versions if given.first < version.effective_from <= given.last
    }  # fmt: skip
    published = PolicyPublished(
        payer_id=given.payer_id, payer_kind=document.payer_kind, payer_name=document.payer_name, code=document.code,
        effective_from=given.first, effective_through=given.last, terms=document.terms,
    )
    revised = [
        PolicyRevised(effective_from=start, terms=document.terms, cause=SUPPOSED) for start in sorted(starts)
    ]
    return [
        Recorded(after + number, SUPPOSED, number, name, fact, b"", at.encode(), ())
        for number, (name, fact) in enumerate(
            [
                ("payer_policy.published", published), *(("payer_policy.revised", one) for one in revised),
                ("payer_policy.retired", PolicyRetired(effective_through=given.last, cause=SUPPOSED)),
            ], 1,
        )
    ]


def compared(
    now: Delta, then: Delta, patient_id: str, given: Supposition, programs: Collection[str], at: str
) -> list[SupposedDay]:
    """A patient's days side by side at a moment: the payer's in the period, every other that changes, and the rest of
    the claims that these are on.
    """
    pairs = zip(days_from(now, patient_id), days_from(then, patient_id), strict=True)
    found = [_pair(before, after, given, at) for before, after in pairs if before.program_id in programs]
    told = [day for day in found if day.inside or day.changed]
    claims = {day.claim_id for day in told} - {None}
    return [day for day in found if day.inside or day.changed or day.claim_id in claims]


def _pair(now: Day, then: Day, given: Supposition, at: str) -> SupposedDay:
    before, after = _side(now, at, *_now(now, at)), _side(then, at, *_then(now, then, at))
    inside = given.first <= now.service_date <= given.last and now.payer_id == given.payer_id
    return SupposedDay(
        patient_id=now.patient_id, enrollment_id=now.enrollment_id, program_id=now.program_id,
        service_date=now.service_date, inside=inside, claim_id=now.claim_id, claim_status=now.claim_status,
        charge_cents=now.charge_cents, paid_cents=now.paid_cents, now=before, then=after,
        changed=before.decision != after.decision, why=_why(before, after),
    )


def _side(day: Day, at: str, counts_as: CountsAs, counted: int) -> SideView:
    state, reason, _ = standing(day, at)
    telling = (sentence(day, one, at) for one in day.answers if one.code == reason and reason_of(one, at))
    return SideView(
        state=state, underlying=underlying_at(day, at), reason=reason, sentence=next(telling, None) if reason else None,
        cents=day.expected_cents, units=day.units, counts_as=counts_as, counted_cents=counted,
        demo_rate=day.rate_kind == "demo", unverified=day.unverified,
    )


def _now(day: Day, at: str) -> tuple[CountsAs, int]:
    return _unclaimed(day, at) if day.claim_id is None else ("claimed", day.expected_cents or 0)


def _then(now: Day, then: Day, at: str) -> tuple[CountsAs, int]:
    """See the module: the two sides of a day on a claim are not judged apart from each other."""
    worse = RANK[underlying_at(then, at)] > RANK[underlying_at(now, at)]
    if now.claim_id is None or worse:
        return _unclaimed(then, at)
    return "claimed", then.expected_cents or 0


def _unclaimed(day: Day, at: str) -> tuple[CountsAs, int]:
    counts_as = COUNTS[underlying_at(day, at)]
    return counts_as, 0 if counts_as == "nothing" else day.expected_cents or 0


def _why(now: SideView, then: SideView) -> str | None:
    """The main reason of a change in words: of its state first, then of its money."""
    if now.decision == then.decision:
        return None
    if now.underlying == then.underlying and now.counted_cents != then.counted_cents:
        return "another rate" if now.units == then.units else "other units"
    improved = RANK[then.underlying] < RANK[now.underlying]
    if now.reason and (improved or then.reason is None):
        return f"no longer {_words(now.reason)}"
    return _words(then.reason or "")


def _words(code: str) -> str:
    return code.replace("_", " ")
