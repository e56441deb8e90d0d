"""`iop-es print` and `iop-es chart`: documents on paper, in a file that only its owner can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from api.gate import NotFound
from iop_es import wiring
from iop_es.cli.frame import settings
from iop_es.cli.operator import a_date, an_id, catch_up, position_of, question
from iop_es.engine.files import write
from iop_es.engine.log import StoredFact
from iop_es.wiring import House
from projections.chart import reading
from projections.chart.html import html
from projections.chart.pages import Print
from projections.chart.pdf import pdf
from projections.chart.sheets import of_chart, of_document

T = TypeVar("T")
PAPER: dict[str, Callable[[Print], bytes]] = {".html": html, ".pdf": pdf}
Note = Annotated[str, typer.Argument(metavar="NOTE", help="The document's id.", parser=an_id)]
Patient = Annotated[str, typer.Argument(metavar="PATIENT", help="The patient's id.", parser=an_id)]
First = Annotated[str, typer.Option("--from", metavar="DATE", help="First date of service.", parser=a_date)]
Through = Annotated[str, typer.Option("--through", metavar="DATE", help="Last date of service.", parser=a_date)]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to: a name ending in .pdf or .html.")]
AsOf = Annotated[str | None, typer.Option(metavar="POSITION|TIME", help="As it was known then.")]
View = Callable[[Sequence[StoredFact], int | None], Any]


def print_(note: Note, out: Out, as_of: AsOf = None) -> None:
    """Print one document with its signatures and amendments into a PDF or HTML file."""
    paper = paper_of(out, PAPER)
    with wiring.opened(settings("warning")) as house:
        shown = _asked(house, f"print/{note}", note, as_of, lambda _, upto: reading.one_document(house.log, note, upto))
    if shown is None:
        raise typer.BadParameter(f"There is no document {note}.", param_hint="NOTE")
    written(out, paper(of_document(shown)))


def chart(patient: Patient, first: First, through: Through, out: Out, as_of: AsOf = None) -> None:
    """Print a stretch of a patient's chart, by date of service and with its contents, into a PDF or HTML file."""
    if first > through:
        raise typer.BadParameter(f"{through} comes before {first}; exchange the two.", param_hint="--through")
    paper = paper_of(out, PAPER)
    with wiring.opened(settings("warning")) as house:
        _, programs = question(house, "", None, "system")
        shown = _asked(
            house, f"chart/{patient}", patient, as_of,
            lambda facts, upto: reading.of_patient(house.log, facts, programs, first, through, upto),
        )  # fmt: skip
        if shown is None:
            raise typer.BadParameter(f"There is no patient {patient} in any program.", param_hint="PATIENT")
        if len(shown.notes) > reading.MOST:
            many = f"These dates hold {len(shown.notes)} documents; print at most {reading.MOST} at a time."
            raise typer.BadParameter(many, param_hint="--through")
        upto = None if as_of is None else position_of(house, as_of)
        documents = reading.documents(house.log, shown.notes, upto)
    written(out, paper(of_chart(shown.running, first, through, documents)))


def _asked(house: House, resource: str, stream: str, as_of: str | None, view: View) -> Any:
    """What the gate answers, on record; None where it finds nothing."""
    catch_up(house)
    asked, _ = question(house, resource, None, "system")
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
