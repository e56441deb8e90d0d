"""Documents on paper: who may have them, on whose record it stands, and what they say as of any moment."""

from __future__ import annotations

import io

import msgspec
import pypdf
import pytest
from httpx import Response

from aggregates.note.commands import AmendNote
from aggregates.note.facts import NoteContent, Section
from api.commands.handle import Commands
from api.commands.order import Order
from iop_es.demo.policies import load_policy
from projections.chart import reading
from tests.api.clinic import FAMILY, POLICY, REST, STRANGER, at, draft, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_documentation import SHARED, acts, closed, documented, part, sections
from tests.api.test_gate import last_read
from tests.api.test_problems import problem


def group(house: House, number: int, patients: int = 3) -> tuple[str, list[str]]:
    """A closed session with its narrative and parts, all signed; answers it and the documents, narrative first."""
    session = closed(house, number, range(1, patients + 1))
    answer = documented(house, session, *(part(one) for one in range(1, patients + 1)))
    house.signed("clinician", *acts(answer))
    return session, [one["note_id"] for one in answer["documents"]]


def pages(response: Response) -> list[str]:
    """The text of each page of a PDF."""
    assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf"), response.text
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(response.content)).pages]


def correct(house: House, note: str, number: int, section: str, words: str) -> None:
    """Tells of a correction that its author signed elsewhere."""
    command = AmendNote(
        note_id=note, amendment_id=an_id("amendment", number), kind="correction", section=section, cause="wrong-word",
        content=NoteContent(sections=(Section(name=section, words=words),)),
    )
    order = Order(
        command=command, by=house.person("clinician"), role="clinician", programs=frozenset({PROGRAM}),
        key=f"correction:{number}", digest=b"0" * 32, request=None,
    )
    Commands(house.log).handle(order)


def test_a_part_is_printed_with_the_session_the_narrative_and_verified_signatures(house: House) -> None:
    """Both signatures verify; times, minutes and head-count are the session's; the page says whose it is."""
    _, [_, note, other] = group(house, 971, 2)
    [page] = pages(house.get("clinician", f"/notes/{note}/print", format="pdf"))
    assert page.count("Electronic signature, verified.") == 2
    assert page.count("Miriam Hale, LCSW") >= 2 and "Authorship: wrote this and answers for it." in page
    assert "90 minutes without breaks" in page and "Participants 2, of all payers" in page
    assert f"{FAMILY}01, Ada · born 1984-07-13" in page and "page 1 of 1" in page
    assert SHARED[0]["words"] in page and sections(1)[0]["words"] in page
    assert sections(2)[0]["words"] not in page
    shown = house.get("clinician", f"/notes/{other}/print")
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    assert sections(2)[0]["words"] in shown.text and sections(1)[0]["words"] not in shown.text


def test_a_session_is_printed_patient_by_patient(house: House) -> None:
    """As many sets of pages as patients, each with the narrative and one part alone, by name."""
    session, _ = group(house, 972)
    found = pages(house.get("clinician", f"/sessions/{session}/notes/print", format="pdf"))
    assert [f"{FAMILY}0{number}" in page for number, page in enumerate(found, 1)] == [True] * 3
    for number, page in enumerate(found, 1):
        assert page.count(SHARED[0]["words"]) == 1 and "page 1 of 1" in page
        assert [sections(one)[0]["words"] in page for one in (1, 2, 3)] == [one == number for one in (1, 2, 3)]


def test_a_chart_is_printed_for_its_dates_with_contents(own_house: House) -> None:
    """Documents of the dates only, counted through; those of a program out of reach are not in it."""
    group(own_house, 973)
    draft(own_house, note=973, words="yesterday's words")
    path, days = f"/patients/{an_id('patient')}/chart", {"from": on(-1), "through": on()}
    first, *rest = pages(own_house.get("privacy_officer", path, format="pdf", **days))
    assert [line[:10] for line in first.splitlines() if line.startswith("20")] == [on(-1), on()]
    assert "yesterday's words" in rest[0] and "DRAFT, NOT SIGNED" in rest[0]
    assert all(f"page {number} of {len(rest) + 1}" in page for number, page in enumerate((first, *rest), 1))
    [*_, today] = pages(own_house.get("clinician", path, format="pdf", **{"from": on(), "through": on()}))
    assert "yesterday's words" not in today
    empty = own_house.get("clinician", path, **{"from": "2020-01-01", "through": "2020-01-02"})
    assert "No document in this time." in empty.text
    backwards = problem(own_house.get("clinician", path, **{"from": on(), "through": on(-1)}), 422, "invalid")
    assert [one["field"] for one in backwards["errors"]] == ["query.through"]


def test_a_print_as_of_a_moment_is_what_it_was_and_the_original_stays(house: House) -> None:
    """Before the correction the same bytes as then; after it, the original struck beside what corrects it."""
    _, [narrative, note] = group(house, 974, 1)
    before, path = house.log.head().position, f"/notes/{note}/print"
    then = house.get("clinician", path, format="pdf").content
    correct(house, note, 974, "plan", "Next: rest.")
    correct(house, narrative, 975, "topic", "Late signs.")
    assert house.get("clinician", path, format="pdf", as_of=before).content == then
    page = "\n".join(pages(house.get("clinician", path, format="pdf")))
    original = next(one["words"] for one in sections(1) if one["name"] == "plan")
    assert page.index(original) < page.index("Next: rest.")
    assert "Correction of Plan" in page and "by Miriam Hale; reason: Wrong word." in page
    assert "The shared narrative was amended after it was signed" in page
    assert (page.count("Electronic signature, verified."), page.count("Told, made elsewhere")) == (2, 2)
    assert house.get("clinician", path, format="pdf").content == house.get("clinician", path, format="pdf").content


def test_the_differences_between_two_moments(house: House) -> None:
    """As data: words, signatures and amendments that came; on paper the same."""
    note = draft(house, note=976, words="slept badly")
    first = house.log.head().position
    etag = house.get("clinician", f"/notes/{note}").headers["ETag"]
    changed = {"content": {"sections": [{"name": "data", "words": "slept well"}, *REST]}}
    house.done("clinician", f"/notes/{note}/revise", changed, If_Match=etag)
    second = house.log.head().position
    house.signed("clinician", ("note.sign", {"note_id": note}))
    path = f"/notes/{note}/differences"
    found = house.found("clinician", path, since=first)
    assert [(one["change"], one["words"]) for one in found["sections"][0]["runs"]] == [
        ("same", "slept "), ("removed", "badly"), ("added", "well"),
    ]  # fmt: skip
    assert [one["standing"] for one in found["signatures"]] == ["verified"]
    assert (found["phase_then"], found["phase_now"]) == ("draft", "signed")
    assert house.found("clinician", path, since=first, as_of=second)["signatures"] == []
    assert "<del>badly</del><ins>well</ins>" in house.get("clinician", path, since=first, format="html").text
    [page] = pages(house.get("clinician", path, since=first, format="pdf"))
    assert "badly" in page and "Electronic signature, verified." in page
    reversed_ = problem(house.get("clinician", path, since=second, as_of=first), 422, "invalid")
    assert [one["field"] for one in reversed_["errors"]] == ["query.as_of"]
    problem(house.get("clinician", path), 422, "invalid")
    problem(house.get("clinician", path, since=999_999_999), 422, "not-yet-known")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/pdf", "application/pdf"), ("text/html,application/pdf;q=0.5", "text/html; charset=utf-8"),
        ("text/html;q=0.1, application/pdf;q=0.9", "application/pdf"), ("*/*", "text/html; charset=utf-8"),
        ("application/pdf;q=0, */*", "text/html; charset=utf-8"),
    ],
)
def test_accept_says_which_paper(house: House, accept: str, kind: str) -> None:
    """Where `format` does not; `format` goes first."""
    note = draft(house, note=978)
    voice = house.voice("clinician") | {"Accept": accept}
    found = house.client.ask("GET", f"/v1/notes/{note}/print", headers=voice)
    assert found.headers["content-type"] == kind
    assert found.headers["content-disposition"].startswith(f'inline; filename="note-{note}.')
    asked = house.client.ask("GET", f"/v1/notes/{note}/print", headers=voice, params={"format": "html"})
    assert asked.headers["content-type"] == "text/html; charset=utf-8"


def test_a_print_is_on_record_with_its_purpose_and_whose_it_was(house: House) -> None:
    """Every patient of a session's print, and the one of a document or chart; out of reach is a 404 on record."""
    session, [_, note, _] = group(house, 979, 2)
    days, head = {"from": on(-1), "through": on()}, house.log.head().position
    house.get("clinician", f"/notes/{note}/print", purpose="legal")
    read = last_read(house)
    assert (read["resource"], read["purpose"], read["outcome"]) == ("note.print", "legal", "answered")
    assert read["patients"] == [an_id("patient")]
    house.get("clinician", f"/sessions/{session}/notes/print", format="pdf", as_of=head)
    read = last_read(house)
    assert (read["resource"], read["outcome"]) == ("session.print", "answered as of")
    assert sorted(read["patients"]) == sorted([an_id("patient", 1), an_id("patient", 2)])
    house.get("privacy_officer", f"/patients/{an_id('patient')}/chart", purpose="patient_request", **days)
    read = last_read(house)
    assert (read["resource"], read["purpose"]) == ("patient.chart", "patient_request")
    assert read["patients"] == [an_id("patient")]
    for path, more in (
        (f"/notes/{note}/print", {}), (f"/sessions/{session}/notes/print", {}),
        (f"/notes/{note}/differences", {"since": 1}),
    ):
        problem(house.get("clinician", path, programs=(ELSEWHERE,), **more), 404, "not-found")
        assert last_read(house)["outcome"] == "out of reach"
    for moment in ({}, {"as_of": head}):
        problem(house.get("clinician", f"/patients/{STRANGER}/chart", **days, **moment), 404, "not-found")
        assert last_read(house)["outcome"] == "out of reach"
    problem(house.get("clinician", f"/notes/{note}/print", purpose="curiosity"), 422, "invalid")


def test_a_document_that_is_not_projected_yet_is_printed(house: House) -> None:
    """However far behind the read model is, a session's print is whole."""
    session = closed(house, 980, range(1, 3))
    house.project()
    documented(house, session, part(1))
    found = house.get("clinician", f"/sessions/{session}/notes/print", project=False, format="pdf")
    assert sections(1)[0]["words"] in pages(found)[0]


def test_a_long_chart_is_asked_for_in_parts(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal says how many there are and how many go into one print; the read is on record all the same."""
    monkeypatch.setattr(reading, "MOST", 1)
    for number in (981, 982):
        draft(own_house, note=number)
    path, days = f"/patients/{an_id('patient')}/chart", {"from": on(-1), "through": on()}
    found = problem(own_house.get("clinician", path, **days), 422, "invalid")
    assert [one["message"] for one in found["errors"]] == ["Holds 2 documents; ask for at most 1 in one print"]
    assert last_read(own_house)["patients"] == [an_id("patient")]


def test_a_chart_leaves_out_what_another_program_wrote(own_house: House) -> None:
    """Who acts in one of a patient's two programs gets that one's documents; who acts in both gets all."""
    both = (PROGRAM, ELSEWHERE)
    own_house.done("front_desk", "/enrollments", {
        "enrollment_id": an_id("enrollment", 983), "patient_id": an_id("patient"), "program_id": ELSEWHERE,
        "referred_on": on(-5), "source": "hospital",
    }, programs=both)  # fmt: skip
    draft(own_house, note=983, words="here")
    theirs = {
        "note_id": an_id("note", 984), "kind": "individual", "program_id": ELSEWHERE, "service_date": on(-1),
        "service_ended_at": at("10:00", -1), "patient_id": an_id("patient"), "enrollment_id": an_id("enrollment", 983),
        "service_kind": "individual", "content": {"sections": [{"name": "data", "words": "over there"}]},
    }  # fmt: skip
    own_house.done("clinician", "/notes", theirs, programs=both)
    path, days = f"/patients/{an_id('patient')}/chart", {"from": on(-1), "through": on()}
    for programs, words in (((PROGRAM,), [True, False]), ((ELSEWHERE,), [False, True]), (both, [True, True])):
        found = own_house.get("clinician", path, programs=programs, **days).text
        assert [">here<" in found, ">over there<" in found] == words


def test_a_late_signature_is_marked_by_the_payers_window_as_it_was_known(own_house: House) -> None:
    """Signed nine days after, within 72 hours; before the payer's window became longer the paper said so, and still
    does as of then."""
    note = draft(own_house, note=987, service_date=on(-9), service_ended_at=at("10:00", -9))
    own_house.signed("clinician", ("note.sign", {"note_id": note}))
    path, before = f"/notes/{note}/print", own_house.log.head().position
    late = own_house.get("clinician", path).text
    assert "Late: the payer&#39;s window, which nobody verified, ended at" in late and "no reason given." in late
    terms = msgspec.to_builtins(load_policy("commercial_mental_health"))["terms"] | {"signature_hours": 24 * 30}
    revision = {"effective_from": on(-9), "terms": terms, "cause": "new_terms"}
    version = own_house.get("biller", f"/streams/{POLICY}").headers["ETag"]
    own_house.done("biller", f"/payer-policies/{POLICY}/revise", revision, If_Match=version)
    assert "Late: " not in own_house.get("clinician", path).text
    assert own_house.get("clinician", path, as_of=before).text == late


def test_a_lapse_that_was_told_later_marks_the_signer_from_then_on(own_house: House) -> None:
    """As of a moment before it, the print is what it was."""
    _, [_, note] = group(own_house, 985, 1)
    before, path = own_house.log.head().position, f"/notes/{note}/print"
    then = own_house.get("clinician", path, format="pdf").content
    lapse = {"credential_id": an_id("credential-clinician"), "lapsed_on": on(-3), "cause": "not-renewed"}
    whose = f"/clinicians/{an_id('clinician')}"
    own_house.done("director", f"{whose}/lapse-credential", lapse, programs=(PROGRAM, ELSEWHERE))
    lapsed = own_house.log.head().position
    now = own_house.get("clinician", path).text
    assert "Lapsed signer: by what is known now" in now and f"As recorded through fact {lapsed} of" in now
    own_house.done("front_desk", "/enrollments", {
        "enrollment_id": an_id("enrollment", 986), "patient_id": an_id("patient", 2), "program_id": ELSEWHERE,
        "referred_on": on(-5), "source": "hospital",
    }, programs=(PROGRAM, ELSEWHERE))  # fmt: skip
    assert own_house.get("clinician", path).text == now
    assert own_house.get("clinician", path, format="pdf", as_of=before).content == then
