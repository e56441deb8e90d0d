"""The demonstration's self-audit finds the psychiatric evaluations that came late, unsigned or not at all, and no other
patient's days."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from aggregates.codec import decode
from iop_es import wiring
from iop_es.cli import app
from iop_es.settings import Settings
from iop_es.wiring import House

pytestmark = pytest.mark.slow
NEVER = "9999-12-31"


def evaluations(house: House) -> dict[str, tuple[str, str | None, bool]]:
    """By patient, from the facts alone: the day of admission, that of the evaluation, if any, and whether it was
    signed."""
    patients = {one.stream: decode(one.topic, one.state).patient_id
                for one in house.log.by_topics(["enrollment.patient_referred"])}  # fmt: skip
    admitted = {patients[one.stream]: decode(one.topic, one.state).admitted_on
                for one in house.log.by_topics(["enrollment.patient_admitted"])}  # fmt: skip
    signed = {one.stream for one in house.log.by_topics(["note.signed"])}
    drafted = [(one.stream, decode(one.topic, one.state)) for one in house.log.by_topics(["note.drafted"])]
    written = {fact.patient_id: (fact.service_date, stream in signed)
               for stream, fact in drafted if fact.kind == "psychiatric_evaluation"}  # fmt: skip
    return {patient: (day, *written.get(patient, (None, False))) for patient, day in admitted.items()}


def test_the_self_audit_finds_whose_evaluation_is_missing(full_clinic: Settings) -> None:
    """Most billed days have an evaluation by then; those of a patient without a signed one, or before it, do not."""
    environment = {"IOP_ES_DATABASE_URL": full_clinic.database_url or "", "IOP_ES_PROJECT": str(full_clinic.project)}
    words = ["self-audit", "--from", "2026-01-01", "--to", "2026-04-30", "--json"]
    done = CliRunner().invoke(app, words, env=environment)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    with wiring.opened(full_clinic) as house:
        known = evaluations(house)
    late = {patient for patient, (admitted, on, signed) in known.items() if signed and on and on > admitted}
    unsigned = {patient for patient, (_, on, signed) in known.items() if on and not signed}
    missing = {patient for patient, (_, on, _) in known.items() if on is None}
    assert late and unsigned and missing and len(known) > 5 * len(late | unsigned | missing)
    [asked] = [one for one in told["questions"] if one["code"] == "psychiatric_evaluation"]
    assert asked["met"] > 5 * asked["failed"] > 0 == asked["unanswered"]
    by = {patient: on if on and signed else NEVER for patient, (_, on, signed) in known.items()}
    for day in told["days"]:
        lacks = day["service_date"] < by[day["patient_id"]]
        assert ("psychiatric_evaluation" in day["failed"]) == lacks, (day["patient_id"], day["service_date"])
