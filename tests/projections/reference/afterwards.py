"""Everything that the simulated clinic never does, done once on the afternoon after: corrections, voids, denials,
leaves, privacy requests, endings. Each part takes the afternoon (see `making`), which finds what is needed in the log.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from aggregates.access.streams import access_of
from aggregates.risk.streams import risk_of
from aggregates.values import Role
from tests.aggregates.scenario import an_id
from tests.projections.reference.accounts import money
from tests.projections.reference.disputes import disputed
from tests.projections.reference.shredded import reached, shredding

if TYPE_CHECKING:
    from tests.projections.reference.making import Afternoon


def happen(afternoon: Afternoon) -> None:
    """Everything, in an order that the rules allow."""
    for part in (
        _documents, _drafts, _measures, _risk, _permissions, _denial, _claims, money, disputed, _sessions, _groups,
        _privacy, _access, shredding, reached, _amendment, _what_ends, _payers, _staff, _leave, _plans, _beginning,
        _discharge, _close,
    ):  # fmt: skip
        part(afternoon)


def _plain(value: Any) -> Any:
    """What a command takes of a fact's value."""
    return json.loads(msgspec.json.encode(value))


def _asked(sent: Any) -> dict[str, Any]:
    """What a preparation is asked for: all that the fact says but what its rules add."""
    return {name: value for name, value in _plain(sent).items() if name != "per_diem_days"}


def _words(name: str, text: str) -> dict[str, Any]:
    return {"sections": [{"name": name, "words": text}]}


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _documents(afternoon: Afternoon) -> None:
    """An addendum, a correction and a late entry to one document, and another one struck."""
    signed = dict(afternoon.all("note.signed"))
    personal = [one for one in afternoon.all("note.drafted", lambda fact: fact.kind == "group") if one[0] in signed]
    (first, its), (second, theirs) = personal[:2]
    for number, kind in enumerate(("addendum", "correction", "late_entry")):
        section = "plan" if kind == "correction" else None
        afternoon.order(
            "note.amend", "clinician", its.author_id, note_id=first, amendment_id=an_id("amendment", number), kind=kind,
            cause="remembered-later", section=section,
            content=_words(section or "addendum", "Called the patient afterwards."),
        )
    afternoon.order(
        "note.enter_in_error", "clinician", theirs.author_id, note_id=second, cause="wrong-patient",
        words="Written into the wrong chart.",
    )


def _drafts(afternoon: Afternoon) -> None:
    """A draft revised twice and its signature attested instead of given, a signed document returned to its author."""
    draft, mine = afternoon.untouched("note.drafted", "note.signed")[0]
    for text in ("Took part.", "Took part, and said so."):
        afternoon.order(
            "note.revise", "clinician", mine.author_id, note_id=draft, content=_words("participation", text)
        )
    afternoon.order("note.attest_signature", "clinician", mine.author_id, note_id=draft)
    uncosigned = [
        one for one in afternoon.untouched("note.signed", "note.cosigned", "note.entered_in_error")
        if one[1].needs_cosignature
    ]
    returned, signing = uncosigned[0]
    afternoon.order(
        "note.return", "supervisor", signing.supervisor_id, note_id=returned, cause="unclear",
        words="Which goal was worked on?",
    )


def _measures(afternoon: Afternoon) -> None:
    """An assessment corrected, so that its ninth answer needs a look today, and another one voided."""
    (wrong, taken), (foreign, _) = afternoon.all("assessment.administered", lambda fact: fact.instrument == "phq-9")[:2]
    afternoon.order(
        "assessment.correct", "clinician", assessment_id=wrong, items=[*_plain(taken.items)[:-1], 2],
        administered_on=taken.administered_on, cause="misread",
    )
    afternoon.order("assessment.void", "clinician", assessment_id=foreign, cause="wrong-patient")


def _risk(afternoon: Afternoon) -> None:
    """Someone talks with the patient, plans, calls again and clears the alert."""
    measure, taken = afternoon.one("assessment.corrected")
    its = dict(afternoon.all("assessment.administered"))[measure]
    whose: dict[str, Any] = {
        "risk_id": risk_of(its.patient_id), "patient_id": its.patient_id, "program_id": its.program_id,
    }
    episode = {"enrollment_id": its.enrollment_id}
    doctor: Role = "clinician"
    afternoon.order(
        "risk.assess", doctor, **whose, **episode, assessed_at=afternoon.now, level="moderate", basis=["interview"],
        words="Bad evenings, no plan.",
    )
    afternoon.order(
        "risk.record_safety_plan", doctor, **whose, **episode, made_on=afternoon.today, words="Whom to call.",
    )
    afternoon.order(
        "risk.make_follow_up", doctor, **whose, **episode, made_at=afternoon.now, means="phone", reached=True,
        cause="alert",
    )
    afternoon.order(
        "risk.acknowledge_alert", doctor, **whose, outcome="cleared", cause="talked-with-patient",
        alert={"kind": "safety_item", "about": measure, "since": taken.administered_on},
    )


def _access(afternoon: Afternoon) -> None:
    """Somebody breaks the glass, another person judges it, and a court is told something."""
    (patient, _), grant = afternoon.one("patient.registered"), an_id("grant")
    whose = {"access_id": access_of(patient), "patient_id": patient}
    afternoon.order(
        "access.open_break_glass", "clinician", **whose, grant_id=grant, cause="crisis_call", words="Calls at night.",
    )
    afternoon.order(
        "access.review_break_glass", "privacy_officer", **whose, grant_id=grant, justified=True, words="Yes.",
    )
    afternoon.order(
        "access.record_disclosure", "front_desk", **whose, disclosure_id=an_id("disclosure"), made_on=afternoon.today,
        recipient="A court", information=["summary"], purpose="legal", basis="required_by_law",
    )


def _permissions(afternoon: Afternoon) -> None:
    """One authorization extended after a call to the payer, and another one voided."""
    known = afternoon.all("authorization.approved")
    extended, terms = known[0]
    reviewer: Role = "utilization_reviewer"
    afternoon.order(
        "authorization.log_payer_contact", reviewer, authorization_id=extended, contacted_at=afternoon.now,
        channel="phone", outcome="call-back", words="They will call back.",
    )
    afternoon.order(
        "authorization.extend", reviewer, authorization_id=extended, added_units=4,
        valid_through=_later(terms.valid_through, 14), decided_on=afternoon.today,
    )
    afternoon.order(
        "authorization.void", reviewer, authorization_id=known[1][0], voided_on=afternoon.today, cause="retroactive",
    )


def _denial(afternoon: Afternoon) -> None:
    """One asked for again, and denied after a talk among doctors."""
    reviewer: Role = "utilization_reviewer"
    _, asked = afternoon.one("authorization.requested")
    again = an_id("authorization")
    afternoon.order(
        "authorization.request", reviewer,
        **_plain(asked) | {"authorization_id": again, "requested_on": afternoon.today},
    )
    afternoon.order(
        "authorization.hold_peer_to_peer", reviewer, authorization_id=again, held_on=afternoon.today, outcome="denied",
        words="Less care would do, they say.",
    )
    afternoon.order(
        "authorization.deny", reviewer, authorization_id=again, decided_on=afternoon.today, cause="not-necessary"
    )


def _claims(afternoon: Afternoon) -> None:
    """A claim replaced, the replacement rejected so that the first stands again, and another claim voided."""
    answered = [
        one for one in afternoon.untouched("claim.prepared", "claim.rejected")
        if one[0] in dict(afternoon.all("claim.acknowledged"))
    ]
    (first, sent), (second, never) = answered[0], answered[-1]
    third = an_id("claim")
    afternoon.order(
        "claim.prepare", "biller", **_asked(sent) | {
            "claim_id": third, "frequency": "7", "replaces": first, "demonstration": True,
        },
    )
    afternoon.order(
        "claim.submit", "biller", claim_id=third, submitted_at=afternoon.now, batch="after", control_number="after1",
        demonstration=True,
    )
    afternoon.order(
        "claim.reject", "biller", claim_id=third, rejected_at=afternoon.now, source="277CA", codes=["A7"],
    )
    afternoon.order(
        "claim.prepare", "biller", **_asked(never) | {
            "claim_id": an_id("claim", 2), "frequency": "8", "replaces": second, "demonstration": True,
            "replacement_cause": "billed-in-error",
        },
    )
    afternoon.order(
        "claim.submit", "biller", claim_id=an_id("claim", 2), submitted_at=afternoon.now, batch="void",
        control_number="void1", demonstration=True,
    )
    afternoon.order(
        "claim.acknowledge", "biller", claim_id=an_id("claim", 2), acknowledged_at=afternoon.now, source="277CA",
        reference="V1",
    )


def _sessions(afternoon: Afternoon) -> None:
    """A session moved, one cancelled, one that no longer expects a patient."""
    later = [
        one for one in afternoon.untouched("session.scheduled", "session.started", "session.cancelled")
        if one[1].starts_at > afternoon.now and one[1].group_id
    ]
    (moved, plan), (off, _) = later[:2]
    afternoon.order(
        "session.reschedule", "supervisor", session_id=moved, service_date=plan.service_date,
        starts_at=plan.starts_at.replace(":00:00", ":05:00"), ends_at=plan.ends_at, cause="room-taken",
    )
    expected = next(one for one in afternoon.all("session.patient_expected") if one[0] in dict(later[2:]))
    afternoon.order(
        "session.do_not_expect", "front_desk", session_id=expected[0], attendance_id=expected[1].attendance_id,
        cause="appointment-elsewhere",
    )
    afternoon.order("session.cancel", "supervisor", session_id=off, cause="facilitator-ill")


def _groups(afternoon: Afternoon) -> None:
    """A series changed, a substitute, a seat freed."""
    group, series = afternoon.one("group.series_scheduled")
    afternoon.order(
        "group.change_series", "supervisor", group_id=group,
        **_plain(series) | {"effective_from": _later(afternoon.today, 7), "minutes": 50, "cause": "room"},
    )
    (room, leader), (_, other) = afternoon.all("group.facilitator_assigned")[:2]
    afternoon.order(
        "group.substitute_facilitator", "supervisor", group_id=room, clinician_id=other.clinician_id,
        in_place_of=leader.clinician_id, on=_later(afternoon.today, 7), cause="illness",
    )
    seat, seated = afternoon.one("group.patient_rostered")
    afternoon.order(
        "group.unroster_patient", "front_desk", group_id=seat, patient_id=seated.patient_id,
        effective_from=_later(afternoon.today, 1), cause="schedule",
    )


def _privacy(afternoon: Afternoon) -> None:
    """A name corrected, a way to be reached, a payer that is not to know."""
    patient, _ = afternoon.one("patient.registered")
    desk: Role = "front_desk"
    identity = {"family_name": "Reference", "given_name": "Rae", "birth_date": "1988-04-05", "sex": "female"}
    afternoon.order(
        "patient.correct_demographics", desk, patient_id=patient, identity=identity, cause="name-change"
    )
    afternoon.order(
        "patient.set_confidential_contact", desk, patient_id=patient, effective_from=afternoon.today,
        instructions="By mail only.",
    )
    afternoon.order(
        "patient.restrict_disclosure", desk, patient_id=patient, restriction_id=an_id("restriction"),
        effective_from=afternoon.today, paid_in_full=True,
    )


def _amendment(afternoon: Afternoon) -> None:
    """A record that a patient wants amended, a denial, and the disagreement that travels with it."""
    patient, _ = afternoon.one("patient.registered")
    desk: Role = "front_desk"
    officer: Role = "privacy_officer"
    request = an_id("request")
    afternoon.order(
        "patient.request_amendment", desk, patient_id=patient, request_id=request, received_on=afternoon.today,
        words="I was there on Monday.",
    )
    afternoon.order(
        "patient.answer_amendment", officer, patient_id=patient, request_id=request, accepted=False,
        basis="accurate-and-complete",
    )
    afternoon.order(
        "patient.file_disagreement", officer, patient_id=patient, request_id=request, words="I still say so."
    )


def _what_ends(afternoon: Afternoon) -> None:
    """A consent revoked, a guardian who no longer acts, a coverage that ended five days ago."""
    patient, consent = afternoon.one("patient.consent_signed", lambda fact: fact.kind == "disclosure")
    desk: Role = "front_desk"
    afternoon.order("patient.revoke_consent", desk, patient_id=patient, consent_id=consent.consent_id)
    child, guardian = afternoon.one("patient.guardian_recorded")
    afternoon.order(
        "patient.end_guardian", desk, patient_id=child, guardian_id=guardian.guardian_id, ended_on=afternoon.today
    )
    insured, coverage = afternoon.one("patient.coverage_recorded")
    afternoon.order(
        "patient.end_coverage", desk, patient_id=insured, coverage_id=coverage.coverage_id,
        ended_on=_later(afternoon.today, -5), cause="plan-ended",
    )


def _payers(afternoon: Afternoon) -> None:
    """Terms verified, revised while days are open, and a policy retired."""
    (policy, terms), (other, _) = afternoon.all("payer_policy.published")[:2]
    afternoon.order(
        "payer_policy.verify", "biller", policy_id=policy, verified_on=afternoon.today, source="Provider manual, demo",
        fields=["minimum_minutes"],
    )
    afternoon.order(
        "payer_policy.revise", "biller", policy_id=policy, effective_from=_later(afternoon.today, -7),
        terms=_plain(terms.terms) | {"minimum_minutes": 150}, cause="new-manual",
    )
    afternoon.order(
        "payer_policy.retire", "biller", policy_id=other, effective_through=_later(afternoon.today, -3),
        cause="contract-end",
    )


def _staff(afternoon: Afternoon) -> None:
    """A license that lapsed a week ago, a signature for a service of before, and somebody who leaves."""
    clinician, credential = afternoon.all("clinician.credential_recorded")[-1]
    afternoon.order(
        "clinician.lapse_credential", "director", clinician_id=clinician, credential_id=credential.credential_id,
        lapsed_on=_later(afternoon.today, -7), cause="renewal-missed",
    )
    note, day = an_id("note"), _later(afternoon.today, -8)
    afternoon.order(
        "note.draft", "clinician", clinician, note_id=note, kind="case_management", service_date=day,
        program_id=afternoon.one("program.opened")[0], patient_id=afternoon.one("patient.registered")[0],
        service_ended_at=f"{day}T20:00:00.000000Z", content=_words("plan", "Called the school."),
    )
    afternoon.order("note.sign", "clinician", clinician, note_id=note, late_reason="license-letter")
    gone, _ = afternoon.one("clinician.joined")
    afternoon.order("clinician.leave", "director", clinician_id=gone, left_on=afternoon.today)


def _leave(afternoon: Afternoon) -> None:
    """A leave and its end."""
    first, _ = afternoon.one("enrollment.patient_admitted")
    afternoon.order(
        "enrollment.start_leave", "front_desk", enrollment_id=first, leave_id=an_id("leave"),
        started_on=_later(afternoon.today, -1), cause="hospital",
    )
    afternoon.order(
        "enrollment.end_leave", "front_desk", enrollment_id=first, leave_id=an_id("leave"),
        returned_on=afternoon.today,
    )


def _plans(afternoon: Afternoon) -> None:
    """A plan reviewed, and certified again."""
    certified, plan = afternoon.one("enrollment.plan_certified")
    afternoon.order(
        "enrollment.review_plan", "clinician", enrollment_id=certified, plan_id=plan.plan_id,
        reviewed_on=afternoon.today, next_review_due_on=_later(afternoon.today, 14), patient_agreed=True,
    )
    afternoon.order(
        "enrollment.recertify_plan", "prescriber", plan.physician_id, enrollment_id=certified, plan_id=plan.plan_id,
        certified_on=afternoon.today, certified_through=_later(plan.certified_through, 30),
        physician_id=plan.physician_id,
    )


def _beginning(afternoon: Afternoon) -> None:
    """How a stay began, and who attends, corrected."""
    episode, admitted = afternoon.untouched("enrollment.patient_admitted", "enrollment.patient_discharged")[-1]
    afternoon.order(
        "enrollment.correct_admission", "clinician", enrollment_id=episode, admitted_on=admitted.admitted_on,
        admission_type="2", admission_source=admitted.admission_source, cause="misread",
    )
    other = next(one for one, _ in afternoon.all("clinician.joined") if one != admitted.attending_id)
    afternoon.order(
        "enrollment.correct_attending", "clinician", enrollment_id=episode, attending_id=other, cause="misread"
    )


def _discharge(afternoon: Afternoon) -> None:
    """One patient moves to more care, another one is discharged."""
    _, (second, _), (third, _) = afternoon.all("enrollment.patient_admitted")[:3]
    afternoon.order(
        "enrollment.change_level_of_care", "clinician", enrollment_id=second, effective_on=afternoon.today,
        from_level="intensive_outpatient", to_level="partial_hospitalization", cause="needs-more",
    )
    afternoon.order("enrollment.plan_discharge", "clinician", enrollment_id=third, planned_on=afternoon.today)
    afternoon.order(
        "enrollment.discharge", "clinician", enrollment_id=third, discharged_on=afternoon.today, reason="completed",
        patient_status="01",
    )


def _close(afternoon: Afternoon) -> None:
    """A program that nobody is in sets its last day."""
    identity, _ = afternoon.one("program.opened")
    afternoon.order(
        "program.record_campus", "director", program_id=identity, effective_from=afternoon.today, campus="on_campus"
    )
    afternoon.order("program.close", "director", program_id=identity, closed_on=_later(afternoon.today, 60))
