"""Every query: its shape, its scope, its pages, and its answers as of an earlier moment."""

from __future__ import annotations

from typing import Any

import pytest

from api.access import QUESTIONS, looks_from_outside
from projections.outcomes.cohorts.coarse import last_month
from tests.api.clinic import GROUP, REST, STRANGER, at, attendance, draft, morning, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_permissions import PROBES, ROLES, queries
from tests.api.test_problems import problem

KNOWN = {
    "{program_id}": PROGRAM, "{patient_id}": an_id("patient"), "{session_id}": an_id("session", 201), "{date}": on(-1),
    "{monday}": "2020-01-06", "{stream_id}": GROUP, "{note_id}": an_id("note", 201), "{claim_id}": an_id("claim"),
    "{account_id}": an_id("account"), "{instrument}": "phq-9", "{kind}": "json", "{paper}": "html",
    "{dispute_id}": an_id("dispute"), "{packet_id}": an_id("packet"),
}
EMPTY = {
    "account.unmatched", "billing.account", "billing.claim", "billing.patient_week", "patient.find", "dispute.packet",
    "dispute.packets",
}
"""What this clinic has none of."""
OF_LAST_MONTH = {"outcomes.difference"}
"""What is not there from outside while nobody here had been admitted by the end of the last month."""
LAST_MONTH = last_month(at("12:00")).isoformat()

NEEDED: dict[str, dict[str, Any]] = {
    "outcomes.program": {"instrument": "phq-9"}, "outcomes.programs": {"instrument": "phq-9"},
    "outcomes.cohorts": {"instrument": "phq-9"}, "outcomes.attendance": {"instrument": "phq-9"},
    "outcomes.difference": {"instrument": "phq-9", "one": PROGRAM, "other": PROGRAM},
    "patient.find": {"medical_record_number": "nobody's"}, "note.differences": {"since": 1},
    "patient.chart": {"from": on(-30), "through": on()},
    "audit.disclosures": {"kind": "hipaa"},
    "caseload.attendance_picture": {"from": on(-30), "to": on()},
    "log.proof": {"position": 1}, "billing.self_audit": {"from_date": on(-30), "to_date": on()},
}
PRINTS = {"note.print", "patient.chart", "patient.continued_stay_print", "session.print"}
"""What is no data but paper."""
FILES = {"audit.export": "application/x-ndjson"}
"""What is no data but a file."""


@pytest.fixture(scope="module", autouse=True)
def worked(house: House) -> None:
    """Something for each list to show."""
    a_days_work(house)


def a_days_work(house: House) -> None:
    """A closed session yesterday, a draft, a measure."""
    session = morning(house, session=201, patients=range(1, 4), days=-1)
    house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00", -1)})
    version = house.found("clinician", f"/sessions/{session}")["version"]
    house.done("clinician", f"/sessions/{session}/close", {"ended_at": at("12:30", -1), "everyone_else_stayed": True},
               If_Match=f'"{version}"')
    draft(house, note=201)
    house.done("clinician", "/assessments", {
        "patient_id": an_id("patient"), "enrollment_id": an_id("enrollment"), "program_id": PROGRAM,
        "instrument": "phq-9", "instrument_version": "1", "administered_on": on(-1), "administered_at": at("09:00", -1),
        "occasion": "baseline", "respondent": "patient", "items": [2] * 8 + [0],
    })  # fmt: skip
    house.project()


def filled(path: str, **other: str) -> str:
    """The path with known ids in it."""
    for name, value in (KNOWN | {f"{{{name}}}": value for name, value in other.items()}).items():
        path = path.replace(name, value)
    return path.removeprefix("/v1")


def test_each_query_answers_its_roles_and_no_other(own_house: House) -> None:
    """Who may ask gets position, now and the answer; everybody else a 403 problem."""
    house = own_house  # what it has none of, other tests might have made
    a_days_work(house)
    for name, (path, _) in queries(house).items():
        for role in ROLES if name not in PROBES else ():
            response = house.get(role, filled(path), project=False, **NEEDED.get(name, {}))
            if role not in QUESTIONS[name].roles:
                problem(response, 403, "not-permitted")
            elif name in EMPTY or (name in OF_LAST_MONTH and looks_from_outside(role) and on(-10) > LAST_MONTH):
                problem(response, 404, "not-found")
            elif name == "log.proof":
                problem(response, 409, "not-sealed-yet")  # nobody seals this clinic's log
            else:
                assert response.status_code == 200, (name, response.text)
                if name in FILES:
                    assert response.headers["content-type"] == FILES[name]
                    continue
                if name in PRINTS:
                    assert response.headers["content-type"] == "text/html; charset=utf-8"
                    continue
                body = response.json()
                assert name == "me" or {"position", "now"} < body.keys()
                assert name == "me" or ("item" in body) != ({"items", "next"} <= body.keys())


def test_other_programs_do_not_exist(house: House) -> None:
    """A program or patient outside the token, in the path or a filter, reads exactly like one that is unknown."""
    for name, (path, operation) in queries(house).items():
        if name in PROBES:
            continue
        role = min(QUESTIONS[name].roles)
        for part, theirs in (("program_id", ELSEWHERE), ("patient_id", STRANGER)):
            in_path = f"{{{part}}}" in path
            if not in_path and part not in {one["name"] for one in operation.get("parameters", ())}:
                continue
            answers = []
            for value in (theirs, an_id("nobody")):
                where = filled(path, **{part: value}) if in_path else filled(path)
                parameters = NEEDED.get(name, {}) | ({} if in_path else {part: value})
                body = problem(house.get(role, where, project=False, **parameters), 404, "not-found")
                answers.append(body | {"request": None})
            assert answers[0] == answers[1], name


def test_single_things_of_other_programs_do_not_exist(house: House) -> None:
    """A session, note or stream of another program is a 404 too, whoever guesses its id."""
    both = (PROGRAM, ELSEWHERE)
    theirs = {"session_id": an_id("session", 299), "program_id": ELSEWHERE, "service_kind": "individual",
              "level_of_care": "intensive_outpatient", "topic": "intake", "service_date": on(),
              "starts_at": at("09:00"), "ends_at": at("10:00"), "place_of_service": "53",
              "facilitators": [an_id("clinician")]}
    house.done("front_desk", "/sessions", theirs, programs=both)
    for path in (f"/sessions/{an_id('session', 299)}", f"/streams/{an_id('session', 299)}", f"/streams/{STRANGER}",
                 f"/streams/{an_id('enrollment', 99)}", f"/streams/{an_id('nobody')}"):
        problem(house.get("clinician", path), 404, "not-found")
    assert house.found("clinician", f"/sessions/{an_id('session', 299)}", programs=both)["program_id"] == ELSEWHERE


def test_lists_hold_nothing_of_other_programs(house: House) -> None:
    """No list, whoever asks, mentions the other program or its patient."""
    for name, (path, operation) in queries(house).items():
        if name in PROBES | {"me"} or name.startswith("audit.") or name in EMPTY:
            continue
        paged: dict[str, Any] = {"limit": 500} if any(
            one["name"] == "limit" for one in operation.get("parameters", ())
        ) else {}
        parameters = NEEDED.get(name, {}) | paged
        text = house.get(min(QUESTIONS[name].roles), filled(path), project=False, **parameters).text
        assert ELSEWHERE not in text, name
        assert STRANGER not in text, name


@pytest.mark.parametrize(
    ("role", "path", "key"),
    [
        ("clinician", "/caseload/patients", "enrollment_id"),
        ("biller", "/billing/authorizations", "authorization_id"),
        ("biller", "/billing/days", "patient_id"),
        ("auditor", "/audit/entries", "position"),
        ("clinician", "/caseload/notes-to-sign", "cursor"),
    ],
)
def test_pages_follow_one_another(house: House, role: str, path: str, key: str) -> None:
    """Small pages, one after the other, are the whole list: nothing twice, nothing missed, the last one says so."""
    house.project()

    def listed(limit: int) -> list[Any]:
        rows, after = [], {}
        while after is not None and len(rows) < 10_000:
            body = house.get(role, path, limit=limit, project=False, **after).json()
            assert len(body["items"]) <= limit
            rows += [row[key] for row in body["items"]]
            after = {"after": body["next"]} if body["next"] else None
        return rows

    whole = listed(500)  # as many as there may be at once: of a clinic that worked long that is not all
    assert len(whole) > 2
    assert listed(2 if len(whole) < 40 else 40) == whole


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("clinician", "/patients/{patient_id}/summary"),
        ("biller", "/patients/{patient_id}/days"),
        ("biller", "/patients/{patient_id}/days/{date}"),
        ("biller", "/patients/{patient_id}/authorizations"),
        ("biller", "/patients/{patient_id}/claims"),
        ("clinician", "/patients/{patient_id}/outcomes"),
        ("auditor", "/audit/streams/{stream_id}"),
    ],
)
def test_as_of_the_head_is_today(house: House, role: str, path: str) -> None:
    """As of the last position, in memory, is what the stored rows say now."""
    house.project()
    head = house.log.head().position
    today = house.found(role, filled(path))
    assert house.found(role, filled(path), as_of=head) == today


def test_as_of_an_earlier_moment(house: House) -> None:
    """By position or by time, the answer is what was known then."""
    facts = house.log.of_patient(an_id("patient"))
    admitted = next(fact for fact in facts if fact.topic.startswith("enrollment.patient_admitted"))
    path = f"/patients/{an_id('patient')}/summary"
    for moment in (admitted.position, admitted.recorded_at):
        [episode] = house.found("clinician", path, as_of=moment)["episodes"]
        assert (episode["status"], episode["attended"]) == ("in_care", 0)
    [episode] = house.found("clinician", path, as_of=admitted.position - 1)["episodes"]
    assert episode["status"] == "referred"
    problem(house.get("clinician", path, as_of=facts[0].position - 1), 404, "not-found")
    assert house.found("clinician", path)["episodes"][0]["attended"] > 0
    trail = house.found("auditor", "/audit/entries", as_of=admitted.position, limit=1)
    assert trail[0]["position"] == admitted.position


@pytest.mark.parametrize("moment", ["999999999", "2150-01-01T00:00:00Z", "0"])
def test_the_future_is_not_known(house: House, moment: str) -> None:
    """An as_of that lies ahead is refused instead of being answered with today."""
    problem(house.get("clinician", f"/patients/{an_id('patient')}/summary", as_of=moment), 422, "not-yet-known")


@pytest.mark.parametrize("moment", ["yesterday", "2026-01-01", "2026-13-01T00:00:00Z", "-1"])
def test_an_as_of_must_be_a_position_or_a_time(house: House, moment: str) -> None:
    """Anything else is named as the field at fault."""
    found = problem(house.get("clinician", f"/patients/{an_id('patient')}/summary", as_of=moment), 422, "invalid")
    assert [error["field"] for error in found["errors"]] == ["query.as_of"]


def test_a_day_is_explained(house: House) -> None:
    """The trace of a day names its rules, their answers and the facts, and tells the whole in sentences."""
    [trace] = house.found("biller", f"/patients/{an_id('patient')}/days/{on(-1)}")
    assert trace["day"]["minutes"] == 210
    assert {answer["rule"] for answer in trace["answers"]} >= {"presence", "minutes", "note", "authorization"}
    assert all(answer["positions"] for answer in trace["answers"] if answer["rule"] == "presence")
    assert any("210 minutes" in line for line in trace["told"])


def test_the_totals_are_the_sum_of_the_days(house: House) -> None:
    """Every day is in exactly one total."""
    days = house.found("biller", "/billing/days", limit=500)
    totals = house.found("biller", "/billing/totals")
    assert sum(total["days"] for total in totals) == len(days)
    assert sum(total["cents"] for total in totals) == sum(day["cents"] or 0 for day in days)


def test_a_document_can_be_read_and_signed_by_the_api_alone(house: House) -> None:
    """What a signature needs, the digest and the version, stands in the document's own answer."""
    note = draft(house, note=211, words="first words")
    read = house.get("clinician", f"/notes/{note}")
    revised = {"content": {"sections": [{"name": "data", "words": "second words"}, *REST]}}
    house.done("clinician", f"/notes/{note}/revise", revised, If_Match=read.headers["ETag"])
    problem(house.post("clinician", f"/notes/{note}/revise", revised, If_Match='"7"'), 412, "version-changed")
    read = house.get("clinician", f"/notes/{note}")
    item = read.json()["item"]
    assert [wording["sections"][0]["words"] for wording in item["wordings"]] == ["first words", "second words"]
    house.signed("clinician", ("note.sign", {"note_id": note, "content_digest": item["content_digest"]}))
    signed = house.found("clinician", f"/notes/{note}")
    assert (signed["state"], signed["signed_by"], signed["version"]) == ("signed", an_id("clinician"), 3)


def test_versions_of_anything(house: House) -> None:
    """A stream's version is what If-Match wants, also for things that no list shows."""
    response = house.get("biller", f"/streams/{an_id('policy')}")
    assert response.json()["item"] == {
        "id": an_id("policy"), "aggregate": "payer_policy", "version": 2, "program_id": None, "patient_id": None,
    }
    assert response.headers["etag"] == '"2"'


def test_who_am_i_and_how_is_the_house(house: House) -> None:
    """The token's person, role and programs; and, without a token, how far the read models are."""
    me = house.get("clinician", "/me").json()
    assert (me["person"], me["role"], me["programs"]) == (an_id("clinician"), "clinician", [PROGRAM])
    assert "note.sign" in me["orders"]
    assert "audit.entries" not in me["questions"]
    house.done("front_desk", "/patients", {
        "identity": {"family_name": "A", "given_name": "B", "birth_date": "1990-01-01", "sex": "unknown"}
    })  # fmt: skip
    health = house.client.ask("GET", "/health").json()
    assert health["database"] == "up"
    behind = {(one["position"], one["facts_behind"]) for one in health["read_models"].values()}
    assert behind == {(health["head"] - 1, 1)}
    house.project()
    health = house.client.ask("GET", "/health").json()
    assert {(one["facts_behind"], one["seconds_behind"]) for one in health["read_models"].values()} == {(0, 0.0)}


def test_a_roster_names_its_patients_to_the_room(house: House) -> None:
    """The clinician reads names on a roster and the version that commands on the session want."""
    session = house.found("clinician", f"/sessions/{an_id('session', 201)}")
    assert [entry["name"]["family_name"] for entry in session["roster"]] == [f"Quillfeather0{n}" for n in (1, 2, 3)]
    assert {entry["attendance_id"] for entry in session["roster"]} == {attendance(201, n) for n in (1, 2, 3)}
    assert session["version"] == house.log.streams([session["session_id"]])[session["session_id"]][-1].version


def test_a_census_of_too_many_weeks(house: House) -> None:
    """Weeks without end, or backwards, are refused before the database counts them, each in its own words."""
    path = f"/programs/{PROGRAM}/census"
    assert len(house.found("director", path)) == 12
    problem(house.get("director", path, first="1900-01-01"), 422, "census-too-long")
    reversed_weeks = problem(house.get("director", path, first=on(), last=on(-30)), 422, "invalid")
    assert [error["message"] for error in reversed_weeks["errors"]] == ["Comes before first; exchange the two"]
