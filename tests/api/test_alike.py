"""A person who is registered twice is let in and seen: by whom it may be, and on no more than one claim a day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from aggregates.patient.marks import GROUNDS, marks_of
from api.routes.record import folded
from projections.billing.claims import ALIKE
from tests.api.clinic import BIRTH_DATE, CHARGE, FAMILY, PAYER, POLICY, STRANGER, attendance, draft, on, take_in
from tests.api.house import ELSEWHERE, PROGRAM, House, an_id
from tests.api.house import opened as house_over
from tests.api.test_as_of import PATIENT, SESSION, a_day, verify_terms
from tests.api.test_claims import prepared
from tests.api.test_gate import last_read
from tests.api.test_problems import problem

ONE, TWIN = an_id("patient", 1), an_id("patient", 14)
BOTH = (PROGRAM, ELSEWHERE)


def identity(number: int, **changes: str) -> dict[str, Any]:
    """The identity of a patient of the clinic, as somebody else may type it."""
    who = {"family_name": f"{FAMILY}{number:02}", "given_name": "Ada", "birth_date": BIRTH_DATE, "sex": "female"}
    return who | changes


def register(house: House, number: int, **more: Any) -> dict[str, Any]:
    """A walk-in is registered, whoever it may be."""
    return house.done("front_desk", "/patients", {"identity": identity(number, given_name="ADA M.")}, **more)


def refer(house: House, patient: str, program: str) -> None:
    """The patient becomes a program's."""
    house.done("front_desk", "/enrollments", {
        "patient_id": patient, "program_id": program, "referred_on": on(), "source": "self",
    }, programs=(program,))  # fmt: skip


def distinguish(house: House, patient: str, *programs: str, **more: Any) -> dict[str, Any]:
    """A named person finds that the record is of somebody else than those that agree with it."""
    told = {"programs": list(programs), "upto": house.log.head().position, "cause": "documents-compared", **more}
    return house.done("director", f"/patients/{patient}/distinguish", told, programs=programs)


def pairs(house: House, role: str = "privacy_officer", programs: tuple[str, ...] = (PROGRAM,)) -> list[set[str]]:
    """Who is shown to agree with whom."""
    return [set(one["patient_ids"]) for one in house.found(role, "/billing/alike", programs=programs)]


def test_who_is_registered_twice_is_let_in_and_told_of(own_house: House) -> None:
    """The answer names the other record and in what the two agree, it is on record who was shown, and the pair is on
    the list until a person finds two people; a third record is compared anew."""
    house = own_house
    second = register(house, 1)
    assert second["facts"] == ["patient.registered"]
    assert second["alike"] == [{"patient_id": ONE, "grounds": ["name_and_birth_date"]}]
    assert (last_read(house)["resource"], last_read(house)["patients"]) == ("patient.register", [ONE])
    refer(house, second["id"], PROGRAM)
    assert pairs(house) == [{ONE, second["id"]}]
    found = distinguish(house, second["id"], PROGRAM)
    assert found["facts"] == ["patient.distinguished"]
    assert pairs(house) == []
    third = register(house, 1)
    assert {one["patient_id"] for one in third["alike"]} == {ONE, second["id"]}


def test_who_agrees_with_nobody_is_told_so_and_other_orders_say_nothing_of_it(own_house: House) -> None:
    """An empty list; null where nothing is compared."""
    fresh = register(own_house, 55)
    assert fresh["alike"] == []
    contact = {"effective_from": on(), "instructions": "By letter."}
    told = own_house.done("front_desk", f"/patients/{fresh['id']}/set-confidential-contact", contact)
    assert told["alike"] is None


def test_a_coverage_under_another_records_number_is_recorded_and_told_of(own_house: House) -> None:
    """The subscriber's number is one person's; a child's record under it says nothing, and a void takes it back."""
    house = own_house
    other = register(house, 56)["id"]
    refer(house, other, PROGRAM)

    def cover(number: int, relationship: str) -> Any:
        coverage = {
            "coverage_id": an_id("cover", number), "payer_id": PAYER, "plan": "ppo", "rank": number,
            "relationship": relationship, "effective_from": "2024-01-01", "member": {"member_number": "m 1"},
        }
        return house.done("front_desk", f"/patients/{other}/record-coverage", coverage)["alike"]

    assert cover(1, "self") == [{"patient_id": ONE, "grounds": ["member_and_birth_date", "subscriber"]}]
    house.done("front_desk", f"/patients/{other}/end-coverage", {
        "coverage_id": an_id("cover", 1), "ended_on": "2023-12-31", "cause": "mistyped",
    })  # fmt: skip
    assert pairs(house) == []
    version = house.found("front_desk", f"/patients/{other}/identity")["version"]
    house.done("front_desk", f"/patients/{other}/correct-demographics", {
        "identity": identity(56, birth_date="2012-03-04"), "cause": "mistyped",
    }, if_match=f'"{version}"')  # fmt: skip
    assert cover(2, "child") == []


def test_a_program_is_not_told_of_another_programs_patient(own_house: House) -> None:
    """Neither in the answer nor on the list, and a finding of the one program says nothing of the other; whoever works
    for both sees the pair."""
    house = own_house
    mine = register(house, 99)
    assert mine["alike"] == []
    refer(house, mine["id"], PROGRAM)
    assert pairs(house) == pairs(house, programs=(ELSEWHERE,)) == []
    assert pairs(house, programs=BOTH) == [{STRANGER, mine["id"]}]
    assert pairs(house, "biller", BOTH) == pairs(house, "front_desk", BOTH) == [{STRANGER, mine["id"]}]
    distinguish(house, mine["id"], PROGRAM)
    assert pairs(house, programs=BOTH) == [{STRANGER, mine["id"]}]
    beyond = house.post("director", f"/patients/{mine['id']}/distinguish", {
        "programs": [ELSEWHERE], "upto": 1, "cause": "documents-compared",
    })  # fmt: skip
    problem(beyond, 404, "not-found")
    distinguish(house, mine["id"], *BOTH, upto=house.log.head().position - 9)
    assert pairs(house, programs=BOTH) == [{STRANGER, mine["id"]}], "It was said of what was shown before they agreed."
    distinguish(house, mine["id"], *BOTH)
    assert pairs(house, programs=BOTH) == []


def test_a_patient_of_no_program_yet_is_whoevers_may_register_one(own_house: House) -> None:
    """The other desk is told of who waits to be referred; a biller is not."""
    first = register(own_house, 57)
    other = register(own_house, 57, programs=(ELSEWHERE,))
    assert other["alike"] == [{"patient_id": first["id"], "grounds": ["name_and_birth_date"]}]
    assert pairs(own_house, "front_desk") == [{first["id"], other["id"]}]
    assert pairs(own_house, "biller") == []


def test_whose_claims_wait_for_it_does_not_say_that_they_are_two_people(house: House) -> None:
    """Neither a biller nor a reviewer finds two people; a clinician does not either."""
    told = {"programs": [PROGRAM], "upto": 1, "cause": "documents-compared"}
    for role in ("biller", "utilization_reviewer", "clinician"):
        problem(house.post(role, f"/patients/{ONE}/distinguish", told), 403, "not-permitted")


def test_what_records_agree_in_stands_nowhere(own_house: House, clinic_url: str) -> None:
    """The table has blinded keys with the record's id: neither a name, a number nor a bare digest of them."""
    register(own_house, 1)
    with psycopg.connect(clinic_url) as server:
        asked = "SELECT kind, key, stream::text FROM iop.reservation WHERE kind LIKE 'shared:%'"
        rows = server.execute(asked).fetchall()
    assert {kind for kind, _, _ in rows} <= set(GROUNDS)
    assert all(key.endswith(f":{stream}") for _, key, stream in rows)
    bare = {mark.key(ONE) for mark in marks_of(folded("patient", own_house.log.streams([ONE])[ONE]))}
    assert len(bare) == 3
    assert bare.isdisjoint({key for _, key, _ in rows})


@pytest.fixture(scope="module")
def office(postgres_url: str, open_store: str, keys: Any) -> Iterator[House]:
    """A clinic in which two patients came yesterday, of both the documents are signed, and the terms are verified."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE alike_office TEMPLATE {}").format(sql.Identifier(open_store)))
    with house_over(make_conninfo(postgres_url, dbname="alike_office"), keys) as house:
        take_in(house, 14)
        a_day(house)
        note = draft(house, note=914, patient=14, words="What the other one said.", session_id=SESSION,
                     attendance_id=attendance(901, 14))  # fmt: skip
        digest = house.get("clinician", f"/notes/{note}").json()["item"]["content_digest"]
        house.signed("clinician", ("note.sign", {"note_id": note, "content_digest": digest}))
        verify_terms(house)
        yield house


def rename(house: House, patient: str, number: int) -> Any:
    """The record is corrected to the name of another one."""
    version = house.found("front_desk", f"/patients/{patient}/identity")["version"]
    return house.done("front_desk", f"/patients/{patient}/correct-demographics", {
        "identity": identity(number), "cause": "mistyped",
    }, if_match=f'"{version}"')["alike"]  # fmt: skip


def left_out(made: Any) -> list[str]:
    """Whose day is on no claim because of another record."""
    return [one["patient_id"] for one in made["beside"] if one["why"] == ALIKE]


def beside(house: House, patient: str, *, role: str = "biller", **asked: int) -> list[str]:
    """What is to be looked at beside the decision of yesterday, which says it in words as well."""
    (trace,) = house.found(role, f"/patients/{patient}/days/{on(-1)}", **asked)
    words = "Beside the decision: "
    assert [one.removeprefix(words) for one in trace["told"] if one.startswith(words)] == trace["beside"]
    return list(trace["beside"])


def test_a_day_that_two_alike_records_have_is_on_one_claim_alone(office: House) -> None:
    """Of the two one is billed, now and when asked again; the other's day says why not to whoever prepares claims, and
    the list says what is at stake, until a person finds two people: then both are."""
    both = {PATIENT, TWIN}
    assert {one["patient_id"] for one in prepared(office, dry_run=True)["claims"]} == both
    assert rename(office, TWIN, 13) == [{"patient_id": PATIENT, "grounds": ["name_and_birth_date"]}]
    made = prepared(office)
    ((claim,), (late,)) = made["claims"], left_out(made)
    assert {claim["patient_id"], late} == both
    again = prepared(office)
    assert (again["claims"], left_out(again)) == ([], [late])
    head, other = office.log.head().position, *(both - {late})
    assert (beside(office, late), beside(office, other)) == ([ALIKE], [])
    assert beside(office, late, role="utilization_reviewer") == beside(office, late, as_of=head) == []
    (shown,) = office.found("biller", "/billing/alike")
    assert (shown["days"], shown["cents"], shown["first_day"]) == (1, CHARGE, on(-1))
    distinguish(office, late, PROGRAM)
    assert office.found("biller", "/billing/alike") == beside(office, late) == []
    assert [one["patient_id"] for one in prepared(office)["claims"]] == [late]


def test_a_claim_of_a_program_beyond_the_token_is_reckoned_with_and_not_told_of(own_house: House) -> None:
    """The payer is asked once, whoever asks; of the other record there is neither an id nor a program."""
    house = own_house
    take_in(house, 14)
    a_day(house)
    verify_terms(house)
    rename(house, PATIENT, 99)
    line = {"line": 1, "service_date": on(-1), "level_of_care": "intensive_outpatient", "revenue_code": "0905",
            "procedure_code": "S9480", "units": 1, "charge_cents": CHARGE,
            "authorization_id": an_id("authorization", 99), "authorization_units": [1]}  # fmt: skip
    house.ordered("biller", "claim.prepare", {
        "claim_id": an_id("claim", 99), "patient_id": STRANGER, "enrollment_id": an_id("enrollment", 99),
        "program_id": ELSEWHERE, "payer_id": PAYER, "policy_id": POLICY, "form": "837I", "type_of_bill": "131",
        "frequency": "1", "from_date": on(-1), "through_date": on(-1), "lines": [line], "total_cents": CHARGE,
        "decided_at": house.log.head().position,
    })  # fmt: skip
    made = prepared(house)
    assert (made["claims"], left_out(made)) == ([], [PATIENT])
    assert STRANGER not in str(made)
    assert ELSEWHERE not in str(made)
