"""The continued-stay summary: as data, and on the one page that goes to a reviewer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from aggregates.values import Id
from api.asking import PAST, Ask, AsOf, One, TheAsk
from api.problems import declared
from api.releasing import Disclosed, must_be_released
from api.routes.printing import PAPER, PRINTED, Paper, Purpose, TheLog
from iop_es.engine.log import Log
from projections.continued_stay.paper import POLICY, html, pdf
from projections.continued_stay.reading import Reviewed, reviewed
from projections.continued_stay.views import ContinuedStay

router = APIRouter(prefix="/v1", tags=["continued stay"], responses=declared(401, 403, 404, 422, 503))
Patient = Annotated[Id, Path(alias="patient_id")]


@router.get("/patients/{patient_id}/continued-stay", operation_id="patient.continued_stay", responses=PAST)
def summary(
    ask: TheAsk, log: TheLog, patient: Patient, as_of: AsOf = None, purpose: Purpose = "payment"
) -> One[ContinuedStay]:
    """A patient's latest episode for utilization review: hours by week, measures, plan, risk, units, what the payer
    asks and what is missing; now or as known then."""
    found = _asked(ask, log, patient, as_of, purpose)
    return One(position=found.position, now=found.now, item=found.item.summary)


@router.get(
    "/patients/{patient_id}/continued-stay.{paper}", operation_id="patient.continued_stay_print", responses=PRINTED,
    response_class=Response,
)
def printed(
    ask: TheAsk, log: TheLog, patient: Patient, paper: Annotated[Paper, Path(description="html or pdf.")],
    as_of: AsOf = None, purpose: Purpose = "payment", disclosure_id: Disclosed = None,
) -> Response:
    """The same on one page, with small trends and the patient's name; on record with its purpose, as each print is."""
    found = _asked(ask, log, patient, as_of, purpose).item
    notice = must_be_released(ask, log, [patient], [found.summary.program_id], purpose, disclosure_id)
    name = f"continued-stay-{patient}-{found.summary.today}.{paper}"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    if paper == "html":
        headers["Content-Security-Policy"] = POLICY
        return Response(html(found, notice), media_type="text/html; charset=utf-8", headers=headers)
    return Response(pdf(found, notice), media_type=PAPER["pdf"], headers=headers)


def _asked(ask: Ask, log: Log, patient: str, as_of: int | str | None, purpose: str) -> One[Reviewed]:
    gate, programs = ask.gate, sorted(ask.caller.programs)
    upto, now = (log.head().position, gate.now()) if as_of is None else gate.moment(as_of)
    return ask.stream(
        patient,
        lambda facts: reviewed(log, patient, programs, upto, now, lambda model: gate.folded(model, patient, upto))
        if facts else None,
        as_of, purpose,
    )  # fmt: skip
