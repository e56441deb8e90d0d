"""Whose program an entry is of: nothing that tells of one program passes for everybody's by nobody having thought."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from aggregates import registry
from aggregates.access.facts import BreakGlassOpened, BreakGlassReviewed, DisclosureMade
from aggregates.enrollment.facts import PatientReferred
from aggregates.kit import FACTS
from aggregates.patient.facts import AmendmentRequested, PatientDistinguished
from aggregates.program.facts import ProgramOpened
from projections.audit import MODEL
from projections.audit.things import GUARDED, LATER, had_by
from tests.projections.audit.past import ADULTS, ANA, TEENS
from tests.projections.story import Story, an_id, folded

OF_ONE_PROGRAM = frozenset({
    "assessment", "authorization", "claim", "dispute", "enrollment", "group", "note", "program", "session",
})
"""What one program begins, so that the first fact of the stream tells it."""
EVERYBODYS = {
    # who works here, and what is agreed with payers, is the organization's
    "access.granted", "access.revoked", "clinician.credential_lapsed", "clinician.credential_recorded",
    "clinician.joined", "clinician.left", "clinician.payer_credentialing_recorded", "clinician.signing_key_created",
    "clinician.signing_key_revoked", "clinician.supervisor_assigned",
    "payer_policy.electronic_address_recorded", "payer_policy.published", "payer_policy.retired",
    "payer_policy.revised", "payer_policy.verified",
    # who a patient is and who may act for them, who pays, and how they want to be reached: one for all who have them
    "patient.confidential_contact_set", "patient.coverage_ended", "patient.coverage_recorded",
    "patient.demographics_corrected", "patient.disclosure_restricted", "patient.eligibility_checked",
    "patient.guardian_ended", "patient.guardian_recorded", "patient.registered",
    # of a consent the trail asks by itself who may know (`api.access.consents`)
    "patient.consent_revoked", "patient.consent_signed",
    # that the whole record is asked to be given up, or kept
    "shredding.approved", "shredding.hold_placed", "shredding.hold_released", "shredding.requested",
    "shredding.withdrawn",
}
ACCESS, NOON = an_id("access"), "2026-03-02T12:00:00Z"
EPISODE, GRANT = an_id("enrollment", 1), an_id("grant")


def test_every_fact_of_no_one_program_is_everybodys_by_intent() -> None:
    """Each other names its program, is told of one, or is for those cleared for all; of a new one somebody must think.
    """
    assert registry.AGGREGATES
    told = {
        name for name, stored in FACTS.items()
        if name.partition(".")[0] in OF_ONE_PROGRAM or "program_id" in {one.name for one in fields(stored.cls)}
    }
    assert {name for name in FACTS if "." in name} - told - GUARDED == EVERYBODYS
    assert LATER.keys() <= GUARDED
    assert not GUARDED & (told | EVERYBODYS)


def things(*facts: tuple[str, Any]) -> tuple[list[str | None], dict[str, str]]:
    """The program of each of Ana's facts (each with its stream) after a referral, and of every thing."""
    story = Story()
    for program in (ADULTS, TEENS):
        story.tell(program, ProgramOpened(
            code="iop", level_of_care="intensive_outpatient", focus="mental_health", population="adult",
            time_zone="UTC", opened_on="2026-01-01",
        ))  # fmt: skip
    story.tell(EPISODE, PatientReferred(
        patient_id=ANA, program_id=TEENS, referred_on="2026-03-01", source="self"
    ))  # fmt: skip
    for number, (stream, fact) in enumerate(facts):
        story.tell(stream, fact, patients=[(ANA, an_id("alias", number))])
    rows = folded(MODEL, story.recorded(MODEL)).rows
    known = dict(row for [row] in rows["thing_program"].values())
    return [known.get(row[-1]) for [row] in rows["entry"].values()][3:], known


def glass(acting_in: str | None) -> BreakGlassOpened:
    """A broken one."""
    return BreakGlassOpened(
        grant_id=GRANT, patient_id=ANA, acting_in=acting_in, opened_by=an_id("nurse"), opened_at=NOON, ends_at=NOON,
        cause="crisis_call", disclosed=False,
    )  # fmt: skip


def disclosure(**more: Any) -> DisclosureMade:
    """To a court."""
    return DisclosureMade(
        disclosure_id=an_id("disclosure"), patient_id=ANA, made_by=an_id("nurse"), made_on="2026-03-02",
        information=("summary",), purpose="legal", basis="required_by_law", **more,
    )  # fmt: skip


REVIEW = BreakGlassReviewed(grant_id=GRANT, patient_id=ANA, reviewed_by=an_id("officer"), justified=True)


@pytest.mark.parametrize("program", [ADULTS, None])
def test_a_glass_is_of_the_program_of_who_broke_it_and_says_nothing_of_the_rest(program: str | None) -> None:
    """Its review, too; a disclosure in the same stream is its episode's, and without one no program's."""
    found, known = things(
        (ACCESS, glass(program)), (ACCESS, REVIEW), (ACCESS, disclosure(enrollment_id=EPISODE)), (ACCESS, disclosure()),
    )  # fmt: skip
    assert found == [program, program, TEENS, None]
    assert ACCESS not in known


def test_an_amendment_is_of_the_one_document_that_it_concerns() -> None:
    """Of several, or of what no program is known of, of none."""
    def asked(*concerns: str) -> AmendmentRequested:
        return AmendmentRequested(request_id=an_id("request"), received_on="2026-03-02", concerns=concerns)

    found, _ = things(*((ANA, asked(*one)) for one in ((EPISODE,), (EPISODE, an_id("note")), (an_id("note"),), ())))
    assert found == [TEENS, None, None, None]


def test_two_records_are_compared_in_the_programs_that_are_named() -> None:
    """One of them is told; of several none is."""
    def compared(*programs: str) -> PatientDistinguished:
        return PatientDistinguished(programs=programs, upto=1, cause="another_birth_date")

    found, _ = things((ANA, compared(ADULTS)), (ANA, compared(ADULTS, TEENS)))
    assert found == [ADULTS, None]


@pytest.mark.parametrize(("position", "programs"), [(5, {"a"}), (15, {"a"}), (25, {"a", "b"})])
def test_what_tells_of_no_program_is_of_those_that_had_the_patient(position: int, programs: set[str]) -> None:
    """When it was recorded; from before any referral the first one. Who was never referred is nobody's yet."""
    assert had_by([(10, "a"), (20, "b")], position) == programs
    assert had_by([], position) == set()
