"""`iop-es changes`: what came to a patient's record between two moments, in words an auditor reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from api.gate import NotFound
from iop_es import wiring
from iop_es.cli.frame import Json, emit, settings
from iop_es.cli.operator import an_id, asked_here, catch_up, position_of
from iop_es.cli.printing import Patient
from iop_es.wiring import House
from projections.audit import MODEL
from projections.audit.between import between
from projections.audit.changes import Changes

Earlier = Annotated[
    str | None, typer.Option("--from", metavar="POSITION|TIME", help="After this moment; left out, from the start.")
]
Later = Annotated[
    str | None, typer.Option("--to", metavar="POSITION|TIME", help="Up to and with this moment; left out, now.")
]

Enrollment = Annotated[
    str | None, typer.Option("--enrollment", metavar="ID", help="Of this episode alone; left out, all.", parser=an_id)
]


def told(
    patient: Patient, earlier: Earlier = None, later: Later = None, enrollment: Enrollment = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Tell what came to a patient's record between two moments: corrections first, then what was late."""
    with wiring.opened(settings("warning")) as house:
        catch_up(house)
        above = 0 if earlier is None else position_of(house, earlier)
        upto = house.log.head().position if later is None else position_of(house, later)
        if above > upto:
            raise typer.BadParameter("This moment comes before --from; exchange the two.", param_hint="--to")
        found = _asked(house, patient, above, upto, enrollment)
    if found is None:
        episode = "" if enrollment is None else f" with an episode {enrollment}"
        raise typer.BadParameter(f"There is no patient {patient}{episode} in any program.", param_hint="PATIENT")
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    about = "patient" if enrollment is None else "episode"
    typer.echo(f"Facts {above + 1:,} to {upto:,}: {found.entries:,} about this {about}, {found.late:,} of them late.")
    for group in found.groups:
        typer.echo(f"{group.words} (facts {', '.join(map(str, group.examples))})")


def _asked(house: House, patient: str, above: int, upto: int, enrollment: str | None) -> Changes | None:
    """What the gate answers, on record; None where it finds nobody."""
    asked, programs = asked_here(house, "audit.changes", "auditor")
    facts = house.log.of_patient(patient, upto, with_context=False)
    try:
        return house.gate.read(
            replace(asked, patient=patient), MODEL.name,
            lambda cursor, now: between(
                cursor, facts, patient, (above, upto), enrollment_id=enrollment, programs=programs, now=now,
                organization_wide=True,
            ),
        ).result  # fmt: skip
    except NotFound:
        return None
