"""Whether what is to be billed may be billed: lines, episode, authorizations, terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.authorization.refusals import UnknownAuthorization
from aggregates.authorization.state import Authorization, Unrequested
from aggregates.claim import refusals as no
from aggregates.claim.facts import ClaimLine, ClaimPrepared
from aggregates.claim.state import Adjudicated, Bill
from aggregates.days import covers, must_run_forwards
from aggregates.decision import not_in_the_future
from aggregates.enrollment.refusals import EnrollmentOfAnother, UnknownEnrollment
from aggregates.enrollment.state import Episode, Unopened
from aggregates.kit import Act, Seen
from aggregates.payer_policy.state import Policy


def must_add_up(claim: ClaimPrepared, act: Act) -> None:
    """Lines are numbered, dated inside the period, bill a service with the same modifiers once a day, and sum to the
    total."""
    must_run_forwards(claim.from_date, claim.through_date)
    for place, line in enumerate(claim.lines, start=1):
        if line.line != place:
            raise no.LinesMisnumbered(line=line.line, place=place)
        if not covers(claim.from_date, claim.through_date, line.service_date):
            raise no.LineOutsidePeriod(
                line=place, on=line.service_date, from_date=claim.from_date, through_date=claim.through_date,
            )
        if (line.authorization_id is None) != (not line.authorization_units):
            raise no.UnitsUnnamed(line=place)
    not_in_the_future(act, *(line.service_date for line in claim.lines))
    _must_be_distinct(claim.lines)
    total = sum(line.charge_cents for line in claim.lines)
    if total != claim.total_cents:
        raise no.TotalOutOfBalance(sum_cents=total, total_cents=claim.total_cents)


def _must_be_distinct(lines: tuple[ClaimLine, ...]) -> None:
    """Of one service a day has as many lines as it has modifiers: what was given by video is a line apart."""
    services: dict[Any, int] = {}
    units: set[tuple[str | None, int]] = set()
    for line in lines:
        service = (line.service_date, line.revenue_code, line.procedure_code, line.modifiers)
        first = services.setdefault(service, line.line)
        if first != line.line:
            raise no.LineTwice(first=first, line=line.line)
        for number in line.authorization_units:
            if (line.authorization_id, number) in units:
                raise no.UnitDrawnTwice(line=line.line, unit=number)
            units.add((line.authorization_id, number))


def must_fit_the_episode(claim: ClaimPrepared, seen: Mapping[str, Seen]) -> None:
    """Each line is of a day inside the episode, at the level of care that the day belongs to."""
    episode: Episode = seen["enrollment"].state
    if isinstance(episode, Unopened):
        raise UnknownEnrollment(enrollment_id=claim.enrollment_id)
    if (episode.patient_id, episode.program_id) != (claim.patient_id, claim.program_id):
        raise EnrollmentOfAnother(enrollment_id=claim.enrollment_id)
    for line in claim.lines:
        if not episode.open_on(line.service_date):
            raise no.ServiceOutsideEpisode(line=line.line, on=line.service_date)
        level = episode.level_on(line.service_date)  # none before the admission: an intake visit
        if level is not None and level != line.level_of_care:
            raise no.LevelOnDay(line=line.line, billed=line.level_of_care, on=line.service_date, level_of_care=level)


def must_be_authorized(claim: ClaimPrepared, seen: Mapping[str, Seen]) -> None:
    """A line that names an authorization lies inside its days and draws units that it has."""
    for line in claim.lines:
        if line.authorization_id is None:
            continue
        which: dict[str, Any] = {"authorization_id": line.authorization_id, "line": line.line}
        authorization: Authorization = seen[f"authorization:{line.authorization_id}"].state
        if isinstance(authorization, Unrequested):
            raise UnknownAuthorization(**which)
        if (authorization.patient_id, authorization.payer_id) != (claim.patient_id, claim.payer_id):
            raise no.AuthorizationOfAnother(**which)
        if not authorization.covers(line.service_date):
            raise no.AuthorizationNotInForce(on=line.service_date, **which)
        for number in line.authorization_units:
            if not 1 <= number <= authorization.units:
                raise no.UnitsBeyondAuthorization(unit=number, units=authorization.units, **which)


def must_have_terms(claim: ClaimPrepared, seen: Mapping[str, Seen], demonstration: bool) -> None:
    """Every service day has the payer's own terms, and outside a demonstration somebody verified them, all of them."""
    policy = seen["policy"].state
    if not isinstance(policy, Policy):
        raise no.UnknownPolicy(policy_id=claim.policy_id)
    if policy.payer_id != claim.payer_id:
        raise no.PolicyOfAnother(policy_id=claim.policy_id)
    for day in sorted({line.service_date for line in claim.lines}):
        version = policy.version_on(day)
        if version is None:
            raise no.NoTermsOnDay(policy_id=claim.policy_id, on=day)
        if demonstration or version.vouched_for:
            continue
        if version.unverified:
            raise no.PolicyUnverified(policy_id=claim.policy_id, on=day, fields=", ".join(version.unverified))
        raise no.PolicyNeverVerified(policy_id=claim.policy_id, on=day)


def must_come_after(claim: ClaimPrepared, seen: Mapping[str, Seen]) -> None:
    """A secondary claim follows the answer of another payer about the same patient and program.

    One that takes a secondary claim back (frequency 8) says again what was sent, whatever became of that answer.
    """
    if claim.after_claim is None:
        return
    primary: Bill = seen["after"].state
    if primary.prepared is None:
        raise no.UnknownPrimaryClaim(claim_id=claim.after_claim)
    sent = primary.prepared
    same = (sent.patient_id, sent.program_id) == (claim.patient_id, claim.program_id)
    if not same or sent.payer_id == claim.payer_id:
        raise no.PrimaryClaimOfAnother(claim_id=claim.after_claim)
    answered = bool(primary.answers) if claim.frequency == "8" else isinstance(primary, Adjudicated)
    if not answered:
        raise no.PrimaryClaimUnanswered(claim_id=claim.after_claim, phase=primary.phase)
