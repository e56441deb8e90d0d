"""A narrative that was amended says so in each chart that carries it: in the document and in lists of documents."""

from __future__ import annotations

import json
from typing import Any

from tests.api.house import ELSEWHERE, House, an_id
from tests.api.test_documentation import acts, closed, documented, part

FIRST, SECOND = an_id("patient", 1), an_id("patient", 2)


def corrected(house: House, narrative: str, number: int) -> dict[str, Any]:
    """Corrects the topic of a narrative; answers the notice that follows."""
    house.signed("clinician", ("note.amend", {
        "note_id": narrative, "amendment_id": an_id(f"notice-{narrative}", number), "kind": "correction",
        "section": "topic", "cause": "slip",
        "content": {"sections": [{"name": "topic", "words": "Noticing late signs of a hard day."}]},
    }))  # fmt: skip
    return {
        "amendment_id": an_id(f"notice-{narrative}", number), "kind": "correction", "section": "topic",
        "author_id": an_id("clinician"),
    }  # fmt: skip


def told(notices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The notices without their times."""
    return [{name: value for name, value in one.items() if not name.endswith("_at")} for one in notices]


def test_an_amended_narrative_is_told_in_each_chart_that_carries_it(own_house: House) -> None:
    """Of what came after the part's signature, now and as of a moment, without a word of it; read it is as a read of
    the part, in the caller's programs."""
    house, session = own_house, closed(own_house, 781, range(1, 3))
    answer = documented(house, session, part(1), part(2))
    narrative, mine, theirs = (one["note_id"] for one in answer["documents"])
    house.signed("clinician", *acts(answer)[:2])
    first = corrected(house, narrative, 1)
    between = house.log.head().position
    house.signed("clinician", acts(answer)[2])
    second = corrected(house, narrative, 2)

    found = house.found("clinician", f"/notes/{mine}")["narrative_amendments"]
    assert told(found) == [first, second]
    assert [one["signed_at"] for one in found] == [
        one["signed_at"] for one in house.found("clinician", f"/notes/{narrative}/signatures")["signatures"][1:]
    ]
    assert told(house.found("clinician", f"/notes/{theirs}")["narrative_amendments"]) == [second]
    assert house.found("clinician", f"/notes/{narrative}")["narrative_amendments"] == []
    assert told(house.found("clinician", f"/notes/{mine}", as_of=between)["narrative_amendments"]) == [first]
    assert house.found("clinician", f"/notes/{theirs}", as_of=between)["narrative_amendments"] == []

    for patient, note, notices in ((FIRST, mine, [first, second]), (SECOND, theirs, [second])):
        for path in (f"/patients/{patient}/notes", f"/sessions/{session}/notes"):
            listed = {one["note_id"]: one for one in house.found("clinician", path)}
            assert told(listed[note]["narrative_amendments"]) == notices
            then = {one["note_id"]: one for one in house.found("clinician", path, as_of=between)}
            assert told(then[note]["narrative_amendments"]) == notices[: len(notices) - 1]
    assert house.get("clinician", f"/notes/{mine}", programs=(ELSEWHERE,)).status_code == 404
    reads = house.found("auditor", f"/patients/{SECOND}/reads", limit=500)
    assert [one["resource"] for one in reads].count("note.read") == 2


def test_a_wrong_goal_in_a_signed_part_is_corrected_by_a_signed_amendment(own_house: House) -> None:
    """The document names the right one from then on, and what was signed stays to be read and verified."""
    house, session = own_house, closed(own_house, 782, range(1, 3))
    answer = documented(house, session, part(1, goals=["goal-9"]))
    house.signed("clinician", *acts(answer))
    note, before = answer["documents"][1]["note_id"], house.log.head().position
    house.signed("clinician", ("note.amend", {
        "note_id": note, "amendment_id": an_id("notice-goals"), "kind": "correction", "section": "goals",
        "cause": "wrong_goal", "goals": ["goal-1"],
    }))  # fmt: skip
    found = house.found("clinician", f"/notes/{note}")
    assert found["goals"] == ["goal-1"]
    assert [one["goals"] for one in found["wordings"]] == [["goal-9"], ["goal-1"]]
    assert house.found("clinician", f"/notes/{note}", as_of=before)["goals"] == ["goal-9"]
    signatures = house.found("clinician", f"/notes/{note}/signatures")["signatures"]
    assert [(one["standing"], one["broken"]) for one in signatures] == [("verified", [])] * 2
    paper = house.get("clinician", f"/notes/{note}/print", format="html").text
    assert "corrected below" in paper and "Correction of Goals" in paper
    proofs = house.found("clinician", f"/notes/{note}/signatures/envelopes")
    assert '"goals":["goal-1"]' in json.dumps(proofs, separators=(",", ":")).replace('\\"', '"')


def test_a_narrative_written_anew_under_a_signed_part_is_told_too(own_house: House) -> None:
    """Signed over a draft, a part keeps to what that said: its signature says that the narrative no longer says so, and
    each list and document tells of it; then as now."""
    house, session = own_house, closed(own_house, 782, range(1, 3))
    answer = documented(house, session, part(1), part(2))
    narrative, mine, theirs = (one["note_id"] for one in answer["documents"])
    house.signed("clinician", ("note.sign", {"note_id": mine}))
    between = house.log.head().position
    assert covered(house, mine) == [(True, True)]
    other = [{"name": "topic", "words": "All new."}, {"name": "interventions", "words": "Something else."}]
    version = house.found("clinician", f"/notes/{narrative}")["version"]
    house.done(
        "clinician", f"/notes/{narrative}/revise", {"content": {"sections": other}}, If_Match=f'"{version}"'
    )
    house.signed("clinician", ("note.sign", {"note_id": narrative}), ("note.sign", {"note_id": theirs}))
    assert covered(house, mine) == [(True, False)]
    assert covered(house, mine, as_of=between) == [(True, True)]
    assert covered(house, theirs) == [(True, True)]
    assert covered(house, narrative) == [(True, None)]

    notice = {"amendment_id": None, "kind": "rewritten", "section": None, "author_id": an_id("clinician")}
    found = house.found("clinician", f"/notes/{mine}")["narrative_amendments"]
    assert (told(found), found[0]["signed_at"]) == ([notice], None)
    assert house.found("clinician", f"/notes/{theirs}")["narrative_amendments"] == []
    assert house.found("clinician", f"/notes/{mine}", as_of=between)["narrative_amendments"] == []
    for path in (f"/patients/{FIRST}/notes", f"/sessions/{session}/notes"):
        listed = {one["note_id"]: one for one in house.found("clinician", path)}
        assert listed[mine]["narrative_amendments"] == found
        assert {one["note_id"]: one for one in house.found("clinician", path, as_of=between)}[mine][
            "narrative_amendments"
        ] == []


def covered(house: House, note: str, **when: int) -> list[tuple[bool, bool | None]]:
    """Of each signature, whether it covers the document as it reads, and the narrative as it reads."""
    found = house.found("clinician", f"/notes/{note}/signatures", **when)["signatures"]
    return [(one["covers_current"], one["covers_narrative"]) for one in found]
