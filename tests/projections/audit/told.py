"""A story's facts as the log keeps them, and the trail's entries of them, without a database."""

from __future__ import annotations

from iop_es.engine.log import StoredFact
from projections.audit import MODEL
from projections.audit.model import ENTRY
from projections.audit.views import Entry
from tests.projections.story import Story, folded


def stored(story: Story, *names: str) -> list[StoredFact]:
    """The facts, or those of some names, opened."""
    return [
        StoredFact(
            one.position, one.stream, one.version, one.topic, one.state, one.sealed, one.context,
            f"{one.recorded_at}\n".encode(), tuple(patient for patient, _ in one.patients),
        )
        for one in story.facts if not names or one.name in names
    ]  # fmt: skip


def entries(story: Story) -> list[Entry]:
    """An entry a fact, oldest first."""
    rows = folded(MODEL, story.recorded(MODEL)).rows["entry"]
    told = (dict(zip(ENTRY.columns[:-1], row[:-1], strict=True)) for [row] in rows.values())
    return [Entry(**one, late=False, program_id=None, patient_ids=()) for one in told]
