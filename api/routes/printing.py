"""Documents to be printed: one, a session's, a stretch of a patient's chart; and what came between two moments.

A print leaves the house, so each is on record with what the caller says it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from aggregates.values import Date, Id
from api.asking import PAST, AsOf, One, TheAsk
from api.filters import invalid, must_run_forwards
from api.gate import RecordDamaged
from api.problems import declared
from api.releasing import Disclosed, must_be_released
from api.routes.clinic import DOCUMENTS
from api.shown import patients_in
from iop_es.engine.log import Log, StoredFact
from projections.chart import reading
from projections.chart.changes import of_differences
from projections.chart.differences import Differences, differences
from projections.chart.html import POLICY, html
from projections.chart.notice import noticed
from projections.chart.pages import Print
from projections.chart.pdf import pdf
from projections.chart.sheets import of_chart, of_document, of_session
from projections.chart.shown import Rendition

router = APIRouter(prefix="/v1", tags=["printing"], responses=declared(401, 403, 404, 422, 503))
PAPER = {"html": "text/html", "pdf": "application/pdf"}
PRINT: dict[str, Any] = {
    "description": "The print, with the patient and the page's number on every page.",
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in PAPER.values()},
}
PRINTED: dict[int | str, dict[str, Any]] = PAST | {200: PRINT}
DATA_OR_PRINTED = PAST | {200: PRINT | {"description": "The data, or the print of them."}}

Paper = Literal["html", "pdf"]
Purpose = Annotated[
    Literal["treatment", "payment", "operations", "patient_request", "oversight", "legal"],
    Query(description="What the print is for; it stands in the access log."),
]


async def paper(
    request: Request,
    format: Annotated[Paper | None, Query(description="Left out, as Accept says, else HTML.")] = None,  # noqa: A002 - the parameter's name
) -> Paper:
    """Which of the two is wanted."""
    return format or _accepted(request.headers.get("accept", ""), default="html")


async def paper_or_data(
    request: Request,
    format: Annotated[Paper | Literal["json"] | None, Query(description="Left out, as Accept says, else JSON.")] = None,  # noqa: A002 - as above
) -> Paper | Literal["json"]:
    """Which of the three is wanted."""
    return format or _accepted(request.headers.get("accept", ""), default="json")


async def the_log(request: Request) -> Log:
    """The log, which the rooms of documents read themselves."""
    log: Log = request.app.state.services.documenting.log
    return log


ThePaper = Annotated[Paper, Depends(paper)]
TheLog = Annotated[Log, Depends(the_log)]


@router.get("/notes/{note_id}/print", operation_id="note.print", responses=PRINTED, response_class=Response)
def note(
    ask: TheAsk, log: TheLog, paper: ThePaper, note_id: Annotated[Id, Path()], as_of: AsOf = None,
    purpose: Purpose = "treatment", disclosure_id: Disclosed = None,
) -> Response:
    """One document on paper: its words, the narrative that it rests on, signatures and amendments; now or as known
    then."""
    upto = ask.upto(as_of)
    shown = ask.stream(note_id, lambda facts: _document(log, note_id, facts, upto), as_of, purpose).item
    notice = must_be_released(ask, log, patients_in(shown), [shown.program_id], purpose, disclosure_id)
    return _printed(noticed(of_document(shown), notice), paper, f"note-{note_id}")


@router.get(
    "/sessions/{session_id}/notes/print", operation_id="session.print", responses=PRINTED, response_class=Response
)
def session(
    ask: TheAsk, log: TheLog, paper: ThePaper, session_id: Annotated[Id, Path()], as_of: AsOf = None,
    purpose: Purpose = "treatment", disclosure_id: Disclosed = None,
) -> Response:
    """A session's documents on paper, for staff: each patient's with the narrative on pages of their own. Those that
    you may not read one by one are left out, and how many they are is said on the first page."""
    upto = ask.upto(as_of)
    shown = ask.stream(
        session_id, lambda facts, near, far: reading.of_session(log, facts, near, far, upto), as_of, purpose, DOCUMENTS,
    ).item  # fmt: skip
    notice = must_be_released(ask, log, patients_in(shown), [shown.program_id], purpose, disclosure_id)
    return _printed(noticed(of_session(shown.documents, shown.left_out), notice), paper, f"session-{session_id}")


@router.get("/patients/{patient_id}/chart", operation_id="patient.chart", responses=PRINTED, response_class=Response)
def chart(
    ask: TheAsk, log: TheLog, paper: ThePaper, patient_id: Annotated[Id, Path()],
    first: Annotated[Date, Query(alias="from", description="First date of service.")],
    through: Annotated[Date, Query(description="Last date of service.")],
    as_of: AsOf = None, purpose: Purpose = "treatment", disclosure_id: Disclosed = None,
) -> Response:  # fmt: skip
    """A stretch of a patient's chart on paper, by date of service, with its contents in front."""
    must_run_forwards(**{"from": first, "through": through})
    upto, programs = ask.upto(as_of), ask.caller.programs
    shown = ask.stream(
        patient_id, lambda facts: reading.of_patient(log, facts, programs, first, through, upto), as_of, purpose,
    ).item  # fmt: skip
    notice = must_be_released(ask, log, [patient_id], programs, purpose, disclosure_id)
    if len(shown.notes) > reading.MOST:
        raise invalid(("through", f"Holds {len(shown.notes)} documents; ask for at most {reading.MOST} in one print"))
    found = reading.documents(log, shown.notes, upto)
    lost = [one for one in shown.notes if one not in {each.note_id for each in found}]
    made = of_chart(shown.running, first, through, found, lost)
    return _printed(noticed(made, notice), paper, f"chart-{patient_id}-{first}-{through}")


@router.get(
    "/notes/{note_id}/differences", operation_id="note.differences", responses=DATA_OR_PRINTED,
    response_model=One[Differences],
)
def changes(
    ask: TheAsk, log: TheLog, paper: Annotated[Paper | Literal["json"], Depends(paper_or_data)],
    note_id: Annotated[Id, Path()],
    since: Annotated[AsOf, Query(description="The earlier moment: a position or a time.")], as_of: AsOf = None,
    purpose: Purpose = "treatment", disclosure_id: Disclosed = None,
) -> Any:
    """What a document says that it did not say at an earlier moment, word by word, and what was signed since; now or
    up to a later moment. `format=html` or `pdf` puts it on paper."""
    upto = ask.upto(as_of)
    earlier = ask.gate.moment(since or 0)
    if upto is not None and upto < earlier[0]:
        raise invalid(("as_of", "Comes before since; exchange the two"))
    now = ask.stream(note_id, lambda facts: _document(log, note_id, facts, upto), as_of, purpose)
    notice = must_be_released(ask, log, patients_in(now.item), [now.item.program_id], purpose, disclosure_id)
    found = differences(earlier, reading.one_document(log, note_id, earlier[0]), now.item)
    if paper == "json":
        return One(position=now.position, now=now.now, item=found)
    return _printed(noticed(of_differences(found, now.item), notice), paper, f"changes-{note_id}")


def _document(log: Log, note_id: Id, facts: Sequence[StoredFact], upto: int | None) -> Rendition | None:
    """The document of these facts; None where they are none of a document. Raises RecordDamaged."""
    found = reading.one_document(log, note_id, upto)
    if found is None and facts and facts[0].topic.startswith("note.drafted"):
        raise RecordDamaged
    return found


def _printed(made: Print, paper: Paper, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}.{paper}"', "X-Content-Type-Options": "nosniff"}
    if paper == "html":
        headers["Content-Security-Policy"] = POLICY
        return Response(html(made), media_type="text/html; charset=utf-8", headers=headers)
    return Response(pdf(made), media_type=PAPER["pdf"], headers=headers)


def _accepted(accept: str, default: Any) -> Any:
    """The first kind of paper that Accept names, by its weight; the default where it names none."""
    named = {kind: paper for paper, kind in PAPER.items()}
    weighed = []
    for place, part in enumerate(accept.lower().split(",")):
        kind, *parameters = (one.strip() for one in part.split(";"))
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        if kind in named and weight.rstrip("0.") != "":
            weighed.append((weight if weight != "1" else "1.0", -place, named[kind]))
    return max(weighed)[2] if weighed else default
