"""The verbs of the notation: each tells the case's clinic a fact or more, or says what is different from the start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aggregates.account.facts import PatientAgreementSet
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
from tests.projections.billing.clinic import DIGEST, an_id
from tests.projections.billing.term_verbs import TermVerbs, literal
from tests.projections.billing.terms import terms

FIRST, SECOND_EPISODE = 1, 2


@dataclass
class Verbs(TermVerbs):
    """What a case has told so far. A verb takes its plain words and its NAME=VALUE options."""

    day: str = "2026-03-04"
    moment: str = "2026-01-01T00:00:00.000000Z"
    session: int = 0
    ended: str = ""
    heads: int = 1
    facilitators: int = 1
    note: int = 0
    narrative: str | None = None
    left_out: set[str] = field(default_factory=set)

    def _benefits(self, _: list[str], options: dict[str, str]) -> None:
        fact = enrollment.BenefitsVerified(
            payer_id=an_id("payer"), coverage_id=an_id("coverage", 101), verified_on=options.pop("on", "2026-01-05"),
            authorization_required=True, **{name: int(value) for name, value in options.items()},  # type: ignore[arg-type] # a table of fields
        )
        self.clinic.in_care(fact)

    def _accept(self, plain: list[str], options: dict[str, str]) -> None:
        payer = an_id("payer", int(options.get("payer", "1")))
        fact = clinician.PayerCredentialingRecorded(payer_id=payer, effective_from=plain[0])
        self.clinic.story.tell(an_id("clinician"), fact)

    def _join(self, plain: list[str], _: dict[str, str]) -> None:
        fact = clinician.ClinicianJoined(
            programs=(an_id("program"),), discipline="psychiatrist", associate=False, joined_on="2020-01-01",
            has_npi="unnumbered" not in plain,
        )  # fmt: skip
        self.clinic.story.tell(an_id("clinician"), fact)

    def _release(self, plain: list[str], _: dict[str, str]) -> None:
        fact = enrollment.HoldReleased(
            service_date=self.day, hold=plain[0], cause=plain[1], released_by=an_id("person")  # type: ignore[arg-type] # a word of the file
        )
        self.clinic.in_care(fact)

    def _give(self, plain: list[str], _: dict[str, str]) -> None:
        fact = enrollment.DayWrittenOff(service_date=self.day, cause=plain[1], approved_by=an_id("person"))
        self.clinic.in_care(fact, SECOND_EPISODE if "second" in plain else FIRST)

    def _withdraw(self, plain: list[str], _: dict[str, str]) -> None:
        about: Any = {"service_date": self.day, "cause": "reconsidered", "withdrawn_by": an_id("person")}
        fact = (
            enrollment.DayWriteOffWithdrawn(**about) if plain[0] == "up"
            else enrollment.HoldReleaseWithdrawn(**about, hold=plain[0])
        )  # fmt: skip
        self.clinic.in_care(fact)

    def _diagnose(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.diagnose(on=plain[0])

    def _focus(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.focus = plain[0]

    def _without(self, plain: list[str], _: dict[str, str]) -> None:
        self.left_out |= set(plain)

    def _day(self, plain: list[str], _: dict[str, str]) -> None:
        self.day = plain[0]
        self.moment = min(self.moment, f"{self.day}T00:00:00.000000Z")

    def _at(self, plain: list[str], _: dict[str, str]) -> None:
        on, _, clock = plain[0].partition("T")
        self.moment = self.clinic.at(on, clock)

    def _meet(self, plain: list[str], options: dict[str, str]) -> None:
        spans = " ".join(word for word in plain if ":" in word)
        words = {word for word in plain if ":" not in word}
        left = words & {"open", "absent", "excused", "cancelled", "expected"}
        kind = (words - left) or {"group"}
        number = int(options.get("program", "1"))
        self.heads = int(options.get("heads", "1"))
        self.facilitators = int(options.get("facilitators", "1"))
        self.session = self.clinic.meet(
            self.day, spans, kind=kind.pop(), leave=left.pop() if left else "closed", heads=self.heads,
            pauses=options.get("break", ""), program_number=number, episodes={FIRST: number},
            peak=int(options["peak"]) if "peak" in options else None, by=options.get("by", "in_person"),
            place=options.get("place", "11"), facilitators=self.facilitators,
        )
        self.ended = spans.rpartition("-")[2]

    def _done(self, plain: list[str], options: dict[str, str]) -> None:
        self._meet(plain, options)
        self._note(["signed+1:00"], {})

    def _note(self, plain: list[str], _: dict[str, str]) -> None:
        clinic, what = self.clinic, {word.partition("+")[0] for word in plain}
        after = next((_minutes(word.partition("+")[2]) for word in plain if "+" in word), 0)
        signed_at = clinic.at(self.day, self.ended, after)
        if "narrative" in what:
            self.note = clinic.draft(
                self.day, self.ended, self.session, kind="group_narrative", patient_id=None, attendance_id=None
            )
            self.narrative = an_id("note", self.note)
            if "signed" in what:
                clinic.sign(self.note, self.day, signed_at, needs_cosignature=False, credential_active=True)
        elif "returned" in what:
            thin = note.NoteReturned(returned_by=an_id("clinician", 2), cause="thin")
            clinic.story.tell(an_id("note", self.note), thin)
        elif "rests" in what:
            clinic.story.tell(self.rested, note.NarrativeReplaced(
                narrative_id=self.narrative, narrative_digest=DIGEST, signer_id=an_id("clinician"),
                signed_at=signed_at, cause="narrative_in_error", note_version=1, content_digest=DIGEST,
            ))
        elif "struck" in what:
            fact = note.NoteEnteredInError(declared_by=an_id("clinician"), cause="wrong_session")
            clinic.story.tell(self.narrative, fact)
        elif "error" in what:
            fact = note.NoteEnteredInError(declared_by=an_id("clinician"), cause="wrong_patient")
            clinic.story.tell(an_id("note", self.note), fact)
        elif "attested" in what:
            attested = note.SignatureAttested(
                signer_id=an_id("clinician"), service_date=self.day, attested_at=signed_at, content_digest=DIGEST,
                needs_cosignature="associate" in what, credential_active="inactive" not in what,
            )
            clinic.story.tell(an_id("note", self.note), attested)
        elif "cosigned" in what:
            cosigned = note.NoteCosigned(
                signer_id=an_id("clinician", 2), content_digest=DIGEST, note_version=1, service_date=self.day,
                signed_at=signed_at, credential="LCSW", credential_active=True,
            )
            clinic.story.tell(an_id("note", self.note), cosigned)
        else:
            daily = {"kind": "daily", "number": 0} if "daily" in what else {"kind": "group", "number": self.session}
            resting = {"narrative_id": self.narrative} if "resting" in what else {}
            self.note = clinic.draft(self.day, self.ended, **daily, **resting)  # type: ignore[arg-type] # a table of fields
            self.rested = an_id("note", self.note)
            if "signed" in what:
                marks = {"needs_cosignature": "associate" in what, "credential_active": "inactive" not in what}
                reason = {"late_reason": "crisis"} if "reasoned" in what else {}
                clinic.sign(self.note, self.day, signed_at, **marks, **reason)

    def _others(self, plain: list[str], _: dict[str, str]) -> None:
        signed_at = self.clinic.at(self.day, self.ended, _minutes(plain[0].partition("+")[2]))
        for number in range(2, self.facilitators + 1):
            self.clinic.story.tell(self.narrative or an_id("note", self.note), note.FacilitatorSigned(
                signer_id=an_id("clinician", number), content_digest=DIGEST, note_version=1, service_date=self.day,
                signed_at=signed_at, credential="LCSW", credential_active=True,
            ))  # fmt: skip

    def _heads(self, plain: list[str], _: dict[str, str]) -> None:
        count = int(plain[0])
        fact = session.HeadCountChanged(service_date=self.day, head_count=count, peak_count=count)
        self.clinic.story.tell(an_id("session", self.session), fact)

    def _correct(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.correct(self.day, self.session, "" if plain == ["absent"] else " ".join(plain))

    def _lapse(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.lapse(plain[0])

    def _end(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.end_coverage(plain[1])

    def _cover(self, _: list[str], options: dict[str, str]) -> None:
        self.clinic.cover(**{name: literal(value) for name, value in options.items()})

    def _publish(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.publish(effective_from=plain[0], **self.changes)

    def _revise(self, plain: list[str], options: dict[str, str]) -> None:
        changed = terms(**self.changes | {name: literal(value) for name, value in options.items()})
        fact = policy.PolicyRevised(effective_from=plain[0], terms=changed, cause="contract")
        self.clinic.story.tell(an_id("policy"), fact)

    def _retire(self, plain: list[str], _: dict[str, str]) -> None:
        fact = policy.PolicyRetired(effective_through=plain[0], cause="contract_ended")
        self.clinic.story.tell(an_id("policy"), fact)

    def _request(self, *_: Any) -> None:
        self.clinic.request()

    def _approve(self, _: list[str], options: dict[str, str]) -> None:
        self.clinic.approve(**{name: literal(value) for name, value in options.items()})

    def _deny(self, *_: Any) -> None:
        fact = authorization.AuthorizationDenied(decided_on="2026-01-06", cause="not_necessary")
        self.clinic.story.tell(an_id("authorization"), fact)

    def _extend(self, plain: list[str], _: dict[str, str]) -> None:
        fact = authorization.AuthorizationExtended(
            added_units=int(plain[0]), valid_through="2026-12-31", decided_on="2026-03-10"
        )
        self.clinic.story.tell(an_id("authorization"), fact)

    def _void(self, plain: list[str], _: dict[str, str]) -> None:
        fact: Any = claim.ClaimVoided(voided_on="2026-03-20", cause="billed_in_error")
        if plain == ["authorization"]:
            fact = authorization.AuthorizationVoided(voided_on="2026-03-20", cause="entered_in_error")
        self.clinic.story.tell(an_id(plain[0]), fact)

    def _admit(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.admit(on=plain[0])

    def _discharge(self, plain: list[str], _: dict[str, str]) -> None:
        fact = enrollment.PatientDischarged(discharged_on=plain[0], reason="completed", patient_status="01")
        self.clinic.in_care(fact)

    def _pause(self, plain: list[str], _: dict[str, str]) -> None:
        stay, *pauses = plain
        self.clinic.pause(self.day, self.session, stay, " ".join(pauses))

    def _rectify(self, plain: list[str], options: dict[str, str]) -> None:
        if plain[0] == "leave":
            fact: Any = enrollment.LeaveCorrected(
                leave_id=an_id("leave"), was_started_on=plain[1], cause="entry_error",
                started_on=options.get("from"), returned_on=options.get("back"),
            )
        else:
            told: Any = {"discharged_on": plain[2], "reason": "completed", "patient_status": "01"} if plain[2:] else {}
            fact = enrollment.DischargeCorrected(was_discharged_on=plain[1], cause="entry_error", **told)
        self.clinic.in_care(fact)

    def _leave(self, plain: list[str], options: dict[str, str]) -> None:
        leave_id = an_id("leave")
        self.clinic.in_care(enrollment.LeaveStarted(leave_id=leave_id, started_on=plain[0], cause="travel"))
        if "back" in options:
            self.clinic.in_care(enrollment.LeaveEnded(leave_id=leave_id, returned_on=options["back"]))

    def _level(self, plain: list[str], options: dict[str, str]) -> None:
        fact = enrollment.LevelOfCareChanged(
            effective_on=plain[0], from_level="intensive_outpatient", to_level=plain[1], cause="acuity"
        )
        self.clinic.in_care(fact, episode=int(options.get("program", "1")))

    def _certify(self, plain: list[str], options: dict[str, str]) -> None:
        fact = enrollment.PlanCertified(
            plan_id=an_id("plan"), certified_on=plain[0], certified_through=options["through"],
            physician_id=an_id("clinician", int(options.get("by", "3"))), late_reason=options.get("because"),
        )
        self._paper(fact, plain[0], options)

    def _plan(self, plain: list[str], options: dict[str, str]) -> None:
        fact = enrollment.PlanOfCareAdopted(
            plan_id=an_id("plan"), adopted_on=plain[0], goals=("sleep",), weekly_days=3, weekly_minutes=540,
            planned_weeks=6, review_due_on=options["due"], late_reason=options.get("because"),
        )
        self._paper(fact, plain[0], options)

    def _review(self, plain: list[str], options: dict[str, str]) -> None:
        fact = enrollment.PlanReviewed(
            plan_id=an_id("plan"), reviewed_on=plain[0], next_review_due_on="2026-06-30", patient_agreed=True,
            rationale_for_more_than_planned="rationale" in plain, late_reason=options.get("because"),
        )
        self._paper(fact, plain[0], options)

    def _paper(self, fact: Any, on: str, options: dict[str, str]) -> None:
        """Recorded at noon of its own day, or when the case says."""
        day, _, clock = options.get("recorded", on).partition("T")
        self.clinic.in_care(fact, recorded=self.clinic.at(day, clock or "12:00"))

    def _closure(self, plain: list[str], _: dict[str, str]) -> None:
        fact = program.ClosureDeclared(closed_from=plain[0], closed_through=plain[0], cause="weather")
        self.clinic.story.tell(an_id("program"), fact)

    def _campus(self, plain: list[str], options: dict[str, str]) -> None:
        fact = program.CampusRecorded(effective_from=options.get("from", "2025-01-01"), campus=plain[0])  # type: ignore[arg-type] # a word of the file
        self.clinic.story.tell(an_id("program"), fact)

    def _enroll(self, plain: list[str], options: dict[str, str]) -> None:
        fact = program.PayerEnrollmentRecorded(payer_id=an_id("payer", int(options["payer"])), effective_from=plain[0])
        self.clinic.story.tell(an_id("program"), fact)

    def _consent(self, _: list[str], options: dict[str, str]) -> None:
        payer, purpose = int(options.pop("payer", "1")), options.pop("purpose", "payment")
        named = {"programs": (an_id("program", int(options.pop("program"))),)} if "program" in options else {}
        more = {name: literal(value) for name, value in options.items()}
        self.clinic.consent(payer=payer, purpose=purpose, **named, **more)

    def _revoke(self, *_: Any) -> None:
        fact = person.ConsentRevoked(consent_id=an_id("consent"), revoked_at="2026-03-05T15:00:00Z")
        self.clinic.story.tell(an_id("patient"), fact)

    def _restrict(self, *_: Any) -> None:
        fact = person.DisclosureRestricted(
            restriction_id=an_id("restriction"), payer_id=an_id("payer"), effective_from="2026-01-01", paid_in_full=True
        )
        self.clinic.story.tell(an_id("patient"), fact)

    def _agree(self, plain: list[str], options: dict[str, str]) -> None:
        terms = {name: literal(value) for name, value in options.items()}
        fact = PatientAgreementSet(
            patient_id=an_id("patient"), program_id=an_id("program"), agreement_id=an_id("agreement"),
            **{"kind": plain[0], "effective_from": "2026-03-01"} | terms,
        )
        self.clinic.story.tell(account_of(an_id("patient")), fact)

    def _owing(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.charge_patient(self.day, int(plain[0]), int(plain[1]))

    def _second(self, plain: list[str], _: dict[str, str]) -> None:
        first, self.clinic.focus = self.clinic.focus, plain[1] if plain[1:] else self.clinic.focus
        self.clinic.open(2)
        self.clinic.refer(program_number=2, episode=SECOND_EPISODE)
        self.clinic.admit(episode=SECOND_EPISODE)
        self.clinic.diagnose(episode=SECOND_EPISODE)
        self.clinic.focus = first

    def _claim(self, plain: list[str], _: dict[str, str]) -> None:
        self.clinic.claim(1, [(self.day, int(plain[0]))])

    def _sent(self, plain: list[str], _: dict[str, str]) -> None:
        fact = claim.ClaimSubmitted(submitted_at=self.clinic.at(*plain[0].split("T")), batch="b1", control_number="c1")
        self.clinic.story.tell(an_id("claim"), fact)

    def _reject(self, *_: Any) -> None:
        fact = claim.ClaimRejected(rejected_at="2026-03-20T12:00:00Z", source="277CA", codes=("A7",))
        self.clinic.story.tell(an_id("claim"), fact)

    def _take(self, plain: list[str], _: dict[str, str]) -> None:
        """A void of the claim, which its payer accepted or, as only a clearing house read it, not."""
        self.clinic.claim(2, [(self.day, 1)], frequency="8", replaces=an_id("claim"))
        self._void(["claim"], {})
        at, source = "2026-03-21T12:00:00Z", "277CA" if plain[-1] == "accepted" else "999"
        sent = claim.ClaimSubmitted(submitted_at="2026-03-20T12:00:00Z", batch="b2", control_number="c2")
        for fact in (sent, claim.ClaimAcknowledged(acknowledged_at=at, source=source, reference="r")):  # type: ignore[arg-type] # one of two
            self.clinic.story.tell(an_id("claim", 2), fact)

    def _reinstate(self, *_: Any) -> None:
        self.clinic.story.tell(an_id("claim"), claim.ClaimReinstated(instead_of=an_id("claim", 2)))

    def _off(self, *_: Any) -> None:
        own = an_id("attendance", self.session * 1000 + 1)
        fact = session.PatientNotExpected(attendance_id=own, cause="appointment")
        self.clinic.story.tell(an_id("session", self.session), fact)

    def _answer(self, plain: list[str], _: dict[str, str]) -> None:
        paid, rest = round(float(plain[0]) * 100), 20_000 - round(float(plain[0]) * 100)
        adjustments = []
        for place, words in enumerate(plain[1:]):
            group, _, codes = words.partition("-")
            carc, _, rarc = codes.partition("/")
            adjustments.append(
                claim.Adjustment(group=group, carc=carc, rarc=rarc or None, amount_cents=0 if place else rest)  # type: ignore[arg-type] # a word of the file
            )
        line = claim.AdjudicatedLine(line=1, paid_cents=paid, adjustments=tuple(adjustments))
        told: Any = {"adjudicated_on": "2026-03-20", "payer_control_number": "p1", "paid_cents": paid}
        fact = claim.ClaimAdjudicated(**told, lines=(line,))
        self.clinic.story.tell(an_id("claim"), fact)


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
