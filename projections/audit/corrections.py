"""The values of the corrections among entries of the trail, from the log."""

from __future__ import annotations

from collections.abc import Sequence

from iop_es.engine.log import Log
from projections.audit.values import details
from projections.audit.views import Entry


def with_values(log: Log, found: Sequence[Entry]) -> list[Entry]:
    """The same entries, each correction with its values; that they are read is on record already."""
    corrected = dict.fromkeys(entry.stream for entry in found if entry.kind == "correction")
    told = details([fact for facts in log.streams(list(corrected)).values() for fact in facts]) if corrected else {}
    return [
        entry.model_copy(update={"changes": told[entry.position].changes})
        if entry.kind == "correction" and entry.position in told else entry
        for entry in found
    ]
