"""`iop-es claims correct`: wrong claims put right, by a claim that replaces (7) or voids (8) what the payer has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from aggregates.claim.commands import PrepareClaim, VoidClaim
from iop_es import wiring
from iop_es.cli.claims import BILLING, DryRun, Person, order
from iop_es.cli.claims import named as under_its_id
from iop_es.cli.frame import REFUSED, Json, emit, leave, settings
from iop_es.cli.operator import an_id, catch_up, ordered, question
from iop_es.wiring import House
from projections.billing.views import ClaimedLineView, CorrectedDayView
from projections.billing.words import dollars
from projections.billing.wrong import Wrong, wrong_claims

ClaimId = Annotated[
    str | None,
    typer.Argument(metavar="CLAIM", help="One claim's id; left out, every claim that is wrong.", parser=an_id),
]
ACTIONS = {"7": "replace it (frequency 7)", "8": "void it (frequency 8)"}
HERE = "void it here, as it was never sent; its days can go on a new claim"
LATER = "it waits"
WAITS = "The payer has not answered it, so that its number of the claim is unknown; correct it after the answer."


@dataclass(slots=True)
class Remedy:
    """What is to be done about a wrong claim: a command with its data, or why it must wait."""

    wrong: Wrong
    command: type | None = None
    data: dict[str, Any] | None = None
    refused: str | None = None

    @property
    def action(self) -> str:
        """The same in words."""
        correction = self.wrong.correction
        return LATER if correction.waits else ACTIONS.get(correction.frequency or "", HERE)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values; `refused` says why nothing was ordered."""
        shown = self.wrong.correction.model_dump()
        prepared = self.data["claim_id"] if self.data and self.command is PrepareClaim else None
        return shown | {"action": self.action, "prepared_claim_id": prepared, "refused": self.refused}


def correct(
    claim: ClaimId = None, person: Person = None, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Prepare what puts wrong claims right: a replacement, or a void where nothing of a claim stands.

    A claim that was never sent is voided here. What changes is told for each, in words and money. Exit code 1 when one
    cannot be corrected yet or is refused.
    """
    with wiring.opened(settings("warning")) as house:
        remedies = _remedies(house, claim, person)
        if claim is not None and not remedies:
            _must_be_known(house, claim)
        if not dry_run:
            _order(house, person, remedies)
    _tell(remedies, claim, dry_run, as_json)


def _remedies(house: House, claim: str | None, person: str | None) -> list[Remedy]:
    """What to do about each wrong claim, by what the read model knows."""
    catch_up(house)
    asked, programs = question(house, "claims/correct", person, "biller")
    answer = house.gate.read(
        asked, BILLING, lambda cursor, now: wrong_claims(cursor, programs=programs, now=now, claim_id=claim)
    )
    simulation = house.log.head().simulation
    return [_remedy(one, answer.position, answer.now, simulation, claim is not None) for one in answer.result]


def _remedy(wrong: Wrong, position: int, now: str, simulation: bool, named: bool) -> Remedy:
    """`named`: somebody asked for this very claim."""
    correction = wrong.correction
    if correction.waits is not None:
        return Remedy(wrong, refused=correction.waits)
    if correction.twice is not None and not named:
        return Remedy(wrong, refused=correction.twice)
    if correction.late is not None:
        return Remedy(wrong, refused=correction.late)
    data = wrong.data(decided_at=position, now=now, claim_id=correction.claim_id)
    if data is None:
        cause = next((day.reason for day in correction.days if day.reason), None) or (
            "other_lines" if correction.days else "other_header"
        )
        data = {"claim_id": correction.claim_id, "voided_on": now[:10], "cause": cause}
        return Remedy(wrong, VoidClaim, data)
    if correction.payer_control_number is None:
        return Remedy(wrong, refused=WAITS)
    return Remedy(wrong, PrepareClaim, under_its_id(data | {"demonstration": simulation}))


def _must_be_known(house: House, claim_id: str) -> None:
    """Ends the command for a claim that nobody prepared; one that is known is right."""
    if not house.log.streams([claim_id])[claim_id]:
        leave(REFUSED, f"There is no claim {claim_id}; correct the id.")


def _order(house: House, person: str | None, remedies: list[Remedy]) -> None:
    """Orders each by itself; a refusal is said and kept with its claim.

    They share one append, which gives back before it takes, whichever is told first.
    """
    due = [one for one in remedies if one.command is not None and one.data is not None]
    orders = [order(person, one.command, one.data) for one in due if one.command and one.data]
    answers = ordered(house, orders, [f"Claim {one.wrong.claim.claim_id}" for one in due])
    for one, answer in zip(due, answers, strict=True):
        if isinstance(answer, Exception):
            one.refused = str(answer) or " ".join((type(answer).__doc__ or "").split())


def _tell(remedies: list[Remedy], claim: str | None, dry_run: bool, as_json: bool) -> None:
    done = [one for one in remedies if one.refused is None]
    prepared = sum(one.command is PrepareClaim for one in done)
    counts = {"prepared": prepared, "voided": len(done) - prepared, "refused": len(remedies) - len(done)}
    if as_json:
        emit(counts | {"dry_run": dry_run, "corrections": [one.as_json() for one in remedies]})
    else:
        for one in remedies:
            _tell_one(one)
        if claim is not None and not remedies:
            typer.echo(f"Claim {claim}: by what is known now there is nothing to correct.")
        would = "would be " if dry_run else ""
        typer.echo(
            f"{prepared:,} claims {would}prepared, {counts['voided']:,} {would}voided here, {counts['refused']:,} not "
            "corrected."
        )
    if counts["refused"]:
        raise typer.Exit(REFUSED)


def _tell_one(remedy: Remedy) -> None:
    one = remedy.wrong.correction
    money = f"{dollars(one.claimed_cents)} becomes {dollars(one.right_cents)} ({dollars(one.difference_cents)})"
    typer.echo(f"Claim {one.claim_id}, {one.status}: {remedy.action}. {money}.")
    for day in one.days:
        typer.echo(f"  {_change(day)}")
    for sentence in (*one.header, *filter(None, (one.late_released,))):
        typer.echo(f"  {sentence}")
    if remedy.refused is not None:
        typer.echo(f"  Not corrected: {remedy.refused}")


def _change(day: CorrectedDayView) -> str:
    """What a day's lines were and are, and why."""
    right = ", ".join(map(_line, day.right)) or "nothing"
    why = f" {day.sentence}" if day.sentence else ""
    return f"{day.service_date}: {', '.join(map(_line, day.claimed))} becomes {right}.{why}"


def _line(line: ClaimedLineView) -> str:
    code = "/".join(filter(None, (line.procedure_code, line.revenue_code)))
    times = f" times {line.units}" if line.units != 1 else ""
    return f"{' '.join((code, *line.modifiers))}{times} at {dollars(line.charge_cents)}"
