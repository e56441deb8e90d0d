"""Every answer is in the access log with everybody whom it shows, and what cannot be written down is not shown."""

from __future__ import annotations

import re
from typing import Any

import psycopg

from aggregates.risk.streams import risk_of
from api.access import QUESTIONS
from tests.api.clinic import BIRTH_DATE, FAMILY, PATIENTS, STRANGER, WORDS, at
from tests.api.house import PROGRAM, House, an_id
from tests.api.test_documentation import SHARED, acts, closed, documented, part
from tests.api.test_permissions import PROBES, queries
from tests.api.test_queries import EMPTY, NEEDED, a_days_work, filled

EVERYBODY = {an_id("patient", number) for number in range(1, PATIENTS + 1)} | {STRANGER}
BESIDE = {"risk.words"}
"""What is recorded beside the answer that holds it, because not everybody who has the answer has that."""
NOBODYS = PROBES | {"me", "log.proof", "note.templates"}
"""What reads no record."""


def entries_of(house: House, request: str) -> list[tuple[Any, ...]]:
    """The entries of a request, in order."""
    return house.recorded_reads(
        "SELECT resource, actor::text, role, patients::text[], outcome, rows FROM access_log WHERE request = %s"
        " ORDER BY id", request,
    )  # fmt: skip


def shown_in(text: str) -> set[str]:
    """The patients whose ids stand in an answer, whatever its form."""
    return {found for found in re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) if found in EVERYBODY}


def asked(house: House) -> dict[str, Any]:
    """Each query's answer to a role that may ask it."""
    return {
        name: house.get(min(QUESTIONS[name].roles), filled(path), project=False, **NEEDED.get(name, {}))
        for name, (path, _) in queries(house).items() if name not in NOBODYS
    }


def test_each_query_leaves_one_entry_and_without_it_nothing_leaves(own_house: House, clinic_url: str) -> None:
    """Who, in which role, which question, whom it shows; when the log takes no entry: 503, no name, id or word."""
    a_days_work(own_house)
    risk = {"patient_id": an_id("patient"), "program_id": PROGRAM, "assessed_at": at("09:00", -1), "level": "low",
            "basis": ["interview"], "words": WORDS}  # fmt: skip
    own_house.done("clinician", f"/risks/{risk_of(an_id('patient'))}/assess", risk)
    documented(own_house, an_id("session", 201), part(1), part(2))
    own_house.project()
    showing = set()
    for name, response in asked(own_house).items():
        role = min(QUESTIONS[name].roles)
        assert response.status_code == (404 if name in EMPTY else 200), name
        entries = entries_of(own_house, response.headers["x-request-id"])
        own = [entry for entry in entries if entry[0] == name]
        assert [entry[:3] for entry in own] == [(name, own_house.person(role), role)], name
        assert {entry[0] for entry in entries} - {name} <= BESIDE, name
        shown = shown_in(response.text)
        assert shown <= set(own[0][3]), name
        assert own[0][4] == ("none" if name in EMPTY else "answered"), name
        assert own[0][3] or FAMILY not in response.text, name
        showing |= {name} if own[0][3] else set()
    assert {"caseload.patients", "patient.chart", "session.print", "note.differences", "audit.entries"} <= showing
    with psycopg.connect(clinic_url, autocommit=True) as owner:
        owner.execute("CREATE FUNCTION iop.full() RETURNS trigger LANGUAGE plpgsql AS"
                      " $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$")  # fmt: skip
        owner.execute("CREATE TRIGGER full_now BEFORE INSERT ON iop.access_log EXECUTE FUNCTION iop.full()")
    for name, response in asked(own_house).items():
        assert response.status_code == 503, name
        assert response.json()["type"] == "urn:iop-es:problem:read-not-recorded", name
        assert not shown_in(response.text), name
        assert not [one for one in (FAMILY, BIRTH_DATE, WORDS) if one in response.text], name


def test_looking_over_before_signing_is_a_read_of_whoever_is_shown(own_house: House) -> None:
    """A group's documentation tells whose notes read alike and who is named where, and so does a challenge."""
    session = closed(own_house, 780, range(1, 4))
    narrative = {"sections": SHARED}
    answer = own_house.post("clinician", f"/sessions/{session}/documentation", {
        "narrative": narrative, "parts": [part(1), part(2)],
    })  # fmt: skip
    people = sorted((an_id("patient", 1), an_id("patient", 2)))
    told = entries_of(own_house, answer.headers["x-request-id"])
    assert [(one[0], one[3]) for one in told] == [("session.document", people)]
    commands = [{"command": name, "data": data} for name, data in acts(answer.json())]
    shown = own_house.post("clinician", "/signatures/challenge", {"commands": commands})
    assert shown.status_code == 200, shown.text
    told = entries_of(own_house, shown.headers["x-request-id"])
    assert [(one[0], one[3]) for one in told] == [("signature.challenge", people)]
