"""A billing office for the tests of claim files: one program, two payers, one patient, and claims told by hand.

Everything has a default that can be sent; a test says only what differs. The log is the story itself: no database.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast
from unittest.mock import patch

import pyx12.map_if
import pyx12.params
import pyx12.x12n_document

from aggregates.authorization import facts as authorization
from aggregates.claim import facts as claim
from aggregates.clinician import facts as clinician
from aggregates.codec import decode
from aggregates.enrollment import facts as enrollment
from aggregates.patient import facts as person
from aggregates.payer_policy import facts as policy
from aggregates.program import facts as program
from aggregates.session import facts as session
from iop_es.engine.log import Log
from iop_es.engine.stored import StoredFact
from projections.claim_file.checks import objections
from projections.claim_file.contents import Contents, contents
from projections.claim_file.file import written_file
from projections.claim_file.inputs import gather
from tests.projections.billing.terms import terms
from tests.projections.story import Story, Told, an_id

PROGRAM, PATIENT, EPISODE, DOCTOR = an_id("program"), an_id("patient"), an_id("enrollment"), an_id("doctor")
PRESCRIBER = an_id("prescriber")
UNITS, PAYER, SECOND = an_id("authorization"), an_id("payer"), an_id("payer", 2)
CLAIM, LATER, PRIMARY = an_id("claim"), an_id("claim", 2), an_id("claim", 3)
SENT_AT = "2026-03-10T02:30:00.000000Z"
"""Half past ten in the evening of 9 March in New York, already the 10th by UTC."""
IDENTITY: dict[str, Any] = {
    "family_name": "Ångström", "given_name": "Mary-Jo", "birth_date": "1988-04-09", "sex": "female",
    "address": "12 Wharf Street, Apt. #4", "city": "Albany", "state": "NY", "postal_code": "12207",
}
PROVIDER: dict[str, Any] = {
    "legal_name": "Harbor Behavioral Care, LLC", "tax_id": "98-7654321", "address": "12 Wharf Street", "city": "Albany",
    "state": "NY", "postal_code": "12207-1234",
}
SUBSCRIBER: dict[str, Any] = {
    "subscriber_family_name": "Doe", "subscriber_given_name": "Pat", "subscriber_birth_date": "1960-01-31",
    "subscriber_sex": "male", "subscriber_address": "9 Hill Road", "subscriber_city": "Troy", "subscriber_state": "NY",
    "subscriber_postal_code": "121801234",
}


class StoryLog:
    """A story as the log that claim files read."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def facts_of_streams(self, ids: Sequence[str], upto: int | None = None) -> list[StoredFact]:
        """Every fact of these streams."""
        return [_stored(one) for one in self._told(upto) if one.stream in ids]

    def about(self, patients: Sequence[str], names: Sequence[str], upto: int | None = None) -> list[StoredFact]:
        """Facts of these names about these patients."""
        told = [one for one in self._told(upto) if one.name in names]
        return [_stored(one) for one in told if not dict(one.patients).keys().isdisjoint(patients)]

    def by_topics(self, names: Sequence[str], upto: int | None = None) -> list[StoredFact]:
        """Every fact of these names."""
        return [_stored(one) for one in self._told(upto) if one.name in names]

    def _told(self, upto: int | None) -> list[Told]:
        return [one for one in self._story.facts if upto is None or one.position <= upto]


def _stored(told: Told) -> StoredFact:
    patients = tuple(owner for owner, _ in told.patients)
    return StoredFact(
        told.position, told.stream, told.version, told.topic, told.state, told.sealed, told.context, b"", patients
    )  # fmt: skip


@dataclass
class Office:
    """The office of an intensive outpatient program in Albany."""

    story: Story = field(default_factory=lambda: Story(now="2026-01-02T14:00:00.000000Z"))

    @property
    def log(self) -> Log:
        """The story as a log."""
        return cast(Log, StoryLog(self.story))

    @property
    def head(self) -> int:
        """How far the story is told."""
        return len(self.story.facts)

    def open(self, **identity: Any) -> None:
        """The program, its identity and its submitter."""
        opened = program.ProgramOpened(
            code="iop", level_of_care="intensive_outpatient", focus="mental_health", population="adult",
            time_zone="America/New_York", opened_on="2024-01-02",
        )
        self.story.tell(PROGRAM, opened)
        self.identify(**identity)
        self.story.tell(PROGRAM, program.SubmitterRecorded(
            effective_from="2024-01-02", submitter_id="HARBOR01",
            sealed=program.SubmitterContact(name="Billing Office", phone="(518) 555-0142"),
        ))

    def identify(self, npi: str = "1234567893", effective_from: str = "2024-01-02", **changes: Any) -> None:
        """What claims print about the provider."""
        taxonomy = changes.pop("taxonomy", "261QM0801X")
        identity = program.ProviderIdentity(**PROVIDER | changes)
        self.story.tell(PROGRAM, program.ProviderIdentityRecorded(
            effective_from=effective_from, npi=npi, taxonomy=taxonomy, sealed=identity,
        ))

    def hire(
        self, npi: str | None = "2999999081", stream: str = DOCTOR, family_name: str = "O'Neil", associate: bool = False
    ) -> None:  # fmt: skip
        """The attending, or another clinician."""
        who = clinician.ClinicianIdentity(family_name=family_name, given_name="Sam", npi=npi)
        self.story.tell(stream, clinician.ClinicianJoined(
            programs=(PROGRAM,), discipline="MD", associate=associate, joined_on="2024-01-02", has_npi=bool(npi),
            sealed=who,
        ))

    def publish(self, number: int = 1, kind: Any = "commercial", filed_as: Any = "CI", **changes: Any) -> None:
        """A payer's policy, and where its files go; number 2 is another payer."""
        self.story.tell(an_id("policy", number), policy.PolicyPublished(
            payer_id=an_id("payer", number), payer_kind=kind, payer_name=f"Meridian Mutual {number}",
            code=f"m-{number}", effective_from="2025-01-01", terms=terms(**changes),
        ))
        self.story.tell(an_id("policy", number), policy.ElectronicAddressRecorded(
            effective_from="2025-01-01", receiver_id="CLEARWAY1", receiver_name="Clearway Exchange",
            electronic_payer_id=f"MRDN{number}", claim_filing_indicator=filed_as,
        ))

    def register(self, **changes: Any) -> None:
        """The patient."""
        self.story.tell(PATIENT, person.PatientRegistered(
            year_of_birth=1988, has_medical_record_number=False, has_address=True,
            sealed=person.Identity(**IDENTITY | changes),
        ))

    def correct(self, **changes: Any) -> None:
        """The patient's demographics as they should have been."""
        self.story.tell(PATIENT, person.DemographicsCorrected(
            changed=tuple(changes), cause="typing", year_of_birth=1988, has_medical_record_number=False,
            has_address=True, sealed=person.Identity(**IDENTITY | changes),
        ))

    def cover(self, number: int = 1, rank: int = 1, relationship: Any = "self", **changes: Any) -> None:
        """Coverage by a payer since 2025."""
        member = {"member_number": f"W{number}00123-01", "group_number": "G77"} | changes
        self.story.tell(PATIENT, person.CoverageRecorded(
            coverage_id=an_id("coverage", number), payer_id=an_id("payer", number), plan="ppo", rank=rank,
            relationship=relationship, effective_from="2025-01-01", has_member_number=True, has_group_number=True,
            has_subscriber=relationship != "self", sealed=person.CoverageIdentity(**member),
        ))

    def consent(self, *payers: str, **changes: Any) -> None:
        """The patient lets these payers be told."""
        fields: dict[str, Any] = {
            "consent_id": an_id("consent"), "kind": "disclosure", "purpose": "payment", "recipient_payers": payers,
            "signed_on": "2026-03-02", "signed_by": "patient", "capacity_rule": "adult", "right_to_revoke_stated": True,
        }
        self.story.tell(PATIENT, person.ConsentSigned(**fields | changes))

    def revoke(self, at: str) -> None:
        """The patient takes it back."""
        self.story.tell(PATIENT, person.ConsentRevoked(consent_id=an_id("consent"), revoked_at=at))

    def uncover(self, number: int = 1) -> None:
        """That coverage ended before the care began."""
        ended = person.CoverageEnded(coverage_id=an_id("coverage", number), ended_on="2025-12-31", cause="moved")
        self.story.tell(PATIENT, ended)

    def admit(self, diagnoses: Sequence[str] = ("F33.1", "F41.1"), **changes: Any) -> None:
        """Referred and admitted on 2 March, with diagnoses in order of rank."""
        self.story.tell(EPISODE, enrollment.PatientReferred(
            patient_id=PATIENT, program_id=PROGRAM, referred_on="2026-02-26", source="self",
        ))
        fields = {"admission_type": "3", "admission_source": "1", "focus": "mental_health"} | changes
        self.story.tell(EPISODE, enrollment.PatientAdmitted(
            admitted_on="2026-03-02", level_of_care="intensive_outpatient", attending_id=DOCTOR, planned_days=3,
            planned_minutes=540, **fields,
        ))
        for rank, code in enumerate(diagnoses, 1):
            self.story.tell(EPISODE, enrollment.DiagnosisRecorded(
                code=code, rank=rank, effective_from="2026-03-02", diagnosed_by=DOCTOR,
            ))

    def discharge(self, on: str = "2026-03-05", status: str = "01") -> None:
        """The patient has left."""
        self.story.tell(EPISODE, enrollment.PatientDischarged(
            discharged_on=on, reason="completed", patient_status=status,
        ))

    def authorize(self, number: str = "AUTH-5501", stream: str = UNITS, through: str = "2026-03-27") -> None:
        """Days approved from 2 March on."""
        asked: dict[str, Any] = {
            "procedure_code": "S9480", "units": 9, "unit_basis": "day", "valid_from": "2026-03-02",
            "valid_through": through,
        }
        self.story.tell(stream, authorization.AuthorizationRequested(
            patient_id=PATIENT, enrollment_id=EPISODE, program_id=PROGRAM, payer_id=PAYER,
            level_of_care="intensive_outpatient", requested_on="2026-02-27", **asked,
        ))
        self.story.tell(stream, authorization.AuthorizationApproved(
            decided_on="2026-02-27", has_number=True, sealed=authorization.AuthorizationNumber(number=number), **asked,
        ))

    def come(self, *days: str, place: str = "53") -> None:
        """The patient's check-ins, which say where the service took place."""
        for number, on in enumerate(days, 1):
            self.story.tell(an_id("session", number), session.PatientCheckedIn(
                patient_id=PATIENT, attendance_id=an_id("attendance", number), enrollment_id=EPISODE,
                program_id=PROGRAM, service_kind="group", service_date=on, arrived_at=f"{on}T14:00:00.000000Z",
                modality="in_person", place_of_service=place, cause="expected",
            ))

    def visit(self, number: int, on: str, kind: Any = "medication_visit", by: Sequence[str] = (PRESCRIBER,)) -> None:
        """The patient's part in a session of a kind that these clinicians led."""
        start, stop = f"{on}T17:00:00.000000Z", f"{on}T17:30:00.000000Z"
        attendance, stream = an_id("attendance", number), an_id("session", number)
        whole = session.Interval(start=start, stop=stop)
        self.story.tell(stream, session.PatientCheckedIn(
            patient_id=PATIENT, attendance_id=attendance, enrollment_id=EPISODE, program_id=PROGRAM,
            service_kind=kind, service_date=on, arrived_at=start, modality="in_person", place_of_service="53",
            cause="expected",
        ))
        self.story.tell(stream, session.SessionClosed(
            program_id=PROGRAM, service_kind=kind, level_of_care="intensive_outpatient", topic="medication",
            service_date=on, scheduled=whole, actual=whole, facilitators=tuple(by), breaks=(), head_count=1,
            peak_count=1, attendances=(session.Attendance(
                attendance_id=attendance, status="present", intervals=(whole,), minutes=30, modality="in_person",
                place_of_service="53",
            ),),
        ))

    def absent(self, number: int, on: str) -> None:
        """The sign-in sheet shows that the patient was not there."""
        away = session.Attendance(
            attendance_id=an_id("attendance", number), status="absent", intervals=(), minutes=0, modality="in_person",
            place_of_service="53",
        )
        self.story.tell(an_id("session", number), session.AttendanceCorrected(
            patient_id=PATIENT, attendance_id=an_id("attendance", number), enrollment_id=EPISODE, service_date=on,
            before=None, after=away, head_count=0, peak_count=0, cause="sign_in_sheet",
        ))

    def prepare(self, stream: str = CLAIM, payer: int = 1, **changes: Any) -> None:
        """A claim of two days in the first week of March; unless told otherwise an 837I of frequency 1."""
        fields: dict[str, Any] = {
            "patient_id": PATIENT, "enrollment_id": EPISODE, "program_id": PROGRAM, "payer_id": an_id("payer", payer),
            "policy_id": an_id("policy", payer), "form": "837I", "frequency": "1", "from_date": "2026-03-02",
            "through_date": "2026-03-04", "lines": (a_line(), a_line(2, "2026-03-04", modifiers=("95", "HF"))),
            "decided_at": 1,
        } | changes
        fields.setdefault("total_cents", sum(one.charge_cents for one in fields["lines"]))
        fields.setdefault("type_of_bill", f"013{fields['frequency']}" if fields["form"] == "837I" else None)
        self.story.tell(stream, claim.ClaimPrepared(**fields))

    def answer(
        self, stream: str, *lines: claim.AdjudicatedLine, number: str = "PCN-88120", paid_cents: int | None = None
    ) -> None:
        """Submitted, and answered by the payer on 20 March."""
        self.story.tell(stream, claim.ClaimSubmitted(submitted_at=SENT_AT, batch="B-1", control_number="CN-PRIMARY"))
        self.story.tell(stream, claim.ClaimAdjudicated(
            adjudicated_on="2026-03-20", payer_control_number=number, lines=lines,
            paid_cents=sum(one.paid_cents for one in lines) if paid_cents is None else paid_cents,
        ))

    def contents(self, stream: str = CLAIM, at: str = SENT_AT) -> Contents:
        """What a file that is sent at a moment says of a claim."""
        return contents(gather(self.log, [stream], self.head)[stream], "CN000147", at)

    def objections(self, stream: str = CLAIM) -> list[str]:
        """What stands against it, in sentences."""
        return [one.told for one in objections(self.contents(stream))]

    def file(self, stream: str = CLAIM, at: str = SENT_AT) -> list[str]:
        """The segments of the file of one claim that passes every check and the independent validator."""
        assert self.objections(stream) == []
        content = written_file([self.contents(stream, at)], 905, test=False).content
        assert complaints(content) == []
        return segments(content)


def office(focus: str = "mental_health", **changes: Any) -> Office:
    """Everything that one claim rests on, told: an insured, admitted and authorized patient, who came on two days."""
    one = Office()
    one.open()
    one.hire()
    one.publish(**changes)
    one.register()
    one.cover()
    one.admit(focus=focus)
    one.authorize()
    one.come("2026-03-02", "2026-03-04")
    return one


def a_line(number: int = 1, day: str = "2026-03-02", **changes: Any) -> claim.ClaimLine:
    """A day at 325.50 dollars that draws a unit of the authorization."""
    fields: dict[str, Any] = {
        "level_of_care": "intensive_outpatient", "revenue_code": "0905", "procedure_code": "S9480", "units": 1,
        "charge_cents": 32_550, "authorization_id": UNITS, "authorization_units": (number,),
    }
    return claim.ClaimLine(line=number, service_date=day, **(fields | changes))


def paid(number: int, cents: int, *reasons: tuple[Any, str, int]) -> claim.AdjudicatedLine:
    """The payer's answer to a line; reasons are (group, CARC, cents)."""
    return claim.AdjudicatedLine(line=number, paid_cents=cents, adjustments=tuple(
        claim.Adjustment(group=group, carc=carc, amount_cents=amount) for group, carc, amount in reasons
    ))


def segments(content: bytes) -> list[str]:
    """The segments of a file without their terminator."""
    return content.decode("ascii").removesuffix("~").split("~")


def complaints(content: bytes) -> list[Any]:
    """What pyx12, which knows the standard's maps, finds wrong with a file."""
    found = io.StringIO()
    with patch.object(pyx12.map_if, "load_map_file", lambda name, *_: _map(name)):
        fine = pyx12.x12n_document.x12n_document(
            pyx12.params.ParamsBase(), io.StringIO(content.decode("ascii")), None, None, fd_json=found
        )
    return [] if fine else [json.loads(found.getvalue())]


_load_map = pyx12.map_if.load_map_file


@cache
def _map(name: str) -> Any:
    """A map, which counts nothing itself; reading one takes a third of a second."""
    return _load_map(name, pyx12.params.ParamsBase())


def submitted(story: Story, stream: str) -> claim.ClaimSubmitted:
    """The submission of a claim."""
    one = next(each for each in story.facts if each.stream == stream and each.name == "claim.submitted")
    return cast(claim.ClaimSubmitted, decode(one.topic, one.state))
