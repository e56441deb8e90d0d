"""One mechanism: live in any batches, rebuilt, and as of any position give the same rows."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.authorization.facts import AuthorizationVoided
from aggregates.codec import decode
from aggregates.session.facts import SessionRescheduled
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.asof import as_of
from iop_es.engine.readmodel.fold import Fold
from iop_es.engine.readmodel.place import Place
from iop_es.engine.stored import Row
from projections.billing import MODEL, queries
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.projections.billing.stories import a_season, pasts
from tests.projections.story import Story, asking, folded, project, rebuild, tables

NOW = "2026-03-13T12:00:00.000000Z"


def test_live_in_any_batches_and_rebuilt_are_equal(log: Log, projector: Pool) -> None:
    """Projected one by one, by seven and at once, and rebuilt from nothing: every table is the same, byte for byte."""
    story = a_season().story
    story.append(log)
    found = []
    for batch in (1, 7, 5_000):
        driver = project(MODEL, log, projector, batch)
        found.append(tables(driver, projector))
        rebuild(MODEL, log, projector)
        found.append(tables(driver, projector))
        with projector.connection() as connection:
            connection.execute("UPDATE read_model SET active = false")
            schema = connection.execute("SELECT open_read_model('billing', %s)", (MODEL.version,)).fetchall()[0][0]
            connection.execute("UPDATE read_model SET active = true WHERE schema = %s", (schema,))
            with connection.transaction(), connection.cursor() as cursor:
                Place(MODEL, schema).create(cursor)
    assert len(found[0]["patient_day"]) == 14
    assert all(one == found[0] for one in found[1:])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pasts(), st.integers(1, 9))
def test_batches_make_no_difference(clinic: Clinic, batch: int) -> None:
    """Whatever happened, batches of any size leave the rows and the documents of a single batch."""
    facts = clinic.story.recorded(MODEL)
    whole, parts = folded(MODEL, facts), folded(MODEL, facts, batch)
    assert parts.documents == whole.documents
    assert parts.uses == whole.uses
    assert {table: _filled(scopes) for table, scopes in parts.rows.items()} == {
        table: _filled(scopes) for table, scopes in whole.rows.items()
    }


def test_a_void_reaches_the_days_before_the_authorization() -> None:
    """A day before its first day said that it had not started; voided, none is there, live as in a rebuild."""
    clinic = Clinic()
    clinic.open()
    clinic.license()
    clinic.publish()
    clinic.patient(authorized=False)
    clinic.documented("2026-03-02", "09:00-12:00")
    clinic.request(valid_from="2026-03-09")
    clinic.approve(valid_from="2026-03-09")
    clinic.story.tell(an_id("authorization"), AuthorizationVoided(voided_on="2026-03-10", cause="error"))
    for batch in (1, None):
        (day,) = queries.days_from(folded(MODEL, clinic.story.recorded(MODEL), batch), an_id("patient"))
        assert day.reason == "authorization_missing"


def test_a_moved_session_reaches_both_weeks() -> None:
    """Planned into the next week, a session makes that week's schedule long enough, live as in a rebuild."""
    clinic = a_clinic(weekly={"measure": "scheduled", "minutes": 360, "days": 2, "consequence": "hold"})
    clinic.documented("2026-03-11", "09:00-12:00")
    moved = clinic.meet("2026-03-04", "09:00-12:00", leave="expected")
    starts, ends = clinic.at("2026-03-12", "09:00"), clinic.at("2026-03-12", "12:00")
    clinic.story.tell(
        an_id("session", moved),
        SessionRescheduled(
            service_date="2026-03-12", starts_at=starts, ends_at=ends, facilitators=(), cause="room"
        ),
    )
    for batch in (1, None):
        (day,) = queries.days_from(folded(MODEL, clinic.story.recorded(MODEL), batch), an_id("patient"))
        assert day.state == "billable"


@pytest.mark.parametrize("monday_first", [False, True], ids=["Sunday first", "Monday first"])
def test_an_overlap_across_midnight_reaches_the_week_on_its_other_side(monday_first: bool) -> None:
    """A Sunday's session that runs into a Monday's holds both days, until either is corrected, and again: at every
    position live steps leave the days of one whole batch."""
    clinic = a_clinic()
    sunday, monday = ("2026-03-01", "22:00-25:30"), ("2026-03-02", "00:30-03:30")
    first, second = (monday, sunday) if monday_first else (sunday, monday)
    numbers = {on: clinic.documented(on, spans) for on, spans in (first, second)}
    held = [len(clinic.story.facts)]
    for (on, spans), freed in ((sunday, "22:00-24:15"), (monday, "01:30-04:30"), (monday, "")):
        clinic.correct(on, numbers[on], freed)
        clinic.correct(on, numbers[on], spans)
        held.append(len(clinic.story.facts))
    live = Fold(MODEL)
    states = {}
    rows: dict[Row, list[Row]] = {}
    for one in clinic.story.recorded(MODEL):
        live.take([one])
        rows |= live.settle().rows.get("patient_day", {})
        whole = folded(MODEL, clinic.story.recorded(MODEL, one.position))
        assert _filled(rows) == _filled(whole.rows.get("patient_day", {}))
        states[one.position] = [day.reason for day in queries.days_from(whole, an_id("patient"))]
    assert [states[position] for position in held] == [["overlap", "overlap"]] * len(held)
    assert [states[position - 1].count("overlap") for position in held[1:]] == [0, 0, 0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pasts(), st.data())
def test_as_of_a_position_is_what_was_live_there(clinic: Clinic, data: st.DataObject) -> None:
    """One patient's own facts and the references up to P give the rows that the whole fold had at P."""
    position = data.draw(st.integers(1, len(clinic.story.facts)))
    live = folded(MODEL, clinic.story.recorded(MODEL, position), 1)
    for patient in (an_id("patient", 1), an_id("patient", 2)):
        then = folded(MODEL, clinic.story.recorded(MODEL, position, patient))
        assert queries.days_from(then, patient) == queries.days_from(live, patient)
        assert queries.authorizations_from_rows(then, patient_id=patient, programs=[an_id("program")]) == (
            queries.authorizations_from_rows(live, patient_id=patient, programs=[an_id("program")])
        )


def test_as_of_reads_the_log_to_the_same_days(log: Log, projector: Pool) -> None:
    """The store's own as-of of a patient answers at every tenth position what the queries answered there."""
    story = a_season().story
    patient, programs = an_id("patient"), [an_id("program")]
    answered: dict[int, tuple[object, ...]] = {}
    for position in range(10, len(story.facts) + 1, 10):
        part = Story(now=story.now, facts=story.facts[:position])
        part.append(log, position - 9)
        driver = project(MODEL, log, projector)
        with asking(driver, projector) as cursor:
            answered[position] = (
                queries.days(cursor, programs=programs, now=NOW, patient_id=patient),
                queries.authorizations(cursor, programs=programs, now=NOW, patient_id=patient),
                queries.claims(cursor, programs=programs, now=NOW, patient_id=patient),
            )
    for position, answer in answered.items():
        delta = as_of(MODEL, log, decode, patient, position)
        assert answer == (
            queries.from_rows(delta, patient_id=patient, programs=programs, now=NOW),
            queries.authorizations_from_rows(delta, patient_id=patient, programs=programs),
            queries.claims_from_rows(delta, patient_id=patient, programs=programs),
        )
    assert len(answered) == 10


def test_the_walk_goes_no_further_than_the_counters_change() -> None:
    """A late note decides its own week; a day that comes and takes a unit decides the weeks after it as well."""
    clinic = a_clinic()
    for day in ("2026-03-04", "2026-03-11", "2026-03-18"):
        clinic.documented(day, "09:00-12:00")
    fold, known = Fold(MODEL), len(clinic.story.facts)
    fold.take(clinic.story.recorded(MODEL))
    fold.settle()
    clinic.draft("2026-03-11", "12:00", 2)
    assert _decided(fold, clinic, known) == ["2026-03-09"]
    known = len(clinic.story.facts)
    clinic.documented("2026-03-12", "09:00-12:00")
    assert _decided(fold, clinic, known) == ["2026-03-09", "2026-03-16"]


def test_a_monday_reaches_the_week_before_only_beside_a_sunday_with_attendance() -> None:
    """What concerns a Monday decides its own week alone, unless the patient was there on the Sunday before it."""
    clinic = a_clinic(authorization_required=False)
    for day in ("2026-03-02", "2026-03-08", "2026-03-09"):
        clinic.documented(day, "09:00-12:00")
    fold, known = Fold(MODEL), len(clinic.story.facts)
    fold.take(clinic.story.recorded(MODEL))
    fold.settle()
    clinic.correct("2026-03-02", 1, "09:00-12:15")
    assert _decided(fold, clinic, known) == ["2026-03-02"]
    known = len(clinic.story.facts)
    clinic.correct("2026-03-09", 3, "09:00-12:15")
    assert _decided(fold, clinic, known) == ["2026-03-02", "2026-03-09"]


def _decided(fold: Fold, clinic: Clinic, after: int) -> list[str]:
    fold.take([one for one in clinic.story.recorded(MODEL) if one.position > after])
    return [week for _, week in fold.settle().rows["patient_day"]]


def test_nothing_is_left_dirty() -> None:
    """After settling, a document holds no mark of the batch."""
    fold = Fold(MODEL)
    fold.take(a_season().story.recorded(MODEL))
    fold.settle()
    for patient in fold._documents.values():
        assert (patient.dirty_days, patient.dirty_from, patient.dirty_claims) == ({}, None, {})


def _filled(scopes: dict[Row, list[Row]]) -> dict[Row, list[Row]]:
    return {scope: rows for scope, rows in scopes.items() if rows}

