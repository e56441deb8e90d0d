"""Claims as billing decides them: made of days that can be billed now or of what answered claims left, and what puts
wrong claims right. The one way to them, at the command line and over HTTP.

Nobody dictates a claim's lines. An aggregate knows no read model and cannot compare them with what was decided of their
days, so `claim.prepare` itself is taken from no token (`api.routes.commands`): who prepares claims says which days, and
each claim follows from what the read model has of them at the position that the claim keeps (`decided_at`). That is
never behind the log as it was when somebody asked (`least`): else a day that was corrected a moment before would still
be billed as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, cast
from uuid import NAMESPACE_URL, uuid4, uuid5

import rfc8785
from pydantic import TypeAdapter

from aggregates.claim.commands import PrepareClaim, VoidClaim
from aggregates.kit import COMMAND_NAME
from api import alike
from api.commands.order import Order, digest_of
from api.gate import Gate, Question
from api.identity import Caller
from api.rooms import rooms_of
from iop_es.engine.log import Log
from projections.billing import MODEL, queries, worklists
from projections.billing.claims import LeftOut
from projections.billing.claims import prepare as prepared_claims
from projections.billing.day import Day
from projections.billing.secondary_claims import NotReady
from projections.billing.secondary_claims import secondary as secondary_claims
from projections.billing.words import recorded_late
from projections.billing.wrong import Wrong, wrong_claims

BILLING = MODEL.name
CLAIMS = uuid5(NAMESPACE_URL, "urn:iop-es:claim")
ACTIONS = {"7": "replace it (frequency 7)", "8": "void it (frequency 8)"}
HERE = "void it here, as it was never sent; its days can go on a new claim"
UNFILED = "void it here, as its payer treats it as never filed (MA130); its days can go on a new claim"
LATER = "it waits"
WAITS = "The payer has not answered it, so that its number of the claim is unknown; correct it after the answer."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which days are to go on claims: of these programs, and of a payer and from and to a day where these are named.
    `period` is what one claim covers for payers that say nothing of it."""

    programs: Sequence[str]
    payer_id: str | None = None
    first: str | None = None
    last: str | None = None
    period: Literal["week", "month"] = "week"


@dataclass(frozen=True, slots=True)
class Made:
    """Data of `claim.prepare` commands, and what was left out or goes out of turn, each with why. `to_look_at` are days
    that are on claims although they rest on what was recorded after them, or somebody led a session of theirs and
    another one in the same minutes."""

    claims: list[dict[str, Any]]
    position: int
    left_out: Sequence[LeftOut] = ()
    to_look_at: Sequence[LeftOut] = ()
    out_of_turn: Sequence[Day] = ()
    not_ready: Sequence[NotReady] = ()


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
        here = UNFILED if correction.unprocessable else HERE
        return LATER if correction.waits else ACTIONS.get(correction.frequency or "", here)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values; `refused` says why nothing was ordered."""
        shown = self.wrong.correction.model_dump()
        prepared = self.data["claim_id"] if self.data and self.command is PrepareClaim else None
        return shown | {"action": self.action, "prepared_claim_id": prepared, "refused": self.refused}


def billable(log: Log, gate: Gate, question: Question, wanted: Wanted, *, least: int, simulation: bool) -> Made:
    """Claims over today's billable days, decided at the position that the read model has reached, which is `least` or
    further on; without those that a record bills which may be the same person's. Raises NotCaughtUp."""
    answer = gate.read(
        question, BILLING,
        lambda cursor, now: queries.to_bill(
            cursor, programs=wanted.programs, now=now, payer_id=wanted.payer_id, from_date=wanted.first,
            through_date=wanted.last,
        ),
        least=least,
    )  # fmt: skip
    days, around = answer.result
    others, billed = alike.elsewhere(log, days)
    found = prepared_claims(
        days, around=around, others=others, billed=billed, decided_at=answer.position, now=answer.now,
        period=wanted.period, new_id=lambda: str(uuid4()),
    )  # fmt: skip
    on_claims = {
        (one["patient_id"], one["enrollment_id"], line["service_date"]) for one in found.claims for line in one["lines"]
    }
    going = [day for day in days if (day.patient_id, day.enrollment_id, day.service_date) in on_claims]
    led = rooms_of(gate, going, answer.position)
    doubts = [LeftOut(day, why) for day in going for why in (*recorded_late(day, answer.now), *led.against(day))]
    return Made(_named(found.claims, simulation), answer.position, found.left_out, doubts, found.out_of_turn)


def left(gate: Gate, question: Question, wanted: Wanted, *, least: int, simulation: bool) -> Made:
    """Secondary claims over what is left of answered claims; days are then about the answered claim's first, and the
    payer is the second one. Raises NotCaughtUp."""
    answer = gate.read(
        question, BILLING,
        lambda cursor, now: worklists.secondary_due(
            cursor, programs=wanted.programs, now=now, payer_id=wanted.payer_id
        ),
        least=least,
    )  # fmt: skip
    due = [one for one in answer.result if (wanted.first or "") <= one.from_date <= (wanted.last or one.from_date)]
    claims, not_ready = secondary_claims(
        due, decided_at=answer.position, now=answer.now, new_id=lambda: str(uuid4())
    )
    return Made(_named(claims, simulation), answer.position, not_ready=not_ready)


def remedies(
    gate: Gate, question: Question, programs: Sequence[str], claim_id: str | None, *, least: int, simulation: bool,
    known: bool = False,
) -> list[Remedy]:  # fmt: skip
    """What to do about each wrong claim, or about one, by what the read model knows; nothing for one that is right.
    One that only its payer says is wrong is put right where it is named.
    With `known` the one must be within reach. Raises NotCaughtUp, NotFound."""

    def wrong(cursor: Any, now: str) -> list[Wrong] | None:
        if known and claim_id and queries.claim(cursor, programs=programs, now=now, claim_id=claim_id) is None:
            return None
        return wrong_claims(cursor, programs=programs, now=now, claim_id=claim_id)

    answer = gate.read(question, BILLING, wrong, least=least)
    return [_remedy(one, answer.position, answer.now, simulation, claim_id is not None) for one in answer.result]


def order_of(caller: Caller, command: type, data: dict[str, Any]) -> Order:
    """An order of the caller's; its key is what it says, so that a call that comes twice makes each thing once."""
    name = COMMAND_NAME[command]
    adapter: TypeAdapter[Any] = TypeAdapter(command)
    typed = adapter.validate_python(data)
    return Order(
        typed, caller.person, caller.role, caller.programs, f"{caller.person}:{name}:{digest(data)}",
        digest_of(name, data), request=caller.request,
    )


def digest(data: dict[str, Any]) -> str:
    """What a command says, in one number: its id and its key follow from it, so that asking twice makes one claim."""
    return sha256(rfc8785.dumps(cast(Any, data))).hexdigest()


def _remedy(wrong: Wrong, position: int, now: str, simulation: bool, named: bool) -> Remedy:
    """`named`: somebody asked for this very claim."""
    correction = wrong.correction
    asks_for_a_name = None if named else correction.twice or correction.look
    refused = correction.waits or asks_for_a_name or correction.late
    if refused is not None:
        return Remedy(wrong, refused=refused)
    data = wrong.data(decided_at=position, now=now, claim_id=correction.claim_id)
    if data is None:
        reason = next((day.reason for day in correction.days if day.reason), None)
        cause = "unprocessable" if correction.unprocessable else reason or (
            "other_lines" if correction.days else "other_header"
        )
        data = {"claim_id": correction.claim_id, "voided_on": now[:10], "cause": cause}
        return Remedy(wrong, VoidClaim, data)
    if correction.payer_control_number is None:
        return Remedy(wrong, refused=WAITS)
    return Remedy(wrong, PrepareClaim, _named([data], simulation)[0])


def _named(claims: Sequence[dict[str, Any]], simulation: bool) -> list[dict[str, Any]]:
    """Each under an id made from what it says; terms that nobody verified pass in a simulation."""
    whole = [one | {"demonstration": simulation} for one in claims]
    return [one | {"claim_id": str(uuid5(CLAIMS, digest(one | {"claim_id": None})))} for one in whole]
