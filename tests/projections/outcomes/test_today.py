"""Today's list from PostgreSQL: its order, filters, pages and counts, who is parked, and the same from a fold."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from aggregates.codec import decode
from aggregates.risk.facts import Alert as Name
from aggregates.risk.facts import AlertAcknowledged, RiskAssessed, RiskWords
from aggregates.risk.streams import risk_of
from iop_es.engine.connections import Pool
from iop_es.engine.log import Append, Log, NewFact
from iop_es.engine.readmodel.asof import as_of
from iop_es.engine.readmodel.driver import Driver
from projections.outcomes import MODEL
from projections.outcomes.alert_views import AlertView
from projections.outcomes.today import alerts, counts, of_patients, risk, risk_from_rows
from tests.projections.outcomes.past import OTHER, PATIENT, PROGRAM, admit, open_program, taken
from tests.projections.story import Story, an_id, asking, project, rebuild, tables

NOW = "2026-03-03T15:00:00.000000Z"
TAKER = an_id("clinician", 7)
BOTH: dict[str, Any] = {"programs": (PROGRAM, OTHER), "now": NOW}


def past() -> Story:
    """Patient 1: item 9 at 1 in January, taken; patient 2: at 3 in March; patient 3, elsewhere, without a measure;
    patient 4: item 9 at 1, judged and cleared."""
    story = Story()
    open_program(story)
    open_program(story, OTHER, "Pacific/Auckland")
    for number, on, answer in ((1, "2026-01-20", 1), (2, "2026-03-01", 3), (4, "2026-03-02", 1)):
        admit(story, number, on="2026-02-20" if number > 1 else "2026-01-05")
        story.tell(an_id("assessment", number), taken(on, items=(0,) * 8 + (answer,), number=number))
    admit(story, 3, OTHER, on="2026-02-10")
    story.tell(risk_of(an_id("patient", 4)), RiskAssessed(
        patient_id=an_id("patient", 4), program_id=PROGRAM, assessed_by=TAKER, assessed_at="2026-03-02T16:00:00Z",
        level="low", basis=("interview",), sealed=RiskWords(words="Calm."),
    ))  # fmt: skip
    for number, on, outcome in ((1, "2026-01-20", "taken"), (4, "2026-03-02", "cleared")):
        told = AlertAcknowledged(
            patient_id=an_id("patient", number), program_id=PROGRAM, outcome=outcome, acknowledged_by=TAKER,  # type: ignore[arg-type] # one of two
            alert=Name(kind="safety_item", about=an_id("assessment", number), since=on), cause="talked",
        )  # fmt: skip
        story.tell(risk_of(an_id("patient", number)), told)
    return story


@pytest.fixture
def driver(log: Log, projector: Pool) -> Driver:
    """The past, projected."""
    past().append(log)
    return project(MODEL, log, projector)


def who(found: list[AlertView]) -> list[tuple[str, int, int]]:
    """Kind, patient's number and age."""
    numbers = {an_id("patient", number): number for number in range(1, 9)}
    return [(one.kind, numbers[one.patient_id], one.age_days) for one in found]


def test_urgent_ones_come_first_then_the_oldest_and_pages_follow_one_another(driver: Driver, projector: Pool) -> None:
    """In Auckland it is the fourth already: a measure is missing since 24 February."""
    with asking(driver, projector) as cursor:
        found = alerts(cursor, **BOTH)
        assert who(found) == [
            ("safety_item", 2, 2), ("safety_item", 1, 42), ("no_measure", 1, 28), ("no_measure", 3, 8),
        ]  # fmt: skip
        pages, after = [], None
        while page := alerts(cursor, **BOTH, after=after, limit=1):
            pages += page
            after = page[-1].cursor
        assert pages == found


def test_the_list_can_be_narrowed(driver: Driver, projector: Pool) -> None:
    """By program, patient, owner, kind and urgency; cleared ones are a list of their own."""
    with asking(driver, projector) as cursor:
        assert who(alerts(cursor, programs=(OTHER,), now=NOW)) == [("no_measure", 3, 8)]
        assert who(alerts(cursor, **BOTH, patient_id=an_id("patient", 2))) == [("safety_item", 2, 2)]
        assert who(alerts(cursor, **BOTH, owner=TAKER)) == [("safety_item", 1, 42)]
        assert who(alerts(cursor, **BOTH, kind="no_measure")) == [("no_measure", 1, 28), ("no_measure", 3, 8)]
        assert who(alerts(cursor, **BOTH, urgent=True)) == [("safety_item", 2, 2)]
        (cleared,) = alerts(cursor, **BOTH, state="cleared")
        assert (cleared.patient_id, cleared.cleared_by, cleared.risk_level) == (an_id("patient", 4), TAKER, "low")
        assert who(of_patients(cursor, **BOTH, patients=[an_id("patient", 3), an_id("patient", 4)])) == [
            ("no_measure", 3, 8)
        ]  # fmt: skip


def test_an_entry_names_the_alert_as_the_command_wants_it(driver: Driver, projector: Pool) -> None:
    """Its stream, kind, what raised it and the day."""
    with asking(driver, projector) as cursor:
        (one,) = alerts(cursor, **BOTH, urgent=True)
    assert one.risk_id == risk_of(an_id("patient", 2))
    assert one.alert is not None
    assert one.alert.model_dump(mode="json") == {
        "kind": "safety_item", "about": an_id("assessment", 2), "since": "2026-03-01"
    }  # fmt: skip


def test_counts_name_nobody(driver: Driver, projector: Pool) -> None:
    """By program and kind."""
    with asking(driver, projector) as cursor:
        found = {(one.program_id, one.kind): one for one in counts(cursor, **BOTH)}
    safety = found[PROGRAM, "safety_item"]
    assert (safety.alerts, safety.patients, safety.urgent, safety.not_taken, safety.oldest_days) == (2, 2, 1, 1, 42)
    assert (found[OTHER, "no_measure"].alerts, found[OTHER, "no_measure"].without_owner) == (1, 0)


def test_a_patients_risk_is_the_same_from_rows_and_from_a_fold(log: Log, driver: Driver, projector: Pool) -> None:
    """As of the log's head; and without words, which stay sealed."""
    for number in (1, 2, 4):
        asked = BOTH | {"patient_id": an_id("patient", number)}
        with asking(driver, projector) as cursor:
            live = risk(cursor, **asked)
        assert risk_from_rows(as_of(MODEL, log, decode, an_id("patient", number), None), **asked) == live
    assert (live.level, [one.words for one in live.levels], len(live.cleared)) == ("low", [None], 1)
    with asking(driver, projector) as cursor:
        assert risk(cursor, programs=(OTHER,), now=NOW, patient_id=PATIENT).open == ()


def test_any_batching_and_a_rebuild_give_the_same_alerts(log: Log, projector: Pool) -> None:
    """Live in batches of one, and rebuilt."""
    past().append(log)
    live = tables(project(MODEL, log, projector, batch=1), projector)
    rebuild(MODEL, log, projector)
    assert tables(project(MODEL, log, projector), projector) == live
    assert live["alert"] and live["acknowledgment"] and live["risk_level"]


def test_a_parked_patient_is_on_the_list(log: Log, projector: Pool) -> None:
    """As an entry of its own that says how far the record is known; what was known stays beside it, until the record
    can be followed again."""
    past().append(log)
    context = {"actor": str(uuid4()), "occurred_at": NOW, "name": "assessment.corrected"}
    fact = NewFact(
        UUID(an_id("assessment", 1)), 2, "assessment.corrected@1", b'{"nonsense": 1}', None,
        json.dumps(context).encode(), NOW, context["actor"], ((PATIENT, str(uuid4())),),
    )  # fmt: skip
    log.append(Append((fact,)))
    with asking(project(MODEL, log, projector), projector) as cursor:
        found = alerts(cursor, **BOTH | {"now": "2027-01-01T00:00:00.000000Z"}, patient_id=PATIENT)
        parked = next(one for one in found if one.kind == "parked")
        assert found[0] == parked
        assert (parked.urgent, parked.alert, parked.risk_id, parked.positions) == (True, None, None, ())
        assert parked.why.startswith("The record cannot be followed to its end: nothing newer than ")
        assert {one.kind for one in found} == {"parked", "safety_item", "no_measure"}
        assert [one.patients for one in counts(cursor, programs=(PROGRAM,), now="2027-01-01T00:00:00.000000Z")
                if one.kind == "parked"] == [1]  # fmt: skip


def test_what_was_answered_is_on_the_list_at_once_whatever_day_it_is_dated(log: Log, projector: Pool) -> None:
    """At ten in the evening in New York it is tomorrow in UTC: an answer dated so does not wait for midnight, nor does
    a record that cannot be followed. What will be missing tomorrow does wait."""
    evening = "2026-01-19T03:00:00.000000Z"
    story = Story(now="2026-01-05T13:00:00.000000Z")
    open_program(story)
    admit(story)
    story.tell(an_id("assessment"), taken("2026-01-05", 3))
    story.tell(an_id("assessment", 2), taken("2026-01-19", items=(0,) * 8 + (3,)), recorded=evening)
    admit(story, 2, on="2026-01-05")
    story.append(log)
    context = {"actor": str(uuid4()), "occurred_at": evening, "name": "assessment.corrected"}
    log.append(Append((NewFact(
        UUID(an_id("assessment", 3)), 1, "assessment.administered@1", b'{"nonsense": 1}', None,
        json.dumps(context).encode(), evening, context["actor"], ((an_id("patient", 2), str(uuid4())),),
    ),)))  # fmt: skip
    asked = {"programs": [PROGRAM], "now": evening}
    with asking(project(MODEL, log, projector), projector) as cursor:
        found = alerts(cursor, **asked)
        assert [(one.kind, one.age_days) for one in found] == [("safety_item", 0), ("parked", 0)]
        assert [(one.kind, one.alerts, one.oldest_days) for one in counts(cursor, **asked)] == [
            ("parked", 1, 0), ("safety_item", 1, 0),
        ]  # fmt: skip
        assert [one.kind for one in risk(cursor, **asked, patient_id=PATIENT).open] == ["safety_item"]
