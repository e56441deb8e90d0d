"""Is this patient getting better, by more than chance, and who needs someone today? For clinicians, programs, payers.

A measure is one administration of an instrument that was not voided, judged against the baseline of its own episode.
Two versions of an instrument never stand in one trend. A missing measure is missing, never zero.
"""

from projections.outcomes.model import MODEL

__all__ = ["MODEL"]
