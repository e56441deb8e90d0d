"""A patient's keys go when two people want it, thirty days have passed, and nothing stands against it."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.dispute.facts import DisputeOpened, DisputeResolved, RecordsRequested, RecordsSent
from aggregates.enrollment.facts import DischargeCorrected, PatientAdmitted, PatientDischarged
from aggregates.enrollment.refusals import UnknownPatient
from aggregates.kit import Elsewhere, Release, Seen
from aggregates.patient import AGGREGATE as PATIENT
from aggregates.patient.facts import Identity, PatientRegistered
from aggregates.patient.identity import NUMBER_KIND, reservation_key
from aggregates.patient.marks import marks_of
from aggregates.shredding import AGGREGATE
from aggregates.shredding import commands as ask
from aggregates.shredding import facts as past
from aggregates.shredding import refusals as no
from aggregates.shredding.retention import Kept, Retention, kept
from aggregates.shredding.streams import shredding_of
from tests.aggregates.scenario import Given, an_act, an_id, every_prefix_folds, given, seen_as

WHO, OTHER = an_id("patient"), an_id("patient", 2)
REQUEST, HOLD = an_id("request"), an_id("hold")
FIRST, SECOND = an_id("officer"), an_id("director")
KNOWN: dict[str, Seen] = {
    "patient": seen_as(
        PATIENT, WHO, PatientRegistered(year_of_birth=1988, has_medical_record_number=False, has_address=False)
    )
}
KEY = past.ShreddedKey(subject=f"patient:{WHO}", key_id="60" * 16)


def at(day: str, by: str = FIRST) -> Any:
    """Somebody's act at noon of a day."""
    return an_act(by=by, role="privacy_officer", occurred_at=f"{day}T12:00:00Z")


def who(**more: Any) -> dict[str, Any]:
    """The fields that every command has."""
    return {"shredding_id": shredding_of(WHO), "patient_id": WHO} | more


REQUESTING = ask.RequestShredding(**who(request_id=REQUEST, cause="retention-ended"))
APPROVING = ask.ApproveShredding(**who(request_id=REQUEST))
REQUESTED = past.ShreddingRequested(patient_id=WHO, request_id=REQUEST, requested_by=FIRST, cause="retention-ended")
APPROVED = past.ShreddingApproved(
    patient_id=WHO, request_id=REQUEST, approved_by=SECOND, approved_at="2033-05-01T12:00:00.000000Z",
    not_before="2033-05-31T12:00:00.000000Z",
)  # fmt: skip
HELD = past.HoldPlaced(patient_id=WHO, hold_id=HOLD, kind="litigation", placed_by=SECOND, cause="subpoena")
RELEASED = past.HoldReleased(patient_id=WHO, hold_id=HOLD, released_by=SECOND, cause="settled")
WITHDRAWN = past.ShreddingWithdrawn(patient_id=WHO, request_id=REQUEST, withdrawn_by=SECOND, cause="came-back")
SHREDDED = past.PatientKeysShredded(
    patient_id=WHO, request_id=REQUEST, last_service_on="2026-04-07", retained_until="2032-04-07", keys=(KEY,)
)


def carrying(**changes: Any) -> ask.CarryOutShredding:
    """The request carried out, of a record whose retention ended in 2032."""
    told = who(request_id=REQUEST, last_service_on="2026-04-07", retained_until="2032-04-07", keys=(KEY,))
    return ask.CarryOutShredding(**(told | changes))


def of(*facts: Any) -> Given:
    """The stream's past."""
    return given(AGGREGATE, *facts)


def test_one_person_asks_and_another_approves() -> None:
    """The approval says from when on it can be carried out: thirty days later, to the second."""
    of().when(REQUESTING, at("2033-04-30"), KNOWN).then(REQUESTED)
    of(REQUESTED).when(APPROVING, at("2033-05-01", SECOND), KNOWN).then(APPROVED)


def test_nobody_approves_alone() -> None:
    """Whoever asked does not approve, whatever the role; approving twice changes nothing."""
    of(REQUESTED).when(APPROVING, at("2033-05-01"), KNOWN).refuses(no.ApprovalOfOwnRequest)
    of(REQUESTED, APPROVED).when(APPROVING, at("2033-05-09"), KNOWN).nothing_happened()
    of().when(APPROVING, at("2033-05-01", SECOND), KNOWN).refuses(no.UnknownShreddingRequest)


def test_a_request_waits_for_its_end_before_the_next() -> None:
    """The same again is already so; another waits until the first is withdrawn or carried out."""
    of(REQUESTED).when(REQUESTING, at("2033-04-30"), KNOWN).nothing_happened()
    other = ask.RequestShredding(**who(request_id=an_id("request", 2), cause="patient-asks"))
    of(REQUESTED).when(other, at("2033-04-30"), KNOWN).refuses(no.ShreddingAlreadyRequested)
    of(REQUESTED).when(REQUESTING, at("2033-04-30", SECOND), KNOWN).refuses(no.RequestIdTaken)
    for end in ((WITHDRAWN,), (APPROVED, SHREDDED)):
        of(REQUESTED, *end).when(other, at("2034-04-30"), KNOWN).then(past.ShreddingRequested(
            patient_id=WHO, request_id=an_id("request", 2), requested_by=FIRST, cause="patient-asks",
        ))  # fmt: skip


def test_it_is_carried_out_after_thirty_days() -> None:
    """Not a second before; a second time changes nothing; and never without approval."""
    early = an_act(by=FIRST, occurred_at="2033-05-31T11:59:59Z")
    of(REQUESTED, APPROVED).when(carrying(), early, KNOWN).refuses(no.ShreddingTooEarly)
    of(REQUESTED, APPROVED).when(carrying(), at("2033-05-31"), KNOWN).then(SHREDDED)
    of(REQUESTED, APPROVED, SHREDDED).when(carrying(), at("2033-06-01"), KNOWN).nothing_happened()
    of(REQUESTED).when(carrying(), at("2033-06-30"), KNOWN).refuses(no.ShreddingNotApproved)
    of().when(carrying(), at("2033-06-30"), KNOWN).refuses(no.UnknownShreddingRequest)


def test_the_record_number_and_the_marks_are_given_back_with_it() -> None:
    """The number finds nobody any more, and who comes back may have it again; no other record agrees with this one;
    where there was none, nothing is given back."""
    identity = Identity(
        family_name="Hale", given_name="Ada", birth_date="1988-02-01", sex="female", medical_record_number="MRN-1"
    )
    registered = PatientRegistered(
        year_of_birth=1988, has_medical_record_number=True, has_address=False, sealed=identity
    )
    known = {"patient": seen_as(PATIENT, WHO, registered)}
    [mark] = marks_of(known["patient"].state)
    given_back = Elsewhere(
        "patient",
        (Release(NUMBER_KIND, reservation_key("MRN-1")), Release("shared:name_and_birth_date", mark.key(WHO))),
    )
    of(REQUESTED, APPROVED).when(carrying(), at("2033-06-01"), known).then(SHREDDED, given_back)
    of(REQUESTED, APPROVED).when(carrying(), at("2033-06-01"), KNOWN).then(SHREDDED)


def test_what_is_withdrawn_is_not_carried_out() -> None:
    """Approved or not, until it is carried out; withdrawing twice is already so, and after the end too late."""
    withdrawing = ask.WithdrawShredding(**who(request_id=REQUEST, cause="came-back"))
    for before in ((REQUESTED,), (REQUESTED, APPROVED)):
        of(*before).when(withdrawing, at("2033-05-02", SECOND), KNOWN).then(WITHDRAWN)
    of(REQUESTED, APPROVED, WITHDRAWN).when(carrying(), at("2033-06-30"), KNOWN).refuses(no.UnknownShreddingRequest)
    of(REQUESTED, WITHDRAWN).when(withdrawing, at("2033-05-03"), KNOWN).nothing_happened()
    of(REQUESTED, APPROVED, SHREDDED).when(withdrawing, at("2033-07-01"), KNOWN).refuses(no.UnknownShreddingRequest)


def test_a_hold_stops_it_until_it_is_released() -> None:
    """Whenever it was placed, before the request or after the approval."""
    placing = ask.PlaceHold(**who(hold_id=HOLD, kind="litigation", cause="subpoena"))
    releasing = ask.ReleaseHold(**who(hold_id=HOLD, cause="settled"))
    of().when(placing, at("2033-01-01", SECOND), KNOWN).then(HELD)
    of(HELD).when(placing, at("2033-01-01", SECOND), KNOWN).nothing_happened()
    of(HELD).when(placing, at("2033-01-01"), KNOWN).refuses(no.HoldIdTaken)
    for before in ((HELD, REQUESTED, APPROVED), (REQUESTED, APPROVED, HELD)):
        of(*before).when(carrying(), at("2033-06-30"), KNOWN).refuses(no.HeldFromShredding)
        of(*before, RELEASED).when(carrying(), at("2033-06-30"), KNOWN).then(SHREDDED)
    of(HELD).when(releasing, at("2033-02-01", SECOND), KNOWN).then(RELEASED)
    of(HELD, RELEASED).when(releasing, at("2033-02-02"), KNOWN).nothing_happened()
    of().when(releasing, at("2033-02-01"), KNOWN).refuses(no.UnknownHold)


@pytest.mark.parametrize(("changes", "refusal"), [
    ({"open_disputes": (an_id("dispute"),)}, no.DisputeStillOpen),
    ({"in_care": (an_id("enrollment"),)}, no.InCareStill),
    ({"retained_until": "2033-06-30"}, no.RetentionRuns),
    ({"keys": (past.ShreddedKey(subject=f"patient:{OTHER}", key_id="60" * 16),)}, no.KeyOfAnotherPatient),
])  # fmt: skip
def test_what_stands_against_it(changes: dict[str, Any], refusal: type[Any]) -> None:
    """An open dispute, care that goes on, a record that must still be kept on that very day, a key of somebody else."""
    of(REQUESTED, APPROVED).when(carrying(**changes), at("2033-06-30"), KNOWN).refuses(refusal)


def test_the_day_after_its_retention_a_record_may_go() -> None:
    """And the keys of sessions with it."""
    session = past.ShreddedKey(subject=f"session:{an_id('session')}", key_id="70" * 16)
    found = carrying(retained_until="2033-06-29", keys=(KEY, session))
    of(REQUESTED, APPROVED).when(found, at("2033-06-30"), KNOWN).then(past.PatientKeysShredded(
        patient_id=WHO, request_id=REQUEST, last_service_on="2026-04-07", retained_until="2033-06-29",
        keys=(KEY, session),
    ))  # fmt: skip


def test_it_is_about_a_patient_under_the_patients_own_id() -> None:
    """An unknown patient has nothing to shred, and a patient has one stream of it."""
    nobody = {"patient": seen_as(PATIENT, WHO)}
    of().when(REQUESTING, at("2033-04-30"), nobody).refuses(UnknownPatient)
    astray = ask.RequestShredding(**who(shredding_id=an_id("x"), request_id=REQUEST, cause="x"))
    of().when(astray, at("2033-04-30"), KNOWN).refuses(no.AnotherShreddingStream)


def test_every_prefix_of_a_past_folds() -> None:
    """Facts in any order that was recorded."""
    every_prefix_folds(AGGREGATE, REQUESTED, APPROVED, HELD, RELEASED, WITHDRAWN, SHREDDED)


def told(*facts: tuple[str, str, Any]) -> Kept:
    """What a history says of itself."""
    return kept(facts)


EPISODE, CONTEST = an_id("enrollment"), an_id("dispute")
REGISTERED = (WHO, "2026-01-02", PatientRegistered(
    year_of_birth=2010, has_medical_record_number=False, has_address=False))  # fmt: skip
ADMITTED = (EPISODE, "2026-01-05", PatientAdmitted(
    admitted_on="2026-01-05", level_of_care="intensive_outpatient", focus="mental_health", admission_type="elective",
    admission_source="referral", attending_id=FIRST, planned_days=3, planned_minutes=540))  # fmt: skip
DISCHARGED = (EPISODE, "2026-02-28", PatientDischarged(
    discharged_on="2026-02-27", reason="completed", patient_status="01"))  # fmt: skip


def test_a_record_is_kept_six_years_from_the_last_service_or_discharge() -> None:
    """45 CFR 164.316(b)(2)(i); a setting makes it longer, never shorter; without any service the last fact counts."""
    found = told(REGISTERED, ADMITTED, DISCHARGED)
    assert (found.in_care, found.last_service_on) == ((), "2026-02-27")
    assert [found.retained_until(Retention(years)) for years in (6, 10, 1)] == [
        "2032-02-27", "2036-02-27", "2032-02-27",
    ]  # fmt: skip
    assert told(REGISTERED).retained_until(Retention()) == "2032-01-02"
    assert Kept((), (), "2024-02-29", "2024-02-29", 1980).retained_until(Retention(7)) == "2031-03-01"


def test_a_minors_record_is_kept_longer_where_that_is_set() -> None:
    """Born in 2010, of age by the end of 2028; ten years after that, and not for somebody who was of age."""
    found = told(REGISTERED, ADMITTED, DISCHARGED)
    assert found.retained_until(Retention(6, 10)) == "2038-12-31"
    assert found.retained_until(Retention(6, 0)) == "2032-02-27"
    grown = Kept((), (), "2029-01-01", "2029-01-01", 2010)
    assert grown.retained_until(Retention(6, 10)) == "2035-01-01"


def test_who_is_in_care_is_told_by_admissions_and_discharges() -> None:
    """A discharge that was none leaves the patient in care."""
    assert told(REGISTERED, ADMITTED).in_care == (EPISODE,)
    undone = (EPISODE, "2026-03-02", DischargeCorrected(was_discharged_on="2026-02-27", cause="mistake"))
    assert told(REGISTERED, ADMITTED, DISCHARGED, undone).in_care == (EPISODE,)


def a_dispute(**changes: Any) -> tuple[Any, ...]:
    """A dispute's facts by name, as its own tests make them."""
    asked = RecordsRequested.__new__(RecordsRequested)
    for name, value in {"request_id": REQUEST, "recorded_by": FIRST}.items():
        object.__setattr__(asked, name, value)
    sent = RecordsSent.__new__(RecordsSent)
    object.__setattr__(sent, "request_id", REQUEST)
    opened = DisputeOpened.__new__(DisputeOpened)
    for name, value in {"opened_by": FIRST, "level": "internal_first", "due_on": None}.items():
        object.__setattr__(opened, name, value)
    answer = DisputeResolved.__new__(DisputeResolved)
    fields = {"level": "internal_first", "final": False, "next_level": None, "next_due_on": None} | changes
    for name, value in fields.items():
        object.__setattr__(answer, name, value)
    return asked, sent, opened, answer


def test_a_dispute_is_open_until_nobody_goes_on() -> None:
    """A request without its records, a contest without its answer, and an answer after which there is a next level."""
    asked, sent, opened, answer = ((CONTEST, "2026-05-01", one) for one in a_dispute())
    assert told(REGISTERED, asked).open_disputes == (CONTEST,)
    assert told(REGISTERED, asked, sent).open_disputes == ()
    assert told(REGISTERED, asked, sent, opened).open_disputes == (CONTEST,)
    assert told(REGISTERED, asked, sent, opened, answer).open_disputes == ()
    further = (CONTEST, "2026-05-01", a_dispute(next_level="internal_second")[3])
    assert told(REGISTERED, opened, further).open_disputes == (CONTEST,)
    last = (CONTEST, "2026-05-01", a_dispute(next_level="internal_second", final=True)[3])
    assert told(REGISTERED, opened, last).open_disputes == ()
