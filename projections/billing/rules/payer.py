"""Who pays for the day, under which terms, and may the payer be told?"""

from __future__ import annotations

from collections.abc import Iterator

from aggregates.disclosure import permitted
from aggregates.payer_policy.terms import Terms
from projections.billing.day import FOREVER, Case
from projections.billing.documents import Consent, Coverage, Dated, Patient
from projections.billing.lines import total
from projections.billing.references import Policy, PolicyVersion, Reference
from projections.billing.rules import self_pay
from projections.billing.times import end_of_day, plus_days, plus_months

FILING_WINDOW = ("timely_filing_days", "timely_filing_months")
"""The fields of the terms that say until when a claim can be filed; at most one of them does."""
END_OF_TREATMENT = frozenset({"end-of-treatment", "end_of_treatment", "discharge"})
"""Events, as consents name them, that are the discharge; 42 CFR 2.31 takes also "none", which never comes."""


def find(case: Case) -> None:
    """The coverage of the first rank that is active on the day, and its payer's newest terms in force on it.

    Of terms that begin on one day the ones recorded last are the newest: terms that are only supposed come after all
    recorded ones and so hold on their days, whatever else begins then.
    """
    ranked = [(coverage.rank, coverage_id) for coverage_id, coverage in covering(case.patient, case.date)]
    if ranked:
        _, coverage_id = min(ranked)
        insure(case, coverage_id)


def insure(case: Case, coverage_id: str) -> None:
    """Takes a coverage for the one that pays for the day, with its payer's newest terms in force on it."""
    case.coverage_id, case.coverage = coverage_id, case.patient.coverages[coverage_id]
    case.policy_id, case.policy, case.version = in_force(case.reference, case.coverage.payer_id, case.date)


def covering(patient: Patient, day: str) -> Iterator[tuple[str, Coverage]]:
    """The coverages that are active on a day, of any rank."""
    for coverage_id, coverage in patient.coverages.items():
        through = coverage.effective_through
        if coverage.effective_from <= day and (through is None or day <= through):
            yield coverage_id, coverage


def in_force(
    reference: Reference, payer_id: str, day: str
) -> tuple[str | None, Policy | None, PolicyVersion | None]:
    """A payer's newest terms on a day, with the policy that they are of."""
    found: tuple[str | None, Policy | None, PolicyVersion | None] = (None, None, None)
    for policy_id, policy in reference.policies.items():
        for version in policy.versions if policy.payer_id == payer_id else ():
            newer = found[2] is None or version.effective_from >= found[2].effective_from
            ended = version.effective_through is not None and version.effective_through < day
            if version.effective_from <= day and newer and not ended:
                found = (policy_id, policy, version)
    return found


def ask(case: Case) -> None:
    """Coverage, then the payer's terms in force on the day, then the per diem of the level of care; nothing of it where
    the patient pays for the day."""
    if self_pay.ask(case):
        return
    _coverage(case)
    if case.coverage is not None:
        _policy(case)
    if case.version is not None and case.level is not None:
        _per_diem(case, case.version.positions, case.level, case.focus or "no focus")


def ask_insurance(case: Case) -> None:
    """Coverage and terms alone: what is asked of a further payer."""
    _coverage(case)
    _policy(case)


def ask_disclosure(case: Case) -> None:
    """Enrollment with the payer, consent for a substance-use record."""
    _enrollment(case)
    if case.focus == "substance_use":
        _consent(case)


def ask_restriction(case: Case) -> None:
    """What the patient forbade telling the payer; the patient owes the day, unless it is nothing to bill anyway."""
    for restriction in self_pay.restrictions(case):
        if not case.not_billable:
            case.owed_cents = total([line.charge_cents for line in case.lines])
            case.owed_basis = "disclosure_restricted"
        owed = {} if case.owed_cents is None else {"owed_cents": case.owed_cents}
        case.say("restriction", "not_billable", "disclosure_restricted", restriction.positions, about=owed)


def covers(period: Dated, day: str) -> bool:
    """Whether a day lies in a period."""
    return period.on <= day and (period.through is None or day <= period.through)


def _enrollment(case: Case) -> None:
    """Asked only of a program whose enrollments with payers are recorded at all."""
    enrollments = case.program.enrollments
    periods = [one for one in enrollments if one.value == case.payer_id and covers(one, case.date)]
    if periods:
        case.say("payer_enrollment", positions=[position for one in periods for position in one.positions])
    elif enrollments:
        told = [position for one in enrollments for position in one.positions]
        case.say("payer_enrollment", "held", "not_enrolled_with_payer", told)


def _coverage(case: Case) -> None:
    if case.coverage is None:
        case.say("coverage", "held", "no_coverage")
    elif case.coverage.has_member_number:
        case.say("coverage", positions=case.coverage.positions, rank=case.coverage.rank)
    else:
        case.say("coverage", "held", "member_number_missing", case.coverage.positions)


def _policy(case: Case) -> None:
    if case.policy is None or case.version is None:
        case.say("policy", "held", "no_policy")
    else:
        case.say("policy", positions=case.version.positions, policy=case.policy.code)


def _per_diem(case: Case, positions: list[int], level: str, focus: str) -> None:
    per_diems = case.term("per_diems")
    found = [one for one in per_diems if (one.level_of_care, one.focus) == (level, focus)]
    case.per_diem = min(found, key=lambda one: one.services_at_least, default=None)
    if case.per_diem is None:
        case.say("per_diem", "not_billable", "level_of_care_not_per_diem", positions, level=level, focus=focus)
    else:
        case.say("per_diem", positions=positions)


def _consent(case: Case) -> None:
    """A consent that names the payer, permits the program, is not revoked and had not run out on the day of service.

    Signed after the day, it lets the day be disclosed; `disclosure_through` keeps until when it does, and a day that
    was not sent by then is held from the day after. What was sent before it ended or was revoked stands (42 CFR 2.31).
    """
    sent_at = _sent_at(case)
    own = {
        key: consent for key, consent in case.patient.consents.items()
        if permitted(consent.programs, [case.program_id])
    }  # fmt: skip
    ends = {
        key: consent_through(consent, case.patient, case.program_id)
        for key, consent in own.items() if case.payer_id in consent.payers
    }
    allowed = [
        (through or FOREVER, case.patient.consents[key]) for key, through in ends.items()
        if (through is None or through >= case.date) and _unrevoked(case.patient.consents[key], sent_at)
    ]  # fmt: skip
    if not allowed:
        told = [one for consent in own.values() for one in consent.positions]
        case.say("disclosure", "held", "no_consent_for_disclosure", told)
        return
    through, longest = max(allowed, key=lambda one: one[0])
    since: dict[str, int | str] = {} if longest.revoked_at is None else {"revoked_at": longest.revoked_at}
    if through == FOREVER:
        case.say("disclosure", positions=longest.positions, about=since)
        return
    case.disclosure_through, over = through, end_of_day(case.program.time_zone, through)
    if sent_at is not None and sent_at < over:
        case.say("disclosure", positions=longest.positions, about=since)
    else:
        case.say("disclosure", "held", "consent_ran_out", longest.positions, over, since, through=through)


def _unrevoked(consent: Consent, sent_at: str | None) -> bool:
    return consent.revoked_at is None or (sent_at is not None and sent_at < consent.revoked_at)


def consent_through(consent: Consent, patient: Patient, program_id: str) -> str | None:
    """The last day on which something may be disclosed under a consent; None: no end is set.

    One that expires upon the end of treatment lasts through the first discharge from the program since it was signed:
    the event that a consent names as its expiry (42 CFR 2.31), read by us as the discharge of that program's episode.
    """
    ends = [consent.expires_on] if consent.expires_on is not None else []
    if consent.expires_upon in END_OF_TREATMENT:
        ends += [
            one.discharged_on for one in patient.episodes.values()
            if one.program_id == program_id and one.discharged_on and one.discharged_on >= consent.signed_on
        ]  # fmt: skip
    return min(ends, default=None)


def _sent_at(case: Case) -> str | None:
    """When the payer was first told of the day by a claim that stands."""
    own = [claim for _, claim, _ in case.claimed if claim.payer_id == case.payer_id]
    return min((claim.submitted_at for claim in own if claim.submitted_at is not None), default=None)


def filing_due_on(case: Case) -> str | None:
    """The last day on which the payer takes a claim for this day, counted from the day of service."""
    if case.version is None:
        return None
    for name in FILING_WINDOW:
        case.term(name)
    return last_for_filing(case.terms, case.date)


def last_for_filing(terms: Terms, since: str) -> str | None:
    """The last day on which the payer takes a claim whose clock runs since a day; None where it sets no window."""
    if terms.timely_filing_months is not None:
        return plus_months(since, terms.timely_filing_months)
    return None if terms.timely_filing_days is None else plus_days(since, terms.timely_filing_days)
