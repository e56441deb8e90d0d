"""Which sections a packet has: each item in one way, each kind of document in one of them."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from aggregates.dispute.tracks import ITEMS as ASKED
from aggregates.dispute.tracks import UNASKED, WITHIN
from aggregates.note.facts import DocumentKind
from projections.packet.contents import SECTIONS
from projections.packet.documents import DOCUMENTS
from projections.packet.items import ITEMS, TITLES


def test_every_kind_of_document_has_its_section() -> None:
    """Each one, but for the narrative of a group, which stands with the note of each member."""
    found = Counter(kind for one in DOCUMENTS for kind in one.kinds)
    assert {*found} == {*get_args(DocumentKind)} - {"group_narrative"}
    assert {*found.values()} == {1}


def test_what_nobody_can_ask_for_is_what_tells_of_no_patient() -> None:
    """The letter and the payer's own terms; all else has a name that a request can name, and a title."""
    assert {*ITEMS} - {*ASKED} == UNASKED
    assert {*ITEMS} == {*TITLES}
    assert {each for one in WITHIN.values() for each in one} <= {*SECTIONS}
