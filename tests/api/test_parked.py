"""What the API says of a patient whose record cannot be followed, and of everybody else."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

from iop_es.engine.log import Append, Log, NewFact
from tests.api.clinic import at, morning
from tests.api.house import House, an_id
from tests.api.test_problems import problem

SECRET = "Zyxwvut"


def unreadable(log: Log, patient: str, name: str = "note.drafted") -> int:
    """A fact about one patient that no release can decode; answers its position."""
    actor, occurred_at = str(uuid4()), at("12:00")
    context = {"actor": actor, "occurred_at": occurred_at, "name": name}
    state = json.dumps({SECRET: SECRET}).encode()
    pairs = ((patient, str(uuid4())),)
    fact = NewFact(
        UUID(str(uuid4())), 1, f"{name}@1", state, None, json.dumps(context).encode(), occurred_at, actor, pairs
    )
    return log.append(Append((fact,)))[0].last


def test_days_of_a_parked_patient_are_held_without_an_amount(own_house: House) -> None:
    """Every list shows them held for `parked`, health counts the patient, as-of says why not, others are as before."""
    session = morning(own_house, patients=range(1, 4), days=-1)
    own_house.done("clinician", f"/sessions/{session}/take-roster", {"started_at": at("09:00", -1)})
    version = own_house.found("clinician", f"/sessions/{session}")["version"]
    own_house.done(
        "clinician", f"/sessions/{session}/close", {"ended_at": at("12:30", -1), "everyone_else_stayed": True},
        If_Match=f'"{version}"',
    )  # fmt: skip
    before = {day["patient_id"]: day for day in own_house.found("biller", "/billing/days")}
    patient = an_id("patient", 2)
    position = unreadable(own_house.log, patient)
    days = own_house.found("biller", "/billing/days")
    assert {day["patient_id"]: day for day in days if day["patient_id"] != patient} == {
        one: day for one, day in before.items() if one != patient
    }
    (own,) = own_house.found("biller", "/billing/days", patient_id=patient)
    assert own in days
    assert (own["state"], own["reason"], own["cents"], own["owner"]) == ("held", "parked", None, "director")
    assert own["positions"] == []
    assert before[patient]["cents"] is not None
    held = own_house.get("biller", "/billing/held", project=False).json()["items"]
    assert [(one["days"], one["cents"]) for one in held if one["reason"] == "parked"] == [(1, 0)]
    totals = own_house.get("biller", "/billing/totals", project=False).json()["items"]
    (total,) = (one for one in totals if one["reason"] == "parked")
    assert (total["state"], total["days"], total["cents"]) == ("held", 1, 0)
    health = own_house.client.ask("GET", "/health").json()
    assert health["read_models"]["billing"]["parked"] == 1
    assert health["parked"] == sum(one["parked"] for one in health["read_models"].values())
    assert health["read_models"]["billing"]["facts_behind"] == 0
    path = f"/patients/{patient}/days"
    refused = problem(own_house.get("biller", path, as_of=position), 409, "record-parked")
    assert SECRET not in repr(refused)
    (then,) = own_house.found("biller", path, as_of=position - 1)
    assert then["cents"] == before[patient]["cents"]
