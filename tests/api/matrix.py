"""The world of the authorization matrix: one thing of each kind, of a patient whom the clinic's people treat, of one
whom a colleague treats, of another program, and of nobody; and how each operation is asked about them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aggregates.access.streams import access_of
from aggregates.account.streams import account_of
from aggregates.claim.facts import (
    AdjudicatedLine,
    Adjustment,
    ClaimAdjudicated,
    ClaimLine,
    ClaimPrepared,
    ClaimSubmitted,
)
from aggregates.dispute.clocks import Deadline
from aggregates.dispute.facts import RecordsRequested
from aggregates.kit import COMMANDS
from aggregates.risk.streams import risk_of
from aggregates.shredding.streams import shredding_of
from iop_es.load.example import example_line
from tests.api.clinic import CHARGE, GROUP, PAYER, REST, at, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.projections.story import Story

CANARY = "quokka"
TREATING = ("clinician", "supervisor", "prescriber")
SOLO = an_id("solo")
OWN, OTHERS, THEIRS, NOBODYS, UNAGREED = 1, 451, 99, 998, 452
SITUATIONS = ("own", "unrelated", "other", "elsewhere", "revoked", "glass")


@dataclass(frozen=True, slots=True)
class Target:
    """The ids of everything about one patient of the matrix, by the names that parameters and fields have."""

    number: int
    program: str
    ids: dict[str, str] = field(default_factory=dict)


def target(number: int, program: str, group: str) -> Target:
    """The ids of one patient's things; nothing is made here."""
    patient = an_id("patient", number)
    mine = {name: an_id(f"matrix-{name}", number) for name in (
        "session_id", "note_id", "claim_id", "dispute_id", "assessment_id", "packet_id", "clinician_id", "on_call_id",
        "request_id", "hold_id",
    )}  # fmt: skip
    return Target(number, program, mine | {
        "program_id": program, "patient_id": patient, "enrollment_id": an_id("enrollment", number), "group_id": group,
        "authorization_id": an_id("authorization", number), "account_id": account_of(patient),
        "risk_id": risk_of(patient), "shredding_id": shredding_of(patient), "access_id": access_of(patient),
        "policy_id": an_id("policy"), "payer_id": PAYER,
        "coverage_id": an_id("coverage", number), "attendance_id": an_id("matrix-attendance", number),
        "stream_id": an_id("enrollment", number), "one": program, "other": program,
        "person_id": an_id("front_desk" if program == PROGRAM else "nobody"),
    })  # fmt: skip


TARGETS = {
    "own": target(OWN, PROGRAM, GROUP), "other": target(OTHERS, PROGRAM, GROUP),
    "elsewhere": target(THEIRS, ELSEWHERE, an_id("group", 2)),
    "absent": target(NOBODYS, an_id("program", 998), an_id("group", 998)),
    "absent here": target(NOBODYS, PROGRAM, an_id("group", 998)),
}
WITHOUT_CONSENT = target(UNAGREED, PROGRAM, GROUP)
"""A patient whom the own program treats for substance use, and who agreed to no disclosure."""
DISCLOSING: dict[str, tuple[str, dict[str, Any]]] = {
    "authorization.request": (
        "no-consent-to-disclose", {"requested_on": on(), "valid_from": on(), "valid_through": on(30)},
    ),
    "claim.submit": ("no-consent-to-disclose", {"submitted_at": at("12:00")}),
    "access.record_disclosure": (
        "substance-use-needs-consent",
        {"enrollment_id": an_id("enrollment", UNAGREED), "made_on": on(), "basis": "payment", "purpose": "payment"},
    ),
    "dispute.make_packet": ("substance-use-needs-consent", {"edition": "payer", "recipient": "Appeals unit"}),
    "note.print": ("release-not-recorded", {"purpose": "payment"}),
    "note.differences": ("release-not-recorded", {"purpose": "legal", "since": 1}),
    "session.print": ("release-not-recorded", {"purpose": "payment"}),
    "patient.chart": ("release-not-recorded", {"purpose": "oversight", "from": on(-30), "through": on()}),
    "patient.continued_stay_print": ("release-not-recorded", {"purpose": "payment"}),
}  # fmt: skip
"""What discloses: the rule that refuses it without a consent or a named exception, and what is said with it."""
TARGET_OF = {"own": "own", "unrelated": "own", "other": "other", "elsewhere": "elsewhere", "revoked": "own",
             "glass": "own"}  # fmt: skip


def furnish(house: House) -> None:
    """Makes the things; who treats the own patient are the clinic's people, the other one is a colleague's."""
    joins(house, SOLO, PROGRAM)
    take_in(house, OTHERS, attending=SOLO)
    house.done("director", "/groups", {
        "group_id": an_id("group", 2), "program_id": ELSEWHERE, "topic": "coping-skills", "capacity": 12,
        "formed_on": on(-10),
    }, programs=(ELSEWHERE,))  # fmt: skip
    take_in(house, UNAGREED, focus="substance_use")
    _things(house, WITHOUT_CONSENT, an_id("clinician"))
    story = Story()
    story.tell(WITHOUT_CONSENT.ids["claim_id"], _claim(WITHOUT_CONSENT))
    story.tell(WITHOUT_CONSENT.ids["dispute_id"], RecordsRequested(
        patient_id=WITHOUT_CONSENT.ids["patient_id"], program_id=PROGRAM, payer_id=PAYER, track="commercial",
        request_id=WITHOUT_CONSENT.ids["request_id"], letter_id=an_id("letter"), kind="medical_review",
        claims=(WITHOUT_CONSENT.ids["claim_id"],), items=("attendance",), received_on=on(), due_on=on(30),
        deadline=Deadline(due_on=on(30), runs_from=on(), source="letter", confidence="stated", unverified=True),
        recorded_by=an_id("biller"),
    ))  # fmt: skip
    for name, who in (("own", an_id("clinician")), ("other", SOLO), ("elsewhere", an_id("clinician"))):
        one = TARGETS[name]
        _things(house, one, who)
        story.tell(one.ids["claim_id"], _claim(one))
        story.tell(one.ids["claim_id"], ClaimSubmitted(
            submitted_at=at("11:00", -1), batch="b", control_number=f"c{one.number}"
        ))  # fmt: skip
        story.tell(one.ids["claim_id"], ClaimAdjudicated(
            adjudicated_on=on(), payer_control_number="p1", paid_cents=0, lines=(AdjudicatedLine(
                line=1, paid_cents=0, adjustments=(Adjustment(group="CO", carc="50", amount_cents=CHARGE),),
            ),),
        ))  # fmt: skip
    story.append(house.log)
    for name in ("own", "other", "elsewhere"):
        one = TARGETS[name]
        matter = {"patient_id": one.ids["patient_id"], "program_id": one.program, "payer_id": PAYER,
                  "track": "commercial", "claims": [one.ids["claim_id"]]}  # fmt: skip
        house.done("biller", f"/disputes/{one.ids['dispute_id']}/open", matter | {
            "codes": ["CO-50"], "level": "internal_appeal", "received_on": on(), "amount_cents": CHARGE,
        }, programs=(one.program,))  # fmt: skip
        record = {"patient_id": one.ids["patient_id"]}
        for what, more in (
            ("request", {"request_id": one.ids["request_id"], "cause": "retention-ended"}),
            ("place-hold", {"hold_id": one.ids["hold_id"], "kind": "audit", "cause": "letter"}),
        ):
            path = f"/shreddings/{one.ids['shredding_id']}/{what}"
            house.done("privacy_officer", path, record | more, programs=(one.program,))
    for role in TREATING:
        glass = {"patient_id": an_id("patient", OWN), "grant_id": an_id(f"grant-{role}"), "cause": "crisis_call",
                 "words": "Calls from a bridge."}  # fmt: skip
        path = f"/access/{access_of(an_id('patient', OWN))}/open-break-glass"
        house.done(role, path, glass, person=an_id(f"glass-{role}"))
    house.project()


def joins(house: House, person: str, program: str) -> None:
    """A clinician of one program."""
    house.done("director", "/clinicians", {
        "clinician_id": person, "programs": [program], "discipline": "LCSW", "associate": False,
        "joined_on": "2020-01-01", "family_name": "Lark", "given_name": "Kit",
    }, programs=(program,))  # fmt: skip


def _things(house: House, one: Target, who: str) -> None:
    """A session, a document, a measure, a clinician on call, an account."""
    where: dict[str, Any] = {"programs": (one.program,)}
    patient = {"patient_id": one.ids["patient_id"], "enrollment_id": one.ids["enrollment_id"]}
    house.done("front_desk", "/sessions", {
        "session_id": one.ids["session_id"], "program_id": one.program, "service_kind": "individual",
        "level_of_care": "intensive_outpatient", "topic": "coping-skills", "service_date": on(-1),
        "starts_at": at("09:00", -1), "ends_at": at("10:00", -1), "place_of_service": "53", "facilitators": [who],
        "expected": [patient | {"attendance_id": one.ids["attendance_id"]}],
    }, **where)  # fmt: skip
    house.done("clinician", f"/sessions/{one.ids['session_id']}/take-roster", {"started_at": at("09:00", -1)}, **where)
    version = house.found("clinician", f"/sessions/{one.ids['session_id']}", **where)["version"]
    stayed = {"ended_at": at("10:00", -1), "everyone_else_stayed": True}
    house.done("clinician", f"/sessions/{one.ids['session_id']}/close", stayed, If_Match=f'"{version}"', **where)
    house.done("clinician", "/notes", patient | {
        "note_id": one.ids["note_id"], "kind": "individual", "program_id": one.program, "author_id": who,
        "service_date": on(-1), "service_ended_at": at("10:00", -1), "session_id": one.ids["session_id"],
        "attendance_id": one.ids["attendance_id"],
        "service_kind": "individual", "goals": ["goal-1"],
        "content": {"sections": [{"name": "data", "words": f"A {CANARY} hid in a shoe."}, *REST]},
    }, person=who, **where)  # fmt: skip
    house.done("clinician", "/assessments", patient | {
        "assessment_id": one.ids["assessment_id"], "program_id": one.program, "instrument": "phq-9",
        "instrument_version": "1", "administered_on": on(-1), "administered_at": at("09:00", -1),
        "occasion": "baseline", "respondent": "patient", "items": [2] * 9,
    }, person=who, **where)  # fmt: skip
    risk = {"patient_id": one.ids["patient_id"], "program_id": one.program, "assessed_at": at("09:30", -1),
            "level": "low", "basis": ["interview"], "words": f"Spoke of a {CANARY}."}  # fmt: skip
    house.done("clinician", f"/risks/{one.ids['risk_id']}/assess", risk, person=who, **where)
    joins(house, one.ids["clinician_id"], one.program)
    agreed = _filled("account.set_patient_agreement", one) | {"kind": "self_pay", "day_cents": 9_000}
    house.done("biller", f"/accounts/{one.ids['account_id']}/set-patient-agreement", agreed, **where)


def _claim(one: Target) -> ClaimPrepared:
    line = ClaimLine(
        line=1, service_date=on(-1), level_of_care="intensive_outpatient", revenue_code="0905", procedure_code="S9480",
        units=1, charge_cents=CHARGE,
    )  # fmt: skip
    return ClaimPrepared(
        patient_id=one.ids["patient_id"], enrollment_id=one.ids["enrollment_id"], program_id=one.program,
        payer_id=PAYER, policy_id=an_id("policy"), form="837I", type_of_bill="0131", frequency="1", from_date=on(-1),
        through_date=on(-1), lines=(line,), total_cents=CHARGE, decided_at=1,
    )  # fmt: skip


def body_of(operation: str, one: Target) -> dict[str, Any]:
    """A valid body of an operation about these things."""
    if operation in COMMANDS:
        return _filled(operation, one)
    act = {"command": "note.sign", "data": {"note_id": one.ids["note_id"]}}
    return {
        "signature.challenge": {"commands": [act]}, "signature.sign": {"commands": [act], "token": "x"},
        "session.document": {"narrative": {"sections": [{"name": "focus", "words": "Sleep."}]}, "parts": [
            {"patient_id": one.ids["patient_id"], "sections": [{"name": "response", "words": "Came."}]}
        ]},
        "dispute.make_packet": {"edition": "internal"},
        "claim.prepare_due": {"program_id": one.program, "dry_run": True}, "claim.correct": {"dry_run": True},
        "account.charge_self_pay": {"program_id": one.program, "dry_run": True},
    }[operation]  # fmt: skip


def _filled(command: str, one: Target) -> dict[str, Any]:
    """The data of a command's example with the target's ids in it."""
    data: dict[str, Any] = json.loads(example_line(command))["data"]
    if command in {"session.schedule", "session.reschedule"}:
        data |= {"ends_at": "2026-03-02T15:00:00.000000Z"}
    found: dict[str, Any] = _placed(data, one.ids)
    if "programs" in found:
        found["programs"] = [one.program]
    if "facilitators" in found:
        found["facilitators"] = [one.ids["clinician_id"]]
    if "claims" in found:
        found["claims"] = [one.ids["claim_id"]]
    if "supervisor_id" in found:
        found["supervisor_id"] = an_id("supervisor")
    if "alert" in found:
        found["alert"] |= {"kind": "safety_item", "about": one.ids["assessment_id"], "since": on(-1)}
    if command == "enrollment.link_document":
        found["document_id"] = one.ids["note_id"]
    if command == "note.draft":
        found |= {"patient_id": one.ids["patient_id"], "enrollment_id": one.ids["enrollment_id"]}
    first = next(iter(data))
    found.pop(first)
    return found


def _placed(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_placed(each, ids) for each in value]
    if isinstance(value, dict):
        return {
            name: ids[name] if isinstance(each, str) and name in ids else _placed(each, ids)
            for name, each in value.items()
        }
    return value


def person_of(role: str, situation: str) -> str | None:
    """Who asks: the clinic's own people, or somebody of the same role who treats nobody."""
    if situation in {"unrelated", "glass"} and role in TREATING:
        return an_id(f"{'glass' if situation == 'glass' else 'unrelated'}-{role}")
    return None
