"""Who is parked, and trying them again, at the command line."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from iop_es import wiring
from iop_es.engine.log import Append, NewFact
from iop_es.load import load_lines
from iop_es.rebuilding import Wanted, built, switched
from iop_es.settings import Settings
from iop_es.wiring import MODELS, House, opened
from tests.cli.conftest import Run
from tests.lines import OCCURRED_AT, STAFF, an_id, episode, patient, program, text
from tests.projections.story import tables

SECRET = "Zyxwvut"
WHOLE = b'{"has_address":false,"has_medical_record_number":false,"year_of_birth":1980}'
BAD = json.dumps({SECRET: SECRET}).encode()


def told(run: Run, *words: object, code: int = 0) -> Any:
    """The JSON that a command prints."""
    done = run(*words, "--json")
    assert done.exit_code == code, done.stderr
    assert SECRET not in done.stdout + done.stderr
    return json.loads(done.stdout)


def loaded(house: House, numbers: range) -> None:
    """Patients with an episode each."""


    lines = [make(number) for number in numbers for make in (patient, episode)]
    assert not load_lines(io.BytesIO(text(program(), *lines)), house.log, house.commands).refused


def unreadable(house: House, number: int) -> int:
    """A fact about a patient that cannot be decoded; answers its position."""
    context = json.dumps({"actor": STAFF, "occurred_at": OCCURRED_AT, "subject": None}).encode()
    pairs = ((an_id("patient", number), str(uuid4())),)
    stream = UUID(an_id("episode", 10_000 + number))
    fact = NewFact(stream, 1, "enrollment.patient_referred@1", BAD, None, context, OCCURRED_AT, STAFF, pairs)
    return house.log.append(Append((fact,)))[0].last


def everything(house: House) -> dict[str, Any]:
    """All rows of all read models."""
    return {driver.model.name: tables(driver, house.projector_pool) for driver in house.drivers}


def test_parked_names_who_and_since_when_and_never_what(
    run: Run, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every read model that folds the fact; --retry says who still is, and after the mend that nobody is."""
    assert told(run, "parked") == {"parked": []}
    with opened(Settings()) as house:
        loaded(house, range(3))
        position = unreadable(house, 1)
    assert run("project", "--once").exit_code == 0
    found = told(run, "parked")["parked"]
    assert {one["model"] for one in found} == {"billing", "outcomes", "audit", "caseload"}
    for one in found:
        assert (one["kind"], one["id"], one["position"]) == ("patient", an_id("patient", 1), position)
        assert one["fact"] == "enrollment.patient_referred"
        assert "Error in " in one["cause"]
    assert {one["name"]: one["parked"] for one in told(run, "status")["read_models"]} == dict.fromkeys(MODELS, 1)
    again = told(run, "parked", "--retry", code=1)
    assert again["parked"] == [one | {"parked_at": new["parked_at"]} for one, new in zip(found, again["parked"],
                                                                                        strict=True)]  # fmt: skip
    assert set(again["flowing_again"].values()) == {0}
    refused = run("rebuild", "billing")
    assert refused.exit_code == 1
    assert f"position {position} " in refused.stderr
    assert SECRET not in refused.stderr
    assert told(run, "rebuild", "--all", "--park").keys() == MODELS.keys()
    assert len(told(run, "parked")["parked"]) == 4
    decode = wiring.decode
    monkeypatch.setattr(
        wiring, "decode",
        lambda topic, state, sealed: decode(topic, _referral() if state == BAD else state, sealed),
    )  # fmt: skip
    done = told(run, "parked", "--retry")
    assert done == {"flowing_again": dict.fromkeys(MODELS, 1), "parked": []}
    assert "Nobody is parked." in run("parked").stdout


def _referral() -> bytes:
    with opened(Settings()) as house:
        return house.log.streams([an_id("episode", 1)])[an_id("episode", 1)][0].state


@pytest.mark.slow
def test_two_processes_make_the_rows_of_one(store: str) -> None:
    """Every read model in small shares by two processes is what was live, and the shares are all done."""
    with opened(Settings()) as house:
        loaded(house, range(20))
        house.project()
        live = everything(house)
        wanted = Wanted(tuple(MODELS.values()), 2, share=7)
        seen: dict[str, int] = {}
        schemas = built(house, wanted, lambda name, progress: seen.update({name: progress.done}))
        loaded(house, range(20, 22))
        house.project()
        live = everything(house)
        reached = switched(house, wanted, schemas)
        assert set(reached.values()) == {house.log.head().position}
        assert everything(house) == live
        assert seen
        assert {driver.place.schema for driver in house.drivers} == set(schemas.values())
