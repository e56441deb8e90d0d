"""Claims of ours that were sent, in a log, and files imported for a biller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aggregates import account, claim
from aggregates.account.state import Account
from aggregates.account.streams import account_of
from aggregates.claim.facts import ClaimAcknowledged, ClaimSubmitted
from aggregates.claim.state import Bill
from aggregates.codec import decode
from aggregates.kit import Aggregate
from aggregates.program.facts import ProviderIdentityRecorded
from api.commands.handle import Commands
from iop_es.engine.log import Log, StoredFact
from iop_es.remittance.importing import import_file
from iop_es.remittance.keeping import Door
from iop_es.remittance.summary import Imported
from tests.projections.billing.clinic import Clinic, a_clinic, an_id
from tests.remittance.builder import Claim, Payment, Service, file

DAYS = (("2026-03-02", 1), ("2026-03-04", 2))
BILLER, PATIENT, PAYER = an_id("biller"), an_id("patient"), an_id("payer")
PAID = (("CO", "45", 20.0), ("PR", "2", 30.0))
DENIED = (("CO", "197", 200.0),)


@dataclass
class Desk:
    """A log with claims 1 to 3 of patient 1 (payer 1), and claim 4 (payer 2); control numbers C1 to C4."""

    log: Log
    clinic: Clinic

    def imported(self, *payments: Payment, data: bytes | None = None, **more: Any) -> Imported:
        """What came of a file."""
        door = Door(self.log, Commands(self.log), BILLER, **more)
        return import_file(door, "june.835", file(*payments) if data is None else data)

    def bill(self, number: int = 1) -> Bill:
        """The claim as it stands."""
        found: Bill = folded(claim.AGGREGATE, self.facts(an_id("claim", number)))
        return found

    def account(self) -> Account:
        """The patient's account."""
        found: Account = folded(account.AGGREGATE, self.facts(account_of(PATIENT)))
        return found

    def facts(self, stream: str) -> list[StoredFact]:
        """A stream's facts."""
        return self.log.streams([stream])[stream]

    @property
    def position(self) -> int:
        """The log's head."""
        return self.log.head().position


def folded(aggregate: Aggregate, facts: list[StoredFact]) -> Any:
    """The state of a stream."""
    state = aggregate.initial
    for one in facts:
        state = aggregate.evolve(state, decode(one.topic, one.state, one.sealed))
    return state


def a_desk(log: Log, acknowledged: bool = True) -> Desk:
    """Four claims of two days at 200 dollars each, taken in by their payers or not yet."""
    clinic = a_clinic()
    clinic.publish(payer=2)
    identity = ProviderIdentityRecorded(effective_from="2025-01-01", npi="1234567893", taxonomy="261QM0850X")
    clinic.story.tell(an_id("program"), identity)
    for number, days in enumerate((DAYS, DAYS, DAYS[:1], DAYS), 1):
        payer = 2 if number == 4 else 1
        clinic.claim(number, days, payer_id=an_id("payer", payer), policy_id=an_id("policy", payer))
        sent = ClaimSubmitted(submitted_at="2026-03-10T21:00:00.000000Z", batch="b", control_number=f"C{number}")
        clinic.story.tell(an_id("claim", number), sent, role="biller")
        taken = ClaimAcknowledged(acknowledged_at="2026-03-11T03:00:00.000000Z", source="277CA", reference="r")
        if acknowledged:
            clinic.story.tell(an_id("claim", number), taken, role="biller")
    clinic.story.append(log)
    return Desk(log, clinic)


def service(line: int, paid: float = 150.0, adjustments: Any = PAID, **more: Any) -> Service:
    """The line as we sent it, numbered."""
    return Service(DAYS[line - 1][0], 200.0, paid, adjustments, **({"number": str(line)} | more))


def paid(control: str = "C1", lines: int = 2, **more: Any) -> Claim:
    """Every line paid alike: 150 paid, 20 above the fee, 30 the patient's."""
    return Claim(control, [service(line) for line in range(1, lines + 1)], **more)


def reversal(control: str = "C1", lines: int = 2, paid_cents: float = 150.0, **more: Any) -> Claim:
    """The same with every sign turned."""
    turned = tuple((group, carc, -amount) for group, carc, amount in PAID)
    services = [
        Service(DAYS[line - 1][0], -200.0, -paid_cents, turned, number=str(line)) for line in range(1, lines + 1)
    ]
    return Claim(control, services, status="22", **more)
