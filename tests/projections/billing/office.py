"""A billing office beside the clinic: its claims are those that billing prepares, taken as the claim's own rules do.

Every command goes through the aggregates' own decisions with the streams as they stand, reservations included; what
they refuse is kept, and nothing of it is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import rfc8785
from pydantic import TypeAdapter

from aggregates.claim import commands as ask
from aggregates.claim import facts as past
from aggregates.claim.state import Bill, taken_in
from aggregates.claim.taking_back import WAITING
from aggregates.codec import decode
from aggregates.kit import Act, Claim, Elsewhere, Refusal, Release, Seen, Stream
from aggregates.registry import AGGREGATE_OF_COMMAND, AGGREGATES
from iop_es.engine.readmodel.model import Delta
from projections.billing import MODEL
from projections.billing.claims import correcting, prepare
from projections.billing.corrections import correction
from projections.billing.day import Day
from projections.billing.queries import claims_from_rows, days_from
from projections.billing.views import ClaimView, CorrectionView
from tests.aggregates.scenario import seen_as
from tests.projections.billing.clinic import Clinic, an_id
from tests.projections.story import folded

NOW = "2026-04-10T12:00:00.000000Z"
PROGRAMS = [an_id("program"), an_id("program", 2)]
PATIENTS = (an_id("patient", 1), an_id("patient", 2))
SENT = {"submitted", "acknowledged", "adjudicated"}
_ORDER: TypeAdapter[ask.PrepareClaim] = TypeAdapter(ask.PrepareClaim)


@dataclass(frozen=True)
class Made:
    """What was prepared for one patient in one go: as of which position, with which ids, and the data's bytes."""

    patient_id: str
    position: int
    period: Any
    claims: tuple[bytes, ...]


@dataclass
class Office:
    """Prepares, sends and mends the claims of a clinic; `refused` are the refusals, `keys` the reservations held.

    `words` tell the steps so far, so that a failing test shows them.
    """

    clinic: Clinic
    words: list[str] = field(default_factory=list)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1))

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """How hypothesis shows a past that breaks a law."""
        printer.text("; ".join(self.words))

    def delta(self, without: Collection[str] = ()) -> Delta:
        """The rows as they are, or as they would be had some streams never been."""
        return folded(MODEL, [one for one in self.clinic.story.recorded(MODEL) if one.stream not in without])

    def days(self, without: Collection[str] = ()) -> list[Day]:
        """The decided days of both patients."""
        delta = self.delta(without)
        return [day for patient in PATIENTS for day in days_from(delta, patient)]

    def claims(self, delta: Delta | None = None) -> list[ClaimView]:
        """Every claim, in the order of the read model."""
        known = delta or self.delta()
        return [one for patient in PATIENTS for one in claims_from_rows(known, patient_id=patient, programs=PROGRAMS)]

    def live(self) -> dict[str, past.ClaimPrepared]:
        """What the claims that stand were prepared as, by the aggregate's own phases."""
        streams = {told.stream for told in self.clinic.story.facts if told.name == "claim.prepared"}
        found = {stream: self._seen("claim", stream).state for stream in sorted(streams)}
        return {
            stream: state.prepared for stream, state in found.items()
            if state.prepared.frequency != "8" and state.phase in {"prepared", *SENT}
        }

    def pending(self) -> dict[str, tuple[past.ClaimPrepared, Bill]]:
        """Replacements and voids that stand and no payer has accepted yet, each with the claim that it takes back."""
        streams = {told.stream for told in self.clinic.story.facts if told.name == "claim.prepared"}
        found = {stream: self._seen("claim", stream).state for stream in sorted(streams)}
        return {
            stream: (state.prepared, found[state.prepared.replaces]) for stream, state in found.items()
            if state.prepared.replaces and state.phase in {"prepared", *SENT}
            and not taken_in(state, found[state.prepared.replaces])
        }  # fmt: skip

    def seen(self, claim_id: str) -> Bill:
        """A claim as its own rules remember it."""
        bill: Bill = self._seen("claim", claim_id).state
        return bill

    def state(self, aggregate: str, stream: str) -> Any:
        """Any stream as its own rules remember it."""
        return self._seen(aggregate, stream).state

    def prepare(self, period: Any = "week") -> int:
        """Prepares and records what can be billed; answers how many claims were recorded."""
        position, recorded, delta = len(self.clinic.story.facts), 0, self.delta()
        for patient in PATIENTS:
            found = again(days_from(delta, patient), position, period, self.numbers).claims
            if found:
                self.made.append(Made(patient, position, period, tuple(map(rfc8785.dumps, found))))
            recorded += sum(self.order(data["claim_id"], _command(data)) for data in found)
        return recorded

    def send(self) -> None:
        """Everything prepared leaves."""
        for one in self.claims():
            if one.status == "prepared":
                self.order(one.claim_id, ask.SubmitClaim(
                    claim_id=one.claim_id, submitted_at=NOW, batch="b", control_number="c", demonstration=True
                ))  # fmt: skip

    def answer(
        self, claim_id: str, paid: int, group: Any = "CO", carc: str = "45", status: Any = None,
        rarc: str | None = None,
    ) -> None:  # fmt: skip
        """The payer takes it in and pays so many percent of each line; the rest is an adjustment. With the status of a
        denial it was never taken in before."""
        prepared = self._seen("claim", claim_id).state.prepared
        lines = tuple(
            past.AdjudicatedLine(line=one.line, paid_cents=one.charge_cents * paid // 100, adjustments=(
                past.Adjustment(
                    group=group, carc=carc, rarc=rarc, amount_cents=one.charge_cents - one.charge_cents * paid // 100,
                ),
            ))
            for one in prepared.lines
        )  # fmt: skip
        if status != "4":
            self.accept(claim_id)
        self.order(claim_id, ask.AdjudicateClaim(
            claim_id=claim_id, adjudicated_on=NOW[:10], payer_control_number="p1", lines=lines,
            paid_cents=sum(one.paid_cents for one in lines), trace_number=f"EFT-{len(self.clinic.story.facts)}",
            status=status,
        ))  # fmt: skip

    def accept(self, claim_id: str) -> None:
        """The payer takes it in."""
        self.order(claim_id, ask.AcknowledgeClaim(
            claim_id=claim_id, acknowledged_at=NOW, source="277CA", reference="r"
        ))  # fmt: skip

    def reverse(self, claim_id: str) -> None:
        """The payer takes its answer back."""
        self.order(claim_id, ask.ReverseAdjudication(claim_id=claim_id, reversed_on=NOW[:10]))

    def reject(self, claim_id: str) -> None:
        """The clearing house does not take it in."""
        self.order(claim_id, ask.RejectClaim(claim_id=claim_id, rejected_at=NOW, source="277CA", codes=("A7",)))

    def withdraw(self, claim_id: str) -> None:
        """Prepared in vain."""
        self.order(claim_id, ask.VoidClaim(claim_id=claim_id, voided_on=NOW[:10], cause="error"))

    def wrong(self) -> list[CorrectionView]:
        """The claims on the list of corrections."""
        delta = self.delta()
        days = [day for patient in PATIENTS for day in days_from(delta, patient)]
        live = self.live()
        found = (correction(one, days, NOW) for one in self.claims(delta) if one.claim_id in live)
        return [one for one in found if one is not None]

    def mend(self, only: str | None = None) -> None:
        """Each wrong claim that the payer has is replaced or voided, where its rules let it; of two for the same, the
        one that somebody named, and what only the payer says is wrong where it is named."""
        delta = self.delta()
        known = {one.claim_id: one for one in self.claims(delta)}
        days = [day for patient in PATIENTS for day in days_from(delta, patient)]
        for wrong in self.wrong():
            if only not in {None, wrong.claim_id} or ((wrong.twice or wrong.look) and only is None):
                continue
            if wrong.unprocessable:
                self.withdraw(wrong.claim_id)
                continue
            own = [day for day in days if any(line.claim_id == wrong.claim_id for line in day.claimed)]
            data = correcting(
                known[wrong.claim_id], own, wrong, decided_at=len(self.clinic.story.facts), now=NOW,
                claim_id=an_id("claim", next(self.numbers)),
            )  # fmt: skip
            if data is not None:
                self.order(data["claim_id"], _command(data))

    def order(self, claim_id: str, command: Any, by: str = an_id("person")) -> bool:
        """Decides a command of a claim, or an account, and records what comes of it; whether anything did."""
        kind = AGGREGATE_OF_COMMAND[type(command)]
        seen = self._seen(kind.name, claim_id)
        others = self.look(kind.consult(seen.state, command))
        others |= self.look(kind.further(seen.state, command, others))
        act = Act(by=by, role="biller", occurred_at=NOW, now=NOW)
        try:
            outcomes = kind.decide(seen.state, command, act, others)
            self._reserve(claim_id, outcomes, others)
        except Refusal as refusal:
            self.refused.append(refusal)
            return False
        for stream, fact in _facts(claim_id, outcomes, others):
            self.clinic.story.tell(stream, fact, role="biller")
        return bool(outcomes)

    def _reserve(self, claim_id: str, outcomes: Iterable[Any], seen: dict[str, Seen]) -> None:
        keys, held = dict(self.keys), list(_flat(claim_id, outcomes, seen))
        for _, one in held:
            if isinstance(one, Release) and (one.kind != WAITING or (one.kind, one.key) in keys):
                keys.pop((one.kind, one.key))
        for stream, one in held:
            if isinstance(one, Claim):
                if (one.kind, one.key) in keys:
                    raise one.held(key=one.key)
                keys[one.kind, one.key] = stream
        self.keys = keys

    def look(self, streams: dict[str, Stream]) -> dict[str, Seen]:
        """By their ids, or as whoever holds a reservation."""
        ids = {name: one.id or self.keys.get(one.holder_of or ("", "")) for name, one in streams.items()}
        return {name: self._seen(streams[name].aggregate, found) for name, found in ids.items() if found}

    def _seen(self, aggregate: str, stream: str) -> Seen:
        facts = [decode(told.topic, told.state) for told in self.clinic.story.facts if told.stream == stream]
        return seen_as(AGGREGATES[aggregate], stream, *facts)


def again(days: Iterable[Day], position: int, period: Any, numbers: count[int]) -> Any:
    """Prepares over days that were decided at a position."""
    return prepare(days, decided_at=position, now=NOW, period=period, new_id=lambda: an_id("claim", next(numbers)))


def _command(data: dict[str, Any]) -> ask.PrepareClaim:
    return _ORDER.validate_python(data | {"demonstration": True})


def _flat(claim_id: str, outcomes: Iterable[Any], seen: dict[str, Seen]) -> Iterable[tuple[str, Any]]:
    for one in outcomes:
        if isinstance(one, Elsewhere):
            yield from _flat(seen[one.name].id, one.outcomes, seen)
        else:
            yield claim_id, one


def _facts(claim_id: str, outcomes: Iterable[Any], seen: dict[str, Seen]) -> Iterable[tuple[str, Any]]:
    """A fact of the claim's own before those of others, so that a void is known before what it takes back."""
    return [(stream, one) for stream, one in _flat(claim_id, outcomes, seen) if not isinstance(one, Claim | Release)]
