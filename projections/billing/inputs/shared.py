"""Reference facts: programs, credentials, payers' policies. Each answers the ids whose users it concerns."""

from __future__ import annotations

from aggregates.clinician import facts as clinician
from aggregates.days import day_before
from aggregates.payer_policy import facts as policy
from aggregates.payer_policy.terms import Terms
from aggregates.program import facts as program
from iop_es.engine.readmodel.model import Recorded
from projections.billing.documents import Dated
from projections.billing.references import Charges, Clinician, Policy, PolicyVersion, Program, Reference


def opened(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """A program, with the zone that decides its days and weeks."""
    fact: program.ProgramOpened = recorded.fact
    reference.programs[recorded.stream] = Program(
        time_zone=fact.time_zone, level=fact.level_of_care, focus=fact.focus, positions=[recorded.position]
    )
    return (recorded.stream,)


def enrolled_with_payer(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """The program may bill a payer for a period."""
    fact: program.PayerEnrollmentRecorded = recorded.fact
    period = Dated(
        on=fact.effective_from, through=fact.effective_through, value=fact.payer_id, positions=[recorded.position]
    )
    reference.programs.setdefault(recorded.stream, Program()).enrollments.append(period)
    return (recorded.stream,)


def campus_recorded(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """The program is a hospital's department from a day on."""
    fact: program.CampusRecorded = recorded.fact
    known = reference.programs.setdefault(recorded.stream, Program())
    known.campuses.append(Dated(on=fact.effective_from, value=fact.campus, positions=[recorded.position]))
    known.campuses.sort(key=lambda one: one.on)
    return (recorded.stream,)


def charges_adopted(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """The program's charges from a day on."""
    fact: program.FeeScheduleAdopted = recorded.fact
    cents = {one.procedure_code or one.revenue_code or "": one.charge_cents for one in fact.charges}
    known = reference.programs.setdefault(recorded.stream, Program())
    known.charges.append(Charges(on=fact.effective_from, cents=cents, positions=[recorded.position]))
    known.charges.sort(key=lambda one: one.on)
    return (recorded.stream,)


def closure_declared(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """Closed for some days."""
    fact: program.ClosureDeclared = recorded.fact
    period = Dated(on=fact.closed_from, through=fact.closed_through, value=fact.cause, positions=[recorded.position])
    reference.programs.setdefault(recorded.stream, Program()).closures.append(period)
    return (recorded.stream,)


def joined(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """Whether claims can name the clinician."""
    known = reference.clinicians.setdefault(recorded.stream, Clinician())
    known.has_npi, known.associate = recorded.fact.has_npi, recorded.fact.associate
    known.positions.append(recorded.position)
    return (recorded.stream,)


def credential_recorded(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """A credential and its period."""
    fact: clinician.CredentialRecorded = recorded.fact
    known = reference.clinicians.setdefault(recorded.stream, Clinician())
    known.credentials[fact.credential_id] = Dated(
        on=fact.active_from, through=fact.active_through, value=fact.title, positions=[recorded.position]
    )
    return (recorded.stream,)


def credential_lapsed(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """Not active from a day on; the day before is the last active one."""
    fact: clinician.CredentialLapsed = recorded.fact
    known = reference.clinicians.get(recorded.stream)
    credential = known.credentials.get(fact.credential_id) if known else None
    if credential is None:
        return ()
    last = day_before(fact.lapsed_on)
    credential.through = last if credential.through is None else min(credential.through, last)
    credential.positions.append(recorded.position)
    return (recorded.stream,)


def accepted_by_payer(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """A payer accepts the clinician for a period."""
    fact: clinician.PayerCredentialingRecorded = recorded.fact
    period = Dated(
        on=fact.effective_from, through=fact.effective_through, value=fact.payer_id, positions=[recorded.position]
    )
    reference.clinicians.setdefault(recorded.stream, Clinician()).accepted.append(period)
    return (recorded.stream,)


def published(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """A payer's first terms."""
    fact: policy.PolicyPublished = recorded.fact
    reference.policies[recorded.stream] = Policy(
        payer_id=fact.payer_id, payer_kind=fact.payer_kind, code=fact.code,
        versions=[_version(fact.effective_from, fact.terms, recorded.position, fact.effective_through)],
        positions=[recorded.position],
    )
    return (fact.payer_id,)


def verified(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """Somebody compared terms with a source: these fields of them are verified, with their parts."""
    fact: policy.PolicyVerified = recorded.fact
    known = reference.policies.get(recorded.stream)
    if known is None:
        return ()
    first = fact.effective_from or known.versions[-1].effective_from
    for version in known.versions:
        if version.effective_from == first:
            version.unverified = [
                name for name in version.unverified if not {name, name.partition(".")[0]} & set(fact.fields)
            ]
            version.positions.append(recorded.position)
    return (known.payer_id,)


def revised(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """New terms from a day on; verification of the earlier ones does not carry over."""
    known = reference.policies.get(recorded.stream)
    if known is None:
        return ()
    _end_last(known, day_before(recorded.fact.effective_from))
    known.versions.append(_version(recorded.fact.effective_from, recorded.fact.terms, recorded.position))
    known.versions.sort(key=lambda version: version.effective_from)
    return (known.payer_id,)


def retired(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """The policy's last day."""
    known = reference.policies.get(recorded.stream)
    if known is None:
        return ()
    _end_last(known, recorded.fact.effective_through)
    known.positions.append(recorded.position)
    return (known.payer_id,)


def addressed(reference: Reference, recorded: Recorded) -> tuple[str, ...]:
    """Where the payer's claim files go."""
    known = reference.policies.get(recorded.stream)
    if known is None:
        return ()
    known.addressed = True
    known.positions.append(recorded.position)
    return (known.payer_id,)


def _version(effective_from: str, terms: Terms, position: int, through: str | None = None) -> PolicyVersion:
    return PolicyVersion(
        effective_from=effective_from, effective_through=through, terms=terms, unverified=sorted(terms.unverified),
        positions=[position],
    )


def _end_last(known: Policy, day: str) -> None:
    """The last terms end on a day at the latest; terms that come later have days of their own."""
    last = known.versions[-1]
    last.effective_through = day if last.effective_through is None else min(day, last.effective_through)


REFERS = {
    "program.opened": opened,
    "program.payer_enrollment_recorded": enrolled_with_payer,
    "program.campus_recorded": campus_recorded,
    "program.fee_schedule_adopted": charges_adopted,
    "program.closure_declared": closure_declared,
    "clinician.joined": joined,
    "clinician.credential_recorded": credential_recorded,
    "clinician.credential_lapsed": credential_lapsed,
    "clinician.payer_credentialing_recorded": accepted_by_payer,
    "payer_policy.published": published,
    "payer_policy.verified": verified,
    "payer_policy.revised": revised,
    "payer_policy.retired": retired,
    "payer_policy.electronic_address_recorded": addressed,
}
