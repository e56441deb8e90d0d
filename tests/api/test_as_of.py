"""What was known then: as of any position, every query about one patient or thing answers what it answered there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from httpx import Response

from aggregates import codec
from aggregates.account.streams import account_of
from aggregates.risk.streams import risk_of
from api.routes.record import folded
from tests.api.clinic import PAYER, POLICY, STRANGER, at, attendance, draft, morning, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_gate import last_read
from tests.api.test_permissions import queries
from tests.api.test_problems import problem

PATIENT, SESSION, CLAIM = an_id("patient", 13), an_id("session", 901), an_id("claim", 901)
NOTE, NARRATIVE = an_id("note", 901), an_id("note", 902)
STAYED = [{"start": at("09:00", -1), "stop": at("12:30", -1)}]
"""Patient 13's day, from the start of the session to its end."""
MONDAY = (date.fromisoformat(on(-1)) - timedelta(date.fromisoformat(on(-1)).weekday())).isoformat()
ASKED = (
    ("biller", f"/patients/{PATIENT}/weeks/{MONDAY}"),
    ("biller", f"/patients/{PATIENT}/days"),
    ("biller", f"/patients/{PATIENT}/days/{on(-1)}"),
    ("biller", f"/patients/{PATIENT}/authorizations"),
    ("biller", f"/patients/{PATIENT}/claims"),
    ("biller", f"/claims/{CLAIM}"),
    ("biller", f"/billing/accounts/{PATIENT}"),
    ("privacy_officer", f"/patients/{PATIENT}/disclosures?kind=part2"),
    ("clinician", f"/patients/{PATIENT}/summary"),
    ("clinician", f"/patients/{PATIENT}/outcomes"),
    ("clinician", f"/patients/{PATIENT}/risk"),
    ("utilization_reviewer", f"/patients/{PATIENT}/risk"),
    ("clinician", f"/patients/{PATIENT}/outcomes/phq-9.json"),
    ("utilization_reviewer", f"/patients/{PATIENT}/continued-stay"),
    ("clinician", f"/patients/{PATIENT}/notes"),
    ("privacy_officer", f"/patients/{PATIENT}/notes"),
    ("clinician", f"/patients/{PATIENT}/notes?limit=1"),
    ("clinician", f"/patients/{PATIENT}/identity"),
    ("director", f"/patients/{PATIENT}/identity"),
    ("clinician", f"/sessions/{SESSION}"),
    ("front_desk", f"/sessions/{SESSION}"),
    ("clinician", f"/sessions/{SESSION}/notes"),
    ("clinician", f"/notes/{NOTE}"),
    ("clinician", f"/notes/{NARRATIVE}"),
    ("clinician", f"/notes/{NOTE}/signatures"),
    *(("clinician", f"/streams/{one}") for one in (PATIENT, SESSION, NOTE, CLAIM, POLICY)),
    ("director", f"/streams/{PATIENT}"),
)
WITH_AS_OF = {
    "account.unmatched", "audit.counts", "audit.disclosures", "audit.entries", "audit.export", "audit.stream",
    "billing.account", "billing.claim", "billing.patient_authorizations", "billing.patient_claims",
    "billing.patient_day", "billing.patient_days", "billing.patient_week", "billing.self_audit",
    "caseload.patient_notes",
    "caseload.patient_summary", "caseload.session", "caseload.session_notes", "note.differences", "note.envelopes",
    "note.print", "note.read", "note.signatures", "outcomes.patient", "outcomes.patient_picture", "outcomes.risk",
    "patient.chart", "patient.continued_stay", "patient.continued_stay_print", "patient.identity", "session.print",
    "stream.version",
}  # fmt: skip
WITHOUT = {"audit.changes", "audit.reads", "caseload.session_documentation", "outcomes.expected"}
"""About one patient or session all the same: the reads are no facts, changes have two moments of their own, what is
still to be done is of now, and what to expect rests on other patients' episodes, which one patient's history does not
hold."""


class Remembered(dict[tuple[int, str, str], tuple[int, Any, str | None]]):
    """What each query answered when the log ended at a position; `now` and the request's id are set aside."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self._house, self._done = house, house.done
        monkeypatch.setattr(house, "done", self.done)
        self.ask()

    def done(self, role: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """Orders a command, and asks everything where the log ends then."""
        reply = self._done(role, path, body, **more)
        self.ask()
        return reply

    def ask(self) -> None:
        """Asks everything now."""
        self._house.project()
        head = self._house.log.head().position
        self.update({(head, *one): compared(asked(self._house, *one)) for one in ASKED})


def asked(house: House, role: str, address: str, **more: Any) -> Response:
    """Asks for an address with its parameters, of read models as they are."""
    path, _, parameters = address.partition("?")
    return house.get(role, path, project=False, **dict(parse_qsl(parameters)), **more)


def compared(response: Response) -> tuple[int, Any, str | None]:
    """Status, body and ETag, without what differs by nature."""
    body = {name: value for name, value in response.json().items() if name not in ("now", "request")}
    return response.status_code, body, response.headers.get("ETag")


def a_life(house: House) -> None:
    """Patient 13 comes, is renamed and billed."""
    a_day(house)
    known = house.get("front_desk", f"/patients/{PATIENT}/identity")
    house.done("front_desk", f"/patients/{PATIENT}/correct-demographics", {
        "identity": known.json()["item"]["identity"] | {"family_name": "Renamed"}, "cause": "married",
    }, If_Match=known.headers["ETag"])  # fmt: skip
    _bill(house)


def a_day(house: House) -> None:
    """Patient 13 is taken in, comes yesterday and is written about; patient 14 sits in the same session."""
    take_in(house, 13)
    morning(house, session=901, patients=range(13, 15), days=-1)
    house.done("clinician", f"/sessions/{SESSION}/take-roster", {"started_at": at("09:00", -1)})
    etag = house.get("clinician", f"/sessions/{SESSION}").headers["ETag"]
    house.done("clinician", f"/sessions/{SESSION}/close", {"ended_at": at("12:30", -1), "everyone_else_stayed": True},
               If_Match=etag)
    draft(house, note=903, patient=13, words="earlier", service_date=on(-2), service_ended_at=at("10:00", -2))
    house.done("clinician", "/notes", {
        "note_id": NARRATIVE, "kind": "group_narrative", "program_id": PROGRAM, "author_id": an_id("clinician"),
        "service_date": on(-1), "service_ended_at": at("12:30", -1), "session_id": SESSION,
        "content": {"sections": [{"name": "data", "words": "all of them"}]},
    })  # fmt: skip
    draft(house, note=901, patient=13, session_id=SESSION, attendance_id=attendance(901, 13))
    note = house.get("clinician", f"/notes/{NOTE}")
    house.signed("clinician", ("note.sign", {"note_id": NOTE, "content_digest": note.json()["item"]["content_digest"]}))
    house.done("clinician", "/assessments", {
        "patient_id": PATIENT, "enrollment_id": an_id("enrollment", 13), "program_id": PROGRAM, "instrument": "phq-9",
        "instrument_version": "1", "administered_on": on(-1), "administered_at": at("09:00", -1),
        "occasion": "baseline", "respondent": "patient", "items": [2] * 8 + [1],
    })  # fmt: skip
    _see_to(house)


def correct(house: House, status: str, **more: Any) -> None:
    """Patient 13 was there after all, or was not; no read model has seen that yet."""
    etag = house.get("clinician", f"/sessions/{SESSION}").headers["ETag"]
    house.done("clinician", f"/sessions/{SESSION}/correct-attendance", {
        "attendance_id": attendance(901, 13), "status": status, "cause": "entry_error", "explanation": "Mixed up.",
    } | more, If_Match=etag)  # fmt: skip


def verify_terms(house: House) -> None:
    """By the director; the biller published them."""
    terms = folded("payer_policy", house.log.streams([POLICY])[POLICY]).unverified_on(on(-1))
    house.done("director", f"/payer-policies/{POLICY}/verify", {
        "verified_on": on(-1), "source": "The payer's manual", "fields": list(terms),
    })  # fmt: skip


def _see_to(house: House) -> None:
    """The answer to item 9 is talked about with the patient, and the alert cleared."""
    risk_id, who = risk_of(PATIENT), {"patient_id": PATIENT, "program_id": PROGRAM}
    house.done("clinician", f"/risks/{risk_id}/assess", who | {
        "assessed_at": at("10:00", -1), "level": "low", "basis": ["interview"], "words": "No plan, no means.",
    })  # fmt: skip
    (open_one,) = house.found("clinician", f"/patients/{PATIENT}/risk")["open"]
    house.done("clinician", f"/risks/{risk_id}/acknowledge-alert", who | {
        "alert": open_one["alert"], "outcome": "cleared", "cause": "talked-with-patient",
    })  # fmt: skip


def _bill(house: House) -> None:
    """The terms are verified, a claim is prepared and submitted."""
    verify_terms(house)
    line = {"line": 1, "service_date": on(-1), "level_of_care": "intensive_outpatient", "revenue_code": "0905",
            "procedure_code": "S9480", "units": 1, "charge_cents": 10_000,
            "authorization_id": an_id("authorization", 13), "authorization_units": [1]}
    house.ordered("biller", "claim.prepare", {
        "claim_id": CLAIM, "patient_id": PATIENT, "enrollment_id": an_id("enrollment", 13), "program_id": PROGRAM,
        "payer_id": PAYER, "policy_id": POLICY, "form": "837I", "type_of_bill": "131", "frequency": "1",
        "from_date": on(-1), "through_date": on(-1), "lines": [line], "total_cents": 10_000,
        "decided_at": house.log.head().position,
    })  # fmt: skip
    _answer(house)


def _answer(house: House) -> None:
    """It is sent, answered in part, posted; some of the rest is written off."""
    sent = {"submitted_at": at("13:00", -1), "batch": "b", "control_number": "c"}
    house.done("biller", f"/claims/{CLAIM}/submit", sent)
    reduced = {"group": "CO", "carc": "197", "amount_cents": 4_000}
    house.done("biller", f"/claims/{CLAIM}/adjudicate", {
        "adjudicated_on": on(-1), "payer_control_number": "p", "paid_cents": 6_000, "trace_number": "EFT-1",
        "lines": [{"line": 1, "paid_cents": 6_000, "adjustments": [reduced]}],
    })  # fmt: skip
    account = account_of(PATIENT)
    house.done("biller", f"/accounts/{account}/post-remittance", {
        "claim_id": CLAIM, "trace_number": "EFT-1", "remittance_on": on(-1),
    })  # fmt: skip
    it = {
        "write_off_id": an_id("write_off"), "claim_id": CLAIM, "line": 1, "share": "payer", "amount_cents": 1_000,
        "cause": "small-balance",
    }  # fmt: skip
    alone = house.post("director", f"/accounts/{account}/write-off-balance", it | {"requested_by": an_id("biller")})
    problem(alone, 422, "invalid")
    problem(house.post("director", f"/accounts/{account}/write-off-balance", it), 404, "not-found")
    house.done("biller", f"/accounts/{account}/request-write-off", it)
    house.done("director", f"/accounts/{account}/write-off-balance", it)


def test_as_of_a_position_is_what_was_answered_there(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each command everything is asked; at the end each answer comes out again, a 404 as a 404."""
    take_in(own_house, 14)
    remembered = Remembered(own_house, monkeypatch)
    a_life(own_house)
    statuses: dict[tuple[str, str], set[int]] = {}
    for (position, role, path), answer in remembered.items():
        again = asked(own_house, role, path, as_of=position)
        assert compared(again) == answer, (position, role, path)
        statuses.setdefault((role, path), set()).add(answer[0])
    assert {one for one, found in statuses.items() if found != {200, 404}} == {("clinician", f"/streams/{POLICY}")}
    assert len({position for position, *_ in remembered}) > 15
    head = own_house.log.head().position
    first = asked(own_house, "clinician", f"/patients/{PATIENT}/notes?limit=1", as_of=head)
    assert (len(first.json()["items"]), first.json()["next"]) == (1, first.json()["items"][0]["cursor"])
    after = asked(own_house, "clinician", f"/patients/{PATIENT}/notes", as_of=head, after=first.json()["next"])
    assert [one["note_id"] for one in after.json()["items"]] == [NOTE]


def test_every_query_with_a_history_takes_a_moment(house: House) -> None:
    """Which take `as_of`; what is about one patient, session, document or claim and does not is named."""
    described = queries(house)
    given = {
        name for name, (_, operation) in described.items()
        if any(one["name"] == "as_of" for one in operation.get("parameters", ()))
    }
    assert given == WITH_AS_OF
    about_one = {
        name for name, (path, _) in described.items()
        if any(part in path for part in ("{patient_id}", "{session_id}", "{note_id}", "{claim_id}", "{stream_id}"))
    }
    assert about_one - given == WITHOUT
    for name in (one for one in given if not one.startswith("audit.")):
        assert "409" in described[name][1]["responses"], name


@pytest.mark.parametrize(("role", "path"), ASKED)
def test_what_lies_ahead_is_not_known(house: House, role: str, path: str) -> None:
    """A position or a time that has not come is refused by each of them."""
    for moment in ("999999999", "2150-01-01T00:00:00Z"):
        problem(asked(house, role, path, as_of=moment), 422, "not-yet-known")


def test_the_past_of_others_does_not_exist_either(house: House) -> None:
    """As of any moment another program's patient, session, document and claim read like unknown ones."""
    theirs = an_id("session", 902)
    house.done("front_desk", "/sessions", {
        "session_id": theirs, "program_id": ELSEWHERE, "service_kind": "individual",
        "level_of_care": "intensive_outpatient", "topic": "intake", "service_date": on(), "starts_at": at("09:00"),
        "ends_at": at("10:00"), "place_of_service": "53", "facilitators": [an_id("clinician")],
    }, programs=(PROGRAM, ELSEWHERE))  # fmt: skip
    head, nobody = house.log.head().position, an_id("nobody")
    for shape, things in (
        ("/patients/{}/notes", (STRANGER,)), ("/patients/{}/identity", (STRANGER, theirs)),
        ("/patients/{}/summary", (STRANGER,)), ("/sessions/{}", (theirs, STRANGER, an_id("enrollment", 99))),
        ("/sessions/{}/notes", (theirs, STRANGER, an_id("enrollment", 99))),
        ("/streams/{}", (STRANGER, theirs)), ("/notes/{}", (theirs,)),
    ):
        unknown = problem(house.get("clinician", shape.format(nobody), as_of=head), 404, "not-found")
        for thing in things:
            known = problem(house.get("clinician", shape.format(thing), as_of=head), 404, "not-found")
            assert known | {"request": None} == unknown | {"request": None}
    problem(house.get("clinician", f"/sessions/{theirs}", as_of=head), 404, "not-found")
    assert (last_read(house)["resource"], last_read(house)["outcome"]) == ("caseload.session", "out of reach")
    problem(house.get("biller", f"/claims/{an_id('authorization', 99)}", as_of=head), 404, "not-found")
    assert (last_read(house)["resource"], last_read(house)["outcome"]) == ("billing.claim", "out of reach")
    assert house.get("clinician", f"/sessions/{theirs}", programs=(ELSEWHERE,), as_of=head).status_code == 200


def test_the_past_is_read_on_record(house: House) -> None:
    """Each of them is written down as asked about the past, with whose record it was."""
    session = morning(house, session=903, patients=range(1, 3), days=-3)
    note, head = draft(house, note=904, patient=2), house.log.head().position
    for path, whose in (
        (f"/sessions/{session}", [an_id("patient", 1), an_id("patient", 2)]), (f"/notes/{note}", [an_id("patient", 2)]),
        (f"/patients/{an_id('patient', 2)}/identity", [an_id("patient", 2)]),
        (f"/patients/{an_id('patient', 2)}/notes", [an_id("patient", 2)]),
        (f"/streams/{note}", [an_id("patient", 2)]),
        (f"/sessions/{session}/notes", [an_id("patient", 1), an_id("patient", 2)]),
    ):
        body = house.get("clinician", path, as_of=head).json()
        assert body["position"] == head
        read = last_read(house)
        assert (read["outcome"], sorted(read["patients"])) == ("answered as of", sorted(whose)), path


def test_a_document_that_is_not_projected_yet_was_known_all_the_same(house: House) -> None:
    """As of the log's head a session's documents are complete, however far behind the read model is."""
    session = morning(house, session=905, patients=range(1, 2), days=-4)
    house.project()
    path, head = f"/sessions/{session}/notes", house.log.head().position
    first = draft(house, note=907, patient=1, session_id=session, attendance_id=attendance(905, 1), service_date=on(-4),
                  service_ended_at=at("12:30", -4))
    draft(house, note=908, patient=1)
    found = asked(house, "clinician", path, as_of=house.log.head().position).json()["items"]
    assert [(one["note_id"], one["patient_id"]) for one in found] == [(first, an_id("patient", 1))]
    assert asked(house, "clinician", path).json()["items"] == []
    assert asked(house, "clinician", path, as_of=head).json()["items"] == []
    assert last_read(house)["outcome"] == "answered as of"


def test_as_of_a_time_says_the_time(house: House) -> None:
    """The answer names the moment asked for and the last position recorded by then."""
    [*_, last] = house.log.streams([an_id("patient", 3)])[an_id("patient", 3)]
    for path in (f"/patients/{an_id('patient', 3)}/identity", f"/streams/{an_id('patient', 3)}"):
        body = house.get("clinician", path, as_of=last.recorded_at).json()
        assert (body["now"], body["position"]) == (last.recorded_at, last.position)


def test_a_record_that_cannot_be_read_is_parked_then_too(own_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact that this release cannot read is a 409 from its position on, and nothing before it; 404 to others."""
    note = draft(own_house, note=905, patient=2)
    own_house.done("clinician", f"/notes/{note}/revise", {"content": {"sections": [{"name": "data", "words": "more"}]}},
                   If_Match='"1"')
    revised = own_house.log.head().position
    _forget(monkeypatch, "note.revised")
    for path in (f"/notes/{note}", f"/streams/{note}", f"/patients/{an_id('patient', 2)}/notes"):
        problem(own_house.get("clinician", path, project=False, as_of=revised), 409, "record-parked")
        assert last_read(own_house)["patients"] == [an_id("patient", 2)]
        problem(own_house.get("clinician", path, project=False, programs=(ELSEWHERE,), as_of=revised), 404, "not-found")
        assert last_read(own_house)["outcome"] == "out of reach"
        assert own_house.get("clinician", path, project=False, as_of=revised - 1).status_code == 200


def _forget(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """This release does not know a fact of this name."""
    monkeypatch.delitem(codec.FACTS, name)
    codec._decoder.cache_clear()
