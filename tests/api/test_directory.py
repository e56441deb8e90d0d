"""What a client needs before it can order anything: the ids of programs, clinicians, payers and documents."""

from __future__ import annotations

from tests.api.clinic import PAYER, POLICY, STRANGER, at, draft, morning, on
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.test_gate import last_read
from tests.api.test_problems import problem


def test_programs_of_the_token(house: House) -> None:
    """A token of one program lists that one, a token of both lists both."""
    [one] = house.found("biller", "/programs")
    assert (one["program_id"], one["code"], one["level_of_care"]) == (PROGRAM, "iop-1", "intensive_outpatient")
    assert (one["focus"], one["population"], one["opened_on"]) == ("mental_health", "adult", "2020-01-01")
    both = house.found("biller", "/programs", programs=(PROGRAM, ELSEWHERE))
    assert [program["program_id"] for program in both] == [PROGRAM, ELSEWHERE]


def test_clinicians_with_names_and_credentials(own_house: House) -> None:
    """Everybody of the program with name and credential; a program outside the token is a 404."""
    house = own_house
    found = house.found("front_desk", "/clinicians")
    assert {one["clinician_id"] for one in found} == {an_id(role) for role in ("clinician", "supervisor", "prescriber")}
    assert {(one["name"]["family_name"], one["credentials"][0]["title"]) for one in found} == {("Hale", "LCSW")}
    assert all(one["programs"] == [PROGRAM] for one in found)
    problem(house.get("front_desk", "/clinicians", program_id=ELSEWHERE), 404, "not-found")
    problem(house.get("biller", "/clinicians"), 403, "not-permitted")


def test_payers_with_their_policies(house: House) -> None:
    """A payer is found by the policy that was published for it, with the version that a revision wants."""
    [one] = house.found("front_desk", "/payers")
    assert (one["payer_id"], one["kind"]) == (PAYER, "commercial")
    assert [(policy["policy_id"], policy["version"]) for policy in one["policies"]] == [(POLICY, 1)]


def test_documents_of_a_patient_and_of_a_session(house: House) -> None:
    """A draft is listed with its author and version, its words are not; other programs' patients are a 404."""
    session = morning(house, session=871, patients=range(7, 9), days=-2)
    note = draft(house, note=871, patient=7, session_id=session, service_date=on(-2), service_ended_at=at("12:30", -2))
    for path in (f"/patients/{an_id('patient', 7)}/notes", f"/sessions/{session}/notes"):
        [one] = [one for one in house.found("clinician", path) if one["note_id"] == note]
        assert (one["note_id"], one["state"], one["author_id"]) == (note, "draft", an_id("clinician"))
        assert "octopus" not in house.get("clinician", path).text
        assert (one["version"], one["session_id"], one["patient_id"]) == (1, session, an_id("patient", 7))
        assert last_read(house)["patients"] == [an_id("patient", 7)]
    problem(house.get("clinician", f"/patients/{STRANGER}/notes"), 404, "not-found")
    problem(house.get("clinician", f"/sessions/{session}/notes", programs=(ELSEWHERE,)), 404, "not-found")


def test_an_answer_behind_the_log_says_so(house: House) -> None:
    """Right after a command the ETag is still that of what is shown, and the newer version is named."""
    session = morning(house, session=872, patients=range(7, 9), days=-2)
    seen = house.get("clinician", f"/sessions/{session}")
    assert seen.json()["newer_version"] is None
    reply = house.done("clinician", f"/sessions/{session}/cancel", {"cause": "staffing"}, If_Match=seen.headers["ETag"])
    behind = house.get("clinician", f"/sessions/{session}", project=False)
    assert (behind.headers["ETag"], behind.json()["newer_version"]) == (seen.headers["ETag"], reply["version"])
    again = house.get("clinician", f"/sessions/{session}")
    assert (again.headers["ETag"], again.json()["newer_version"]) == (f'"{reply["version"]}"', None)


def test_the_waiting_list_says_who_waits(house: House) -> None:
    """A referred patient's name stands in the list."""
    patient = house.done("front_desk", "/patients", {"identity": {
        "family_name": "Tarry", "given_name": "Lou", "birth_date": "1991-02-03", "sex": "female",
    }})["id"]  # fmt: skip
    house.done("front_desk", "/enrollments", {
        "patient_id": patient, "program_id": PROGRAM, "referred_on": on(-1), "source": "hospital"
    })  # fmt: skip
    names = {one["patient_id"]: one["name"] for one in house.found("front_desk", "/caseload/waiting-list")}
    assert names[patient] == {"family_name": "Tarry", "given_name": "Lou"}


def test_the_front_desk_sees_papers_but_no_diagnosis(house: House) -> None:
    """Diagnoses and goals are for those who treat or justify the care; consents and guardians for all of them."""
    patient = an_id("patient", 9)
    house.done("front_desk", f"/patients/{patient}/record-guardian", {
        "guardian_id": an_id("guardian"), "relationship": "parent", "authority": "custody", "effective_from": on(-9),
        "family_name": "Shielded", "given_name": "Pat",
    })  # fmt: skip
    seen = {role: house.found(role, f"/patients/{patient}/summary") for role in ("front_desk", "clinician")}
    assert seen["front_desk"]["episodes"][0]["diagnoses"] is None
    assert [one["code"] for one in seen["clinician"]["episodes"][0]["diagnoses"]] == ["F33.1"]
    for summary in seen.values():
        assert [one["guardian_id"] for one in summary["guardians"]] == [an_id("guardian")]
    past = house.found("front_desk", f"/patients/{patient}/summary", as_of=house.log.head().position)
    assert past == seen["front_desk"]
