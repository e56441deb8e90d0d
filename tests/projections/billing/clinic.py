"""A small clinic to tell billing stories with: programs, payers and patients by number, times on the wall clock.

Everything has a default that bills: an admitted patient with coverage, an open authorization, a signed note. A test
says only what differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aggregates.account.facts import SelfPayChargePosted
from aggregates.account.streams import account_of
from aggregates.authorization import facts as authorization
from aggregates.claim import facts as claim
from aggregates.clinician import facts as clinician
from aggregates.enrollment import facts as enrollment
from aggregates.note import facts as note
from aggregates.patient import facts as person
from aggregates.payer_policy import facts as policy
from aggregates.program import facts as program
from aggregates.session import facts as session
from aggregates.values import instant
from tests.projections.billing.terms import DEFAULT_CHARGES, terms
from tests.projections.story import Story, an_id

DIGEST = "0" * 64


@dataclass
class Clinic:
    """Program 1 is in New York; clinician 1 holds a license since 2020."""

    zone: str = "America/New_York"
    focus: str = "mental_health"
    story: Story = field(default_factory=lambda: Story(now="2026-01-01T05:00:00.000000Z"))
    charges: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_CHARGES))
    addressed: bool = True
    sessions: int = 0
    notes: int = 0

    def open(self, number: int = 1) -> None:
        """A program."""
        self.story.tell(
            an_id("program", number),
            program.ProgramOpened(
                code=f"iop-{number}", level_of_care="intensive_outpatient", focus=self.focus, population="adult",
                time_zone=self.zone, opened_on="2025-01-01",
            ),
        )
        if self.charges:
            charges = tuple(program.Charge(**_code(code), charge_cents=cents) for code, cents in self.charges.items())
            fact = program.FeeScheduleAdopted(effective_from="2025-01-01", charges=charges)
            self.story.tell(an_id("program", number), fact)

    def license(self, number: int = 1, active_from: str = "2020-01-01", through: str | None = None) -> int:
        """A clinician's credential."""
        fact = clinician.CredentialRecorded(
            credential_id=an_id("credential", number), title="LCSW", jurisdiction="NY", active_from=active_from,
            active_through=through,
        )
        return self.story.tell(an_id("clinician", number), fact)

    def lapse(self, lapsed_on: str, number: int = 1) -> int:
        """The credential stops being active."""
        credential_id = an_id("credential", number)
        fact = clinician.CredentialLapsed(credential_id=credential_id, lapsed_on=lapsed_on, cause="expired")
        return self.story.tell(an_id("clinician", number), fact)

    def publish(self, payer: int = 1, effective_from: str = "2025-01-01", **changes: Any) -> int:
        """A payer's policy, and where its claim files go."""
        published = self.story.tell(
            an_id("policy", payer),
            policy.PolicyPublished(
                payer_id=an_id("payer", payer), payer_kind="commercial", payer_name=f"Payer {payer}",
                code=f"payer-{payer}", effective_from=effective_from, terms=terms(**changes),
            ),
        )
        if self.addressed:
            self.story.tell(an_id("policy", payer), policy.ElectronicAddressRecorded(
                effective_from="2025-01-01", receiver_id="R1", receiver_name="Clearing",
                electronic_payer_id=f"PAYER{payer}", claim_filing_indicator="CI",
            ))
        return published

    def register(self, patient: int = 1) -> None:
        """Who the patient is."""
        self.story.tell(an_id("patient", patient), person.PatientRegistered(**_who("Doe")))

    def rename(self, *changed: str, patient: int = 1, since: str | None = None) -> None:
        """These parts of who the patient is are corrected, or have been others since a day."""
        fact = person.DemographicsCorrected(changed=changed, cause="typing", effective_from=since, **_who("Roe"))
        self.story.tell(an_id("patient", patient), fact)

    def cover(self, patient: int = 1, payer: int = 1, rank: int = 1, **changes: Any) -> int:
        """Coverage since 2025."""
        fields: dict[str, Any] = {
            "coverage_id": an_id("coverage", patient * 100 + payer), "payer_id": an_id("payer", payer), "plan": "ppo",
            "rank": rank, "relationship": "self", "effective_from": "2025-01-01", "has_member_number": True,
            "has_group_number": True, "has_subscriber": True,
        }
        return self.story.tell(an_id("patient", patient), person.CoverageRecorded(**fields | changes))

    def end_coverage(self, ended_on: str, patient: int = 1, payer: int = 1) -> int:
        """The coverage's last day."""
        coverage_id = an_id("coverage", patient * 100 + payer)
        fact = person.CoverageEnded(coverage_id=coverage_id, ended_on=ended_on, cause="terminated")
        return self.story.tell(an_id("patient", patient), fact)

    def consent(self, patient: int = 1, payer: int = 1, **changes: Any) -> int:
        """A consent to disclose to a payer."""
        fields: dict[str, Any] = {
            "consent_id": an_id("consent", patient), "kind": "disclosure", "purpose": "payment",
            "recipient_payers": (an_id("payer", payer),), "signed_on": "2026-01-02", "signed_by": "patient",
            "capacity_rule": "adult", "right_to_revoke_stated": True,
        }
        return self.story.tell(an_id("patient", patient), person.ConsentSigned(**fields | changes))

    def refer(self, patient: int = 1, program_number: int = 1, episode: int | None = None) -> int:
        """A referral."""
        fact = enrollment.PatientReferred(
            patient_id=an_id("patient", patient), program_id=an_id("program", program_number),
            referred_on="2026-01-02", source="self",
        )
        return self.story.tell(an_id("enrollment", episode or patient), fact)

    def admit(
        self, patient: int = 1, on: str = "2026-01-05", level: str = "intensive_outpatient", episode: int | None = None
    ) -> int:
        """An admission."""
        fact = enrollment.PatientAdmitted(
            admitted_on=on, level_of_care=level, focus=self.focus, admission_type="3", admission_source="1",
            attending_id=an_id("clinician"), planned_days=3, planned_minutes=540,
        )
        return self.story.tell(an_id("enrollment", episode or patient), fact)

    def diagnose(self, episode: int = 1, on: str = "2026-01-05") -> int:
        """The principal diagnosis."""
        code = "F33.1" if self.focus == "mental_health" else "F10.20"
        fact = enrollment.DiagnosisRecorded(
            code=code, rank=1, effective_from=on, diagnosed_by=an_id("clinician")
        )
        return self.story.tell(an_id("enrollment", episode), fact)

    def in_care(self, fact: Any, episode: int = 1, recorded: str | None = None) -> int:
        """Any other fact of an episode."""
        return self.story.tell(an_id("enrollment", episode), fact, recorded=recorded)

    def request(self, patient: int = 1, payer: int = 1, number: int | None = None, **changes: Any) -> int:
        """A request for 30 days in 2026."""
        fields: dict[str, Any] = {
            "patient_id": an_id("patient", patient), "enrollment_id": an_id("enrollment", patient),
            "program_id": an_id("program"), "payer_id": an_id("payer", payer), "level_of_care": "intensive_outpatient",
            "procedure_code": "S9480" if self.focus == "mental_health" else "H0015", "units": 30, "unit_basis": "day",
            "valid_from": "2026-01-05", "valid_through": "2026-12-31", "requested_on": "2026-01-02",
        }
        return self.story.tell(
            an_id("authorization", number or patient), authorization.AuthorizationRequested(**fields | changes)
        )

    def approve(self, number: int = 1, **changes: Any) -> int:
        """Approved as asked, unless changed."""
        fields: dict[str, Any] = {
            "procedure_code": "S9480" if self.focus == "mental_health" else "H0015", "units": 30, "unit_basis": "day",
            "valid_from": "2026-01-05", "valid_through": "2026-12-31", "decided_on": "2026-01-04", "has_number": True,
        }
        return self.story.tell(an_id("authorization", number), authorization.AuthorizationApproved(**fields | changes))

    def patient(self, number: int = 1, payer: int = 1, authorized: bool = True) -> None:
        """A patient who is covered, admitted and authorized."""
        self.cover(number, payer)
        self.refer(number)
        self.admit(number)
        self.diagnose(number)
        if self.focus == "substance_use":
            self.consent(number, payer)
        if authorized:
            self.request(number, payer)
            self.approve(number)

    def meet(
        self,
        on: str,
        spans: str,
        patients: Sequence[int] = (1,),
        kind: str = "group",
        heads: int | None = None,
        pauses: str = "",
        leave: str = "closed",
        level: str = "intensive_outpatient",
        program_number: int = 1,
        episodes: dict[int, int] | None = None,
        scheduled: int | None = None,
        peak: int | None = None,
        by: str = "in_person",
        place: str = "11",
        facilitators: int = 1,
    ) -> int:
        """A session on a day with all these patients there for `spans` ("09:00-10:00 10:30-12:00"); answers its number.

        `leave` says how it is left: closed, open, absent, excused, cancelled, or expected.
        """
        self.sessions += 1
        number, stream = self.sessions, an_id("session", self.sessions)
        intervals = tuple(self._interval(on, span) for span in spans.split())
        whole = session.Interval(start=intervals[0].start, stop=intervals[-1].stop)
        breaks = tuple(self._interval(on, span) for span in pauses.split())
        minutes = _minutes(intervals) - _minutes(breaks)
        status = {"absent": "absent", "excused": "absent_excused"}.get(leave, "present")
        attendances = []
        for patient in patients:
            fields: dict[str, Any] = {
                "patient_id": an_id("patient", patient), "attendance_id": an_id("attendance", number * 1000 + patient),
                "enrollment_id": an_id("enrollment", (episodes or {}).get(patient, patient)),
                "program_id": an_id("program", program_number), "service_kind": kind, "service_date": on,
            }
            self.story.tell(
                stream,
                session.PatientExpected(
                    **fields, starts_at=whole.start, ends_at=whole.stop, cause="roster",
                    scheduled_minutes=minutes if scheduled is None else scheduled,
                ),
                recorded=None if self.story.now > whole.start else whole.start,
            )
            if leave in {"closed", "open"}:
                self.story.tell(
                    stream,
                    session.PatientCheckedIn(
                        **fields, arrived_at=whole.start, modality=by, place_of_service=place, cause="expected"
                    ),
                )
            if leave in {"absent", "excused"}:
                self.story.tell(
                    stream, session.PatientMarkedAbsent(**fields, excused=leave == "excused", cause="no_show")
                )
            attendances.append(
                session.Attendance(
                    attendance_id=fields["attendance_id"], status=status, modality=by, place_of_service=place,
                    intervals=intervals if status == "present" else (), minutes=minutes if status == "present" else 0,
                )
            )
        if leave == "cancelled":
            self.story.tell(stream, session.SessionCancelled(service_date=on, cause="facilitator_ill"))
        if leave in {"closed", "absent", "excused"}:
            count = len(attendances) if heads is None else heads
            self.story.tell(
                stream,
                session.SessionClosed(
                    program_id=an_id("program", program_number), group_id=None, service_kind=kind, level_of_care=level,
                    topic="skills", service_date=on, scheduled=whole, actual=whole,
                    facilitators=tuple(an_id("clinician", one) for one in range(1, facilitators + 1)), breaks=breaks,
                    attendances=tuple(attendances), head_count=count, peak_count=count if peak is None else peak,
                ),
                recorded=max(self.story.now, whole.stop),
            )
        return number

    def correct(self, on: str, number: int, spans: str, patient: int = 1, heads: int = 1) -> int:
        """Attendance as it should have been; no spans: absent."""
        intervals = tuple(self._interval(on, span) for span in spans.split())
        return self.story.tell(
            an_id("session", number),
            session.AttendanceCorrected(
                patient_id=an_id("patient", patient), attendance_id=an_id("attendance", number * 1000 + patient),
                enrollment_id=an_id("enrollment", patient), service_date=on, before=None,
                after=session.Attendance(
                    attendance_id=an_id("attendance", number * 1000 + patient), modality="in_person",
                    status="present" if intervals else "absent", intervals=intervals, minutes=_minutes(intervals),
                    place_of_service="11",
                ),
                head_count=heads, peak_count=heads, cause="sign_in_sheet",
            ),
        )

    def pause(self, on: str, number: int, stay: str, pauses: str, patient: int = 1) -> int:
        """The breaks of a closed session as they should have been, for a patient who was there all the `stay`."""
        breaks, intervals = (tuple(self._interval(on, span) for span in spans.split()) for spans in (pauses, stay))
        attendance = session.Attendance(
            attendance_id=an_id("attendance", number * 1000 + patient), modality="in_person", status="present",
            intervals=intervals, minutes=_minutes(intervals) - _minutes(breaks), place_of_service="11",
        )
        fact = session.BreaksCorrected(
            service_date=on, before=(), breaks=breaks, attendances=(attendance,), cause="entry_error"
        )
        return self.story.tell(an_id("session", number), fact)

    def draft(self, on: str, ended: str, number: int, patient: int = 1, kind: str = "group", **changes: Any) -> int:
        """A note for a session of a day that ended at a time on the wall; answers the note's number."""
        self.notes += 1
        fields: dict[str, Any] = {
            "kind": kind, "program_id": an_id("program"), "author_id": an_id("clinician"), "service_date": on,
            "service_ended_at": self.at(on, ended), "session_id": an_id("session", number) if number else None,
            "patient_id": an_id("patient", patient), "enrollment_id": an_id("enrollment", patient),
            "attendance_id": an_id("attendance", number * 1000 + patient) if number else None, "content_digest": DIGEST,
        }
        self.story.tell(an_id("note", self.notes), note.NoteDrafted(**fields | changes))
        return self.notes

    def sign(self, number: int, on: str, signed_at: str, **changes: Any) -> int:
        """The signature under a note."""
        fields: dict[str, Any] = {
            "signer_id": an_id("clinician"), "content_digest": DIGEST, "note_version": 1, "service_date": on,
            "signed_at": signed_at, "credential": "LCSW", "credential_active": True, "needs_cosignature": False,
        }
        return self.story.tell(an_id("note", number), note.NoteSigned(**fields | changes))

    def documented(self, on: str, spans: str, patients: Sequence[int] = (1,), **changes: Any) -> int:
        """A closed session with a note signed an hour after its end for each patient; answers the session's number."""
        number = self.meet(on, spans, patients, **changes)
        ended = spans.rpartition("-")[2]
        for patient in patients:
            episode = (changes.get("episodes") or {}).get(patient, patient)
            drafted = self.draft(on, ended, number, patient, enrollment_id=an_id("enrollment", episode))
            self.sign(drafted, on, self.at(on, ended, 60))
        return number

    def claim(self, number: int, days: Sequence[tuple[str, int]], patient: int = 1, **changes: Any) -> int:
        """A prepared claim over (day, unit) pairs at 200 dollars a day."""
        lines = tuple(
            claim.ClaimLine(
                line=place, service_date=day, level_of_care="intensive_outpatient", revenue_code="0905",
                procedure_code="S9480", units=1, charge_cents=20_000, authorization_id=an_id("authorization", patient),
                authorization_units=(unit,),
            )
            for place, (day, unit) in enumerate(days, 1)
        )
        fields: dict[str, Any] = {
            "patient_id": an_id("patient", patient), "enrollment_id": an_id("enrollment", patient),
            "program_id": an_id("program"), "payer_id": an_id("payer"), "policy_id": an_id("policy"), "form": "837I",
            "type_of_bill": "0131", "frequency": "1", "from_date": days[0][0], "through_date": days[-1][0],
            "lines": lines, "total_cents": 20_000 * len(lines), "decided_at": len(self.story.facts),
        }
        return self.story.tell(an_id("claim", number), claim.ClaimPrepared(**fields | changes), role="biller")

    def charge_patient(self, on: str, charge_cents: int, owed_cents: int, number: int = 1) -> int:
        """A day charged to patient 1 as a sliding fee."""
        return self.story.tell(account_of(an_id("patient")), SelfPayChargePosted(
            charge_id=an_id("charge", number), patient_id=an_id("patient"), program_id=an_id("program"),
            enrollment_id=an_id("enrollment"), service_date=on, basis="sliding_fee", agreement_id=an_id("agreement"),
            charge_cents=charge_cents, owed_cents=owed_cents, decided_at=len(self.story.facts) + 1,
        ), role="biller")  # fmt: skip

    def at(self, on: str, clock: str, plus_minutes: int = 0) -> str:
        """The instant of a time on the wall, and so many minutes later; 25:30 is half past one in the night after."""
        nights, hour = divmod(int(clock[:2]), 24)
        wall = datetime.fromisoformat(f"{on}T{hour:02}{clock[2:]}") + timedelta(days=nights)
        local = wall.replace(tzinfo=ZoneInfo(self.zone))
        return instant(local.astimezone(ZoneInfo("UTC")) + timedelta(minutes=plus_minutes))

    def _interval(self, on: str, span: str) -> session.Interval:
        start, _, stop = span.partition("-")
        return session.Interval(start=self.at(on, start), stop=self.at(on, stop))


def a_clinic(focus: str = "mental_health", **changes: Any) -> Clinic:
    """A clinic with program 1, clinician 1, payer 1 and patient 1; changes are the payer's terms."""
    clinic = Clinic(focus=focus)
    clinic.open()
    clinic.license()
    clinic.publish(**changes)
    clinic.patient()
    return clinic


def _code(code: str) -> dict[str, str]:
    """A code as what it is: revenue codes are four digits."""
    return {"revenue_code" if code.isdigit() and len(code) == 4 else "procedure_code": code}


def _minutes(intervals: Sequence[session.Interval]) -> int:
    return sum(
        int((datetime.fromisoformat(one.stop) - datetime.fromisoformat(one.start)).total_seconds()) // 60
        for one in intervals
    )


def _who(family_name: str) -> dict[str, Any]:
    who = person.Identity(family_name=family_name, given_name="Jo", birth_date="1990-05-01", sex="female")
    return {"year_of_birth": 1990, "has_medical_record_number": False, "has_address": False, "sealed": who}


__all__ = ["Clinic", "a_clinic", "an_id"]
