"""What somebody asked to have written off is on one list, of lines, charges and days, until another person decided."""

from __future__ import annotations

from typing import Any

from aggregates.account import facts as money
from aggregates.account.streams import account_of
from aggregates.enrollment import facts as enrollment
from iop_es.engine.connections import Pool
from iop_es.engine.log import Log
from projections.billing import MODEL
from projections.billing.accounts import queries
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.billing.test_accounts import CLAIM, DAYS, NOW, PATIENT, PROGRAM, billed
from tests.projections.story import asking, project

BILLER, DIRECTOR = an_id("biller"), an_id("director")
CHARGED = "2026-03-06"
LINE, CHARGE = an_id("write_off", 1), an_id("write_off", 2)


def tell(clinic: Clinic, fact: Any) -> None:
    """A fact of the patient's account."""
    clinic.story.tell(account_of(PATIENT), fact, role="biller")


def asked() -> Clinic:
    """Of a line of a claim, of a charge of a day, and of a day on no claim."""
    clinic = billed()
    clinic.documented("2026-03-09", "09:00-12:00")
    clinic.charge_patient(CHARGED, 20_000, 8_000)
    tell(clinic, money.WriteOffRequested(
        write_off_id=LINE, claim_id=CLAIM, line=2, share="payer", amount_cents=500, cause="hardship",
        requested_by=BILLER,
    ))  # fmt: skip
    tell(clinic, money.WriteOffRequested(
        write_off_id=CHARGE, charge_id=an_id("charge"), share="patient", amount_cents=700, cause="hardship",
        requested_by=BILLER,
    ))  # fmt: skip
    clinic.in_care(enrollment.DayWriteOffRequested(service_date="2026-03-09", cause="no_note", requested_by=BILLER))
    return clinic


def listed(clinic: Clinic, log: Log, projector: Pool, **narrowed: Any) -> list[Any]:
    """What the list says."""
    clinic.story.append(log)
    with asking(project(MODEL, log, projector), projector) as cursor:
        return queries.write_off_requests(cursor, **{"programs": [PROGRAM], "now": NOW, **narrowed})


def test_open_requests_are_listed_the_oldest_first(log: Log, projector: Pool) -> None:
    """Each with what of, whose share, how much, why, and who asked; a day for what it would be billed for."""
    line, charge, day = listed(asked(), log, projector)
    assert (line.kind, line.write_off_id, line.claim_id, line.line, line.service_date) == (
        "line", LINE, CLAIM, 2, DAYS[1][0],
    )  # fmt: skip
    assert (line.share, line.amount_cents, line.cause, line.requested_by) == ("payer", 500, "hardship", BILLER)
    assert (charge.kind, charge.write_off_id, charge.charge_id, charge.service_date, charge.amount_cents) == (
        "charge", CHARGE, an_id("charge"), CHARGED, 700,
    )  # fmt: skip
    assert (day.kind, day.write_off_id, day.enrollment_id, day.service_date, day.amount_cents, day.share) == (
        "day", None, an_id("enrollment"), "2026-03-09", 20_000, "payer",
    )  # fmt: skip


def test_requests_are_seen_in_their_program(log: Log, projector: Pool) -> None:
    """And of one patient, if one is asked for."""
    assert listed(asked(), log, projector, programs=[an_id("program", 2)]) == []
    with asking(project(MODEL, log, projector), projector) as cursor:
        every = {"programs": [PROGRAM], "now": NOW}
        assert len(queries.write_off_requests(cursor, **every, patient_id=PATIENT)) == 3
        assert queries.write_off_requests(cursor, **every, patient_id=an_id("patient", 2)) == []


def test_what_is_withdrawn_waits_no_longer(log: Log, projector: Pool) -> None:
    """Each by itself, the day as well."""
    clinic = asked()
    tell(clinic, money.WriteOffRequestWithdrawn(
        write_off_id=LINE, claim_id=CLAIM, line=2, cause="paid", withdrawn_by=BILLER
    ))  # fmt: skip
    clinic.in_care(enrollment.DayWriteOffRequestWithdrawn(
        service_date="2026-03-09", cause="found", withdrawn_by=BILLER
    ))  # fmt: skip
    assert [one.write_off_id for one in listed(clinic, log, projector)] == [CHARGE]


def test_what_is_approved_waits_no_longer(log: Log, projector: Pool) -> None:
    """Of whatever it was."""
    clinic = asked()
    told = {"cause": "hardship", "requested_by": BILLER, "approved_by": DIRECTOR}
    tell(clinic, money.BalanceWrittenOff(
        write_off_id=LINE, claim_id=CLAIM, line=2, share="payer", amount_cents=500, **told
    ))  # fmt: skip
    tell(clinic, money.BalanceWrittenOff(
        write_off_id=CHARGE, charge_id=an_id("charge"), share="patient", amount_cents=700, **told
    ))  # fmt: skip
    clinic.in_care(enrollment.DayWrittenOff(service_date="2026-03-09", cause="no_note", approved_by=DIRECTOR))
    assert listed(clinic, log, projector) == []
