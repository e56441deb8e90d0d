"""The story that read models are tested with says whose a fact is and reaches the log whole."""

from aggregates.session.facts import PatientExpected, SessionStarted
from iop_es.engine.log import Log
from tests.projections.story import Story, an_id


def test_a_session_fact_is_indexed_to_the_roster_that_was_told(log: Log) -> None:
    """A fact of the whole session reaches each patient whose attendance id was stated before."""
    story = Story()
    for number in (1, 2):
        story.tell(
            an_id("session"),
            PatientExpected(
                patient_id=an_id("patient", number), attendance_id=an_id("attendance", number),
                enrollment_id=an_id("enrollment", number), program_id=an_id("program"), service_kind="group",
                service_date="2026-03-02", starts_at="2026-03-02T14:00:00Z", ends_at="2026-03-02T17:00:00Z",
                scheduled_minutes=180, cause="roster",
            ),
        )
    story.tell(an_id("session"), SessionStarted(started_at="2026-03-02T14:00:00Z", facilitators=(), topic="coping"))
    story.append(log)
    stored = log.of_patient(an_id("patient", 2))
    assert [fact.position for fact in stored] == [2, 3]
    assert stored[-1].patients == (an_id("patient", 2),)
    assert log.after(2, 1)[0].patients == (an_id("patient", 1), an_id("patient", 2))
