"""`iop-es print` and `iop-es chart`: documents on paper, in a file that only its owner can read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer

from aggregates.kit import Refusal
from api.gate import NotFound, Question
from api.releasing import must_be_released
from api.shown import patients_in
from iop_es import wiring
from iop_es.cli.frame import settings
from iop_es.cli.operator import a_date, an_id, asked_by, catch_up, position_of
from iop_es.engine.files import write
from iop_es.engine.log import StoredFact
from iop_es.wiring import House
from projections.chart import reading
from projections.chart.html import html
from projections.chart.notice import Notice, noticed
from projections.chart.pages import Print
from projections.chart.pdf import pdf
from projections.chart.sheets import of_chart, of_document

T = TypeVar("T")
Purpose = Literal["treatment", "payment", "operations", "patient_request", "oversight", "legal"]
PAPER: dict[str, Callable[[Print], bytes]] = {".html": html, ".pdf": pdf}
Note = Annotated[str, typer.Argument(metavar="NOTE", help="The document's id.", parser=an_id)]
Patient = Annotated[str, typer.Argument(metavar="PATIENT", help="The patient's id.", parser=an_id)]
First = Annotated[str, typer.Option("--from", metavar="DATE", help="First date of service.", parser=a_date)]
Through = Annotated[str, typer.Option("--through", metavar="DATE", help="Last date of service.", parser=a_date)]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to: a name ending in .pdf or .html.")]
AsOf = Annotated[str | None, typer.Option(metavar="POSITION|TIME", help="As it was known then.")]
View = Callable[[Sequence[StoredFact], int | None], Any]
By = Annotated[str, typer.Option("--person", metavar="ID", help="Who prints it: somebody on record.", parser=an_id)]
In = Annotated[str, typer.Option("--role", help="In which role, as in tokens.")]
For = Annotated[Purpose, typer.Option("--purpose", help="What the print is for; it stands in the access log.")]
Disclosed = Annotated[
    str | None,
    typer.Option("--disclosure", metavar="ID", help="The disclosure on record that it is made for.", parser=an_id),
]


def print_(
    note: Note, out: Out, person: By, role: In, purpose: For = "treatment", disclosure: Disclosed = None,
    as_of: AsOf = None,
) -> None:  # fmt: skip
    """Print one document with its signatures and amendments into a PDF or HTML file.

    Whoever prints may see it by the policy of the API, and stands in the access log by name.
    """
    paper = paper_of(out, PAPER)
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        asked = asked_by(house, "note.print", person, role, purpose)
        shown = _asked(house, asked, note, as_of, lambda _, upto: reading.one_document(house.log, note, upto))
        if shown is None:
            raise typer.BadParameter(f"There is no document {note}.", param_hint="NOTE")
        notice = released(house, patients_in(shown), [shown.program_id], purpose, disclosure)
    written(out, paper(noticed(of_document(shown), notice)))


def chart(
    patient: Patient, first: First, through: Through, out: Out, person: By, role: In, purpose: For = "treatment",
    disclosure: Disclosed = None, as_of: AsOf = None,
) -> None:  # fmt: skip
    """Print a stretch of a patient's chart, by date of service and with its contents, into a PDF or HTML file.

    Whoever prints may see it by the policy of the API, and stands in the access log by name.
    """
    if first > through:
        raise typer.BadParameter(f"{through} comes before {first}; exchange the two.", param_hint="--through")
    paper = paper_of(out, PAPER)
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        asked = asked_by(house, "patient.chart", person, role, purpose)
        programs = asked.caller.programs
        shown = _asked(
            house, asked, patient, as_of,
            lambda facts, upto: reading.of_patient(house.log, facts, programs, first, through, upto),
        )  # fmt: skip
        if shown is None:
            raise typer.BadParameter(f"There is no patient {patient} in any program.", param_hint="PATIENT")
        if len(shown.notes) > reading.MOST:
            many = f"These dates hold {len(shown.notes)} documents; print at most {reading.MOST} at a time."
            raise typer.BadParameter(many, param_hint="--through")
        notice = released(house, [patient], programs, purpose, disclosure)
        upto = None if as_of is None else position_of(house, as_of)
        documents = reading.documents(house.log, shown.notes, upto)
    written(out, paper(noticed(of_chart(shown.running, first, through, documents), notice)))


def released(
    house: House, patients: Collection[str], programs: Collection[str], purpose: str, disclosure: str | None
) -> Notice | None:
    """What has to go along with a print that leaves. Raises typer.BadParameter where nothing allows it."""
    try:
        return must_be_released(house, house.log, patients, programs, purpose, disclosure)
    except Refusal as refusal:
        raise typer.BadParameter(str(refusal), param_hint="--disclosure") from None


def _asked(house: House, asked: Question, stream: str, as_of: str | None, view: View) -> Any:
    """What the gate answers, on record; None where it finds nothing."""
    moment = None if as_of is None else house.gate.moment(position_of(house, as_of))
    try:
        return house.gate.stream(asked, stream, lambda facts: view(facts, moment[0] if moment else None), moment).result
    except NotFound:
        return None


def paper_of(out: Path, papers: Mapping[str, Callable[[T], bytes]]) -> Callable[[T], bytes]:
    """What makes the kind of paper that the file's name ends in. Raises typer.BadParameter."""
    made = papers.get(out.suffix.lower())
    if made is None:
        raise typer.BadParameter(f"{out.name} ends neither in .pdf nor in .html.", param_hint="--out")
    return made


def written(out: Path, content: bytes) -> None:
    """The file whole or not at all, in place of one of the same name. Raises typer.BadParameter."""
    streamed(out, [content])


def streamed(out: Path, pieces: Iterable[bytes]) -> None:
    """The same of a file that comes in pieces."""
    try:
        write(out, pieces)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error.strerror}.", param_hint="--out") from None
    typer.echo(out)
