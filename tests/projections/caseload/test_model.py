"""However facts come in, the caseload's rows are the same: live in any batches, rebuilt, or in one patient's memory."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.codec import encode
from aggregates.patient.facts import Identity, PatientRegistered
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from iop_es.engine.readmodel.model import Delta, Rows
from iop_es.engine.sealer import Part
from iop_es.engine.stored import UNREADABLE
from projections.caseload import MODEL
from projections.caseload.names import with_names
from tests.projections.caseload.whole import whole_story
from tests.projections.story import an_id, folded, project, rebuild, tables

STORY = whole_story()
FACTS = STORY.recorded(MODEL)
WHOLE = folded(MODEL, FACTS)


def test_the_story_tells_every_fact_that_is_folded() -> None:
    """Without this the tests below could pass over a fact in silence."""
    assert {fact.name for fact in FACTS} == MODEL.handles


@pytest.mark.parametrize("batch", [1, 7, 5_000])
def test_live_rows_equal_rebuilt_rows(log: Log, projector: Pool, batch: int) -> None:
    """Every table, the documents among them, is the same after batches of any size and after a rebuild."""
    STORY.append(log)
    driver = project(MODEL, log, projector, batch)
    live = tables(driver, projector)
    rebuild(MODEL, log, projector)
    assert tables(driver, projector) == live
    assert all(live[table.name] for table in MODEL.tables)


@given(st.integers(0, len(FACTS)), st.integers(1, len(FACTS)))
@settings(max_examples=40, deadline=None)
def test_a_prefix_in_any_batches_folds_to_the_same(upto: int, batch: int) -> None:
    """Rows and documents of any prefix do not depend on where the batches end."""
    assert _same(folded(MODEL, FACTS[:upto], batch), folded(MODEL, FACTS[:upto]))


@pytest.mark.parametrize("patient", [1, 2, 3])
def test_one_patients_history_makes_that_patients_rows(patient: int) -> None:
    """Of episode, coverage and name nothing differs; of an attendance only what the session told others."""
    own = folded(MODEL, STORY.recorded(MODEL, patient=an_id("patient", patient))).rows
    for table in ("patient", "coverage", "episode", "authorization"):
        place = next(one for one in MODEL.tables if one.name == table).columns.index("patient_id")
        assert _of(own, table, place, patient) == _of(WHOLE.rows, table, place, patient)
    known = {row[1]: row for row in _of(own, "attendance", 2, patient)}
    for row in _of(WHOLE.rows, "attendance", 2, patient):
        assert all(mine in (theirs, None) for mine, theirs in zip(known.pop(row[1]), row, strict=True))
    assert not known


@pytest.mark.parametrize("patient", [1, 2, 3])
def test_a_history_holds_nobody_else(patient: int) -> None:
    """Neither rows nor documents of one patient's fold name another patient."""
    own = folded(MODEL, STORY.recorded(MODEL, patient=an_id("patient", patient)))
    everything = repr(own.rows) + repr(own.documents)
    assert [number for number in (1, 2, 3) if an_id("patient", number) in everything] == [patient]


def test_names_are_kept_as_the_log_keeps_them_and_opened_in_one_place() -> None:
    """The stored bytes are the fact's own sealed bytes; opening them gives the name and nothing else."""
    identity = Identity(family_name="Stone", given_name="Ada", birth_date="1990-05-04", sex="female", phone="555-0100")
    fact = PatientRegistered(year_of_birth=1990, has_medical_record_number=False, has_address=False, sealed=identity)
    _, _, sealed = encode(fact)
    assert sealed is not None
    row = {"patient_id": an_id("patient"), "name_fact": "patient.registered", "name_version": 1, "sealed_name": sealed}
    asked: list[Part] = []

    def opening(parts: Sequence[Part]) -> list[bytes | None]:
        asked.extend(parts)
        return [part.data for part in parts]

    one, unnamed = with_names([row, row | {"sealed_name": None}], opening)
    assert one["name"].model_dump() == {"family_name": "Stone", "given_name": "Ada"}
    assert unnamed == {"patient_id": an_id("patient"), "name": None}
    assert asked == [Part(f"patient:{an_id('patient')}", an_id("patient"), 1, "patient.registered", sealed)]
    gone = with_names([row, row], lambda _: [None, UNREADABLE])
    assert [one["name"] for one in gone] == [None, None]


def _same(one: Delta, other: Delta) -> bool:
    return (one.rows, one.documents, one.uses) == (other.rows, other.documents, other.uses)


def _of(rows: Rows, table: str, place: int, patient: int) -> list[tuple[object, ...]]:
    found = [row for scope in rows.get(table, {}).values() for row in scope]
    return sorted((row for row in found if row[place] == an_id("patient", patient)), key=repr)
