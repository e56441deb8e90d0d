"""The audit trail answers who did what, to whom it may be shown, and the same after a rebuild."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from psycopg import Cursor

from aggregates.kit import FACTS
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.audit import MODEL
from projections.audit.done import delay_seconds
from projections.audit.queries import Filter, counts, history, trail
from projections.audit.things import LATER
from tests.projections.audit.past import ADULTS, ANA, BEN, DIRECTOR, NURSE, SESSION, TEENS, past
from tests.projections.audit.shared import shared
from tests.projections.story import Story, an_id, asking, folded, project, rebuild, tables

NOW = "2026-04-01T12:00:00.000000Z"
EVERYTHING: dict[str, Any] = {"programs": (ADULTS, TEENS), "now": NOW, "organization_wide": True}


@pytest.fixture
def story(simulation_log: Log) -> Story:
    """The past, in a log whose clock is the story's."""
    told = past()
    told.append(simulation_log)
    return told


@pytest.fixture
def cursor(story: Story, simulation_log: Log, simulation_projector: Pool) -> Iterator[Cursor[Any]]:
    """Looks into the projected trail."""
    with asking(project(MODEL, simulation_log, simulation_projector), simulation_projector) as opened:
        yield opened


def positions(found: list[Any]) -> list[int]:
    """Where the entries stand in the log."""
    return [entry.position for entry in found]


def test_there_is_one_entry_a_fact_newest_first(story: Story, cursor: Cursor[Any]) -> None:
    """Nothing is left out and nothing is told twice."""
    found = trail(cursor, **EVERYTHING)
    assert positions(found) == list(range(len(story.facts), 0, -1))
    assert [entry.name for entry in reversed(found)] == [told.name for told in story.facts]


def test_an_entry_tells_the_whole_envelope(cursor: Cursor[Any]) -> None:
    """Who, in which role, when true, when known, what, why, about whom, of which thing."""
    (entry,) = trail(cursor, **EVERYTHING, wanted=Filter(kinds=["correction"]))
    assert (entry.actor, entry.role, entry.reason, entry.kind) == (DIRECTOR, "director", "sheet_found", "correction")
    assert (entry.occurred_at, entry.recorded_at) == ("2026-03-03T17:00:00.000000Z", "2026-03-12T09:30:00.000000Z")
    assert (entry.late, entry.delay_seconds) == (True, 8 * 86_400 + 59_400)
    assert (entry.stream, entry.program_id, entry.patient_ids) == (SESSION, ADULTS, (ANA,))
    assert entry.words.startswith("Attendance corrected from absent to present, 0 to 165 minutes")


def test_a_program_sees_its_own_streams_only(cursor: Cursor[Any]) -> None:
    """What does not name its program belongs to that of its stream's first fact; patients belong to none."""
    adults = trail(cursor, programs=(ADULTS,), now=NOW)
    assert {entry.program_id for entry in adults} == {ADULTS}
    assert "session.started" in {entry.name for entry in adults}
    assert trail(cursor, programs=(), now=NOW) == []
    wide = trail(cursor, programs=(), now=NOW, organization_wide=True)
    assert {entry.name for entry in wide} == {"clinician.joined", "patient.registered"}


FILTERS = (
    (Filter(actor=NURSE), ["enrollment.patient_referred", "patient.registered"] * 2),
    (Filter(actor=DIRECTOR, names=["patient.registered"]), ["patient.registered"] * 2),
    (Filter(kinds=["override"]), ["group.patient_rostered"]),
    (Filter(late_only=True), ["assessment.administered", "session.attendance_corrected"]),
    (Filter(program_id=TEENS, names=["program.opened"]), ["program.opened"]),
    (Filter(recorded_from="2026-03-12", recorded_before="2026-03-13"), ["session.attendance_corrected"]),
    (Filter(recorded_from="2026-03-12", recorded_before="2026-03-12T09:30:00.000000Z"), []),
    (Filter(occurred_from="2026-03-10", occurred_before="2026-03-10T15:00:00.000000Z"), []),
    (Filter(occurred_from="2026-03-10T15:00:00.000000Z", occurred_before="2026-03-11"), ["assessment.administered"]),
    (Filter(upto=2), ["program.opened", "program.opened"]),
    (Filter(stream=SESSION, actor=DIRECTOR), ["session.attendance_corrected"]),
)


def test_a_filter_narrows(cursor: Cursor[Any]) -> None:
    """Each keeps exactly what it names, `before` is exclusive; a person is also found where others acted for them."""
    for wanted, names in FILTERS:
        assert [entry.name for entry in trail(cursor, **EVERYTHING, wanted=wanted)] == names, wanted


def test_asking_for_one_patient_shows_no_other(cursor: Cursor[Any]) -> None:
    """A session's fact belongs to everybody on its roster, and names only the patient that was asked for."""
    found = trail(cursor, **EVERYTHING, wanted=Filter(patient_id=BEN))
    assert "session.started" in {entry.name for entry in found}
    assert {entry.patient_ids for entry in found} == {(BEN,)}
    (started,) = trail(cursor, **EVERYTHING, wanted=Filter(names=["session.started"]))
    assert started.patient_ids == tuple(sorted((ANA, BEN)))


def test_pages_join_to_the_whole(story: Story, cursor: Cursor[Any]) -> None:
    """The position of a page's last entry leads to the next page."""
    seen: list[int] = []
    after = None
    while page := trail(cursor, **EVERYTHING, after=after, limit=4):
        seen += positions(page)
        after = str(page[-1].position)
    assert seen == list(range(len(story.facts), 0, -1))
    with pytest.raises(ValueError, match="position of the last entry"):
        trail(cursor, **EVERYTHING, after="page-2")


def test_the_threshold_of_late_is_the_readers(cursor: Cursor[Any]) -> None:
    """Nothing about lateness is stored but the delay."""
    (entry,) = trail(cursor, **EVERYTHING, wanted=Filter(late_only=True), late_after_seconds=6 * 86_400)
    assert entry.name == "session.attendance_corrected"


def test_history_tells_a_thing_from_its_beginning_as_of_any_position(cursor: Cursor[Any]) -> None:
    """Oldest first; as of an earlier position the later facts are not there."""
    whole = history(cursor, **EVERYTHING, stream=SESSION)
    assert [entry.version for entry in whole] == [1, 2, 3, 4, 5]
    assert history(cursor, **EVERYTHING, stream=SESSION, upto=whole[2].position) == whole[:3]
    assert history(cursor, programs=(TEENS,), now=NOW, stream=SESSION) == []


def test_counts_add_up_to_the_entries(story: Story, cursor: Cursor[Any]) -> None:
    """By whatever they are counted, they are the same entries."""
    for by in ("kind", "actor", "role", "name", "day", "program"):
        found = counts(cursor, **EVERYTHING, by=by)  # type: ignore[arg-type] # each of the names in turn
        assert (sum(one.entries for one in found), sum(one.late for one in found)) == (len(story.facts), 2)
    kinds = {one.value: one.entries for one in counts(cursor, **EVERYTHING, by="kind")}
    assert kinds == {"correction": 1, "override": 1, "write": len(story.facts) - 2}
    assert counts(cursor, **EVERYTHING, by="program")[-1].value is None


def test_a_delay_is_whole_seconds_and_may_be_negative() -> None:
    """What is recorded ahead of its time is not late."""
    at, later = "2026-03-03T23:59:59.500000Z", "2026-03-05T00:00:00.000000Z"
    assert (delay_seconds(at, later), delay_seconds(later, at), delay_seconds(at, at)) == (86_400, -86_400, 0)


def test_any_batching_and_a_rebuild_give_the_same_rows(log: Log, projector: Pool) -> None:
    """Live in batches of 1, 7 and all, in memory, and rebuilt: equal row for row."""
    story = past()
    found = []
    driver = None
    for first in (1, 8):
        Story(facts=story.facts[: 7 if first == 1 else None]).append(log, first)
        driver = project(MODEL, log, projector, batch=1 if first == 1 else 7)
    assert driver is not None
    found.append(tables(driver, projector))
    for batch in (1, 7, 5_000):
        rebuild(MODEL, log, projector, batch)
        found.append(tables(driver, projector))
    assert found[0]["entry"]
    assert all(one == found[0] for one in found[1:])


def test_folding_in_any_batches_makes_the_same_rows() -> None:
    """No document is kept, so where a batch ends plays no part."""
    facts = past().recorded(MODEL)
    whole = folded(MODEL, facts)
    assert len(whole.rows["entry"]) == len(facts)
    assert all(folded(MODEL, facts, batch) == whole for batch in (1, 7))


def test_streams_of_the_organization_have_no_program() -> None:
    """Of a stream the first fact tells its program; of a fact that names one, that program does."""
    made = folded(MODEL, past().recorded(MODEL)).rows
    rows, named = made["thing_program"], {row[7]: row[-1] for [row] in made["entry"].values()}
    assert (an_id("clinician"),) not in rows
    assert rows[(SESSION,)] == [(SESSION, ADULTS)]
    assert (named["session.started"], named["session.patient_expected"]) == (SESSION, ADULTS)


def test_of_a_stream_that_programs_share_each_sees_its_own_facts(log: Log, projector: Pool) -> None:
    """A patient's risk, money, access and a clinician's time on call: whichever program came first into the stream."""
    story = shared()
    story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        seen = {
            program: [(one.position, one.program_id) for one in trail(cursor, programs=(program,), now=NOW)][::-1]
            for program in (ADULTS, TEENS)
        }
    late = len(story.facts) // 2
    assert seen[ADULTS] == [(1, ADULTS), *((position, ADULTS) for position in range(3, 3 + late - 1))]
    assert seen[TEENS] == [(2, TEENS), *((position, TEENS) for position in range(2 + late, len(story.facts) + 1))]


def test_every_fact_of_an_account_is_of_some_program() -> None:
    """Each names one or what tells it; what could not be matched may be nobody's."""
    bare = {
        name for name, stored in FACTS.items()
        if name.startswith(("account.", "risk.")) and "program_id" not in {one.name for one in fields(stored.cls)}
    }
    assert bare == {name for name in LATER if name.startswith("account.")}
