"""Self-pay days at the command line: what is due is charged at once, each day once, and taken back when it is wrong."""

from __future__ import annotations

import json

import pytest

from aggregates.account.facts import BalanceWrittenOff, PatientAgreementSet
from aggregates.account.streams import account_of
from aggregates.patient.facts import PatientRegistered
from iop_es.cli import operator
from iop_es.cli.frame import REFUSED
from iop_es.settings import Settings
from iop_es.wiring import opened
from tests.cli.conftest import Run, one_sentence, told
from tests.projections.billing.clinic import Clinic, an_id

pytestmark = pytest.mark.slow
PATIENT, DAYS = an_id("patient"), ("2026-03-02", "2026-03-03")


def sliding(told: Clinic) -> None:
    """Patient 1 has no coverage since March and pays 40 percent of 200 dollars; was there on two days."""
    told.open()
    told.license()
    told.publish()
    told.story.tell(PATIENT, PatientRegistered(
        year_of_birth=1990, has_medical_record_number=False, has_address=False, patient_id=PATIENT
    ))  # fmt: skip
    told.patient()
    told.end_coverage("2026-02-28")
    told.story.tell(account_of(PATIENT), PatientAgreementSet(
        patient_id=PATIENT, program_id=an_id("program"), agreement_id=an_id("agreement"), kind="sliding_fee",
        effective_from="2026-03-01", percent=40,
    ), role="biller")  # fmt: skip
    for day in DAYS:
        told.documented(day, "09:00-12:00")


def test_all_due_days_are_charged_at_once_and_wrong_charges_taken_back(
    run: Run, simulation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two days at 80 dollars each, once, and nothing is decided on what is behind the log; when coverage turns up, both
    are taken back and a payer can be billed."""
    clinic = Clinic()
    sliding(clinic)
    with opened(Settings()) as house:
        clinic.story.append(house.log)
    run("project", "--once")
    assert [one["action"] for one in told(run, "worklist", "self-pay")["items"]] == ["post", "post"]
    assert told(run, "accounts", "charge", "--dry-run")["posted"] == 2
    done = told(run, "accounts", "charge")
    assert (done["posted"], done["taken_back"], done["difference_cents"]) == (2, 0, 16_000)
    with monkeypatch.context() as patched:  # whoever asked at the same moment: the same charges
        patched.setattr("iop_es.cli.accounts.caught_up", lambda _: 0)
        assert told(run, "accounts", "charge") == done
    monkeypatch.setattr(operator, "CAUGHT_UP_SECONDS", 0.01)
    for asked in ("accounts charge", "claims prepare", "claims correct", "claims submit"):
        early = run(*asked.split())  # before the read model has moved
        assert one_sentence(early, REFUSED).startswith("The read model has not seen all that is recorded")
    run("project", "--once")
    assert told(run, "accounts", "charge")["days"] == []
    assert "owe $0.00 more" in run("accounts", "charge").stdout

    with opened(Settings()) as house:
        position = house.log.head().position
        clinic.story.now = house.log.head().recorded_at
        clinic.story.facts.clear()
        clinic.story._versions[PATIENT] = len(house.log.streams([PATIENT])[PATIENT])
        clinic.cover(1, 1, coverage_id=an_id("coverage", 9))
        clinic.story.append(house.log)
        assert house.log.head().position == position + 1
    run("project", "--once")
    assert told(run, "claims", "prepare", "--dry-run")["prepared"] == 0
    back = told(run, "accounts", "charge")
    assert (back["posted"], back["taken_back"], back["difference_cents"]) == (0, 2, -16_000)
    run("project", "--once")
    assert told(run, "claims", "prepare", "--dry-run")["prepared"] == 1


def test_a_charge_of_which_something_was_written_off_is_posted_anew_only_by_name(run: Run, simulation: str) -> None:
    """80 dollars charged, 60 given up; at 30 percent the new charge is of 60, which nobody posts unasked."""
    clinic = Clinic()
    sliding(clinic)
    clinic.charge_patient(DAYS[0], 20_000, 8_000)
    account, charge = account_of(PATIENT), an_id("charge")
    clinic.story.tell(account, BalanceWrittenOff(
        write_off_id=an_id("write_off"), charge_id=charge, share="patient", amount_cents=6_000, cause="hardship",
        requested_by=an_id("person"), approved_by=an_id("person", 2),
    ), role="director")  # fmt: skip
    clinic.story.tell(account, PatientAgreementSet(
        patient_id=PATIENT, program_id=an_id("program"), agreement_id=an_id("agreement", 2), kind="sliding_fee",
        effective_from="2026-03-01", effective_through=DAYS[0], percent=30,
    ), role="biller")  # fmt: skip
    with opened(Settings()) as house:
        clinic.story.append(house.log)
    run("project", "--once")
    done = run("accounts", "charge", "--json")
    unasked = json.loads(done.stdout)
    assert (unasked["posted"], unasked["taken_back"], len(unasked["left_out"])) == (1, 0, 1)
    assert f"$60.00 of charge {charge} were written off" in done.stderr
    run("project", "--once")
    named = told(run, "accounts", "charge", "--charge", charge)
    assert (named["posted"], named["taken_back"], named["difference_cents"]) == (1, 1, 4_000)


def test_a_day_of_a_patient_that_is_not_theirs_to_pay_is_refused_by_name(run: Run, simulation: str) -> None:
    """Asked for by itself: nobody came then."""
    clinic = Clinic()
    sliding(clinic)
    with opened(Settings()) as house:
        clinic.story.append(house.log)
    run("project", "--once")
    asked = ("accounts", "charge", "--patient", PATIENT, "--from", "2026-03-04", "--through", "2026-03-04")
    done = run(*asked)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Nothing of 2026-03-04 is decided for the patient" in done.stderr and "Record the attendance" in done.stderr
    assert told(run, *asked[:-1], "2026-03-05")["days"] == []
