"""`iop-es changes`: what came to a patient's record between two moments, in words an auditor reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from api.gate import NotFound
from iop_es import wiring
from iop_es.cli.frame import Json, emit, settings
from iop_es.cli.operator import catch_up, position_of, question
from iop_es.cli.printing import Patient
from iop_es.wiring import House
from projections.audit import MODEL, queries
from projections.audit.changes import Changes, changes
from projections.audit.queries import Filter
from projections.audit.values import details

Earlier = Annotated[
    str | None, typer.Option("--from", metavar="POSITION|TIME", help="After this moment; left out, from the start.")
]
Later = Annotated[
    str | None, typer.Option("--to", metavar="POSITION|TIME", help="Up to and with this moment; left out, now.")
]


def told(patient: Patient, earlier: Earlier = None, later: Later = None, as_json: Json = False) -> None:
    """Tell what came to a patient's record between two moments: corrections first, then what was late."""
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        above = 0 if earlier is None else position_of(house, earlier)
        upto = house.log.head().position if later is None else position_of(house, later)
        if above > upto:
            raise typer.BadParameter("This moment comes before --from; exchange the two.", param_hint="--to")
        found = _asked(house, patient, above, upto)
    if found is None:
        raise typer.BadParameter(f"There is no patient {patient} in any program.", param_hint="PATIENT")
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    typer.echo(f"Facts {above + 1:,} to {upto:,}: {found.entries:,} about this patient, {found.late:,} of them late.")
    for group in found.groups:
        typer.echo(f"{group.words} (facts {', '.join(map(str, group.examples))})")


def _asked(house: House, patient: str, above: int, upto: int) -> Changes | None:
    """What the gate answers, on record; None where it finds nobody."""
    asked, programs = question(house, "audit.changes", None, "auditor")
    facts = details(house.log.of_patient(patient, upto, with_context=False))
    wanted = Filter(patient_id=patient, above=above, upto=upto)
    try:
        return house.gate.read(
            replace(asked, patient=patient), MODEL.name,
            lambda cursor, now: changes(
                patient,
                queries.onward(cursor, programs=programs, now=now, wanted=wanted, organization_wide=True),
                facts, (above, upto),
            ),
        ).result  # fmt: skip
    except NotFound:
        return None
