"""`iop-es what-if`: a payer's days decided again under terms that are only supposed; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from aggregates.codec import decode
from aggregates.payer_policy.document import PolicyDocument
from iop_es import wiring
from iop_es.cli.documents import written
from iop_es.cli.frame import Json, emit, progress, settings
from iop_es.cli.operator import a_date, an_id, asked_here, catch_up
from iop_es.cli.worth import console, show
from iop_es.engine.readmodel.asof import References, now_and_then
from iop_es.engine.readmodel.model import Recorded
from iop_es.wiring import House
from projections.billing import MODEL, queries
from projections.billing.references import Policy
from projections.billing.what_if import Supposition, compared, recorded_policies, supposed
from projections.billing.worth import SupposedDay, WhatIf, claims_of, groups_of, totals_of

File = Annotated[
    str,
    typer.Option("--policy", metavar="FILE|PRESET", help="The terms: a TOML file or one of `iop-es policy presets`."),
]
From = Annotated[
    str, typer.Option("--from", metavar="DATE", help="First day of service under these terms.", parser=a_date)
]
To = Annotated[str, typer.Option("--to", metavar="DATE", help="Last day of service under these terms.", parser=a_date)]
Payer = Annotated[
    str | None,
    typer.Option(
        "--payer", metavar="ID", parser=an_id,
        help="Whose terms they are; left out, the payer whose policy has the file's code.",
    ),
]  # fmt: skip
ProgramId = Annotated[
    str | None,
    typer.Option("--program", metavar="ID", help="One program's id; left out, every program.", parser=an_id),
]

BILLING = wiring.MODELS[MODEL.name]


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of payers: their policies by id, and their names by payer."""

    policies: Mapping[str, Policy]
    names: Mapping[str, str]

    @property
    def told(self) -> str:
        """Every policy with its payer, as a person would choose among them."""
        each = (
            f"{one.code} ({self.names.get(one.payer_id, '?')}, payer {one.payer_id})"
            for one in sorted(self.policies.values(), key=lambda policy: policy.code)
        )
        return f"Recorded are: {'; '.join(each)}." if self.policies else "No policy is recorded here."


def what_if(
    policy: File, first: From, last: To, payer: Payer = None, program: ProgramId = None, as_json: Json = False
) -> None:
    """Tell what a payer's days and claims would be worth under other terms, and which days change and why."""
    document = written(policy).document
    if first > last:
        raise typer.BadParameter(f"--from {first} lies after --to {last}.")
    with wiring.opened(settings("warning")) as house:
        answer = answered(house, document, first, last, payer, program)
    if as_json:
        emit(answer.model_dump())
    else:
        show(answer, console())


def answered(
    house: House, document: PolicyDocument, first: str, last: str, payer: str | None, program: str | None
) -> WhatIf:
    """What days of a period would be under a document's terms. Raises typer.BadParameter for a payer or program that
    is not known."""
    catch_up(house)
    references = References(BILLING, house.log, decode)
    known = _known(references.facts(house.log.head().position))
    given = Supposition(payer or _payer_of(document, known), document, first, last)
    asked, every = asked_here(house, f"what-if/{given.payer_id}/{first}/{last}", "system")
    if program is not None and program not in every:
        raise typer.BadParameter(f"There is no program {program}; there are {', '.join(every) or 'none yet'}.")
    programs = every if program is None else [program]
    # The entry in the access log names everybody whose history is folded below.
    found = house.gate.read(
        replace(asked, program=program), BILLING.name,
        lambda cursor, now: queries.covered(
            cursor, programs=programs, now=now, payer_id=given.payer_id, from_date=first, through_date=last
        ),
    )  # fmt: skip
    patients = found.result.patient_ids
    if not patients and given.payer_id not in known.names:
        raise typer.BadParameter(f"Payer {given.payer_id} covers no day of the period and has no policy. {known.told}")
    shared = references.facts(found.position)
    days = _folded(house, patients, found.position, found.now, given, programs, shared)
    return _weighed(days, given, known, found.position, found.now, program, len(patients))


def _folded(
    house: House, patients: list[str], position: int, now: str, given: Supposition, programs: list[str],
    shared: list[Recorded],
) -> list[SupposedDay]:  # fmt: skip
    """Every patient's days side by side: histories and references up to a position, then the supposed terms."""
    extra = supposed(given, recorded_policies(shared).values(), position, now)
    days: list[SupposedDay] = []
    with progress("patients folded", len(patients)) as move:
        for number, patient in enumerate(patients, 1):
            before, after = now_and_then(BILLING, house.log, decode, patient, position, shared, extra)
            days += compared(before, after, patient, given, programs, now)
            move(number)
    return sorted(days, key=lambda day: (day.service_date, day.patient_id, day.enrollment_id))


def _weighed(
    days: list[SupposedDay], given: Supposition, known: Known, position: int, now: str, program: str | None,
    patients: int,
) -> WhatIf:  # fmt: skip
    inside = [day for day in days if day.inside]
    return WhatIf(
        position=position, now=now, code=given.document.code, payer_id=given.payer_id,
        payer_name=known.names.get(given.payer_id, given.document.payer_name), from_date=given.first,
        to_date=given.last, program_id=program, patients=patients, claims=claims_of(days),
        unclaimed=groups_of(day for day in inside if day.claim_id is None),
        outside=groups_of(day for day in days if day.changed and not day.inside), totals=totals_of(inside),
        unknown_rates=sum(day.then.cents is None for day in inside), days=days,
    )


def _known(shared: list[Recorded]) -> Known:
    published = [one.fact for one in shared if one.name == "payer_policy.published"]
    return Known(recorded_policies(shared), {fact.payer_id: fact.payer_name for fact in published})


def _payer_of(document: PolicyDocument, known: Known) -> str:
    """The payer whose policy has the document's code. Raises typer.BadParameter unless there is just one."""
    payers = {one.payer_id for one in known.policies.values() if one.code == document.code}
    if len(payers) != 1:
        which = "No policy has" if not payers else "Several payers' policies have"
        raise typer.BadParameter(f"{which} the code {document.code!r}; name the payer with --payer. {known.told}")
    return payers.pop()
